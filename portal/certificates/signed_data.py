"""CMS signed data (RFC 5652) with one signer, of ECDSA on P-256 with SHA-256: signatures and time stamps alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.general import simple_cms_attribute

from portal.certificates import der

SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
_ECDSA = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()
_SIGNED_DATA = cms.ContentType("signed_data").dump()
DATA, TST_INFO = cms.ContentType("data").dump(), cms.ContentType("tst_info").dump()
# A DER signature of ECDSA on P-256 has at most so many bytes, and mostly one or two less.
LONGEST_SIGNATURE = 72


@dataclass(frozen=True, slots=True)
class _Signer:
    """What never changes of a signer: its certificate, its name there, and the attribute that binds the two."""

    certificate: bytes
    identifier: bytes
    attribute: bytes


@lru_cache(maxsize=16)
def _signer(certificate: x509.Certificate) -> _Signer:
    read = asn1_certificate(certificate)
    named = cms.IssuerAndSerialNumber({"issuer": read.issuer, "serial_number": read.serial_number})
    # Its issuer and number may be left out where the identifier says them (RFC 5035 section 4).
    bound = simple_cms_attribute("signing_certificate_v2", {"certs": [{"cert_hash": read.sha256}]})
    return _Signer(certificate.public_bytes(Encoding.DER), named.dump(), bound.dump())


@lru_cache(maxsize=64)
def asn1_certificate(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The same certificate in the form that pyHanko works with.

    asn1crypto reads as late as it can. What is kept here is read to the end first, as several threads use it.
    """
    made = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    _ = made.native, made.critical_extensions, made.issuer.hashable, made.subject.hashable, made.issuer_serial
    return made


def attribute(name: str, value: object) -> bytes:
    """An attribute with one value (RFC 5652 section 5.3)."""
    return bytes(simple_cms_attribute(name, value).dump())


def covered(kind: bytes, digest: bytes, signer: x509.Certificate, *attributes: bytes) -> bytes:
    """What is signed: the attributes for a content of ``kind`` with this SHA-256 (RFC 5652 section 5.4).

    ``attributes`` stand beside the three that RFC 5652 and RFC 5035 ask for.
    """
    own = _signer(signer).attribute
    return der.set_of(_kind_attribute(kind), attribute("message_digest", digest), own, *attributes)


def written(
    kind: bytes,
    content: bytes | None,
    covered: bytes,
    signature: bytes,
    signer: x509.Certificate,
    *,
    others: Iterable[x509.Certificate] = (),
    unsigned: Iterable[bytes] = (),
) -> bytes:
    """The whole ``ContentInfo`` around a signature over ``covered``.

    ``content`` is ``None`` where it lies elsewhere. ``others`` are certificates that come along with the signer's,
    ``unsigned`` the attributes that nothing covers.
    """
    own, outside = _signer(signer), sorted(unsigned)
    info = der.sequence(
        der.integer(1),
        own.identifier,
        SHA256,
        der.context(0, der.content(covered)),
        _ECDSA,
        der.wrapped(der.OCTET_STRING, signature),
        der.context(1, *outside) if outside else b"",
    )
    held = b"" if content is None else der.context(0, der.wrapped(der.OCTET_STRING, content))
    certificates = {own.certificate, *(each.public_bytes(Encoding.DER) for each in others)}
    data = der.sequence(
        der.integer(1 if kind == DATA else 3),
        der.set_of(SHA256),
        der.sequence(kind, held),
        der.context(0, *sorted(certificates)),
        der.set_of(info),
    )
    return der.sequence(_SIGNED_DATA, der.context(0, data))


@lru_cache(maxsize=2)
def _kind_attribute(kind: bytes) -> bytes:
    return attribute("content_type", cms.ContentType.load(kind).native)
