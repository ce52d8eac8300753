"""The issuer's key for mail: one of its own, as a key that signs certificates must sign nothing else."""

from datetime import datetime
from email.utils import parseaddr
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from portal.certificates import key_folder
from portal.certificates.ca import TestAuthority
from portal.certificates.keys import Issuer
from portal.certificates.signer import KeyRefused
from portal.config import Settings
from portal.smime import MailSigner

KEY_FILE, CHAIN_FILE = "mail.key.pem", "mail.pem"


def open_signer(settings: Settings, issuer: Issuer, *, now: datetime) -> MailSigner | None:
    """Who signs this installation's mail: the key of the settings, else one of the TEST authority.

    ``None`` where a real issuer has named none: its mail goes out unsigned. Raises ``KeyRefused`` for a key that does
    not fit its certificate, or a certificate that is not for mail from the sender's address at this moment.
    """
    if settings.mail_key_file is not None and settings.mail_chain_file is not None:
        return _read(settings.mail_key_file, settings.mail_chain_file, settings, now)
    if settings.mail_key_file is not None or settings.mail_chain_file is not None:
        raise KeyRefused("PORTAL_MAIL_KEY_FILE and PORTAL_MAIL_CHAIN_FILE must be set together")
    if issuer.authority is None:
        return None
    with key_folder.locked(settings.instance) as folder:
        key, chain = folder / KEY_FILE, folder / CHAIN_FILE
        if not chain.exists() or not _fits(_certificates(chain)[0], settings, now):
            key.unlink(missing_ok=True)
            chain.unlink(missing_ok=True)
            _make(key, chain, issuer.authority, settings, now)
        return _read(key, chain, settings, now)


def sender(settings: Settings) -> str:
    """The bare address that mail comes from."""
    return parseaddr(settings.mail_sender)[1]


def _make(key_file: Path, chain_file: Path, authority: TestAuthority, settings: Settings, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    address = settings.public_address + "/.well-known/due-diligence/test-root.crl"
    made = authority.issue_mail(key.public_key(), "TEST mail of the portal", sender(settings), list_address=address,
                                now=now)  # fmt: skip
    key_folder.write_key(key_file, key)
    pem = Encoding.PEM
    key_folder.write(chain_file, made.public_bytes(pem) + authority.certificate.public_bytes(pem))


def _read(key_file: Path, chain_file: Path, settings: Settings, now: datetime) -> MailSigner:
    first, *above = _certificates(chain_file)
    try:
        key = load_pem_private_key(key_file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise KeyRefused(f"{key_file}: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or key.public_key() != first.public_key():
        raise KeyRefused(f"{key_file}: is not the key of the first certificate in {chain_file}")
    if not _fits(first, settings, now):
        raise KeyRefused(f"{chain_file}: the first certificate is not for mail from {sender(settings)} at this time")
    return MailSigner(key, first, tuple(above))


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise KeyRefused(f"{path}: {error}") from error


def _fits(certificate: x509.Certificate, settings: Settings, now: datetime) -> bool:
    """Whether the certificate is in its term, for mail, and names the sender (RFC 8550 section 3)."""
    extensions = certificate.extensions
    try:
        usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    addresses = {name.lower() for name in names.get_values_for_type(x509.RFC822Name)}
    in_term = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    return in_term and ExtendedKeyUsageOID.EMAIL_PROTECTION in usage and sender(settings).lower() in addresses
