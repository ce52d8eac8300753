"""The issuer: its names, its keys, and the certificates that vouch for them.

A first run makes a TEST authority in ``instance/keys/``; later runs load it. Keys of a real authority come from
outside by settings. Layout of the folder (0700, files 0600)::

    issuer.json              names, and every key that ever signed with its term: the source of the trust file
    root.pem  root.key.pem   the TEST authority
    1/  2/ …                 one folder for each generation of keys, the last one is in use
    log.key.pem  log.ml-dsa.key.pem   what the log's checkpoints are signed with, unless settings name other files
    timestamp-roots.pem      roots of an outside time-stamping service, put there by hand
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.sign.timestamps import TimeStamper

from portal.certificates.ca import TestAuthority
from portal.certificates.log import identity, trusted, witness
from portal.certificates.log.identity import LogIdentity
from portal.certificates.signer import FileSigner, KeyRefused, Signer
from portal.certificates.timestamp import HttpTimeStamper, LocalTimeStamper
from portal.certificates.trust import TrustedIssuer, TrustedKey, TrustRoot
from portal.config import Settings
from portal.text import Text

TEST_NAME = Text("TEST issuer of the due-diligence portal (no legal effect)", "尽职调查门户测试签发机构（无法律效力）")
_LIST_PATH = "/.well-known/due-diligence/test-root.crl"


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A signing key with the address under which verifiers find it: ``<issuer id>#<thumbprint>``."""

    kid: str
    signer: Signer

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

    def timestamper(self, now: datetime) -> TimeStamper:
        """A source of time stamps: the service of the settings, else the test authority's clock set to ``now``."""
        if self.timestamp_url:
            return HttpTimeStamper(self.timestamp_url)
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
    cannot be read, or lacks something; the message names the file or the setting.
    """
    with _locked(settings.instance) as folder:
        if settings.issuer_key_file or settings.issuer_chain_file:
            return _open_external(settings, folder, now)
        if not (folder / "issuer.json").exists():
            if settings.environment == "production":
                raise KeyRefused("PORTAL_ISSUER_KEY_FILE and PORTAL_ISSUER_CHAIN_FILE must be set in production")
            _make_test_issuer(settings, folder, now)
        return _open_test(settings, folder, now)


def rotate(settings: Settings, *, now: datetime) -> Issuer:
    """Give the TEST issuer a new generation of keys; certificates of the old ones stay valid.

    Keys from outside are rotated by naming the new files in the settings.
    """
    if settings.issuer_key_file or settings.issuer_chain_file:
        raise KeyRefused("keys from outside are changed by naming the new files in the settings")
    open_issuer(settings, now=now)
    with _locked(settings.instance) as folder:
        register = _read_register(folder)
        authority = _read_authority(folder)
        generation = _generations(folder)[0] + 1
        with tempfile.TemporaryDirectory(dir=settings.instance) as work:
            made = _make_generation(Path(work), authority, settings, generation, now)
            shutil.move(Path(work) / str(generation), folder / str(generation))
        # The folder is moved first: a register that named keys which are not there could not be opened.
        keys = tuple(replace(key, ends=now) if key.ends is None else key for key in register.keys)
        _write_register(folder, replace(register, keys=keys + made))
        return _open_test(settings, folder, now)


def trust(issuer: Issuer, *, now: datetime) -> dict[str, Any]:
    """The trust file of this issuer alone, for ``--trust FILE`` and for other authorities."""
    return TrustRoot((issuer.trusted,)).to_json(now=now)


def trust_root(settings: Settings, *, now: datetime) -> TrustRoot:
    """What this installation believes: the trust file of the settings, else its own issuer."""
    if settings.trust_file is not None:
        return TrustRoot.read(settings.trust_file)
    return TrustRoot((open_issuer(settings, now=now).trusted,))


@contextmanager
def _locked(instance: Path) -> Iterator[Path]:
    instance.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(instance / "keys.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield instance / "keys"
    finally:
        os.close(descriptor)


def _make_test_issuer(settings: Settings, folder: Path, now: datetime) -> None:
    authority = TestAuthority.make(now=now)
    with tempfile.TemporaryDirectory(dir=settings.instance) as work:
        made = Path(work) / "keys"
        made.mkdir(mode=0o700)
        _write_key(made / "root.key.pem", authority.key)
        _write(made / "root.pem", authority.certificate.public_bytes(Encoding.PEM))
        roots = (authority.certificate,)
        register = TrustedIssuer(
            id=_identifier(settings),
            name=TEST_NAME,
            test=True,
            status_address=_status_address(settings),
            roots=roots,
            timestamp_roots=roots,
            keys=_make_generation(made, authority, settings, 1, now),
            logs=(),
        )
        _write_register(made, register)
        # One rename: whoever looks sees the whole folder or none.
        made.rename(folder)


def _make_generation(
    folder: Path, authority: TestAuthority, settings: Settings, generation: int, now: datetime
) -> tuple[TrustedKey, ...]:
    place = folder / str(generation)
    place.mkdir(mode=0o700)
    keys = {use: ec.generate_private_key(ec.SECP256R1()) for use in ("documents", "seal", "timestamp")}
    for use, key in keys.items():
        _write_key(place / f"{use}.key.pem", key)
    address = settings.public_address + _LIST_PATH
    signing = authority.issue_signing(
        keys["documents"].public_key(), f"TEST Documents {generation}", list_address=address, now=now
    )
    stamping = authority.issue_timestamping(
        keys["timestamp"].public_key(), f"TEST Time stamps {generation}", list_address=address, now=now
    )
    root = authority.certificate.public_bytes(Encoding.PEM)
    _write(place / "documents.pem", signing.public_bytes(Encoding.PEM) + root)
    _write(place / "timestamp.pem", stamping.public_bytes(Encoding.PEM) + root)
    documents, seal = FileSigner(keys["documents"]), FileSigner(keys["seal"])
    begins = now.replace(microsecond=0)
    return (
        TrustedKey("documents", documents.public_key, documents.thumbprint, begins, None),
        TrustedKey("seal", seal.public_key, seal.thumbprint, begins, None),
    )


def _open_test(settings: Settings, folder: Path, now: datetime) -> Issuer:
    register = replace(_read_register(folder), status_address=_status_address(settings))
    register, log = _with_log(settings, folder, register, now)
    authority = _read_authority(folder)
    place, documents, seal = _newest_registered(folder, register)
    stamps = FileSigner.read(place / "timestamp.key.pem")
    chain = _read_chain(place / "documents.pem", documents)
    stamp_chain = _read_chain(place / "timestamp.pem", stamps)
    return Issuer(
        trusted=register,
        documents=documents,
        chain=chain,
        seal=NamedKey(f"{register.id}#{seal.thumbprint}", seal),
        authority=authority,
        timestamp_url="",
        timestamp_signer=stamps,
        timestamp_certificate=stamp_chain[0],
        log=log,
    )


def _with_log(
    settings: Settings, folder: Path, register: TrustedIssuer, now: datetime
) -> tuple[TrustedIssuer, LogIdentity]:
    """The issuer with its log: a log keeps its first name for ever, and its keys are written down with their terms."""
    if settings.environment == "production" and settings.log_witness_file is None:
        raise KeyRefused("PORTAL_LOG_WITNESS_FILE must name the log's witnesses in production")
    if settings.log_key_file is None:
        identity.make_keys(folder)
    name = register.logs[-1].origin if register.logs else identity.origin(settings.public_address)
    try:
        asked = witness.read(settings.log_witness_file) if settings.log_witness_file else witness.Witnesses()
        own = folder / identity.SECOND_KEY_FILE if settings.log_key_file is None else settings.log_second_key_file
        log = identity.open_identity(name, settings.log_key_file or folder / identity.KEY_FILE, own, asked)
    except witness.WitnessesRefused as error:
        raise KeyRefused(str(error)) from error
    logs = trusted.registered(register.logs, log, now=now)
    if logs == register.logs:
        return register, log
    register = replace(register, logs=logs)
    _write_register(folder, register)
    return register, log


def _newest_registered(folder: Path, register: TrustedIssuer) -> tuple[Path, FileSigner, FileSigner]:
    """The generation in use. One that an interrupted rotation left behind is in no register, and passed over."""
    open_keys = {key.thumbprint for key in register.keys if key.ends is None}
    for generation in _generations(folder):
        place = folder / str(generation)
        documents, seal = (FileSigner.read(place / f"{use}.key.pem") for use in ("documents", "seal"))
        if {documents.thumbprint, seal.thumbprint} <= open_keys:
            return place, documents, seal
    raise KeyRefused(f"{folder}: no keys are there for those that issuer.json names")


def _generations(folder: Path) -> list[int]:
    return sorted((int(path.name) for path in folder.iterdir() if path.name.isdigit()), reverse=True)


def _open_external(settings: Settings, folder: Path, now: datetime) -> Issuer:
    if settings.issuer_key_file is None or settings.issuer_chain_file is None:
        raise KeyRefused("PORTAL_ISSUER_KEY_FILE and PORTAL_ISSUER_CHAIN_FILE must be set together")
    if not settings.timestamp_url:
        raise KeyRefused("PORTAL_TIMESTAMP_URL must name a time-stamping service when keys come from outside")
    signer = FileSigner.read(settings.issuer_key_file)
    chain = _read_chain(settings.issuer_chain_file, signer)
    register = _external_register(settings, folder, signer, chain, now)
    register, log = _with_log(settings, folder, register, now)
    return Issuer(
        trusted=register,
        documents=signer,
        chain=chain,
        seal=NamedKey(f"{register.id}#{signer.thumbprint}", signer),
        authority=None,
        timestamp_url=settings.timestamp_url,
        timestamp_signer=None,
        timestamp_certificate=None,
        log=log,
    )


def _external_register(
    settings: Settings, folder: Path, signer: Signer, chain: tuple[x509.Certificate, ...], now: datetime
) -> TrustedIssuer:
    """The register with the outside key in it; a key seen for the first time ends the term of the one before."""
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp_roots = folder / "timestamp-roots.pem"
    if not stamp_roots.exists():
        raise KeyRefused(f"{stamp_roots} must hold the root certificates of the time-stamping service")
    begins = now.replace(microsecond=0)
    new = tuple(TrustedKey(use, signer.public_key, signer.thumbprint, begins, None) for use in ("documents", "seal"))
    if not (folder / "issuer.json").exists():
        name = _organisation(chain[0])
        register = TrustedIssuer(
            _identifier(settings),
            Text(name, name),
            False,
            _status_address(settings),
            (chain[-1],),
            tuple(x509.load_pem_x509_certificates(stamp_roots.read_bytes())),
            new,
            (),
        )
        _write_register(folder, register)
        return register
    register = replace(_read_register(folder), status_address=_status_address(settings))
    if register.test:
        raise KeyRefused(f"{folder} belongs to a TEST issuer; give the real one an instance of its own")
    if any(key.thumbprint == signer.thumbprint and key.ends is None for key in register.keys):
        return register
    keys = tuple(replace(key, ends=now) if key.ends is None else key for key in register.keys) + new
    roots = register.roots if chain[-1] in register.roots else (*register.roots, chain[-1])
    register = replace(register, keys=keys, roots=roots)
    _write_register(folder, register)
    return register


def _read_chain(path: Path, signer: Signer) -> tuple[x509.Certificate, ...]:
    """The certificates of a file, from the signer's up; refused when they do not fit the key or one another."""
    try:
        chain = tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise KeyRefused(f"{path}: {error}") from error
    if chain[0].public_key() != signer.public_key:
        raise KeyRefused(f"{path}: the first certificate is not that of the key")
    for lower, upper in zip(chain, (*chain[1:], chain[-1]), strict=True):
        try:
            lower.verify_directly_issued_by(upper)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise KeyRefused(f"{path}: the certificates do not lead from one to the next up to a root") from error
    return chain


def _read_register(folder: Path) -> TrustedIssuer:
    return TrustRoot.read(folder / "issuer.json").issuers[0]


def _write_register(folder: Path, register: TrustedIssuer) -> None:
    newest = max(key.begins for key in register.keys)
    text = json.dumps(TrustRoot((register,)).to_json(now=newest), ensure_ascii=False, indent=1)
    beside = folder / "issuer.json.new"
    beside.unlink(missing_ok=True)
    _write(beside, text.encode("utf-8"))
    beside.replace(folder / "issuer.json")


def _read_authority(folder: Path) -> TestAuthority:
    key = FileSigner.read(folder / "root.key.pem")
    return TestAuthority(_read_chain(folder / "root.pem", key)[0], key.private_key)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


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
