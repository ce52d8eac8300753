"""The archive time stamp: what makes a signed PDF B-LTA (ETSI EN 319 142-1 section 5.5).

A revision behind the signature, holding a document time stamp (ISO 32000-2 section 12.8.5) and nothing else. Its every
byte follows from the signed file and the time stamp, so a verifier writes it again and compares: whatever else stands
behind a signature is an addition, and none has to be told from another by its meaning.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from portal.certificates.signer import SigningFailed
from portal.certificates.timestamp import Clock

_FIELD = (
    b"<<\n/FT /Sig\n/T (Archive)\n/Type /Annot\n/Subtype /Widget\n/F 132\n/Rect [ 0 0 0 0 ]\n/P %d 0 R\n/V %d 0 R\n>>"
)
_STAMP = b"%d 0 obj\n<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n/Contents "
MAX_SPACE = 64 * 1024
_FORM = re.compile(rb"\n(\d{1,9}) 0 obj\n<<\n/Fields \[ (\d{1,9}) 0 R \]\n/SigFlags 3\n>>\nendobj\n")
_TRAILER = re.compile(
    rb"/Size (\d{1,9})\n/Root (\d{1,9} 0 R)\n/Info (\d{1,9} 0 R)\n/ID \[ (<[0-9a-f]{0,64}> <[0-9a-f]{0,64}>) \]\n"
)
_START = re.compile(rb"startxref\n(\d{1,10})\n%%EOF\n?\Z")
_RANGE_WIDTH = 60


class NoArchive(ValueError):
    """What stands behind a signature is no archive time stamp of the one form in which they are written."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The revision without its time stamp: ``head`` ends before the hexadecimal string, ``tail`` begins behind it."""

    head: bytes
    tail: bytes

    def filled(self, token: bytes, space: int) -> bytes:
        return self.head + b"<" + token.hex().encode("ascii").ljust(2 * space, b"0") + b">" + self.tail


def frame(signed: bytes, space: int) -> Frame:
    """The revision for a signed file that leaves ``space`` bytes for the time stamp. Raises ``NoArchive``."""
    last = signed[signed.rfind(b"%%EOF", 0, len(signed) - 10) :]
    form, trailer, start = _FORM.search(last), _TRAILER.search(last), _START.search(last)
    if form is None or trailer is None or start is None:
        raise NoArchive("the signed file is not written as certificates are")
    form_number, field_of_signature = int(form[1]), int(form[2])
    page_number, page = _page(last, field_of_signature)
    size = int(trailer[1])
    field, stamp, table = size, size + 1, size + 2
    objects = {
        form_number: b"<<\n/Fields [ %d 0 R %d 0 R ]\n/SigFlags 3\n>>" % (field_of_signature, field),
        page_number: page.replace(
            b"/Annots [ %d 0 R ]" % field_of_signature, b"/Annots [ %d 0 R %d 0 R ]" % (field_of_signature, field)
        ),
        field: _FIELD % (page_number, stamp),
    }
    written, places = b"", {}
    for number, body in sorted(objects.items()):
        places[number] = len(signed) + len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    places[stamp] = len(signed) + len(written)
    head = (
        written
        + b"%d 0 obj\n<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n/Contents " % stamp
    )
    gap_starts = len(signed) + len(head)
    gap_ends = gap_starts + 2 * space + 2
    behind = b"\n>>\nendobj\n"
    places[table] = gap_ends + 1 + _RANGE_WIDTH + len(behind)
    listed = sorted(places)
    entries = b"".join(b"\x01" + places[number].to_bytes(4, "big") + b"\x00" for number in listed)
    index = b" ".join(b"%d 1" % number for number in listed)
    references = b"/Root %s\n/Info %s\n/ID [ %s ]\n/Prev %s" % (trailer[2], trailer[3], trailer[4], start[1])
    behind += b"%d 0 obj\n<<\n/Type /XRef\n/W [ 1 4 1 ]\n/Index [ %s ]\n/Size %d\n%s\n/Length %d\n>>\nstream\n" % (
        table, index, table + 1, references, len(entries),
    )  # fmt: skip
    behind += entries + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % places[table]
    covered = b"/ByteRange [0 %d %d %d]" % (gap_starts, gap_ends, 1 + _RANGE_WIDTH + len(behind))
    return Frame(head, b"\n" + covered.ljust(_RANGE_WIDTH) + behind)


async def extend(signed: bytes, clock: Clock) -> bytes:
    """The signed file with its archive time stamp. Raises ``SigningFailed`` when the service gives none that fits."""
    space = await clock.room()
    for _ in range(2):
        made = frame(signed, space)
        answer: Any = await clock.async_timestamp(hashlib.sha256(signed + made.head + made.tail).digest(), "sha256")
        token = answer.dump()
        if len(token) <= space:
            return signed + made.filled(token, space)
        space = len(token)
    raise SigningFailed("the time-stamping service gives stamps of ever other lengths")


def read(signed: bytes, rest: bytes) -> bytes:
    """The archive time stamp in what stands behind a signed file, which is nothing else, byte by byte.

    What the time stamp is worth is not looked at. Raises ``NoArchive``.
    """
    start, end = rest.find(b"/Contents <") + len(b"/Contents "), rest.find(b">\n/ByteRange ") + 1
    space, odd = divmod(end - start - 2, 2)
    if not 0 < start < end or odd or not 0 < space <= MAX_SPACE:
        raise NoArchive("no time stamp stands behind the signature")
    digits = rest[start + 1 : end - 1]
    if not re.fullmatch(rb"[0-9a-f]*", digits):
        raise NoArchive("the time stamp is written in another way")
    token = bytes.fromhex(digits.decode("ascii"))
    if frame(signed, space).filled(token, space) != rest:
        raise NoArchive("more than a time stamp stands behind the signature")
    return token


def _page(revision: bytes, field: int) -> tuple[int, bytes]:
    """The page that carries the signature's field, as the signed revision writes it: its number, and the object."""
    end = revision.find(b"/Annots [ %d 0 R ]" % field)
    begin = revision.rfind(b" 0 obj\n<<\n/Type /Page\n", 0, max(end, 0))
    close = revision.find(b"\nendobj\n", end)
    if end < 0 or begin < 0 or close < 0 or b"endobj" in revision[begin:end]:
        raise NoArchive("the signed file has no page that carries the signature")
    number = revision[revision.rfind(b"\n", 0, begin) + 1 : begin]
    if not number.isdigit():
        raise NoArchive("the page has no number")
    return int(number), revision[begin + len(b" 0 obj\n") : close]
