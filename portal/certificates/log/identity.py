"""Who the log is: its name, the keys that sign its checkpoints, and the witnesses that it asks."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from portal.certificates.log.note import (
    ED25519,
    Checkpoint,
    CheckpointSigner,
    MlDsaSigner,
    NoteSignature,
    SignedCheckpoint,
    VerifierKey,
)
from portal.certificates.log.witness import Witnesses
from portal.certificates.signer import KeyRefused, Signer

KEY_FILE, SECOND_KEY_FILE = "log.key.pem", "log.ml-dsa.key.pem"
FORMER_KEY_FILE, NEXT_KEY_FILE = "log.former.key.pem", "log.next.key.pem"
PATH = "/log"


@dataclass(frozen=True)
class LogSigner:
    """The log's Ed25519 key, wherever it lies."""

    name: str
    signer: Signer

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.name, ED25519, _ed25519(self.signer).public_bytes_raw())

    def sign(self, checkpoint: Checkpoint, *, now: datetime) -> NoteSignature:
        return NoteSignature(self.name, self.key.id, self.signer.sign(checkpoint.text.encode("utf-8")))


@dataclass(frozen=True)
class LogIdentity:
    """A log that this installation writes.

    ``first`` signs every checkpoint with Ed25519, as public logs must. ``second``, of ML-DSA-44, signs what is
    published and not what lies inside a certificate, where its 2,420 bytes would weigh more than all the rest.
    ``former``, while there is one, signs beside ``first``: monitors and witnesses that know only the key before can
    follow until they have the new one.
    """

    origin: str
    first: CheckpointSigner
    second: CheckpointSigner | None
    witnesses: Witnesses
    former: CheckpointSigner | None = None

    @property
    def signers(self) -> tuple[CheckpointSigner, ...]:
        """Every key in use."""
        return tuple(signer for signer in (self.first, self.former, self.second) if signer is not None)

    def sign(self, size: int, root: bytes, *, now: datetime) -> SignedCheckpoint:
        """The checkpoint as proofs carry it."""
        checkpoint = Checkpoint(self.origin, size, root)
        own = (signer for signer in (self.first, self.former) if signer is not None)
        return SignedCheckpoint(checkpoint, tuple(signer.sign(checkpoint, now=now) for signer in own))

    def published(self, note: SignedCheckpoint, *, now: datetime) -> SignedCheckpoint:
        """The checkpoint as it is published: signed with every key in use, which may be newer than the checkpoint."""
        signed = {(signature.name, signature.key_id) for signature in note.signatures}
        missing = [signer for signer in self.signers if (signer.key.name, signer.key.id) not in signed]
        return note.with_signatures([signer.sign(note.checkpoint, now=now) for signer in missing])


def origin(public_address: str) -> str:
    """The name of a log that is served under an address: the address without its scheme (tlog-tiles)."""
    parts = urlsplit(public_address)
    return (parts.netloc + parts.path).rstrip("/") + PATH


def make_keys(folder: Path) -> None:
    """Make the keys of a log that has none."""
    if not (folder / KEY_FILE).exists():
        _write(folder / KEY_FILE, Ed25519PrivateKey.generate())
    if not (folder / SECOND_KEY_FILE).exists():
        _write(folder / SECOND_KEY_FILE, MLDSA44PrivateKey.generate())


def rotate_key(folder: Path) -> None:
    """Give the log a new Ed25519 key, beside which the one before goes on to sign until ``retire_key``.

    Raises ``KeyRefused`` while there is still one before that.
    """
    if (folder / FORMER_KEY_FILE).exists():
        raise KeyRefused("the log's key before this one still signs: retire it first")
    (folder / NEXT_KEY_FILE).unlink(missing_ok=True)
    _write(folder / NEXT_KEY_FILE, Ed25519PrivateKey.generate())
    # There is a key under its name at every moment.
    os.link(folder / KEY_FILE, folder / FORMER_KEY_FILE)
    (folder / NEXT_KEY_FILE).replace(folder / KEY_FILE)


def retire_key(folder: Path) -> None:
    """End the work of the key before this one, and destroy it. Raises ``KeyRefused`` when there is none."""
    if not (folder / FORMER_KEY_FILE).exists():
        raise KeyRefused("the log has no key before the one in use")
    (folder / FORMER_KEY_FILE).unlink()


def open_identity(
    name: str, first: Signer, second: Path | None, witnesses: Witnesses, former: Signer | None = None
) -> LogIdentity:
    """A log with its keys; the second is read from a file. Raises ``KeyRefused``."""
    for signer in (first, former):
        if signer is not None:
            _ed25519(signer)
    ml_dsa = _read(second) if second else None
    if ml_dsa is not None and not isinstance(ml_dsa, MLDSA44PrivateKey):
        raise KeyRefused(f"{second}: a log's second key is of ML-DSA-44; this is another kind of key")
    post_quantum = MlDsaSigner(name, ml_dsa) if ml_dsa else None
    return LogIdentity(
        name, LogSigner(name, first), post_quantum, witnesses, LogSigner(name, former) if former else None
    )


def _ed25519(signer: Signer) -> Ed25519PublicKey:
    if not isinstance(signer.public_key, Ed25519PublicKey):
        raise KeyRefused("PORTAL_LOG_KEY: a log signs with Ed25519; this is another kind of key")
    return signer.public_key


def _read(path: Path) -> object:
    try:
        return load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyRefused(f"{path}: {error}") from error


def _write(path: Path, key: Ed25519PrivateKey | MLDSA44PrivateKey) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(descriptor)
