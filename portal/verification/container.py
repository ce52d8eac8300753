"""The signature inside a PDF as bytes: a CMS object (RFC 5652), read and checked without any PDF parsing."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from portal.certificates.trust import TrustedKey
from portal.verification.reasons import NotVerified

# Bytes of a container with certificates and time stamp; ours has about 3,000.
MAX_BYTES = 64 * 1024
_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
# One spelling of the digits, so that a certificate cannot be altered even without consequence.
_HEX = re.compile(rb"<(?:[0-9A-F]{2})+>")
_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, UnsupportedAlgorithm, x509.InvalidVersion)


@dataclass(frozen=True, slots=True)
class Container:
    """A signature, what it covers, the certificate that came with it, and the time that its stamp claims.

    Nothing of it is proven by having been read.
    """

    covered: bytes
    signer_info: cms.SignerInfo
    public_key: ec.EllipticCurvePublicKey | None
    claimed_time: datetime | None


def split(data: bytes) -> tuple[bytes, bytes, bytes]:
    """What the signature of a PDF covers, the hexadecimal digits in its gap, and what stands behind it.

    Raises ``NotVerified``.
    """
    first = _BYTE_RANGE.search(data)
    if first is None:
        raise NotVerified("encrypted" if b"/Encrypt" in data else "not-signed")
    start, length, resume, rest = (int(number) for number in first.groups())
    if start != 0 or not 0 < length < resume or rest == 0:
        raise NotVerified("signature-structure", "a byte range of another form")
    end = resume + rest
    if end > len(data):
        raise NotVerified("changed", "cut off")
    if len(_BYTE_RANGE.findall(data[:end])) != 1:
        raise NotVerified("signature-structure", "several signatures in what is signed")
    gap = data[length:resume]
    if len(gap) > 2 * MAX_BYTES + 2 or not _HEX.fullmatch(gap):
        raise NotVerified("signature-structure", "the gap holds something else than the signature")
    return data[:length] + data[resume:end], gap[1:-1], data[end:]


def check_stamp(data: bytes) -> None:
    """Whether every byte of an archive time stamp means something, whatever it is worth. Raises ``NotVerified``."""
    try:
        signed_data = _signed_data(data)
        info = _only_signer(signed_data, "v3")
        _signers_own(signed_data, info)
        if len(info["unsigned_attrs"]) or signed_data["crls"]:
            raise NotVerified("archive-timestamp", "what nobody signed")
    except _UNREADABLE as error:
        raise NotVerified("archive-timestamp", "the time stamp cannot be read") from error


def _signed_data(data: bytes) -> cms.SignedData:
    """What was signed. Written again from its two parts it must be what was read, up to zeros that fill the gap."""
    content = cms.ContentInfo.load(data)
    exact = cms.ContentInfo({"content_type": content["content_type"].native, "content": content["content"]}).dump()
    if not data.startswith(exact) or data[len(exact) :].strip(b"\x00"):
        raise NotVerified("changed", "bytes without a meaning")
    return content["content"]


def read(covered: bytes, digits: bytes) -> Container:
    """Read a container whose every byte means something. Raises ``NotVerified``."""
    data = bytes.fromhex(digits.decode("ascii"))
    try:
        signed_data = _signed_data(data)
        info = _only_signer(signed_data, "v1")
        public_key = x509.load_der_x509_certificate(_signers_own(signed_data, info).dump()).public_key()
        claimed = _claimed_time(info)
    except _UNREADABLE as error:
        raise NotVerified("changed", "the signature cannot be read") from error
    known = public_key if isinstance(public_key, ec.EllipticCurvePublicKey) else None
    return Container(covered, info, known, claimed)


def check_signature(container: Container, key: TrustedKey) -> None:
    """The plain cryptography of CMS (RFC 5652 section 5.4), with the algorithms that issuers use and no other."""
    info = container.signer_info
    try:
        algorithms = (info["digest_algorithm"]["algorithm"].native, info["signature_algorithm"]["algorithm"].native)
        attributes = {attribute["type"].native: attribute["values"] for attribute in info["signed_attrs"]}
        (digest,) = attributes["message_digest"].native
        signed = info["signed_attrs"].untag().dump()
        signature = info["signature"].native
    except _UNREADABLE as error:
        raise NotVerified("changed", "the signature cannot be read") from error
    if not isinstance(key.public_key, ec.EllipticCurvePublicKey):
        raise NotVerified("signature-structure", "a key of another kind")
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


def _only_signer(signed_data: cms.SignedData, version: str) -> cms.SignerInfo:
    """The one signer; the members around it that no signature covers must say what they can only say."""
    (info,) = signed_data["signer_infos"]
    named = [entry for entry in signed_data["digest_algorithms"] if _plain(entry)]
    if len(named) != len(signed_data["digest_algorithms"]) or not _plain(info["digest_algorithm"]):
        raise ValueError("a digest algorithm of another kind")
    if info["digest_algorithm"]["algorithm"].native not in {entry["algorithm"].native for entry in named}:
        raise ValueError("a digest algorithm that is not announced")
    by_key = info["sid"].name == "subject_key_identifier"
    if signed_data["version"].native != version or info["version"].native != ("v3" if by_key else "v1"):
        raise ValueError("a version that does not belong to the content")
    return info


def _signers_own(signed_data: cms.SignedData, info: cms.SignerInfo) -> Any:
    """The certificate that the signer is named by. Names are compared as bytes: elsewhere their case is ignored."""
    sid = info["sid"].chosen
    if info["sid"].name == "subject_key_identifier":
        (own,) = (c.chosen for c in signed_data["certificates"] if c.chosen.key_identifier == sid.native)
        return own
    name, serial = sid["issuer"].dump(), sid["serial_number"].native
    found = (c.chosen for c in signed_data["certificates"])
    (own,) = (c for c in found if c.serial_number == serial and c.issuer.dump() == name)
    return own


def _plain(algorithm: Any) -> bool:
    # RFC 5754 section 2: parameters are absent, or NULL.
    return algorithm["algorithm"].native in _DIGESTS and algorithm["parameters"].dump() in (b"", b"\x05\x00")


def _claimed_time(info: cms.SignerInfo) -> datetime | None:
    """The time of the one time stamp; ``None`` without one. Whether it may be believed is found out later."""
    tokens = [
        value["content"]
        for attribute in info["unsigned_attrs"]
        if attribute["type"].native == "signature_time_stamp_token"
        for value in attribute["values"]
    ]
    if len(tokens) != 1 or len(info["unsigned_attrs"]) != 1:
        return None
    _signers_own(tokens[0], _only_signer(tokens[0], "v3"))
    moment = tokens[0]["encap_content_info"]["content"].parsed["gen_time"].native
    return moment if isinstance(moment, datetime) and moment.tzinfo is not None else None
