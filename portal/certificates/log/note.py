"""Signed checkpoints of a log, as C2SP writes them: signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof.

Three kinds of signature are known: Ed25519 of the log itself (0x01), and the cosignatures with a time, Ed25519 (0x04)
and ML-DSA-44 (0x06, FIPS 204), the last of which withstands quantum computers and may be the log's own too.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from portal.certificates.log.merkle import HASH_BYTES

ED25519, COSIGNATURE, ML_DSA_44 = 0x01, 0x04, 0x06
_LENGTHS = {ED25519: (32, 64), COSIGNATURE: (32, 72), ML_DSA_44: (1312, 8 + 2420)}
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MAX_TEXT = 64 * 1024
MAX_SIGNATURES = 32
MAX_HASHES = 63
_NAME = re.compile(r"[^\s+]{1,255}")
_VKEY = re.compile(r"([^\s+]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_ID_BYTES, _TIME_BYTES = 4, 8


class NoteRefused(ValueError):
    """A text is no checkpoint, proof or key of the one form in which they are written."""


class SignatureWrong(ValueError):
    """A signature of a known key does not fit the checkpoint."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name that signs under it. ``kind`` is the type byte of signed-note."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as notes write it: ``name+hash+base64``. Raises ``NoteRefused``."""
        match = _VKEY.fullmatch(text)
        if match is None:
            raise NoteRefused("is no verifier key")
        data = decoded(match.group(3))
        key = cls(match.group(1), data[0] if data else 0, data[1:])
        if key.kind not in _LENGTHS or len(key.public) != _LENGTHS[key.kind][0]:
            raise NoteRefused("is a key of a kind that is not known here")
        if key.id.hex() != match.group(2):
            raise NoteRefused("has a hash that is not its own")
        return key

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names this key."""
        start = self.name.encode("utf-8") + b"\n" + bytes([self.kind])
        return hashlib.sha256(start + self.public).digest()[:_ID_BYTES]

    @property
    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encoded(bytes([self.kind]) + self.public)}"

    def check(self, signature: bytes, checkpoint: "Checkpoint") -> datetime | None:
        """When a cosigner signed the checkpoint; ``None`` where no time is said. Raises ``SignatureWrong``."""
        if len(signature) != _LENGTHS[self.kind][1]:
            raise SignatureWrong(f"the signature of {self.name} has another length")
        at = int.from_bytes(signature[:_TIME_BYTES], "big") if self.kind != ED25519 else 0
        raw = signature if self.kind == ED25519 else signature[_TIME_BYTES:]
        try:
            if self.kind == ML_DSA_44:
                key = MLDSA44PublicKey.from_public_bytes(self.public)
                key.verify(raw, cosigned_message(self.name, checkpoint, at))
            else:
                message = checkpoint.text.encode("utf-8")
                if self.kind == COSIGNATURE:
                    message = timed_message(checkpoint, at)
                Ed25519PublicKey.from_public_bytes(self.public).verify(raw, message)
        except (InvalidSignature, ValueError) as error:
            raise SignatureWrong(f"the signature of {self.name} does not fit") from error
        if not at:
            return None
        try:
            return datetime.fromtimestamp(at, UTC)
        except (OverflowError, ValueError, OSError) as error:
            raise SignatureWrong(f"the time of {self.name} is none") from error


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One line of signature: who is said to have signed, with which key, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—" or not _NAME.fullmatch(parts[1]):
            raise NoteRefused("a line is no signature")
        data = decoded(parts[2])
        if len(data) <= _ID_BYTES:
            raise NoteRefused("a signature is empty")
        return cls(parts[1], data[:_ID_BYTES], data[_ID_BYTES:])

    @property
    def text(self) -> str:
        return f"— {self.name} {encoded(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with its signatures, none of which is proven by having been read."""

    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a note whose text is a checkpoint without extension lines. Raises ``NoteRefused``."""
        if len(text) > MAX_TEXT or any(ord(letter) < 0x20 and letter != "\n" for letter in text):
            raise NoteRefused("is too long, or holds control characters")
        body, blank, tail = text.rpartition("\n\n")
        lines = body.split("\n")
        if not blank or len(lines) != 3 or not tail.endswith("\n"):
            raise NoteRefused("is no checkpoint")
        origin, size, root = lines
        found = decoded(root)
        if not _NAME.fullmatch(origin) or not _SIZE.fullmatch(size) or len(found) != HASH_BYTES:
            raise NoteRefused("has no name, size or root")
        rows = tail[:-1].split("\n")
        if len(rows) > MAX_SIGNATURES:
            raise NoteRefused("has too many signatures")
        return cls(Checkpoint(origin, int(size), found), tuple(NoteSignature.parse(line) for line in rows))

    @property
    def text(self) -> str:
        return self.checkpoint.text + "\n" + "".join(signature.text for signature in self.signatures)

    def with_signatures(self, more: Iterable[NoteSignature]) -> "SignedCheckpoint":
        """The same with further signatures behind, each once."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *more))))

    def signed_by(self, keys: Iterable[VerifierKey]) -> dict[VerifierKey, datetime | None]:
        """Which of the keys have signed, and when they say they did.

        Signatures of other keys are passed over, as notes demand; one of a known key that does not fit makes the
        whole note worthless (``SignatureWrong``).
        """
        known = {(key.name, key.id): key for key in keys}
        found: dict[VerifierKey, datetime | None] = {}
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is not None:
                found[key] = key.check(signature.signature, self.checkpoint)
        return found


@dataclass(frozen=True, slots=True)
class LogProof:
    """That an entry is in a log: its place (from 0), the path of hashes from there up, and the signed root."""

    index: int
    path: tuple[bytes, ...]
    note: SignedCheckpoint

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a proof (tlog-proof) without extra data, in its one spelling. Raises ``NoteRefused``."""
        head, _, note = text.partition("\n\n")
        lines = head.split("\n")
        if len(text) > MAX_TEXT or len(lines) < 2 or lines[0] != PROOF_HEADER:
            raise NoteRefused("is no proof of a log")
        index = lines[1].removeprefix("index ")
        if not lines[1].startswith("index ") or not _SIZE.fullmatch(index):
            raise NoteRefused("names no place in the log")
        found = cls(int(index), hashes(lines[2:]), SignedCheckpoint.parse(note))
        if found.text != text:
            raise NoteRefused("could be written otherwise")
        return found

    @property
    def text(self) -> str:
        lines = (PROOF_HEADER, f"index {self.index}", *(encoded(one) for one in self.path))
        return "\n".join(lines) + "\n\n" + self.note.text


class CheckpointSigner(Protocol):
    """A key that signs checkpoints."""

    @property
    def key(self) -> VerifierKey: ...

    def sign(self, checkpoint: Checkpoint, *, now: datetime) -> NoteSignature: ...


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """An Ed25519 key in this process's memory: of a log, or (``cosigns``) of a witness."""

    name: str
    private: Ed25519PrivateKey
    cosigns: bool = False

    @property
    def key(self) -> VerifierKey:
        kind = COSIGNATURE if self.cosigns else ED25519
        return VerifierKey(self.name, kind, self.private.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint, *, now: datetime) -> NoteSignature:
        if not self.cosigns:
            return NoteSignature(self.name, self.key.id, self.private.sign(checkpoint.text.encode("utf-8")))
        at = int(now.timestamp())
        signature = self.private.sign(timed_message(checkpoint, at))
        return NoteSignature(self.name, self.key.id, at.to_bytes(_TIME_BYTES, "big") + signature)


@dataclass(frozen=True, slots=True)
class MlDsaSigner:
    """An ML-DSA-44 key in this process's memory, of a log or of a witness."""

    name: str
    private: MLDSA44PrivateKey

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.name, ML_DSA_44, self.private.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint, *, now: datetime) -> NoteSignature:
        at = int(now.timestamp())
        signature = self.private.sign(cosigned_message(self.name, checkpoint, at))
        return NoteSignature(self.name, self.key.id, at.to_bytes(_TIME_BYTES, "big") + signature)


def timed_message(checkpoint: Checkpoint, at: int) -> bytes:
    """What an Ed25519 cosigner signs; ``at`` counts seconds since 1970."""
    return f"cosignature/v1\ntime {at}\n{checkpoint.text}".encode()


def cosigned_message(name: str, checkpoint: Checkpoint, at: int) -> bytes:
    """What an ML-DSA-44 cosigner signs: the subtree from the first leaf to the checkpoint's size."""
    names = [name.encode("utf-8"), checkpoint.origin.encode("utf-8")]
    signer, origin = (bytes([len(each)]) + each for each in names)
    numbers = (at, 0, checkpoint.size)
    when, start, end = (number.to_bytes(8, "big") for number in numbers)
    return b"subtree/v1\n\x00" + signer + when + origin + start + end + checkpoint.root


def hashes(lines: Iterable[str]) -> tuple[bytes, ...]:
    """The hashes of a proof, one a line. Raises ``NoteRefused``."""
    found = tuple(decoded(line) for line in lines)
    if len(found) > MAX_HASHES or any(len(each) != HASH_BYTES for each in found):
        raise NoteRefused("holds something else than hashes")
    return found


def encoded(data: bytes) -> str:
    """Standard base64 (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def decoded(text: str) -> bytes:
    """The bytes behind base64 in its one spelling. Raises ``NoteRefused``."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteRefused("is not base64") from error
    if encoded(data) != text:
        raise NoteRefused("is base64 that could be written otherwise")
    return data
