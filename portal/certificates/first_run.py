"""The TEST issuer of a first run: its authority, and one generation of keys after the other."""

import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from portal.certificates import key_folder
from portal.certificates.ca import TestAuthority
from portal.certificates.signer import ED25519, FileSigner, KeyRefused, PrivateKey
from portal.certificates.trust import TrustedIssuer, TrustedKey
from portal.text import Text

TEST_NAME = Text("TEST issuer of the due-diligence portal (no legal effect)", "尽职调查门户测试签发机构（无法律效力）")


@dataclass(frozen=True)
class Generation:
    """The keys that are in use, with what vouches for them."""

    documents: FileSigner
    seal: FileSigner
    timestamp: FileSigner
    chain: tuple[x509.Certificate, ...]
    timestamp_certificate: x509.Certificate


def make(folder: Path, *, identifier: str, status_address: str, list_address: str, seal: str, now: datetime) -> None:
    """Make authority, first generation and register; ``list_address`` is where the revocation list is served.

    ``seal`` names the algorithm of the key for seal, credential and status.
    """
    authority = TestAuthority.make(now=now)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        made = Path(work) / "keys"
        made.mkdir(mode=0o700)
        key_folder.write_key(made / "root.key.pem", authority.key)
        key_folder.write(made / "root.pem", authority.certificate.public_bytes(Encoding.PEM))
        roots = (authority.certificate,)
        register = TrustedIssuer(
            id=identifier,
            name=TEST_NAME,
            test=True,
            status_address=status_address,
            roots=roots,
            timestamp_roots=roots,
            keys=_generation(made, authority, 1, list_address, seal, now),
            logs=(),
        )
        key_folder.write_register(made, register)
        # One rename: whoever looks sees the whole folder or none.
        made.rename(folder)


def rotate(folder: Path, *, list_address: str, seal: str, now: datetime) -> None:
    """Make the next generation of keys and end the term of the one before."""
    register, authority = key_folder.read_register(folder), read_authority(folder)
    generation = key_folder.generations(folder)[0] + 1
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        made = _generation(Path(work), authority, generation, list_address, seal, now)
        shutil.move(Path(work) / str(generation), folder / str(generation))
    # The folder is moved first: a register that named keys which are not there could not be opened.
    keys = tuple(replace(key, ends=now) if key.ends is None else key for key in register.keys)
    key_folder.write_register(folder, replace(register, keys=keys + made))


def newest(folder: Path, register: TrustedIssuer) -> Generation:
    """The generation in use. One that an interrupted rotation left behind is in no register, and passed over."""
    open_keys = {key.thumbprint for key in register.keys if key.ends is None}
    for generation in key_folder.generations(folder):
        place = folder / str(generation)
        documents, seal, stamps = (
            FileSigner.read(place / f"{use}.key.pem") for use in ("documents", "seal", "timestamp")
        )
        if {documents.thumbprint, seal.thumbprint} <= open_keys:
            chain = key_folder.read_chain(place / "documents.pem", documents)
            stamp_chain = key_folder.read_chain(place / "timestamp.pem", stamps)
            return Generation(documents, seal, stamps, chain, stamp_chain[0])
    raise KeyRefused(f"{folder}: no keys are there for those that issuer.json names")


def read_authority(folder: Path) -> TestAuthority:
    """The TEST authority. Raises ``KeyRefused``."""
    path = folder / "root.key.pem"
    signer = FileSigner.read(path)
    if not isinstance(signer.private_key, ec.EllipticCurvePrivateKey):
        raise KeyRefused(f"{path}: is a key of another kind")
    return TestAuthority(key_folder.read_chain(folder / "root.pem", signer)[0], signer.private_key)


def _generation(
    folder: Path, authority: TestAuthority, generation: int, list_address: str, seal_algorithm: str, now: datetime
) -> tuple[TrustedKey, ...]:
    place = folder / str(generation)
    place.mkdir(mode=0o700)
    documents_key, stamps_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    seal_key: PrivateKey = ec.generate_private_key(ec.SECP256R1())
    if seal_algorithm == ED25519.name:
        seal_key = Ed25519PrivateKey.generate()
    for use, key in (("documents", documents_key), ("seal", seal_key), ("timestamp", stamps_key)):
        key_folder.write_key(place / f"{use}.key.pem", key)
    signing = authority.issue_signing(
        documents_key.public_key(), f"TEST Documents {generation}", list_address=list_address, now=now
    )
    stamping = authority.issue_timestamping(
        stamps_key.public_key(), f"TEST Time stamps {generation}", list_address=list_address, now=now
    )
    root = authority.certificate.public_bytes(Encoding.PEM)
    key_folder.write(place / "documents.pem", signing.public_bytes(Encoding.PEM) + root)
    key_folder.write(place / "timestamp.pem", stamping.public_bytes(Encoding.PEM) + root)
    documents, seal = FileSigner(documents_key), FileSigner(seal_key)
    begins = now.replace(microsecond=0)
    return (
        TrustedKey("documents", documents.public_key, documents.thumbprint, begins, None),
        TrustedKey("seal", seal.public_key, seal.thumbprint, begins, None),
    )
