"""What was put before the verifier: a PDF, a picture, a seal's text, a credential, or a number."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from portal.certificates import number as numbers
from portal.certificates import proof_code, seal, strict_json
from portal.certificates.credential import CREDENTIALS_CONTEXT, DATA_PREFIX, ENVELOPE_TYPE
from portal.certificates.statement import TYPE as STATEMENT_TYPE
from portal.verification.reasons import NotVerified

# Bytes. The largest genuine certificate stays far below; what is larger is refused before it is looked at.
MAX_BYTES = 10 * 1024 * 1024
MAX_TEXT = 1024 * 1024
_PNG, _JPEG, _PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"
# TIFF, GIF, BMP, and by what follows the first bytes WebP, HEIC and AVIF: what scanners and phones also write.
_OTHER_PICTURES = re.compile(
    rb"II\*\x00|MM\x00\*|GIF8|BM.{4}\x00{4}|RIFF.{4}WEBP|.{4}ftyp(?:heic|heix|mif1|msf1|avif)", re.DOTALL
)
_AROUND = "\r\n\t \x00"
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_ADDRESS = re.compile(r"https?://[^\s/]{1,255}/verify/([A-Za-z0-9-]{1,40})/?(?:\?[^\s#]{0,100})?")

Sort = Literal["pdf", "image", "seal", "credential", "number", "statement"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence of a known sort. ``data`` for PDFs and pictures, ``text`` for everything else.

    ``proof_code`` is the text of the second code of a paper, where it was read beside a seal.
    """

    sort: Sort
    data: bytes = b""
    text: str = ""
    proof_code: str = ""


def sniff(data: bytes) -> Evidence:
    """Tell what the bytes are by their beginning, never by a name that came with them.

    Raises ``NotVerified`` for what is nothing of the kind, or too large.
    """
    if len(data) > MAX_BYTES:
        raise NotVerified("too-large", f"{len(data)} bytes")
    if data.startswith(_PDF):
        return Evidence("pdf", data=data)
    if data.startswith((_PNG, _JPEG)):
        return Evidence("image", data=data)
    if _OTHER_PICTURES.match(data):
        raise NotVerified("picture-format")
    if len(data) > MAX_TEXT:
        raise NotVerified("too-large", f"{len(data)} bytes of text")
    try:
        return of_text(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotVerified("not-recognised", "neither text nor a known file") from error


def of_text(text: str) -> Evidence:
    """Tell what a typed or scanned text is. Raises ``NotVerified``."""
    text = text.strip(_AROUND)
    if text.startswith((seal.PREFIX, proof_code.PREFIX)):
        return of_codes(line.strip(_AROUND) for line in text.splitlines())
    if text.startswith("{"):
        return _of_json(text)
    if _JWT.fullmatch(text):
        return Evidence("credential", text=text)
    address = _ADDRESS.fullmatch(text)
    try:
        return Evidence("number", text=numbers.parse(address.group(1) if address else text))
    except numbers.NumberError as error:
        raise NotVerified("not-recognised", str(error)) from error


def of_codes(texts: Iterable[str]) -> Evidence:
    """A seal, and the proof beside it, from the codes of one paper in any order. Raises ``NotVerified``.

    Other codes are passed over where there is a seal: a paper may carry some.
    """
    found = list(dict.fromkeys(texts))
    seals, proofs = ([text for text in found if text.startswith(each)] for each in (seal.PREFIX, proof_code.PREFIX))
    if len(seals) > 1 or len(proofs) > 1:
        raise NotVerified("several-seals")
    if not seals:
        raise NotVerified("seal-missing")
    return Evidence("seal", text=seals[0], proof_code=proofs[0] if proofs else "")


def _of_json(text: str) -> Evidence:
    try:
        document = strict_json.loads(text, max_bytes=MAX_TEXT)
    except strict_json.JsonRefused as error:
        raise NotVerified("not-recognised", str(error)) from error
    if document.get("type") == STATEMENT_TYPE:
        return Evidence("statement", text=text)
    identifier = document.get("id")
    enveloped = set(document) == {"@context", "id", "type"} and document["type"] == ENVELOPE_TYPE
    if not enveloped or document["@context"] != CREDENTIALS_CONTEXT or not isinstance(identifier, str):
        raise NotVerified("not-recognised", "no credential")
    if not identifier.startswith(DATA_PREFIX):
        raise NotVerified("not-recognised", "no credential of this kind")
    return Evidence("credential", text=identifier.removeprefix(DATA_PREFIX))
