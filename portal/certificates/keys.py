"""The issuer: its names, its keys, and the certificates that vouch for them.

A first run makes a TEST authority in ``instance/keys/`` (see ``key_folder``); later runs load it. Keys of a real
authority come from outside by settings, each by the address of where it lies (see ``custody``).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from portal.certificates import custody, first_run, key_folder
from portal.certificates.ca import TestAuthority
from portal.certificates.log import identity, trusted, witness
from portal.certificates.log.identity import LogIdentity
from portal.certificates.signer import ES256, Algorithm, FileSigner, KeyRefused, Signer
from portal.certificates.timestamp import Clock, LocalTimeStamper, service
from portal.certificates.trust import TrustedIssuer, TrustedKey, TrustRoot, Use
from portal.config import Settings
from portal.text import Text

_LIST_PATH = "/.well-known/due-diligence/test-root.crl"


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A signing key with the address under which verifiers find it: ``<issuer id>#<thumbprint>``."""

    kid: str
    signer: Signer

    @property
    def algorithm(self) -> Algorithm:
        return self.signer.algorithm

    def sign(self, data: bytes) -> bytes:
        return self.signer.sign(data)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Everything needed to issue. ``chain`` runs from the signing certificate up to the root.

    ``authority`` is there only for the TEST issuer, whose root key lies beside the others and can sign a fresh
    revocation list; a real authority publishes its own.
    """

    trusted: TrustedIssuer
    documents: Signer
    chain: tuple[x509.Certificate, ...]
    seal: NamedKey
    authority: TestAuthority | None
    timestamp_url: str
    timestamp_signer: Signer | None
    timestamp_certificate: x509.Certificate | None
    log: LogIdentity

    @property
    def id(self) -> str:
        return self.trusted.id

    @property
    def name(self) -> Text:
        return self.trusted.name

    @property
    def test(self) -> bool:
        return self.trusted.test

    @property
    def status_address(self) -> str:
        return self.trusted.status_address

    def timestamper(self, now: datetime) -> Clock:
        """A source of time stamps: the service of the settings, else the test authority's clock set to ``now``."""
        if self.timestamp_url:
            return service(self.timestamp_url)
        if self.timestamp_signer is None or self.timestamp_certificate is None:
            raise KeyRefused("PORTAL_TIMESTAMP_URL must name a time-stamping service")
        return LocalTimeStamper(self.timestamp_certificate, self.timestamp_signer, now=now)

    def revocation_list(self, now: datetime) -> bytes | None:
        """The TEST authority's revocation list in DER; ``None`` when lists are to be fetched."""
        if self.authority is None:
            return None
        return self.authority.revocation_list({}, now=now).public_bytes(Encoding.DER)


def open_issuer(settings: Settings, *, now: datetime) -> Issuer:
    """Load the issuer, making the TEST authority when there is none and no keys are given by settings.

    Two first runs at once end with the same issuer. Raises ``KeyRefused`` when a key does not fit its certificate,
    cannot be read, or lacks something (the message names the file or the setting), and ``KeyUnavailable`` when a token
    or a key service does not answer.
    """
    with key_folder.locked(settings.instance) as folder:
        if _outside(settings):
            return _open_external(settings, folder, now)
        if settings.environment == "production":
            raise KeyRefused("PORTAL_ISSUER_KEY and PORTAL_ISSUER_CHAIN_FILE must be set in production")
        if not (folder / "issuer.json").exists():
            first_run.make(
                folder,
                identifier=_identifier(settings),
                status_address=_status_address(settings),
                list_address=settings.public_address + _LIST_PATH,
                seal=settings.seal_algorithm,
                now=now,
            )
        return _open_test(settings, folder, now)


def rotate(settings: Settings, *, now: datetime) -> Issuer:
    """Give the TEST issuer a new generation of keys; certificates of the old ones stay valid.

    Keys from outside are rotated by naming the new ones in the settings.
    """
    if _outside(settings):
        raise KeyRefused("keys from outside are changed by naming the new ones in the settings")
    open_issuer(settings, now=now)
    with key_folder.locked(settings.instance) as folder:
        first_run.rotate(
            folder, list_address=settings.public_address + _LIST_PATH, seal=settings.seal_algorithm, now=now
        )
        return _open_test(settings, folder, now)


def rotate_log(settings: Settings, *, retire: bool, now: datetime) -> Issuer:
    """Give the log a new key, or (``retire``) end the work of the one before, which signs beside it until then.

    A key from outside is rotated by naming it in PORTAL_LOG_KEY and the one before in PORTAL_LOG_FORMER_KEY.
    """
    if settings.log_key.get_secret_value():
        raise KeyRefused("the log's key from outside is changed by PORTAL_LOG_KEY and PORTAL_LOG_FORMER_KEY")
    open_issuer(settings, now=now)
    with key_folder.locked(settings.instance) as folder:
        identity.retire_key(folder) if retire else identity.rotate_key(folder)
    return open_issuer(settings, now=now)


def trust(issuer: Issuer, *, now: datetime) -> dict[str, Any]:
    """The trust file of this issuer alone, for ``--trust FILE`` and for other authorities."""
    return TrustRoot((issuer.trusted,)).to_json(now=now)


def trust_root(settings: Settings, *, now: datetime) -> TrustRoot:
    """What this installation believes: the trust file of the settings, else its own issuer."""
    if settings.trust_file is not None:
        return TrustRoot.read(settings.trust_file)
    return TrustRoot((open_issuer(settings, now=now).trusted,))


def _outside(settings: Settings) -> bool:
    return bool(settings.issuer_key.get_secret_value() or settings.issuer_chain_file)


def _open_test(settings: Settings, folder: Path, now: datetime) -> Issuer:
    register = replace(key_folder.read_register(folder), status_address=_status_address(settings))
    register, log = _with_log(settings, folder, register, now)
    used = first_run.newest(folder, register)
    return Issuer(
        trusted=register,
        documents=used.documents,
        chain=used.chain,
        seal=NamedKey(f"{register.id}#{used.seal.thumbprint}", used.seal),
        authority=first_run.read_authority(folder),
        timestamp_url="",
        timestamp_signer=used.timestamp,
        timestamp_certificate=used.timestamp_certificate,
        log=log,
    )


def _with_log(
    settings: Settings, folder: Path, register: TrustedIssuer, now: datetime
) -> tuple[TrustedIssuer, LogIdentity]:
    """The issuer with its log: a log keeps its first name for ever, and its keys are written down with their terms."""
    if settings.environment == "production" and settings.log_witness_file is None:
        raise KeyRefused("PORTAL_LOG_WITNESS_FILE must name the log's witnesses in production")
    own = not settings.log_key.get_secret_value()
    if own:
        identity.make_keys(folder)
        first: Signer = FileSigner.read(folder / identity.KEY_FILE)
    else:
        first = custody.open_signer(settings.log_key, "PORTAL_LOG_KEY")
    second = folder / identity.SECOND_KEY_FILE if own else settings.log_second_key_file
    former: Signer | None = None
    if settings.log_former_key.get_secret_value():
        former = custody.open_signer(settings.log_former_key, "PORTAL_LOG_FORMER_KEY")
    elif own and (folder / identity.FORMER_KEY_FILE).exists():
        former = FileSigner.read(folder / identity.FORMER_KEY_FILE)
    name = register.logs[-1].origin if register.logs else identity.origin(settings.public_address)
    try:
        asked = witness.read(settings.log_witness_file) if settings.log_witness_file else witness.Witnesses()
    except witness.WitnessesRefused as error:
        raise KeyRefused(str(error)) from error
    log = identity.open_identity(name, first, second, asked, former)
    logs = trusted.registered(register.logs, log, now=now)
    if logs == register.logs:
        return register, log
    register = replace(register, logs=logs)
    key_folder.write_register(folder, register)
    return register, log


def _open_external(settings: Settings, folder: Path, now: datetime) -> Issuer:
    if not settings.issuer_key.get_secret_value() or settings.issuer_chain_file is None:
        raise KeyRefused("PORTAL_ISSUER_KEY and PORTAL_ISSUER_CHAIN_FILE must be set together")
    if not settings.timestamp_url:
        raise KeyRefused("PORTAL_TIMESTAMP_URL must name a time-stamping service when keys come from outside")
    documents = custody.open_signer(settings.issuer_key, "PORTAL_ISSUER_KEY")
    if documents.algorithm != ES256:
        raise KeyRefused("PORTAL_ISSUER_KEY must be a key on the curve P-256; PORTAL_SEAL_KEY may be one of Ed25519")
    chain = key_folder.read_chain(settings.issuer_chain_file, documents)
    seal = documents
    if settings.seal_key.get_secret_value():
        seal = custody.open_signer(settings.seal_key, "PORTAL_SEAL_KEY")
    register = _external_register(settings, folder, {"documents": documents, "seal": seal}, chain, now)
    register, log = _with_log(settings, folder, register, now)
    return Issuer(
        trusted=register,
        documents=documents,
        chain=chain,
        seal=NamedKey(f"{register.id}#{seal.thumbprint}", seal),
        authority=None,
        timestamp_url=settings.timestamp_url,
        timestamp_signer=None,
        timestamp_certificate=None,
        log=log,
    )


def _external_register(
    settings: Settings, folder: Path, used: dict[Use, Signer], chain: tuple[x509.Certificate, ...], now: datetime
) -> TrustedIssuer:
    """The register with the outside keys in it; a key seen for the first time ends the term of the one before."""
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp_roots = folder / "timestamp-roots.pem"
    if not stamp_roots.exists():
        raise KeyRefused(f"{stamp_roots} must hold the root certificates of the time-stamping service")
    if not (folder / "issuer.json").exists():
        name = _organisation(chain[0])
        register = TrustedIssuer(
            _identifier(settings),
            Text(name, name),
            False,
            _status_address(settings),
            (chain[-1],),
            tuple(x509.load_pem_x509_certificates(stamp_roots.read_bytes())),
            _renewed((), used, now),
            (),
        )
        key_folder.write_register(folder, register)
        return register
    known = key_folder.read_register(folder)
    register = replace(known, status_address=_status_address(settings))
    if register.test:
        raise KeyRefused(f"{folder} belongs to a TEST issuer; give the real one an instance of its own")
    roots = register.roots if chain[-1] in register.roots else (*register.roots, chain[-1])
    register = replace(register, keys=_renewed(register.keys, used, now), roots=roots)
    if (register.keys, register.roots) != (known.keys, known.roots):
        key_folder.write_register(folder, register)
    return register


def _renewed(known: tuple[TrustedKey, ...], used: dict[Use, Signer], now: datetime) -> tuple[TrustedKey, ...]:
    """The keys of a register when these are in use: the others end now, and a key whose term has ended stays ended."""
    begins, kept = now.replace(microsecond=0), list(known)
    for use, signer in used.items():
        own = [key for key in kept if key.use == use and key.thumbprint == signer.thumbprint]
        if own and own[0].ends is not None:
            raise KeyRefused(f"the term of the key {signer.thumbprint} ended on {own[0].ends:%Y-%m-%d}; name another")
        if not own:
            kept = [replace(key, ends=now) if key.use == use and key.ends is None else key for key in kept]
            kept.append(TrustedKey(use, signer.public_key, signer.thumbprint, begins, None))
    return tuple(kept)


def _identifier(settings: Settings) -> str:
    """A decentralised identifier of the web address (did:web), which the credential's standard asks for."""
    return "did:web:" + quote(urlsplit(settings.public_address).netloc, safe="")


def _status_address(settings: Settings) -> str:
    return settings.public_address + "/verify/"


def _organisation(certificate: x509.Certificate) -> str:
    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        if found := certificate.subject.get_attributes_for_oid(kind):
            return str(found[0].value)
    raise KeyRefused("the signing certificate names no organisation")
