"""Take list files in, all or nothing, and say which editions stand and how old they are."""

import re
import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import audit
from portal.db import new_id
from portal.screening import events, history, names, opening, storing
from portal.screening.importers import china
from portal.screening.importers.record import EntryRecord, ListRefused, Reader, digest
from portal.screening.models import EditionState, ListEdition, ListEntry
from portal.screening.sources import DATA, RESTRICTED, Source, reader, sources
from portal.screening.storing import identifier_value
from portal.text import Text

__all__ = ["ListRefused", "ListStatus", "coverage", "identifier_value", "import_list", "load_shipped", "show"]

SHIPPED = DATA / "china-lists.csv"
BATCH = 500
# A list that lost more than a tenth of its entries is more often a broken file than good news.
SMALLEST_SHARE = 0.9
# How many entries were read, or stored of how many: (what is done, entries so far, of all or ``None``).
Progress = Callable[[Literal["read", "stored"], int, int | None], None]
# It may be tomorrow already where a list is published.
CLOCKS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ListStatus:
    """One list as it stands. ``age_days`` counts from publication, or from import where no date is published.

    ``stale_on`` is the first day on which it is too old, ``days_left`` until then, ``confirmed`` the day on which its
    publisher last said that there is no newer edition. ``refused`` tells why a later file was not taken,
    ``unreachable`` why none came at the last attempt, on ``tried``; "" and ``None`` where that attempt went well.
    ``trouble`` is either of them for a reader.
    """

    source: str
    title: Text
    publisher: Text
    edition: str
    digest: str
    published: date | None
    imported_at: datetime | None
    age_days: int | None
    max_age_days: int | None
    state: Literal["loaded", "stale", "missing"]
    required: bool
    binding: bool
    incomplete: bool
    entries: int
    names: int
    refused: str
    edition_id: uuid.UUID | None
    unreachable: str = ""
    trouble: Text | None = None
    tried: date | None = None
    confirmed: date | None = None
    stale_on: date | None = None
    days_left: int | None = None


def import_list(
    session: Session,
    source: str,
    path: Path,
    *,
    actor: audit.Actor,
    now: datetime,
    published: date | None = None,
    progress: Progress = lambda what, done, whole: None,
) -> ListEdition:
    """Make ``path`` the current edition of ``source``, or raise ``ListRefused`` and leave the last good one.

    The file is read twice: once to prove it whole, once to store it, so nothing is written of a broken one and
    memory does not grow with it. The same bytes again give the edition that is there. A refusal is itself written
    to the session (edition in state refused, audit event): commit after catching it.
    """
    try:
        return _import(session, source, path, actor, now, published, progress)
    except ListRefused as refusal:
        _record_refusal(session, source, path, refusal, actor, now)
        raise


def load_shipped(session: Session, *, actor: audit.Actor, now: datetime) -> ListEdition:
    """Load the list of China's announcements that the portal ships, and open the authority's own list.

    May be called at any time: a later edition, which the authority took in itself, is left as it is.
    """
    from portal.screening import restricted  # it writes its entries through this module

    restricted.edition(session, actor=actor, now=now)
    standing = _current_of(session, "cn")
    shipped = china.edition(SHIPPED)
    if standing is not None and _order(standing.published, standing.edition) >= _order(
        shipped.published, shipped.edition
    ):
        return standing
    return import_list(session, "cn", SHIPPED, actor=actor, now=now)


def _order(published: date | None, edition: str) -> tuple[date, list[int]]:
    """What makes one edition later than another: the day up to which it speaks, then its version."""
    return published or date.min, [int(number) for number in re.findall(r"\d+", edition)]


def status(session: Session, source: str, now: datetime) -> ListStatus:
    """How one list stands, also one that is told of only when it is on file. Raises ``KeyError`` for no list."""
    edition = _current_of(session, source)
    whole = {edition.id} if edition is not None and _whole(session, edition) else set()
    return _status(session, sources()[source], edition, now.date(), whole)


def shipped_coverage(session: Session) -> tuple[china.Coverage, ...]:
    """As ``coverage``, while the shipped edition is the one in use; nothing is known of another one's."""
    standing = _current_of(session, "cn")
    return coverage() if standing is not None and standing.digest == digest(china.files(SHIPPED)) else ()


def coverage() -> tuple[china.Coverage, ...]:
    """How many parties of each announcement the shipped list names: "names 6 of 28"."""
    return china.coverage(SHIPPED)


def show(session: Session, now: datetime) -> tuple[ListStatus, ...]:
    """Every list that the portal knows, also those of which nothing is on file."""
    return on_day(session, now.date(), {edition.id for edition in current(session) if _whole(session, edition)})


def on_day(session: Session, day: date, whole: Collection[uuid.UUID]) -> tuple[ListStatus, ...]:
    """As ``show``, with ages counted to a day; ``whole`` names the editions of which every entry is there."""
    editions = {edition.source: edition for edition in current(session)}
    told = ((source, editions.get(name)) for name, source in sources().items())
    return tuple(
        _status(session, source, edition, day, whole)
        for source, edition in told
        if source.expected or edition is not None
    )


def current(session: Session) -> tuple[ListEdition, ...]:
    """The edition in use of each list that has one."""
    chosen = select(ListEdition).where(ListEdition.state == EditionState.CURRENT).order_by(ListEdition.source)
    return tuple(session.scalars(chosen))


def _import(
    session: Session,
    source: str,
    path: Path,
    actor: audit.Actor,
    now: datetime,
    published: date | None,
    progress: Progress,
) -> ListEdition:
    reads = reader(source, path)
    files = reads.files(path)
    for file in files:
        if not file.is_file():
            raise ListRefused("absent", file.name)
    fingerprint = digest(files)
    standing = _current_of(session, source)
    if standing is not None and standing.digest == fingerprint:
        standing.checked_at = now
        return standing
    about = reads.edition(path)
    count = sum(len(batch) for batch in _batches(reads, path, lambda done: progress("read", done, None)))
    _check_size(count, standing, path)
    day = published or about.published
    if day is not None and day > now.date() + CLOCKS:
        raise ListRefused("future", path.name, day=day)
    edition = ListEdition(
        id=new_id(),
        source=source,
        edition=about.edition or (day.isoformat() if day else fingerprint[:12]),
        published=day,
        digest=fingerprint,
        imported_at=now,
        state=EditionState.CURRENT,
        incomplete=about.incomplete,
        binding=sources()[source].binding,
        key_version=names.VERSION,
        imported_by=actor.name,
    )
    _supersede(session, source)
    session.add(edition)
    session.flush()
    for batch in _batches(reads, path, lambda done: progress("stored", done, count)):
        edition.name_count += storing.add_entries(session, edition.id, batch)
        edition.entry_count += len(batch)
    session.flush()
    if edition.entry_count != count or digest(files) != fingerprint:
        raise RuntimeError(f"{path.name} changed while it was read; nothing may be kept of it")
    details = {"edition": edition.edition, "digest": fingerprint, "entries": count, "names": edition.name_count}
    if standing is not None:
        change = history.count_change(session, edition, standing)
        edition.added, edition.removed, edition.changed = change.added, change.removed, change.changed
        details |= asdict(change)
    audit.record(session, actor=actor, verb="list.imported", subject=f"list:{source}", now=now, details=details)
    opening.make_ready(session, current(session))
    previous = standing.id if standing else None
    events.publish(session, events.ListChanged(source, edition.id, previous, "edition", (), now))
    return edition


def _check_size(count: int, standing: ListEdition | None, path: Path) -> None:
    if count == 0:
        raise ListRefused("empty", path.name)
    if standing is not None and count < standing.entry_count * SMALLEST_SHARE:
        raise ListRefused("shrank", path.name, count=count, last=standing.entry_count)


def _current_of(session: Session, source: str) -> ListEdition | None:
    chosen = select(ListEdition).where(ListEdition.source == source, ListEdition.state == EditionState.CURRENT)
    return session.scalars(chosen.with_for_update()).one_or_none()


def _supersede(session: Session, source: str) -> None:
    standing = (ListEdition.source == source, ListEdition.state == EditionState.CURRENT)
    session.execute(update(ListEdition).where(*standing).values(state=EditionState.SUPERSEDED))


def _batches(reads: Reader, path: Path, tell: Callable[[int], None]) -> Iterator[list[EntryRecord]]:
    """Entries some at a time; ``tell`` is told how many were done after each."""
    records, done = reads.entries(path), 0
    while batch := list(islice(records, BATCH)):
        yield batch
        done += len(batch)
        tell(done)


def _record_refusal(
    session: Session, source: str, path: Path, refusal: ListRefused, actor: audit.Actor, now: datetime
) -> None:
    history.failed(session, source, EditionState.REFUSED, refusal.refusal, actor=actor, now=now, file=path.name)


def _status(
    session: Session, source: Source, edition: ListEdition | None, day: date, whole: Collection[uuid.UUID]
) -> ListStatus:
    good = max(filter(None, (edition.imported_at, edition.checked_at, edition.confirmed_at))) if edition else None
    trouble = history.trouble(session, source.id, good)
    refused = trouble.reason if trouble and trouble.state == EditionState.REFUSED else ""
    spoken = (edition.published or edition.imported_at.date()) if edition else None
    ages = source.max_age_days is not None
    stale_on = _stale_on(source, spoken, edition.confirmed_at) if edition and spoken else None
    state: Literal["loaded", "stale", "missing"] = "loaded"
    if edition is None or edition.id not in whole:
        state = "missing"
    elif stale_on is not None and day >= stale_on:
        state = "stale"
    return ListStatus(
        source=source.id,
        title=source.title,
        publisher=source.publisher,
        edition=edition.edition if edition else "",
        digest=edition.digest if edition else "",
        published=edition.published if edition else None,
        imported_at=edition.imported_at if edition else None,
        age_days=(day - spoken).days if spoken and ages else None,
        max_age_days=source.max_age_days,
        state=state,
        required=source.required,
        binding=source.binding,
        incomplete=edition.incomplete if edition else False,
        entries=edition.entry_count if edition else 0,
        names=edition.name_count if edition else 0,
        refused=refused,
        edition_id=edition.id if edition else None,
        unreachable=trouble.reason if trouble and not refused else "",
        trouble=history.told(trouble) if trouble else None,
        tried=trouble.imported_at.date() if trouble else None,
        confirmed=edition.confirmed_at.date() if edition and edition.confirmed_at else None,
        stale_on=stale_on,
        days_left=(stale_on - day).days if stale_on else None,
    )


def _stale_on(source: Source, spoken: date, confirmed: datetime | None) -> date | None:
    """The first day on which an edition that speaks up to ``spoken`` is too old.

    A publisher that says there is nothing newer keeps it young, but not for ever: an address may have been left behind.
    """
    if source.max_age_days is None:
        return None
    last = spoken
    if confirmed is not None:
        last = max(spoken, min(confirmed.date(), spoken + timedelta(days=source.quiet_days)))
    return last + timedelta(days=source.max_age_days + 1)


def _whole(session: Session, edition: ListEdition) -> bool:
    """Whether the entries are all there; an edition that lost some is as good as missing."""
    if edition.source == RESTRICTED:
        return True
    counted = select(func.count()).select_from(ListEntry).where(ListEntry.edition_id == edition.id)
    return session.scalar(counted) == edition.entry_count
