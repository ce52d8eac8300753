"""Verify a certificate's PDF, with nothing but the trust file."""

import asyncio
import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pikepdf
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import DocumentSecurityStore, async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from portal.certificates import seal, sign, statement
from portal.certificates.signer import SigningFailed, thumbprint
from portal.certificates.timestamp import asn1_certificate
from portal.certificates.trust import TrustedIssuer, TrustedKey, TrustRoot
from portal.verification.proof import SKEW, Proof, accept_issuer
from portal.verification.reasons import IssuerNotAccepted, NotVerified

# Bytes of a signature container with certificates, revocation lists and time stamp; ours has about 5,000.
MAX_CONTAINER = 64 * 1024
SUBFILTER = "/ETSI.CAdES.detached"
_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_HEX = re.compile(rb"<[0-9A-Fa-f]+>")


@dataclass(frozen=True, slots=True)
class _Container:
    """The signature as bytes: what it covers and the CMS object that lies in the gap."""

    covered: bytes
    signed_data: cms.SignedData
    signer_info: cms.SignerInfo
    certificate: x509.Certificate


def verify(data: bytes, *, trust: TrustRoot) -> Proof:
    """Verify a certificate's PDF.

    The signature comes before the parsing: it covers every byte but its own, so it can be checked without reading
    a single PDF object, and a file that passes is one that a trusted issuer wrote. Hostile PDFs never get further.

    1. There is exactly one byte range, from the first byte to the last, whose gap holds one hexadecimal string.
    2. The gap holds a CMS signature with its certificate; nothing in it is believed yet.
    3. That certificate's key is looked up in the trust file.
    4. The key has signed the digest of what is covered.
    5. The PDF is parsed strictly; it has one signature field, of the PAdES kind, and forbids every change.
    6. The time stamp and the path from the certificate to the issuer's root were valid at that time, by the
       revocation data in the file (pyHanko's whole validation, coverage included).
    7. There is exactly one attachment, the statement: canonical, and true to its schema.
    8. The day of issue agrees with the time stamp.
    9. The issuer is accepted: named in the statement, its key in use at the time of the stamp.

    Raises ``NotVerified`` or ``IssuerNotAccepted``.
    """
    covered, gap = _split(data)

    container = _read_container(covered, gap)

    public_key = container.certificate.public_key()
    known = (
        trust.key("documents", thumbprint(public_key)) if isinstance(public_key, ec.EllipticCurvePublicKey) else None
    )
    if known is None:
        raise IssuerNotAccepted("issuer-unknown")
    issuer, key = known

    _check_signature(container, key)

    embedded = _only_signature(data)

    signed_at = _time_stamp(container)
    _check_path(asyncio.run(_validate(embedded, issuer, signed_at)))

    declared = _statement(data)

    facts = declared.facts
    essentials = seal.essentials(facts, declared.digest)
    if abs(essentials.issued_at - signed_at) > SKEW:
        raise NotVerified("date-disagrees")

    accept_issuer(issuer, key, essentials, signed_at=signed_at)
    return Proof(issuer, essentials, facts)


def _split(data: bytes) -> tuple[bytes, bytes]:
    """What the signature covers, and the hexadecimal digits in the gap."""
    ranges = _BYTE_RANGE.findall(data)
    if not ranges:
        raise NotVerified("encrypted" if b"/Encrypt" in data else "not-signed")
    if len(ranges) > 1:
        raise NotVerified("signature-structure", f"{len(ranges)} signatures")
    start, length, resume, rest = (int(number) for number in ranges[0])
    if start != 0 or not 0 < length < resume or rest == 0:
        raise NotVerified("signature-structure", "a byte range of another form")
    if resume + rest < len(data):
        raise NotVerified("added-after-signing", f"{len(data) - resume - rest} bytes")
    gap = data[length:resume]
    if resume + rest > len(data):
        raise NotVerified("changed", "cut off")
    if len(gap) > 2 * MAX_CONTAINER + 2 or not _HEX.fullmatch(gap):
        raise NotVerified("signature-structure", "the gap holds something else than the signature")
    return data[:length] + data[resume:], gap[1:-1]


def _read_container(covered: bytes, digits: bytes) -> _Container:
    try:
        content = cms.ContentInfo.load(bytes.fromhex(digits.decode("ascii")))
        signed_data = content["content"]
        (signer_info,) = signed_data["signer_infos"]
        serial = signer_info["sid"].chosen["serial_number"].native
        (own,) = (c.chosen for c in signed_data["certificates"] if c.chosen.serial_number == serial)
        certificate = x509.load_der_x509_certificate(own.dump())
        return _Container(covered, signed_data, signer_info, certificate)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotVerified("changed", "the signature cannot be read") from error


def _check_signature(container: _Container, key: TrustedKey) -> None:
    """The plain cryptography of CMS (RFC 5652 section 5.4), with the algorithms that the issuer uses and no other."""
    info = container.signer_info
    try:
        algorithms = (info["digest_algorithm"]["algorithm"].native, info["signature_algorithm"]["algorithm"].native)
        attributes = {attribute["type"].native: attribute["values"] for attribute in info["signed_attrs"]}
        (digest,) = attributes["message_digest"].native
        signed = info["signed_attrs"].untag().dump()
        signature = info["signature"].native
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotVerified("changed", "the signature cannot be read") from error
    if algorithms != ("sha256", "sha256_ecdsa") or len(attributes) != len(info["signed_attrs"]):
        raise NotVerified("signature-structure", "another algorithm, or an attribute twice")
    hasher = hashes.Hash(hashes.SHA256())
    hasher.update(container.covered)
    if hasher.finalize() != digest:
        raise NotVerified("changed", "the digest does not fit")
    try:
        key.public_key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise NotVerified("changed", "the signature does not fit") from error


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


def _time_stamp(container: _Container) -> datetime:
    """The time that the stamp claims; whether it may be believed is found by ``_validate``."""
    try:
        tokens = [
            value["content"]
            for attribute in container.signer_info["unsigned_attrs"]
            if attribute["type"].native == "signature_time_stamp_token"
            for value in attribute["values"]
        ]
        (token,) = tokens
        info: tsp.TSTInfo = token["encap_content_info"]["content"].parsed
        moment = info["gen_time"].native
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotVerified("no-timestamp") from error
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise NotVerified("no-timestamp")
    return moment


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
        key_usage_settings=KeyUsageConstraints(key_usage=set(sign.KEY_USAGE), match_all_key_usages=True),
        skip_diff=True,  # nothing follows the signature, which its coverage shows
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


def _statement(data: bytes) -> statement.Statement:
    try:
        attached = sign.attachment(data)
    except (SigningFailed, pikepdf.PdfError, KeyError, ValueError, TypeError) as error:
        raise NotVerified("attachment", str(error)) from error
    try:
        return statement.read(attached)
    except statement.StatementError as error:
        raise NotVerified("statement-malformed", str(error)) from error
