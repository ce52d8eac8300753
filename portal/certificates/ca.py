"""The TEST certification authority of a first run: root, signing certificates and revocation list (RFC 5280)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
ORGANISATION = "TEST - Due-diligence portal - no legal effect"
ROOT_LIFE = timedelta(days=20 * 365)
SIGNING_LIFE = timedelta(days=5 * 365)
LIST_LIFE = timedelta(days=7)
# Clocks of the machines that sign and verify may differ by so much.
SKEW = timedelta(hours=1)


@dataclass(frozen=True)
class TestAuthority:
    """A root key with its certificate. It exists only outside production, and every name it gives says TEST."""

    __test__ = False  # the word is the field's, not pytest's

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, *, now: datetime) -> "TestAuthority":
        """A new root that may issue signing certificates and nothing below them."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("TEST Root")
        builder = _builder(name, name, key.public_key(), now, ROOT_LIFE)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(certificates=True), critical=True)
        return cls(builder.sign(key, hashes.SHA256()), key)

    def issue_signing(
        self, public_key: ec.EllipticCurvePublicKey, common_name: str, *, list_address: str, now: datetime
    ) -> x509.Certificate:
        """A certificate for signing documents: RFC 9336, and e-mail protection, which older readers look for."""
        usage = x509.ExtendedKeyUsage([DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION])
        return self._issue(public_key, common_name, usage, list_address, now, critical=False)

    def issue_timestamping(
        self, public_key: ec.EllipticCurvePublicKey, common_name: str, *, list_address: str, now: datetime
    ) -> x509.Certificate:
        """A certificate for time stamps only (RFC 3161 section 2.3: the one purpose, and critical)."""
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        return self._issue(public_key, common_name, usage, list_address, now, critical=True)

    def issue_mail(
        self, public_key: ec.EllipticCurvePublicKey, common_name: str, address: str, *, list_address: str, now: datetime
    ) -> x509.Certificate:
        """A certificate for signing mail from one address (RFC 8550)."""
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        return self._issue(public_key, common_name, usage, list_address, now, critical=False, address=address)

    def revocation_list(self, revoked: dict[int, datetime], *, now: datetime) -> x509.CertificateRevocationList:
        """The signed list of revoked serial numbers, as of ``now``."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - timedelta(minutes=1))
            .next_update(now + LIST_LIFE)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        )
        for serial, at in sorted(revoked.items()):
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256())

    def _issue(
        self,
        public_key: ec.EllipticCurvePublicKey,
        common_name: str,
        usage: x509.ExtendedKeyUsage,
        list_address: str,
        now: datetime,
        *,
        critical: bool,
        address: str = "",
    ) -> x509.Certificate:
        builder = _builder(_name(common_name), self.certificate.subject, public_key, now, SIGNING_LIFE)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(list_address)], None, None, None)
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(certificates=False), critical=True)
            .add_extension(usage, critical=critical)
            .add_extension(identifier, critical=False)
            .add_extension(x509.CRLDistributionPoints([place]), critical=False)
        )
        if address:
            names = x509.SubjectAlternativeName([x509.RFC822Name(address)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
