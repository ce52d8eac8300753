"""The second code of a paper: what the log says of the certificate, small enough to print and to scan."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import base45
import cbor2
import pypdfium2
import pytest
import segno
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from portal.certificates import issue, page, proof_code, qr
from portal.certificates.log.note import Checkpoint, Ed25519Signer, LogProof, MlDsaSigner, NoteRefused, SignedCheckpoint
from portal.config import Settings
from tests.certificates.samples import NOW, Issued

ORIGIN = "due-diligence.example/log"
HEAD = Checkpoint(ORIGIN, 100_000_000, bytes(range(32)))
LOG = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
SECOND = MlDsaSigner(ORIGIN, MLDSA44PrivateKey.generate())
WITNESSES = [Ed25519Signer(f"witness{n}.example/w", Ed25519PrivateKey.generate(), cosigns=True) for n in range(8)]


def proof(nodes: int = 27, *, witnesses: int = 0, index: int = 99_999_999) -> LogProof:
    """A proof of a log of five years of a large country, or smaller."""
    path = tuple(bytes([n]) * 31 + b"\x01" for n in range(nodes))
    signers = [LOG, SECOND, *WITNESSES[:witnesses]]
    return LogProof(index, path, SignedCheckpoint(HEAD, tuple(each.sign(HEAD, now=NOW) for each in signers)))


def text_of(values: Any) -> str:
    return proof_code.PREFIX + base45.b45encode(cbor2.dumps(values, canonical=True)).decode()


def values_of(text: str) -> list[Any]:
    return list(cbor2.loads(base45.b45decode(text.removeprefix(proof_code.PREFIX))))


@settings(max_examples=25, deadline=None)
@given(nodes=st.integers(0, 27), witnesses=st.integers(0, 3), index=st.integers(0, 2**60))
def test_what_is_written_is_read_back(nodes: int, witnesses: int, index: int) -> None:
    whole = proof(nodes, witnesses=witnesses, index=index)
    text = proof_code.write(whole, witnesses=0)
    assert text is not None
    assert not text.endswith(" "), "people and forms cut a space off"
    found = proof_code.read(text)
    assert (found.index, found.path, found.note.checkpoint) == (whole.index, whole.path, HEAD)
    assert set(found.note.signed_by([LOG.key, *(each.key for each in WITNESSES)])) == {
        LOG.key,
        *(each.key for each in WITNESSES[:witnesses]),
    }
    assert SECOND.key.id not in {each.key_id for each in found.note.signatures}, "ML-DSA fits no code"


def test_a_large_log_with_three_witnesses_has_a_code_that_paper_bears() -> None:
    text = proof_code.write(proof(27, witnesses=3), witnesses=3)
    assert text is not None
    assert segno.make(text, error=qr.level_of_proof(text), boost_error=False).version <= 27


def test_cosignatures_that_do_not_fit_are_left_out_but_never_those_that_are_asked_for() -> None:
    text = proof_code.write(proof(27, witnesses=8), witnesses=1)
    assert text is not None
    assert 1 + 3 <= len(proof_code.read(text).note.signatures) < 1 + 8
    assert proof_code.write(proof(27, witnesses=8), witnesses=8) is None
    assert proof_code.write(proof(3, witnesses=1), witnesses=2) is None


def test_without_a_signature_that_fits_there_is_no_code() -> None:
    note = SignedCheckpoint(HEAD, (SECOND.sign(HEAD, now=NOW),))
    assert proof_code.write(replace(proof(3), note=note), witnesses=0) is None


CHANGES: dict[str, Callable[[list[Any]], Any]] = {
    "a member too many": lambda v: [*v, 0],
    "a member too few": lambda v: v[:-1],
    "a place below nothing": lambda v: [-1, *v[1:]],
    "a place that is true": lambda v: [True, *v[1:]],
    "a place of a thousand digits": lambda v: [10**1000, *v[1:]],
    "a name with a line": lambda v: [*v[:2], "a\nb", *v[3:]],
    "no name": lambda v: [*v[:2], "", *v[3:]],
    "a name that is bytes": lambda v: [*v[:2], b"x", *v[3:]],
    "a root cut off": lambda v: [*v[:3], v[3][:-1], *v[4:]],
    "a path cut off": lambda v: [*v[:4], v[4][:-1], v[5]],
    "a path of 64 hashes": lambda v: [*v[:4], bytes(64 * 32), v[5]],
    "a path that is text": lambda v: [*v[:4], "0" * 64, v[5]],
    "no signature": lambda v: [*v[:5], []],
    "33 signatures": lambda v: [*v[:5], v[5] * 33],
    "a signature without a key": lambda v: [*v[:5], [["", b"abc"]]],
    "a signature that is text": lambda v: [*v[:5], [["", "abcdefgh"]]],
    "the log's name spelt out": lambda v: [*v[:5], [[ORIGIN, v[5][0][1]]]],
    "a name within a signature's line": lambda v: [*v[:5], [["a b", v[5][0][1]]]],
    "a map": lambda v: dict(enumerate(v)),
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_form_is_refused(change: str) -> None:
    values = values_of(str(proof_code.write(proof(3), witnesses=0)))
    assert proof_code.read(text_of(values)).index == 99_999_999
    with pytest.raises(NoteRefused):
        proof_code.read(text_of(CHANGES[change](values)))


@pytest.mark.parametrize(
    "data",
    [b"", b"\x9f\xff", b"\x81" * 1500, b"\x9b" + b"\xff" * 8, b"\x5b\x7f" + b"\xff" * 7, b"\xd8\x1c\x81\xd8\x1d\x00"],
    ids=["empty", "indefinite", "nested without end", "an enormous array", "enormous bytes", "a shared reference"],
)
def test_what_would_unpack_to_more_than_it_is_is_refused(data: bytes) -> None:
    with pytest.raises(NoteRefused):
        proof_code.read(proof_code.PREFIX + base45.b45encode(data).decode())


def test_one_spelling_only() -> None:
    text = str(proof_code.write(proof(3), witnesses=0))
    data = base45.b45decode(text.removeprefix(proof_code.PREFIX))
    longer = base45.b45encode(b"\x98\x06" + data[1:]).decode()
    behind = base45.b45encode(data + b"\x00").decode()
    for other in (
        proof_code.PREFIX + longer,
        proof_code.PREFIX + behind,
        text + "\n",
        text.lower(),
        "DDL2:" + text[5:],
    ):
        with pytest.raises(NoteRefused):
            proof_code.read(other)
    with pytest.raises(NoteRefused):
        proof_code.read(text_of([0] * 4000))


# --- on the page -----------------------------------------------------------------------------------------------


def photographed(data: bytes, dpi: int, *, turned: float = 0, blurred: float = 0, quality: int = 0) -> Image.Image:
    """Page 1 as a scanner or a camera gives it."""
    with pypdfium2.PdfDocument(data) as document:
        sheet = document[0]
        picture = sheet.render(scale=2 * dpi / 72).to_pil().convert("L")
        sheet.close()
    picture = picture.rotate(turned, Image.Resampling.BICUBIC, fillcolor=255, expand=True)
    picture = picture.reduce(2).filter(ImageFilter.GaussianBlur(blurred))
    if quality:
        target = io.BytesIO()
        picture.save(target, "jpeg", quality=quality)
        picture = Image.open(target).convert("L")
    return picture


@pytest.fixture(scope="module", params=["young log", "old log, three witnesses"])
def sheet(request: pytest.FixtureRequest, issued: Issued, settings: Settings) -> tuple[bytes, str]:
    """A page with the proof of a log of a thousand entries, and of one of a hundred million."""
    whole = proof(10) if request.param == "young log" else proof(27, witnesses=3)
    text = str(proof_code.write(whole, witnesses=0))
    folder: Path = issue.font_folder(settings)
    return page.render(issued.statement, qr_text=issued.seal, proof_text=text, font_folder=folder), text


@pytest.mark.parametrize(
    "spoilt",
    [
        {"dpi": 150},
        {"dpi": 150, "turned": 7},
        {"dpi": 150, "blurred": 0.8},
        {"dpi": 150, "quality": 40},
        {"dpi": 150, "turned": 7, "blurred": 0.6, "quality": 40},
        {"dpi": 200, "turned": -4, "blurred": 1, "quality": 40},
    ],
    ids=str,
)
def test_both_codes_read_from_one_picture_of_the_page(
    sheet: tuple[bytes, str], issued: Issued, spoilt: dict[str, Any]
) -> None:
    data, text = sheet
    found = {code.text for code in zxingcpp.read_barcodes(photographed(data, **spoilt))}
    assert found == {issued.seal, text}


def test_the_codes_stand_in_the_two_lower_corners(sheet: tuple[bytes, str], issued: Issued) -> None:
    data, text = sheet
    places = {code.text: code.position for code in zxingcpp.read_barcodes(photographed(data, 150))}
    millimetres = 25.4 / 150
    seal, own = places[issued.seal], places[text]
    assert own.top_right.x * millimetres < 75
    assert seal.top_left.x * millimetres > 140, "a telephone held over one code does not see the other"
    assert own.top_left.y * millimetres > 198
    assert abs(own.bottom_left.y - seal.bottom_left.y) * millimetres < 5
