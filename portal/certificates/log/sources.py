"""Where a log is read for an audit: its public address, or the tables of this installation."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEvent
from portal.certificates import credential, strict_json
from portal.certificates.log import append, merkle, tiles, web
from portal.certificates.log.check import Audit, Finding, LogSource, Remembered, View, check
from portal.certificates.log.identity import LogIdentity
from portal.certificates.log.merkle import HASH_BYTES
from portal.certificates.log.models import LogEntry
from portal.certificates.log.note import LogProof, NoteRefused, SignedCheckpoint
from portal.certificates.log.tiles import WIDTH, DatabaseTiles, TileMissing
from portal.certificates.log.trusted import TrustedLog
from portal.certificates.models import Certificate, CertificateFile
from portal.certificates.statement import moment

OK = 200


class HttpLog:
    """A log behind an address (C2SP tlog-tiles). A partial tile that is gone is taken from the full one."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def checkpoint(self) -> str:
        try:
            return self._read("checkpoint").decode("utf-8")
        except UnicodeDecodeError as error:
            raise TileMissing(f"{self._address}/checkpoint: {error}") from error

    def tile(self, level: int, number: int, width: int) -> bytes:
        data = self._part(f"tile/{level}/{tiles.path(number)}", width)
        if len(data) < width * HASH_BYTES:
            raise TileMissing(f"tile/{level}/{tiles.path(number)} is too short")
        return data[: width * HASH_BYTES]

    def bundle(self, number: int, width: int) -> bytes:
        return self._part(f"tile/entries/{tiles.path(number)}", width)

    def _part(self, path: str, width: int) -> bytes:
        if width == WIDTH:
            return self._read(path)
        try:
            return self._read(f"{path}.p/{width}")
        except TileMissing:
            return self._read(path)

    def _read(self, path: str) -> bytes:
        address = f"{self._address}/{path}"
        try:
            status, data = web.send(address)
        except web.Unreachable as error:
            raise TileMissing(str(error)) from error
        if status != OK:
            raise TileMissing(f"{address} answered with status {status}")
        return data


class DatabaseLog(DatabaseTiles):
    """The log of this installation, read from its own tables."""

    def __init__(self, session: Session, log: LogIdentity, *, now: datetime) -> None:
        super().__init__(session)
        self._log, self._now = log, now

    def checkpoint(self) -> str:
        return append.published(self._session, self._log, now=self._now)


class _Noted:
    """A source whose checkpoint is read once, so that what was audited is what is remembered."""

    def __init__(self, source: LogSource) -> None:
        self.tile, self.bundle = source.tile, source.bundle
        self._source, self.note = source, ""

    def checkpoint(self) -> str:
        self.note = self._source.checkpoint()
        return self.note


def audited(
    source: LogSource,
    *,
    logs: Sequence[TrustedLog],
    remembered: Mapping[str, Remembered],
    views: Iterable[View],
    now: datetime,
) -> tuple[Audit, str]:
    """An audit, and the signed checkpoint that it was of."""
    noted = _Noted(source)
    return check(noted, logs=logs, remembered=remembered, views=views, now=now), noted.note


def proofs(session: Session, complaints: list[Finding]) -> Iterator[View]:
    """What every certificate of the register was told of the log; those that are not in it become complaints."""
    rows = session.execute(
        select(Certificate.number, Certificate.digest, Certificate.issued_at, Certificate.log_index, LogEntry.digest,
               LogEntry.issued, CertificateFile.content)
        .outerjoin(LogEntry, LogEntry.index == Certificate.log_index)
        .outerjoin(
            CertificateFile,
            (CertificateFile.certificate_id == Certificate.id) & (CertificateFile.kind == "json"),
        )
        .order_by(Certificate.log_index)
        .execution_options(yield_per=1000)
    )  # fmt: skip
    for number, digest, issued_at, index, held, held_issued, document in rows:
        own = (bytes.fromhex(digest), int(issued_at.timestamp()))
        if own != (held, held_issued):
            complaints.append(Finding("certificate-missing", f"{number}, entry {index}"))
            continue
        try:
            proof = LogProof.parse(credential.enclosed_log_proof(document or b""))
            leaf, head = merkle.leaf_hash(tiles.entry(*own)), proof.note.checkpoint
            merkle.check_inclusion(proof.index, head.size, leaf, proof.path, head.root)
        except (NoteRefused, merkle.ProofWrong, strict_json.JsonRefused, LookupError) as error:
            complaints.append(Finding("certificate-missing", f"{number}, entry {index}: {error}"))
            continue
        yield View(f"in {number}", head)
    complaints += [Finding("certificate-removed", f"entry {index}") for index in _without_certificate(session)]


def _without_certificate(session: Session) -> list[int]:
    """Entries that no certificate of the register is of, but for those that an issue which failed left behind."""
    orphans = (
        select(LogEntry.index)
        .outerjoin(Certificate, Certificate.log_index == LogEntry.index)
        .where(Certificate.id.is_(None))
        .order_by(LogEntry.index)
    )
    told = select(AuditEvent.subject).where(AuditEvent.verb == append.PUT_BACK)
    known = {subject.partition(":")[2] for subject in session.scalars(told)}
    return [index for index in session.scalars(orphans) if str(index) not in known]


def view(path: Path) -> View:
    """A checkpoint or a proof that somebody else was given. Raises ``NoteRefused`` or ``OSError``."""
    text = path.read_text("utf-8")
    note = LogProof.parse(text).note if text.startswith("c2sp.org/tlog-proof") else SignedCheckpoint.parse(text)
    return View(f"in {path.name}", note.checkpoint)


def recall(path: Path) -> dict[str, Remembered]:
    """The checkpoints of earlier audits, by the log's name; none where there is no such file. Raises ``ValueError``."""
    if not path.exists():
        return {}
    facts: Mapping[str, Any] = strict_json.loads(path.read_bytes())
    return {
        origin: Remembered(SignedCheckpoint.parse(entry["note"]).checkpoint, datetime.fromisoformat(entry["seen"]))
        for origin, entry in facts.items()
    }


def remember(path: Path, note: str, *, now: datetime) -> None:
    """Keep the checkpoint of an audit that found nothing wrong, in place of the one before."""
    facts = dict(strict_json.loads(path.read_bytes())) if path.exists() else {}
    facts[SignedCheckpoint.parse(note).checkpoint.origin] = {"note": note, "seen": moment(now)}
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)
