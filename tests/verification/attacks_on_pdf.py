"""Hostile PDFs: the published classes of attacks on PDF signatures, bombs and loops."""

import hashlib
import io
import re
import zlib
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from portal.certificates import archive
from portal.certificates.waiting import wait
from tests.certificates.samples import NOW
from tests.verification.attacks import World, attack
from tests.verification.hostile_pdf import (
    RANGE,
    appended,
    gap,
    signed_otherwise,
    unsigned,
    with_range,
    with_statement,
)

# --- changed after signing -------------------------------------------------------------------------------------


@attack("changed")
def pdf_with_one_bit_flipped(world: World) -> bytes:
    data = bytearray(world.issued.pdf)
    data[len(data) // 2] ^= 4
    return bytes(data)


@attack("added-after-signing")
def pdf_with_a_line_behind_its_end(world: World) -> bytes:
    return world.issued.pdf + b"% nothing\n"


@attack("added-after-signing")
def pdf_painted_over_by_an_update(world: World) -> bytes:
    def paint(writer: Any) -> None:
        stream = generic.StreamObject(stream_data=b"1 0 0 rg 0 0 600 800 re f")
        writer.add_stream_to_page(0, writer.add_object(stream))

    return appended(world.issued.pdf, paint)


@attack("added-after-signing")
def pdf_with_a_new_catalogue(world: World) -> bytes:
    def change(writer: Any) -> None:
        writer.root["/OpenAction"] = generic.DictionaryObject({pdf_name("/S"): pdf_name("/JavaScript")})
        writer.update_root()

    return appended(world.issued.pdf, change)


@attack("added-after-signing")
def pdf_whose_certification_is_removed_by_an_update(world: World) -> bytes:
    def change(writer: Any) -> None:
        del writer.root["/Perms"]
        writer.update_root()

    return appended(world.issued.pdf, change)


@attack("added-after-signing")
def pdf_with_a_second_signature(world: World) -> bytes:
    """By hand: pyHanko itself refuses to sign what is certified against changes."""

    def change(writer: Any) -> None:
        numbers = generic.ArrayObject([generic.NumberObject(n) for n in (0, 10, 20, len(world.issued.pdf) - 20)])
        signature = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Sig"), pdf_name("/ByteRange"): numbers})
        writer.root["/Second"] = writer.add_object(signature)
        writer.update_root()

    return appended(world.issued.pdf, change)


@attack("added-after-signing")
def pdf_with_a_hidden_revision_in_front(world: World) -> bytes:
    return world.issued.pdf + world.issued.pdf


@attack("not-signed", "changed", "signature-structure", "added-after-signing")
def pdf_saved_again(world: World) -> bytes:
    with pikepdf.open(io.BytesIO(world.issued.pdf)) as document:
        output = io.BytesIO()
        document.save(output)
    return output.getvalue()


@attack("encrypted", "not-signed", "changed", "signature-structure", "added-after-signing")
def pdf_encrypted(world: World) -> bytes:
    with pikepdf.open(io.BytesIO(world.issued.pdf)) as document:
        output = io.BytesIO()
        document.save(output, encryption=pikepdf.Encryption(owner="secret", user="secret"))
    return output.getvalue()


@attack("added-after-signing")
def pdf_cut_off_behind_its_signature(world: World) -> bytes:
    return world.issued.pdf[:-100]


@attack("not-signed")
def pdf_cut_off_before_its_signature(world: World) -> bytes:
    return unsigned(world)[:-1000]


@attack("picture-format")
def pdf_behind_other_bytes(world: World) -> bytes:
    return b"GIF89a" + world.issued.pdf


# --- behind the signature --------------------------------------------------------------------------------------


def parted(pdf: bytes) -> tuple[bytes, bytes]:
    """What the signature is about, and the archive time stamp behind it."""
    match = RANGE.search(pdf)
    assert match is not None
    end = int(match.group(3)) + int(match.group(4))
    return pdf[:end], pdf[end:]


@attack("archive-timestamp")
def pdf_with_an_archive_time_stamp_of_mallory(world: World) -> bytes:
    """A service of the same names, whose root the trust file does not have."""
    return wait(archive.extend(parted(world.issued.pdf)[0], world.mallory.timestamper(NOW)))


@attack("archive-timestamp")
def pdf_with_the_archive_time_stamp_of_another_file(world: World) -> bytes:
    signed, behind = parted(world.issued.pdf)
    stamp = wait(world.issuer.timestamper(NOW).async_timestamp(b"\x00" * 32, "sha256")).dump()
    start, end = behind.index(b"<30"), behind.index(b">\n/ByteRange")
    return signed + behind[: start + 1] + stamp.hex().encode().ljust(end - start - 1, b"0") + behind[end:]


@attack("archive-timestamp", "changed")
def pdf_whose_archive_time_stamp_is_zeros(world: World) -> bytes:
    signed, behind = parted(world.issued.pdf)
    start, end = behind.index(b"<30"), behind.index(b">\n/ByteRange")
    return signed + behind[: start + 1] + b"0" * (end - start - 1) + behind[end:]


@attack("added-after-signing")
def pdf_painted_over_between_signature_and_archive_time_stamp(world: World) -> bytes:
    """The update is hidden in the very revision that the archive time stamp covers, and stamped by the true service."""
    signed, behind = parted(world.issued.pdf)
    space = (behind.index(b">\n/ByteRange") - behind.index(b"<30") - 1) // 2
    made = archive.frame(signed, space)
    page = re.search(rb"/Contents (\d+) 0 R", made.head)
    assert page is not None
    painted = made.head.replace(b"/Contents " + page.group(1), b"/Contents " + b"1" * len(page.group(1)), 1)
    digest = hashlib.sha256(signed + painted + made.tail).digest()
    stamp = wait(world.issuer.timestamper(NOW).async_timestamp(digest, "sha256")).dump()
    return signed + archive.Frame(painted, made.tail).filled(stamp, space)


@attack("added-after-signing")
def pdf_with_two_archive_time_stamps(world: World) -> bytes:
    return world.issued.pdf + parted(world.issued.pdf)[1]


# --- signature exclusion, wrapping and transplantation ---------------------------------------------------------


@attack("not-signed")
def pdf_whose_signature_was_left_out(world: World) -> bytes:
    return unsigned(world)


@attack("signature-structure")
def pdf_whose_byte_range_is_empty(world: World) -> bytes:
    return with_range(world.issued.pdf, b"/ByteRange [0 0 0 0]")


@attack("signature-structure")
def pdf_whose_byte_range_is_null(world: World) -> bytes:
    return with_range(world.issued.pdf, b"/ByteRange null")


@attack("signature-structure")
def pdf_whose_byte_range_is_negative(world: World) -> bytes:
    return with_range(world.issued.pdf, b"/ByteRange [0 -1 -1 -1]")


@attack("signature-structure", "changed")
def pdf_whose_byte_range_overlaps(world: World) -> bytes:
    return with_range(world.issued.pdf, b"/ByteRange [0 %d 5 %d]" % (len(world.issued.pdf) - 5, 5))


@attack("changed")
def pdf_whose_signature_is_zeros(world: World) -> bytes:
    start, end = gap(world.issued.pdf)
    return world.issued.pdf[:start] + b"<" + b"0" * (end - start - 2) + b">" + world.issued.pdf[end:]


@attack("signature-structure")
def pdf_whose_signature_is_no_hexadecimal(world: World) -> bytes:
    start, end = gap(world.issued.pdf)
    return world.issued.pdf[:start] + b"(" + b"0" * (end - start - 2) + b")" + world.issued.pdf[end:]


@attack("signature-structure", "changed", "not-signed")
def pdf_with_other_content_wrapped_into_the_gap(world: World) -> bytes:
    """Signature wrapping: the gap is widened, and content of the attacker's lies in it before the signed rest."""
    pdf = world.issued.pdf
    start, end = gap(pdf)
    evil = b"> 99 0 obj << /Type /Catalog >> endobj <"
    widened = pdf[: end - 1] + evil + pdf[end - 1 :]
    match = RANGE.search(pdf)
    assert match is not None
    return with_range(widened, b"/ByteRange [0 %d %d %s]" % (start, end + len(evil), match.group(4)))


@attack("changed")
def pdf_with_the_signature_of_another_certificate(world: World) -> bytes:
    other = signed_otherwise(with_statement(world, revision=2), world.issuer)
    start, end = gap(world.issued.pdf)
    other_start, other_end = gap(other)
    digits = other[other_start + 1 : other_end - 1].rstrip(b"0").ljust(end - start - 2, b"0")
    return world.issued.pdf[: start + 1] + digits[: end - start - 2] + world.issued.pdf[end - 1 :]


@attack("signature-structure")
def pdf_with_two_byte_ranges(world: World) -> bytes:
    match = RANGE.search(world.issued.pdf)
    assert match is not None
    return world.issued.pdf.replace(b"%PDF-1.7\n", b"%PDF-1.7\n%" + match.group(0) + b"\n", 1)


# --- bombs and loops -------------------------------------------------------------------------------------------


def with_a_range(body: bytes) -> bytes:
    """A PDF of the attacker's whose byte range is in order, so that only the signature stands before the parser."""
    head = (
        b"%%PDF-1.7\n"
        + body.replace(b"%", b"%%")
        + b"1 0 obj << /Type /Sig /ByteRange [0 %010d %010d %010d] /Contents "
    )
    length = len(head % (0, 0, 0))
    tail = b">> endobj\nstartxref\n0\n%%EOF\n"
    return head % (length, length + 202, len(tail)) + b"<" + b"30" * 100 + b">" + tail


@attack("changed")
def pdf_that_unpacks_to_gigabytes(world: World) -> bytes:
    bomb = zlib.compress(bytes(50_000_000), 9)
    stream = b"2 0 obj << /Type /XRef /W [1 2 1] /Filter /FlateDecode /Length %d >> stream\n" % len(bomb)
    return with_a_range(stream + bomb + b"\nendstream endobj\n")


@attack("changed")
def pdf_whose_tables_refer_to_each_other(world: World) -> bytes:
    return with_a_range(b"xref\n0 1\n0000000000 65535 f \ntrailer << /Size 1 /Prev 9 >>\n")


@attack("changed")
def pdf_nested_without_end(world: World) -> bytes:
    return with_a_range(b"2 0 obj " + b"[" * 500_000 + b"\n")


@attack("signature-structure")
def pdf_with_an_enormous_signature(world: World) -> bytes:
    head = b"%%PDF-1.7\n1 0 obj << /ByteRange [0 %010d %010d %010d] /Contents "
    length = len(head % (0, 0, 0))
    return head % (length, length + 2_000_002, 8) + b"<" + b"30" * 1_000_000 + b">" + b"\n%%EOF\n "


@attack("signature-structure")
def pdf_with_a_hundred_thousand_byte_ranges(world: World) -> bytes:
    return b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3]\n" * 100_000
