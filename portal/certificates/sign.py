"""Sign the certificate's PDF: PAdES B-LTA (ETSI EN 319 142-1), certified so that no change is allowed.

Time stamp and revocation data lie inside what is signed. Behind the signature stands the archive time stamp and
nothing else, in bytes that follow from what is before them (see ``archive``), so that a verifier refuses any other
without having to compare revisions, which takes a tagged page most of a second.
"""

import io
import logging
from datetime import datetime
from typing import Any

import pikepdf
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.pdf_utils import embed
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.metadata.model import DocumentMetadata
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.certificates import archive, long_term
from portal.certificates.keys import Issuer
from portal.certificates.signer import Signer, SigningFailed
from portal.certificates.timestamp import asn1_certificate
from portal.certificates.waiting import wait

ATTACHMENT = "statement.json"
PROOF_ATTACHMENT = "statement.tlog-proof"
SIGNATURE_FIELD = "Issuer"
# A DER ECDSA signature on P-256 is at most so long; the space for it is set aside before it is made.
_SIGNATURE_BYTES = 72
# pyHanko warns that it may not fetch revocation lists; the test authority's list is handed to it on purpose.
logging.getLogger("pyhanko.sign.signers.pdf_signer").addFilter(
    lambda record: "fetching is not allowed" not in record.getMessage()
)


def sign(pdf: bytes, issuer: Issuer, *, log_proof: str, now: datetime) -> bytes:
    """Sign a PDF and prove the result. ``now`` is the time that is written into the file and the test time stamp.

    ``log_proof``, the proof that the attached statement is in the log, is attached in the revision that is signed.
    Raises ``SigningFailed`` when anything goes wrong: then there is no certificate.
    """
    try:
        signed = wait(_sign(pdf, issuer, log_proof, now))
        _prove(signed, issuer)
    except SigningFailed:
        raise
    except Exception as error:
        raise SigningFailed(f"the PDF could not be signed: {error}") from error
    return signed


def attachments(pdf: bytes) -> dict[str, bytes]:
    """The files attached to a PDF: of a certificate, the statement and the log's proof.

    Raises ``SigningFailed`` unless the file associates exactly those that it embeds, as PDF/A-3 asks.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = {name: document.attachments[name].get_file().read_bytes() for name in document.attachments}
        associated: Any = document.Root.get("/AF", [])
        if len(associated) != len(found):
            raise SigningFailed(f"the PDF associates {len(associated)} files and embeds {len(found)}")
        return found


class _PadesSigner(signers.Signer):  # type: ignore[misc]
    """Lets pyHanko sign with whatever holds the issuer's key."""

    def __init__(self, signer: Signer, chain: tuple[x509.Certificate, ...]) -> None:
        self._signer = signer
        certificates = [asn1_certificate(certificate) for certificate in chain[1:]]
        store = SimpleCertificateStore.from_certs(certificates)  # type: ignore[no-untyped-call]
        super().__init__(signing_cert=asn1_certificate(chain[0]), cert_registry=store, embed_roots=False)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != "sha256":
            raise SigningFailed(f"the issuer signs SHA-256, not {digest_algorithm}")
        return bytes(_SIGNATURE_BYTES) if dry_run else self._signer.sign(data)


class _PdfSigner(signers.PdfSigner):  # type: ignore[misc]
    """A signer whose clock is the moment it was given."""

    def __init__(self, *arguments: Any, now: datetime, **options: Any) -> None:
        self._now = now
        super().__init__(*arguments, **options)

    def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
        session = super().init_signing_session(*arguments, **options)
        session.system_time = self._now
        return session


class _Dated(DocumentMetadata):  # type: ignore[misc]
    """Metadata that give the moment of issue as the last change, where pyHanko would read the clock."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        super().__init__()

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, self.moment if (name, value) == ("last_modified", "now") else value)


def _attach(writer: IncrementalPdfFileWriter, log_proof: str, now: datetime) -> None:
    """Attach the log's proof as PDF/A-3 demands, as supplementary to the page."""
    data = embed.EmbeddedFileObject.from_file_data(
        writer,
        log_proof.encode("utf-8"),
        mime_type="text/plain",
        params=embed.EmbeddedFileParams(creation_date=now, modification_date=now),
    )
    spec = embed.FileSpec(
        PROOF_ATTACHMENT,
        file_name=PROOF_ATTACHMENT,
        embedded_data=data,
        description="The proof that the statement is in the transparency log (C2SP tlog-proof)",
        af_relationship=pdf_name("/Supplement"),
    )
    # embed.embed_file would declare PDF 2.0, which PDF/A-3 is not.
    attached = writer.add_object(spec.as_pdf_object())
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    names.extend([pdf_string(PROOF_ATTACHMENT), attached])
    writer.update_container(names)
    associated = writer.root["/AF"]
    associated.append(attached)
    writer.update_container(associated)


async def _sign(pdf: bytes, issuer: Issuer, log_proof: str, now: datetime) -> bytes:
    metadata = signers.PdfSignatureMetadata(
        field_name=SIGNATURE_FIELD,
        md_algorithm="sha256",
        name=issuer.name.en,
        reason="Due-diligence certificate",
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=True,
        validation_context=_context(issuer, now),
        signer_key_usage=set(long_term.KEY_USAGE),
        # By default the validation data would follow in a revision of their own, behind the signature.
        dss_settings=DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE),
    )
    stamps = issuer.timestamper(now)
    signer = _PdfSigner(metadata, _PadesSigner(issuer.documents, issuer.chain), timestamper=stamps, now=now)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer._meta = _Dated(now)
    _attach(writer, log_proof, now)
    output = io.BytesIO()
    await signer.async_sign_pdf(writer, output=output)
    return await archive.extend(output.getvalue(), stamps)


def _prove(pdf: bytes, issuer: Issuer) -> None:
    """Judge the finished file by what everybody knows of the issuer, as a stranger would."""
    try:
        wait(long_term.judge(pdf, roots=issuer.trusted.roots, timestamp_roots=issuer.trusted.timestamp_roots))
    except long_term.NotPassed as error:
        raise SigningFailed(f"the finished PDF does not verify: {error}") from error


def _context(issuer: Issuer, now: datetime) -> ValidationContext:
    """What vouches for signature and time stamp. Lists are fetched only where the authority is a real one."""
    roots: list[asn1_x509.Certificate] = [
        asn1_certificate(root) for root in dict.fromkeys((*issuer.trusted.roots, *issuer.trusted.timestamp_roots))
    ]
    others = [asn1_certificate(certificate) for certificate in issuer.chain]
    revocation_list = issuer.revocation_list(now)
    if revocation_list is None:
        return ValidationContext(
            trust_roots=roots, other_certs=others, allow_fetching=True, revocation_mode="hard-fail"
        )
    return ValidationContext(
        trust_roots=roots,
        other_certs=others,
        crls=[asn1_crl.CertificateList.load(revocation_list)],
        moment=now,
        revocation_mode="require",
    )
