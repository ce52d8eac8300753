"""Add a statement's digest to the log, and have the tree that it completes signed and cosigned."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from portal import audit
from portal.certificates.log import merkle, shown, tiles, witness
from portal.certificates.log.identity import LogIdentity
from portal.certificates.log.merkle import HASH_BYTES, Frontier
from portal.certificates.log.models import LogEntry, LogHead
from portal.certificates.log.note import LogProof, SignedCheckpoint
from portal.certificates.signer import SigningFailed

LOG = audit.Actor.system("log")
PUT_BACK = "log.put_back"


class LogUnavailable(SigningFailed):
    """The log cannot take an entry, or too few witnesses cosigned: then nothing is issued."""


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry in the log, proven under the log's own signature and not yet cosigned by a witness.

    ``before`` is how many entries witnesses have seen, unless they missed something.
    """

    proof: LogProof
    digest: bytes
    issued: int
    before: int

    @property
    def index(self) -> int:
        return self.proof.index


def append(session: Session, digest: str, *, log: LogIdentity, now: datetime) -> Appended:
    """Add the digest of a statement (64 hexadecimal digits) that is issued at ``now``.

    The log's head is locked until the session's transaction ends; the work under the lock does not grow with the log.
    What an earlier certificate that came to nothing had shown to witnesses is put back first.
    Raises ``LogUnavailable`` when the tables hold the log of another name.
    """
    head = _locked(session, log.origin, now)
    tree = frontier(head)
    before = tree.size
    if log.witnesses.asked:
        _put_back(session, tree, now)
    index, issued, data = tree.size, int(now.timestamp()), bytes.fromhex(digest)
    path = tree.proof_of_next()
    _add(session, tree, issued, data)
    note = log.sign(tree.size, tree.root(), now=now)
    _move(head, tree, log.published(note, now=now), now)
    session.flush()
    return Appended(LogProof(index, tuple(path), note), data, issued, before)


def cosigned(session: Session, added: Appended, *, log: LogIdentity) -> LogProof:
    """The proof to hand out, with the cosignatures that the settings demand.

    Raises ``LogUnavailable`` when too few witnesses cosign; what they were shown stays in the log all the same.
    """
    if not log.witnesses.asked:
        return added.proof
    shown.keep(session, added.index, added.issued, added.digest)
    note = added.proof.note
    reader = tiles.TreeReader(tiles.DatabaseTiles(session), note.checkpoint.size)
    signatures, complaints = witness.gather(log.witnesses.asked, note, before=added.before, prove=reader.consistency)
    if len({signature.name for signature in signatures}) < log.witnesses.required:
        told = "; ".join(complaints)
        raise LogUnavailable(f"{log.witnesses.required} witnesses must cosign, {len(signatures)} did: {told}")
    head = session.get_one(LogHead, 1)
    head.note = SignedCheckpoint.parse(head.note).with_signatures(signatures).text
    session.flush()
    return LogProof(added.index, added.proof.path, note.with_signatures(signatures))


def frontier(head: LogHead) -> Frontier:
    """The tree as the head keeps it."""
    roots = [head.frontier[at : at + HASH_BYTES] for at in range(0, len(head.frontier), HASH_BYTES)]
    return Frontier(head.size, roots)


def published(session: Session, log: LogIdentity, *, now: datetime) -> str:
    """The newest checkpoint, as it is served.

    Of a log that has no entry yet it is signed for the purpose; one that is older than a key in use is signed with
    that key too, so that whoever trusts only the new key can follow at once.
    """
    note = session.scalar(select(LogHead.note).where(LogHead.id == 1, LogHead.size > 0))
    kept = SignedCheckpoint.parse(note) if note else log.sign(0, merkle.EMPTY_ROOT, now=now)
    return log.published(kept, now=now).text


def size(session: Session) -> int:
    """How many entries the log has."""
    return session.scalar(select(LogHead.size).where(LogHead.id == 1)) or 0


def _locked(session: Session, origin: str, now: datetime) -> LogHead:
    """The head, held until the transaction ends, as a write takes the lock on every database; read afresh behind it."""
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    empty = {"id": 1, "origin": origin, "size": 0, "frontier": b"", "note": "", "at": now}
    session.execute(insert(LogHead).values(**empty).on_conflict_do_nothing())
    touch = update(LogHead).where(LogHead.id == 1).values(size=LogHead.size)
    session.execute(touch.execution_options(synchronize_session=False))
    head = session.get_one(LogHead, 1, populate_existing=True)
    if head.origin != origin:
        raise LogUnavailable(f"the tables hold the log {head.origin}, not {origin}")
    return head


def _put_back(session: Session, tree: Frontier, now: datetime) -> None:
    for index, issued, digest in shown.lost(session, tree.size):
        if index != tree.size:
            raise LogUnavailable(f"witnesses saw entry {index}, and the log has only {tree.size} entries")
        _add(session, tree, issued, digest)
        _tell(session, index, issued, digest, now)


def _tell(session: Session, index: int, issued: int, digest: bytes, now: datetime) -> None:
    audit.record(
        session,
        actor=LOG,
        verb=PUT_BACK,
        subject=f"log-entry:{index}",
        now=now,
        details={"digest": digest.hex(), "issued": datetime.fromtimestamp(issued, UTC).isoformat()},
    )


def _add(session: Session, tree: Frontier, issued: int, digest: bytes) -> None:
    session.add(LogEntry(index=tree.size, issued=issued, digest=digest))
    session.flush()
    tree.append(merkle.leaf_hash(tiles.entry(digest, issued)))
    tiles.complete(session, tree.size)


def _move(head: LogHead, tree: Frontier, note: SignedCheckpoint, now: datetime) -> None:
    head.size, head.frontier, head.note, head.at = tree.size, b"".join(tree.roots), note.text, now
