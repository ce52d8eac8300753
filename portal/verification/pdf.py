"""Verify a certificate's PDF, with nothing but the trust file."""

import io
from datetime import datetime
from typing import Any

import pikepdf
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.general import ValueErrorWithMessage
from pyhanko.sign.validation import DocumentSecurityStore, async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError

from portal.certificates import archive, long_term, seal, sign, statement
from portal.certificates.signed_data import asn1_certificate
from portal.certificates.signer import SigningFailed, thumbprint
from portal.certificates.trust import TrustedIssuer, TrustRoot
from portal.certificates.waiting import wait
from portal.verification import container, log, page_codes
from portal.verification.proof import SKEW, Proof, accept_issuer
from portal.verification.reasons import IssuerNotAccepted, NotVerified

# What pyHanko and asn1crypto raise for a container whose parts do not fit one another.
_UNREADABLE = (ValueErrorWithMessage, PdfError, ValueError, TypeError, KeyError, AttributeError, PathError)
SUBFILTER = "/ETSI.CAdES.detached"


def verify(data: bytes, *, trust: TrustRoot) -> Proof:
    """Verify a certificate's PDF.

    The signature comes before the parsing: it covers every byte but its own, so it can be checked without reading
    a single PDF object, and a file that passes is one that a trusted issuer wrote. Hostile PDFs never get further.

    1. The first byte range begins with the file, and its gap holds one hexadecimal string. What is behind it is put
       aside.
    2. The gap holds a CMS signature with its certificate; nothing in it is believed yet.
    3. That certificate's key is looked up in the trust file.
    4. The key has signed the digest of what is covered. What is behind it is an archive time stamp, byte by byte as
       it follows from what is signed, or nothing at all.
    5. The PDF is parsed strictly; it has one signature field, of the PAdES kind, and forbids every change.
    6. The time stamp and the path from the certificate to the issuer's root were valid at that time, by the
       revocation data in the file (pyHanko's whole validation, coverage included). Where there is an archive time
       stamp, the file passes for the long term too (``long_term.judge``), and nothing but "passed" passes.
    7. Two files are attached and no other: the log's proof, and the statement, canonical and true to its schema.
    8. The day of issue agrees with the time stamp.
    9. The issuer is accepted: named in the statement, its key in use at the time of the stamp.
    10. The certificate is in the issuer's log (``log.verify``).
    11. The codes on the page are of this certificate and no other (``page_codes.compare``).

    Raises ``NotVerified`` or ``IssuerNotAccepted``.
    """
    covered, digits, behind = container.split(data)
    signed = data[: len(data) - len(behind)]

    found = container.read(covered, digits)

    known = trust.key("documents", thumbprint(found.public_key)) if found.public_key is not None else None
    if known is None:
        raise IssuerNotAccepted("issuer-unknown")
    issuer, key = known

    container.check_signature(found, key)
    try:
        if behind:
            container.check_stamp(archive.read(signed, behind))
    except archive.NoArchive as error:
        raise NotVerified("added-after-signing", str(error)) from error

    signed_at = found.claimed_time
    try:
        embedded = _only_signature(signed)
        if signed_at is None:
            raise NotVerified("no-timestamp")
        _check_path(wait(_validate(embedded, issuer, signed_at)))
        if behind:
            wait(long_term.judge(data, roots=issuer.roots, timestamp_roots=issuer.timestamp_roots))
    except long_term.NotPassed as error:
        raise NotVerified("archive-timestamp", str(error)) from error
    except _UNREADABLE as error:
        raise NotVerified("changed", str(error)) from error

    declared, log_proof = _attached(signed)

    facts = declared.facts
    essentials = seal.essentials(facts, declared.digest)
    if abs(essentials.issued_at - signed_at) > SKEW:
        raise NotVerified("date-disagrees")

    accept_issuer(issuer, key, essentials, signed_at=signed_at)
    if log_proof is None:
        raise NotVerified("log-proof-missing")
    index = log.verify(log_proof, issuer=issuer, facts=essentials)

    read = page_codes.compare(signed, facts=essentials, log_index=index, log_proof=log_proof, trust=trust)
    return Proof(issuer, essentials, facts, index, key, page_read=read)


def _only_signature(data: bytes) -> EmbeddedPdfSignature:
    reader = PdfFileReader(io.BytesIO(data))
    signatures = reader.embedded_signatures
    if len(signatures) != 1:
        raise NotVerified("signature-structure", f"{len(signatures)} signature fields")
    embedded = signatures[0]
    if embedded.sig_object_type != "/Sig" or embedded.sig_object.get("/SubFilter") != SUBFILTER:
        raise NotVerified("signature-structure", "a signature of another kind")
    try:
        certified = reader.root["/Perms"].raw_get("/DocMDP").reference
        own = embedded.sig_field.raw_get("/V").reference
    except (KeyError, AttributeError) as error:
        raise NotVerified("not-certified") from error
    if certified != own or embedded.docmdp_level != MDPPerm.NO_CHANGES:
        raise NotVerified("not-certified")
    return embedded


async def _validate(embedded: EmbeddedPdfSignature, issuer: TrustedIssuer, moment: datetime) -> PdfSignatureStatus:
    """Everything pyHanko checks, at the time of the stamp and with the revocation data that the signature covers."""
    store = DocumentSecurityStore.read_dss(embedded.reader)
    known: dict[str, Any] = {
        "moment": moment,
        "other_certs": list(store.load_certs()),
        "crls": [entry.get_object().data for entry in store.crls],
        "ocsps": [entry.get_object().data for entry in store.ocsps],
        "allow_fetching": False,
    }
    signer_roots = [asn1_certificate(root) for root in issuer.roots]
    stamp_roots = [asn1_certificate(root) for root in issuer.timestamp_roots]
    return await async_validate_pdf_signature(
        embedded,
        ValidationContext(trust_roots=signer_roots, revocation_mode="require", **known),
        ts_validation_context=ValidationContext(trust_roots=stamp_roots, revocation_mode="hard-fail", **known),
        key_usage_settings=KeyUsageConstraints(key_usage=set(long_term.KEY_USAGE), match_all_key_usages=True),
        skip_diff=True,  # what follows the signature was put aside
    )


def _check_path(status: PdfSignatureStatus) -> None:
    stamp = status.timestamp_validity
    if stamp is None or not stamp.intact or not stamp.valid or not stamp.trusted:
        raise NotVerified("no-timestamp")
    if not status.intact or not status.valid:
        raise NotVerified("changed")
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise NotVerified("signature-structure", "not the whole file is covered")
    if not status.trusted or not status.bottom_line:
        raise IssuerNotAccepted("signer-certificate", integrity="intact")


def _attached(data: bytes) -> tuple[statement.Statement, str | None]:
    """The statement, and the log's proof where there is one."""
    try:
        files = sign.attachments(data)
        if not {sign.ATTACHMENT} <= set(files) <= {sign.ATTACHMENT, sign.PROOF_ATTACHMENT}:
            raise NotVerified("attachment", f"other files than a certificate's: {len(files)}")
        proof = files.get(sign.PROOF_ATTACHMENT)
        text = proof.decode("utf-8") if proof is not None else None
    except (SigningFailed, pikepdf.PdfError, KeyError, ValueError, TypeError) as error:
        raise NotVerified("attachment", str(error)) from error
    try:
        return statement.read(files[sign.ATTACHMENT]), text
    except statement.StatementError as error:
        raise NotVerified("statement-malformed", str(error)) from error
