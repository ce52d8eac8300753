"""The revision that makes a drawn page a certificate: the log's proof attached, room for the signature, what vouches.

It is written here and not by a PDF library, since the signature's gap must fit to the byte (what a library sets aside
for it weighed more than the proof), and since nothing in the drawn page needs to be read but its catalogue.
"""

import hashlib
import io
import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pikepdf

from portal.certificates.vouching import Vouchers

ATTACHMENT = "statement.json"
PROOF_ATTACHMENT = "statement.tlog-proof"
SIGNATURE_FIELD = "Issuer"
_PROOF_MEANS = "The proof that the statement is in the transparency log (C2SP tlog-proof)"
_START = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_RANGE_WIDTH = 60
_ADDED_TO_ROOT = {"/AcroForm", "/DSS", "/Extensions", "/Perms"}
# PAdES (ETSI EN 319 142-1 section 5.2) and time stamps over documents are extensions of PDF 1.7.
_EXTENSIONS = b"<< /ESIC << /Type /DeveloperExtensions /BaseVersion /1.7 /ExtensionLevel 1 >> >>"
_NO_CHANGES = (
    b"[ << /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /V /1.2 /P 1 >> >> ]"
)


class NotDrawn(ValueError):
    """The file is no page as certificates are drawn."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a revision builds on: catalogue, first page and names of a drawn PDF as it writes them, and where it ends.

    Each of the three comes with the number of its object.
    """

    pdf: bytes
    root: tuple[int, bytes]
    page: tuple[int, bytes]
    names: tuple[int, bytes]
    associated: bytes
    size: int
    trailer: bytes
    identifier: bytes
    start: int


@dataclass(frozen=True, slots=True)
class Revision:
    """A PDF around the gap of its signature: ``head`` ends before it, ``tail`` begins behind it."""

    head: bytes
    tail: bytes
    space: int

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.head + self.tail).digest()

    def filled(self, signature: bytes) -> bytes:
        return self.head + b"<" + signature.hex().upper().encode("ascii").ljust(2 * self.space, b"0") + b">" + self.tail


def read(pdf: bytes) -> Drawn:
    """Read what a revision of a drawn PDF repeats. Raises ``NotDrawn``, or what pikepdf raises for no PDF."""
    start = _START.search(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root, page, trailer = document.Root, document.pages[0].obj, document.trailer
        named: Any = root.get("/Names", pikepdf.Dictionary())
        names = named.get("/EmbeddedFiles")
        taken = _ADDED_TO_ROOT & set(root.keys()) or "/Annots" in page or names is None or not names.is_indirect
        if start is None or taken:
            raise NotDrawn("a drawn page has one attachment, and neither form nor annotation")
        return Drawn(
            pdf=pdf,
            root=(root.objgen[0], root.unparse(resolved=True)),
            page=(page.objgen[0], page.unparse(resolved=True)),
            names=(names.objgen[0], names.Names.unparse()),
            associated=root.AF.unparse(),
            size=int(trailer.Size),
            trailer=b"/Root %d 0 R\n/Info %d 0 R" % (root.objgen[0], trailer.Info.objgen[0]),
            identifier=bytes(trailer.ID[0]),
            start=int(start[1]),
        )


def frame(drawn: Drawn, *, log_proof: bytes, vouchers: Vouchers, name: str, space: int, now: datetime) -> Revision:
    """The page with its revision, and ``space`` bytes left for the signature.

    The form and the page are written as the archive time stamp behind them repeats them (see ``archive``).
    """
    number = _Numbers(drawn.size)
    proof, attached, form, field, store, signature = (number.next() for _ in range(6))
    at = now.strftime("D:%Y%m%d%H%M%SZ").encode("ascii")
    objects: dict[int, bytes] = {}
    kept = {
        key: [_added(objects, number, data) for data in found]
        for key, found in (
            (b"Certs", vouchers.certificates),
            (b"CRLs", vouchers.revocation_lists),
            (b"OCSPs", vouchers.answers),
        )
    }
    associated = drawn.associated.removesuffix(b"]") + b"%d 0 R ]" % attached
    objects[drawn.root[0]] = _with(
        drawn.root[1].replace(b"/AF " + drawn.associated, b"/AF " + associated, 1),
        b"/AcroForm %d 0 R /DSS %d 0 R /Extensions %s /Perms << /DocMDP %d 0 R >>"
        % (form, store, _EXTENSIONS, signature),
    )
    page = drawn.page[1].replace(b"/Type /Page ", b"", 1).removeprefix(b"<<")
    objects[drawn.page[0]] = _with(b"<<\n/Type /Page\n" + page, b"/Annots [ %d 0 R ]" % field)
    objects[drawn.names[0]] = b"<< /Names %s%s %d 0 R ] >>" % (
        drawn.names[1].removesuffix(b"]"), _text(PROOF_ATTACHMENT), attached,
    )  # fmt: skip
    parameters = b"<< /Size %d /CheckSum <%s> /CreationDate (%s) /ModDate (%s) >>" % (
        len(log_proof), hashlib.md5(log_proof, usedforsecurity=False).hexdigest().encode("ascii"), at, at,
    )  # fmt: skip
    objects[proof] = _stream(log_proof, b"/Type /EmbeddedFile\n/Subtype /text#2Fplain\n/Params %s\n" % parameters)
    objects[attached] = (
        b"<< /Type /Filespec /F %(name)s /UF %(name)s /EF << /F %(file)d 0 R /UF %(file)d 0 R >> "
        b"/Desc %(means)s /AFRelationship /Supplement >>"
        % {b"name": _text(PROOF_ATTACHMENT), b"file": proof, b"means": _text(_PROOF_MEANS)}
    )
    objects[form] = b"<<\n/Fields [ %d 0 R ]\n/SigFlags 3\n>>" % field
    objects[field] = (
        b"<< /FT /Sig /T %s /Type /Annot /Subtype /Widget /F 132 /Rect [ 0 0 0 0 ] /P %d 0 R /V %d 0 R >>"
        % (_text(SIGNATURE_FIELD), drawn.page[0], signature)
    )
    objects[store] = b"<< %s >>" % b" ".join(
        b"/%s [ %s ]" % (key, b" ".join(b"%d 0 R" % each for each in found)) for key, found in kept.items() if found
    )
    opening = (
        b"<<\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n/M (%s)\n/Name %s\n"
        b"/Reason (Due-diligence certificate)\n/Reference %s\n/Contents " % (at, _text(name), _NO_CHANGES)
    )
    return _laid_out(drawn, objects, signature, opening, space)


def _laid_out(drawn: Drawn, objects: dict[int, bytes], signature: int, opening: bytes, space: int) -> Revision:
    """The objects behind the drawn page, that of the signature last, and the table of where they are."""
    before = drawn.pdf if drawn.pdf.endswith(b"\n") else drawn.pdf + b"\n"
    pieces, places, at = [before], {}, len(before)
    for number, body in sorted(objects.items()):
        places[number] = at
        pieces.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        at += len(pieces[-1])
    places[signature] = at
    pieces.append(b"%d 0 obj\n%s" % (signature, opening))
    head = b"".join(pieces)
    ends = len(head) + 2 * space + 2
    behind = b"\n>>\nendobj\n"
    table = max(places) + 1
    places[table] = ends + 1 + _RANGE_WIDTH + len(behind)
    listed = sorted(places)
    identifier = hashlib.sha256(head).hexdigest()[:32].encode("ascii")
    extra = b"/Type /XRef\n/W [ 1 4 1 ]\n/Index [ %s ]\n/Size %d\n%s\n/ID [ <%s> <%s> ]\n/Prev %d\n" % (
        b" ".join(b"%d 1" % number for number in listed), table + 1, drawn.trailer,
        drawn.identifier.hex().encode("ascii"), identifier, drawn.start,
    )  # fmt: skip
    entries = b"".join(b"\x01" + places[number].to_bytes(4, "big") + b"\x00" for number in listed)
    behind += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, _stream(entries, extra), places[table])
    covered = b"/ByteRange [0 %d %d %d]" % (len(head), ends, 1 + _RANGE_WIDTH + len(behind))
    return Revision(head, b"\n" + covered.ljust(_RANGE_WIDTH) + behind, space)


class _Numbers:
    """Numbers of new objects."""

    def __init__(self, first: int) -> None:
        self._next = first

    def next(self) -> int:
        self._next += 1
        return self._next - 1


def _added(objects: dict[int, bytes], number: _Numbers, data: bytes) -> int:
    added = number.next()
    objects[added] = _stream(data, b"")
    return added


def _with(dictionary: bytes, members: bytes) -> bytes:
    return dictionary.removesuffix(b">>") + members + b" >>"


def _stream(data: bytes, members: bytes) -> bytes:
    small = zlib.compress(data, 9)
    return b"<<\n%s/Filter /FlateDecode\n/Length %d\n>>\nstream\n%s\nendstream" % (members, len(small), small)


def _text(text: str) -> bytes:
    """A text string (ISO 32000-1, 7.9.2.2)."""
    if text.isascii():
        return b"(" + re.sub(rb"([()\\])", rb"\\\1", text.encode("ascii")) + b")"
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode("ascii") + b">"
