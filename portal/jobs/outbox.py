"""The outbox: jobs are written with the change that they follow from, handed out when due, and told how they ended."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import audit
from portal.jobs.models import Job, JobState

LEASE = timedelta(minutes=15)  # after this a job that was handed out and not finished is handed out again
ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)
LATE = timedelta(minutes=30)  # a job this long overdue tells that no worker runs
KEPT = timedelta(days=30)  # how long the record of a finished job is kept
WORKER = audit.Actor.system("worker")


class WorkerDied(RuntimeError):
    """A job was begun and neither finished nor failed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the work stands: how many jobs wait, how many of those are overdue, and how many were given up."""

    waiting: int
    late: int
    failed: int


def post(
    session: Session,
    kind: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    due: datetime | None = None,
    key: str | None = None,
) -> Job:
    """Write a job down in the session's transaction, to be done from ``due`` on (at once without it).

    With a ``key`` the same work is written down only once, ever: the job that is there already is given back.
    """
    if key is not None and (known := _by_key(session, key)) is not None:
        return known
    job = Job(kind=kind, key=key, payload=dict(payload), created_at=now, due_at=due or now)
    if key is None:
        session.add(job)
        session.flush()
        return job
    try:
        with session.begin_nested():
            session.add(job)
            session.flush()
    except IntegrityError:
        known = _by_key(session, key)
        if known is None:
            raise
        return known
    return job


def hand_out(session: Session, now: datetime, most: int = 100) -> list[uuid.UUID]:
    """Take due jobs, the longest due first, and lease them to the caller. Commit before passing them on."""
    due = select(Job.id, Job.due_at).where(Job.state == JobState.WAITING, Job.due_at <= now)
    taken = []
    for identity, due_at in session.execute(due.order_by(Job.due_at, Job.id).limit(most)).all():
        mine = update(Job).where(Job.id == identity, Job.state == JobState.WAITING, Job.due_at == due_at)
        if _changed(session.execute(mine.values(due_at=now + LEASE))):
            taken.append(identity)
    return taken


def begin(session: Session, identity: uuid.UUID, now: datetime) -> Job | None:
    """Count an attempt and renew the lease; ``None`` for a job that is finished. Commit before doing the work.

    A job whose workers died under it as often as it may be tried is given up: it may be what kills them.
    """
    mine = update(Job).where(Job.id == identity, Job.state == JobState.WAITING)
    if not _changed(session.execute(mine.values(attempts=Job.attempts + 1, due_at=now + LEASE))):
        return None
    job = _read(session, identity)
    if job.attempts > ATTEMPTS:
        fail(session, identity, WorkerDied("the worker ended before the job did"), now)
        return None
    return job


def finish(session: Session, identity: uuid.UUID, now: datetime) -> None:
    """The work is done."""
    session.execute(
        update(Job).where(Job.id == identity).values(state=JobState.DONE, finished_at=now, due_at=now, error="")
    )


def fail(session: Session, identity: uuid.UUID, error: BaseException, now: datetime) -> JobState:
    """The work went wrong: it is tried again later and later, and in the end given up for a person to look at."""
    job = _read(session, identity)
    # The first line only: what follows may quote data.
    first = (str(error).splitlines() or [""])[0]
    job.error = f"{type(error).__name__}: {first}"[:300]
    if job.attempts < ATTEMPTS:
        job.due_at = now + min(FIRST_PAUSE * 2 ** (job.attempts - 1), LONGEST_PAUSE)
        return JobState.WAITING
    job.state, job.finished_at = JobState.FAILED, now
    session.flush()
    _record(session, job, "job.failed", WORKER, now)
    return JobState.FAILED


def retry(session: Session, identity: uuid.UUID, *, actor: audit.Actor, now: datetime) -> bool:
    """Have a job that was given up tried again from the start; says whether there was one."""
    again = update(Job).where(Job.id == identity, Job.state == JobState.FAILED)
    if not _changed(session.execute(again.values(state=JobState.WAITING, attempts=0, due_at=now, finished_at=None))):
        return False
    job = _read(session, identity)
    _record(session, job, "job.retried", actor, now)
    return True


def failed() -> Select[Job]:
    """The jobs that were given up, newest first."""
    return select(Job).where(Job.state == JobState.FAILED).order_by(Job.finished_at.desc(), Job.id)


def standing(session: Session, now: datetime) -> Standing:
    """How many jobs wait now, are overdue, or were given up."""

    def number(*conditions: Any) -> int:
        return session.scalar(select(func.count()).select_from(Job).where(*conditions)) or 0

    waiting = Job.state == JobState.WAITING
    return Standing(
        waiting=number(waiting, (Job.due_at <= now) | (Job.attempts > 0)),
        late=number(waiting, Job.due_at <= now - LATE),
        failed=number(Job.state == JobState.FAILED),
    )


def forget(session: Session, now: datetime) -> int:
    """Remove the record of jobs that were done long ago, except those whose key keeps them from being done again."""
    old = delete(Job).where(Job.state == JobState.DONE, Job.finished_at < now - KEPT, Job.key.is_(None))
    result = session.execute(old)
    return result.rowcount if isinstance(result, CursorResult) else 0


def _by_key(session: Session, key: str) -> Job | None:
    return session.scalars(select(Job).where(Job.key == key)).one_or_none()


def _read(session: Session, identity: uuid.UUID) -> Job:
    return session.scalars(select(Job).where(Job.id == identity).execution_options(populate_existing=True)).one()


def _changed(result: Any) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1


def _record(session: Session, job: Job, verb: str, actor: audit.Actor, now: datetime) -> None:
    details = {"kind": job.kind, "attempts": job.attempts, "error": job.error}
    audit.record(session, actor=actor, verb=verb, subject=f"job:{job.id}", now=now, details=details)
