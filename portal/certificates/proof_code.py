"""The proof that a certificate is in the log, as the text of a second QR code beside the seal.

With both codes a paper proves itself with no network. The proof is the one that the credential carries (C2SP
tlog-proof), less the signatures that no QR code has room for, in CBOR and base45 like the seal and behind ``DDL1:``.
It is not compressed: hashes and signatures do not get shorter, and so every proof has exactly one text.

It names no certificate. The leaf that its path begins with is made from the digest and the time in the seal, so it
proves something for that seal alone.
"""

from typing import Any

import base45
import cbor2

from portal.certificates import base45_text
from portal.certificates.log.merkle import HASH_BYTES
from portal.certificates.log.note import (
    MAX_HASHES,
    Checkpoint,
    LogProof,
    NoteRefused,
    NoteSignature,
    SignedCheckpoint,
)

PREFIX = "DDL1:"
# Characters that a QR code of version 27, level L, holds: 56 mm wide, it still reads at 150 dots an inch.
ROOM = 2132
# Key identifier and signature in bytes, of Ed25519 with a time at most: ML-DSA's would fill the code by itself.
LONGEST_SIGNATURE = 4 + 8 + 64
MAX_TEXT = 4296
MAX_DEPTH = 4
_KEY_ID = 4


def write(proof: LogProof, *, witnesses: int) -> str | None:
    """The text for a proof, with as many cosignatures as there is room for.

    ``None`` when the log's own signature and those of ``witnesses`` different witnesses do not fit, as a verifier that
    asks for so many would refuse what is printed.
    """
    origin = proof.note.checkpoint.origin
    own = [each for each in proof.note.signatures if each.name == origin and _short(each)]
    others = {each.name: each for each in proof.note.signatures if each.name != origin and _short(each)}
    if not own or len(others) < witnesses:
        return None
    for count in range(len(others), witnesses - 1, -1):
        text = _text(proof, [*own, *list(others.values())[:count]])
        if len(text) <= ROOM:
            return text
    return None


def read(text: str) -> LogProof:
    """The proof that a text spells, of which nothing is proven yet. Raises ``NoteRefused``."""
    if not text.startswith(PREFIX) or len(text) > MAX_TEXT:
        raise NoteRefused("has another prefix, or is longer than a QR code")
    try:
        values = cbor2.loads(
            base45_text.decode(text.removeprefix(PREFIX)),
            max_depth=MAX_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
        proof = _proof(values)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise NoteRefused("is not what is written into a code") from error
    if _text(proof, proof.note.signatures) != text:
        raise NoteRefused("could be written otherwise")
    return proof


def _short(signature: NoteSignature) -> bool:
    return len(signature.key_id + signature.signature) <= LONGEST_SIGNATURE


def _text(proof: LogProof, signatures: Any) -> str:
    head = proof.note.checkpoint
    # The log's own name need not be said twice.
    rows = [["" if each.name == head.origin else each.name, each.key_id + each.signature] for each in signatures]
    values = [proof.index, head.size, head.origin, head.root, b"".join(proof.path), rows]
    encoded: bytes = base45.b45encode(cbor2.dumps(values, canonical=True))
    return PREFIX + encoded.decode("ascii")


def _proof(values: Any) -> LogProof:
    """The members as a proof, read a second time in the form that C2SP gives it, with all of its limits."""
    index, size, origin, root, path, rows = values
    if type(index) is not int or type(size) is not int or not isinstance(origin, str):
        raise TypeError("a member of another kind")
    if not isinstance(path, bytes) or len(path) % HASH_BYTES or len(path) > MAX_HASHES * HASH_BYTES:
        raise TypeError("a path of another length")
    hashes = tuple(path[at : at + HASH_BYTES] for at in range(0, len(path), HASH_BYTES))
    signatures = tuple(NoteSignature(name or origin, data[:_KEY_ID], data[_KEY_ID:]) for name, data in rows)
    note = SignedCheckpoint(Checkpoint(origin, size, root), signatures)
    return LogProof.parse(LogProof(index, hashes, note).text)
