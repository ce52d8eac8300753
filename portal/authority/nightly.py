"""What falls due by the calendar alone: listings that begin or end on a day, judgements that lapse, lists
that age, measures that begin, end or hold again.

No list changes then, so nothing else would have the certificates screened again that these days touch.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit, jobs
from portal.accounts import machines
from portal.authority import recheck, rescreen
from portal.jobs import outbox
from portal.jobs.models import Job, JobState
from portal.jobs.registry import Work
from portal.screening import lists
from portal.screening.events import ListChanged
from portal.screening.models import Adjudication, AdjudicationState, ListEdition, ListEntry, ListInterval
from portal.screening.rescreen import CHUNK

KIND = "nightly"
PORTAL = audit.Actor.system("portal")


def clock(session: Session, now: datetime) -> None:
    """Write the job of the day down, once; the worker calls this each round."""
    day = now.date().isoformat()
    jobs.post(session, KIND, {"on": day}, now=now, key=f"{KIND}:{day}")


def handle(work: Work, payload: Mapping[str, Any]) -> None:
    """The job of a day: one rescreening for each list that the days since the last such job touch."""
    on, now = date.fromisoformat(payload["on"]), work.now()
    with work.transaction() as session:
        since = last(session, on)
        for change, what in due(session, since, on, now):
            key = f"{KIND}:{on.isoformat()}:{change.source}:{what}"
            jobs.post(session, rescreen.KIND, rescreen.payload(change), now=now, key=key)
        recheck.due(session, since, on, now)
        machines.tell(session, on, now)
        outbox.forget(session, now)


def last(session: Session, on: date) -> date:
    """The day up to which all was done before ``on``; the day before where there was none."""
    chosen = select(Job.payload).where(Job.kind == KIND, Job.state == JobState.DONE)
    days = [date.fromisoformat(one["on"]) for one in session.scalars(chosen.order_by(Job.created_at.desc()).limit(10))]
    return max((day for day in days if day < on), default=on - timedelta(days=1))


def due(session: Session, since: date, on: date, now: datetime) -> Iterator[tuple[ListChanged, str]]:
    """What the days after ``since`` up to ``on`` touch, list by list, and why ("entries" or "stale")."""
    current = {edition.source: edition for edition in lists.current(session)}
    for source, edition in current.items():
        entries = tuple(dict.fromkeys((*_turned(session, edition, since, on), *_lapsed(session, edition, since, on))))
        if entries:
            yield ListChanged(source, edition.id, None, "edition", entries, now), "entries"
    before = {status.source: status.state for status in lists.show(session, datetime.combine(since, time(), UTC))}
    for status in lists.show(session, datetime.combine(on, time(), UTC)):
        aged = status.state == "stale" and before.get(status.source) == "loaded"
        if aged and status.source in current:
            audit.record(
                session, actor=PORTAL, verb="list.aged", subject=f"list:{status.source}", now=now,
                details={"edition": status.edition, "age_days": status.age_days},
            )  # fmt: skip
            yield ListChanged(status.source, current[status.source].id, None, "edition", (), now), "stale"


def _turned(session: Session, edition: ListEdition, since: date, on: date) -> Iterator[Any]:
    """Entries of which a listing, suspension or stop begins or ends in these days."""
    begins = (ListInterval.since > since) & (ListInterval.since <= on)
    ends = (ListInterval.until >= since) & (ListInterval.until < on)
    chosen = select(ListEntry.id).join(ListInterval).where(ListEntry.edition_id == edition.id, begins | ends)
    yield from session.scalars(chosen.distinct())


def _lapsed(session: Session, edition: ListEdition, since: date, on: date) -> Iterator[Any]:
    """Entries on which a judgement by two people held until one of these days."""
    chosen = select(Adjudication.entry).where(
        Adjudication.source == edition.source,
        Adjudication.state == AdjudicationState.DECIDED,
        Adjudication.expires >= since,
        Adjudication.expires < on,
    )
    numbers = list(dict.fromkeys(session.scalars(chosen)))
    for at in range(0, len(numbers), CHUNK):
        some = select(ListEntry.id).where(
            ListEntry.edition_id == edition.id, ListEntry.uid.in_(numbers[at : at + CHUNK])
        )
        yield from session.scalars(some)
