"""What hostile PDFs are made with: revisions, byte ranges, attachments and signatures of another kind."""

import io
import json
import logging
import re
from typing import Any

import pikepdf
import rfc8785
from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.certificates import sign
from portal.certificates.keys import Issuer
from portal.certificates.signed_data import LONGEST_SIGNATURE, asn1_certificate
from portal.certificates.timestamp import LocalTimeStamper
from portal.certificates.waiting import wait
from tests.certificates.samples import NOW
from tests.verification.attacks import World

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


# pyHanko warns that it may not fetch revocation lists; the test authority's list is handed to it on purpose.
logging.getLogger("pyhanko.sign.signers.pdf_signer").addFilter(
    lambda record: "fetching is not allowed" not in record.getMessage()
)


class OwnSigner(signers.Signer):  # type: ignore[misc]
    """Lets pyHanko sign with the issuer's key."""

    def __init__(self, issuer: Issuer) -> None:
        self._signer = issuer.documents
        certificates = [asn1_certificate(certificate) for certificate in issuer.chain]
        store = SimpleCertificateStore.from_certs(certificates[1:])  # type: ignore[no-untyped-call]
        super().__init__(signing_cert=certificates[0], cert_registry=store, embed_roots=False)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return bytes(LONGEST_SIGNATURE) if dry_run else self._signer.sign(data)


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
        OwnSigner(issuer),
        timestamper=timestamper,
    )
    output = io.BytesIO()
    wait(signer.async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=output))
    return output.getvalue()
