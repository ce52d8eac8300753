"""Hostile PDFs: the published classes of attacks on PDF signatures, and files that an issuer signed wrongly."""

import hashlib
import io
import json
import re
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pikepdf
import rfc8785
from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko_certvalidator import ValidationContext

from portal.certificates import archive, sign
from portal.certificates.keys import Issuer
from portal.certificates.timestamp import LocalTimeStamper, asn1_certificate
from portal.certificates.waiting import wait
from tests.certificates.samples import NOW
from tests.verification.attacks import World, attack

RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]")


def gap(pdf: bytes) -> tuple[int, int]:
    """Where the signature's hexadecimal string begins and ends, brackets included."""
    match = RANGE.search(pdf)
    assert match is not None
    return int(match.group(2)), int(match.group(3))


def unsigned(world: World) -> bytes:
    """The page as it was before it was signed: the first revision."""
    return world.issued.pdf[: world.issued.pdf.index(b"%%EOF") + 6]


def stamp(pdf: bytes) -> bytes:
    """The time stamp inside the signature, in hexadecimal digits as the file writes them."""
    start, end = gap(pdf)
    container = cms.ContentInfo.load(bytes.fromhex(pdf[start + 1 : end - 1].decode("ascii")))
    values = container["content"]["signer_infos"][0]["unsigned_attrs"][0]["values"]
    digits = bytes(values.dump()).hex().upper().encode("ascii")
    assert digits in pdf
    return digits


def with_range(pdf: bytes, text: bytes) -> bytes:
    """The PDF with another byte range in the same space."""
    match = RANGE.search(pdf)
    assert match is not None
    assert len(text) <= len(match.group(0))
    return pdf[: match.start()] + text.ljust(len(match.group(0))) + pdf[match.end() :]


def appended(pdf: bytes, change: Any) -> bytes:
    """An incremental update, as any PDF tool makes it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def with_attachments(pdf: bytes, files: dict[str, bytes]) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for name in list(document.attachments):
            del document.attachments[name]
        document.Root.AF = pikepdf.Array()
        for name, data in files.items():
            document.attachments[name] = pikepdf.AttachedFileSpec(document, data, filename=name)
        output = io.BytesIO()
        document.save(output)
    return output.getvalue()


def with_statement(world: World, **changes: Any) -> bytes:
    """The page with another statement attached, in canonical form."""
    facts = {**json.loads(world.issued.statement), **changes}
    return with_attachments(unsigned(world), {sign.ATTACHMENT: rfc8785.dumps(facts)})


def signed_otherwise(pdf: bytes, issuer: Issuer, stamper: Any = None, **changes: Any) -> bytes:
    """The PDF signed with the issuer's own key, but not in the issuer's own way."""
    crl = issuer.revocation_list(NOW)
    assert crl is not None
    roots = [asn1_certificate(issuer.chain[-1])]
    if isinstance(stamper, LocalTimeStamper):
        roots.append(stamper.root)
    context = ValidationContext(
        trust_roots=roots, moment=NOW, crls=[asn1_crl.CertificateList.load(crl)], revocation_mode="soft-fail"
    )
    options: dict[str, Any] = {
        "field_name": "Issuer",
        "md_algorithm": "sha256",
        "certify": True,
        "docmdp_permissions": MDPPerm.NO_CHANGES,
        "subfilter": SigSeedSubFilter.PADES,
        "embed_validation_info": True,
        "validation_context": context,
        "signer_key_usage": {"digital_signature"},
        "dss_settings": DSSContentSettings(
            include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
        ),
        **changes,
    }
    timestamper = None if stamper is False else stamper or issuer.timestamper(NOW)
    signer = signers.PdfSigner(
        signers.PdfSignatureMetadata(**options),
        sign._PadesSigner(issuer.documents, issuer.chain),
        timestamper=timestamper,
    )
    output = io.BytesIO()
    wait(signer.async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=output))
    return output.getvalue()


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


@attack("not-recognised")
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


# --- other signers ---------------------------------------------------------------------------------------------


@attack("issuer-unknown")
def pdf_of_an_authority_of_the_same_names(world: World) -> bytes:
    return sign.sign(unsigned(world), world.mallory, log_proof=world.issued.log_proof, now=NOW)


@attack("issuer-unknown")
def pdf_with_another_statement_signed_by_mallory(world: World) -> bytes:
    changed = with_statement(world, purpose="shipment-uncontrolled")
    return signed_otherwise(changed, world.mallory)


@attack("issuer-unknown")
def pdf_signed_with_the_time_stamping_key(world: World) -> bytes:
    """A certificate of the very same root, but not of a key that may sign documents."""
    issuer = world.issuer
    assert issuer.timestamp_signer is not None
    assert issuer.timestamp_certificate is not None
    chain = (issuer.timestamp_certificate, issuer.chain[-1])
    return signed_otherwise(unsigned(world), replace(issuer, documents=issuer.timestamp_signer, chain=chain))


@attack("changed")
def pdf_with_the_issuer_certificate_and_a_foreign_signature(world: World) -> bytes:
    return signed_otherwise(unsigned(world), replace(world.issuer, documents=world.mallory.documents))


# --- signed by the issuer, but not a certificate ---------------------------------------------------------------


@attack("not-certified")
def pdf_signed_but_not_certified(world: World) -> bytes:
    return signed_otherwise(unsigned(world), world.issuer, certify=False)


@attack("not-certified")
def pdf_certified_for_filling_in(world: World) -> bytes:
    return signed_otherwise(unsigned(world), world.issuer, docmdp_permissions=MDPPerm.FILL_FORMS)


@attack("signature-structure")
def pdf_signed_in_the_old_way(world: World) -> bytes:
    return signed_otherwise(
        unsigned(world), world.issuer, subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED, embed_validation_info=False
    )


@attack("no-timestamp")
def pdf_without_a_time_stamp(world: World) -> bytes:
    return signed_otherwise(unsigned(world), world.issuer, stamper=False)


@attack("no-timestamp")
def pdf_stamped_by_an_unknown_clock(world: World) -> bytes:
    mallory = world.mallory
    assert mallory.timestamp_signer is not None
    assert mallory.timestamp_certificate is not None
    stamper = LocalTimeStamper(mallory.timestamp_certificate, mallory.timestamp_signer, now=NOW)
    stamper.root = asn1_certificate(mallory.chain[-1])
    return signed_otherwise(unsigned(world), world.issuer, stamper=stamper)


@attack("no-timestamp", "changed", "signature-structure")
def pdf_with_the_time_stamp_of_another(world: World) -> bytes:
    """The stamp is not covered by the signature; one of another signature is put in its place."""
    own = world.issued.pdf
    while True:  # until the two have the same length, as signatures differ by a byte or two
        other = signed_otherwise(with_statement(world, revision=2), world.issuer)
        mine, theirs = stamp(own), stamp(other)
        if len(mine) == len(theirs):
            return own.replace(mine, theirs)


@attack("attachment")
def pdf_without_a_statement(world: World) -> bytes:
    return signed_otherwise(with_attachments(unsigned(world), {}), world.issuer)


@attack("attachment")
def pdf_with_two_statements(world: World) -> bytes:
    files = {sign.ATTACHMENT: world.issued.statement, "statement2.json": world.issued.statement}
    return signed_otherwise(with_attachments(unsigned(world), files), world.issuer)


@attack("attachment")
def pdf_whose_statement_has_another_name(world: World) -> bytes:
    return signed_otherwise(with_attachments(unsigned(world), {"statement.txt": world.issued.statement}), world.issuer)


@attack("statement-malformed")
def pdf_whose_statement_is_not_canonical(world: World) -> bytes:
    spelt = json.dumps(json.loads(world.issued.statement), indent=1).encode("utf-8")
    return signed_otherwise(with_attachments(unsigned(world), {sign.ATTACHMENT: spelt}), world.issuer)


@attack("statement-malformed")
def pdf_whose_statement_breaks_the_schema(world: World) -> bytes:
    return signed_otherwise(with_statement(world, goods=[]), world.issuer)


@attack("issuer-disagrees")
def pdf_whose_statement_names_another_issuer(world: World) -> bytes:
    other = {"id": "did:web:ministry.example", "name": {"en": "Ministry", "zh": "部"}}
    return signed_otherwise(with_statement(world, issuer=other), world.issuer)


@attack("issuer-disagrees")
def pdf_of_a_test_issuer_that_claims_to_be_real(world: World) -> bytes:
    return signed_otherwise(with_statement(world, test=False), world.issuer)


@attack("date-disagrees")
def pdf_dated_back(world: World) -> bytes:
    earlier = (NOW - timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return signed_otherwise(with_statement(world, issued_at=earlier), world.issuer)


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
