"""The folder in which an issuer's register and the keys of the TEST authority lie.

Layout (folders 0700, files 0600)::

    issuer.json              names, and every key that ever signed with its term: the source of the trust file
    root.pem  root.key.pem   the TEST authority
    1/  2/ …                 one folder for each generation of its keys, the last one is in use
    log.key.pem  log.ml-dsa.key.pem   what the log's checkpoints are signed with, unless settings name other keys
    mail.key.pem  mail.pem   what mail is signed with, and its certificates, unless settings name others
    timestamp-roots.pem      roots of an outside time-stamping service, put there by hand
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.certificates.signer import KeyRefused, PrivateKey, Signer
from portal.certificates.trust import TrustedIssuer, TrustRoot


@contextmanager
def locked(instance: Path) -> Iterator[Path]:
    """The folder, held by one process at a time."""
    instance.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(instance / "keys.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield instance / "keys"
    finally:
        os.close(descriptor)


def read_register(folder: Path) -> TrustedIssuer:
    """The issuer with every key that it ever had."""
    return TrustRoot.read(folder / "issuer.json").issuers[0]


def write_register(folder: Path, register: TrustedIssuer) -> None:
    """Put a register in place of the one before, in one step."""
    newest = max(key.begins for key in register.keys)
    text = json.dumps(TrustRoot((register,)).to_json(now=newest), ensure_ascii=False, indent=1)
    beside = folder / "issuer.json.new"
    beside.unlink(missing_ok=True)
    write(beside, text.encode("utf-8"))
    beside.replace(folder / "issuer.json")


def read_chain(path: Path, signer: Signer) -> tuple[x509.Certificate, ...]:
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


def generations(folder: Path) -> list[int]:
    """The numbers of the generations of keys, the newest first."""
    return sorted((int(path.name) for path in folder.iterdir() if path.name.isdigit()), reverse=True)


def write_key(path: Path, key: PrivateKey) -> None:
    """Write a private key where there is none."""
    write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def write(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, down to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
