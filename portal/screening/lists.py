"""Take list files in, all or nothing, and say which editions stand and how old they are."""

import re
import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import audit
from portal.db import new_id
from portal.screening import events, names, storing
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


@dataclass(frozen=True, slots=True)
class ListStatus:
    """One list as it stands. ``age_days`` counts from publication, or from import where no date is published.

    ``refused`` tells of a later file that was not taken, "" where there was none.
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
            raise ListRefused("the file is not there", file.name)
    fingerprint = digest(files)
    standing = _current_of(session, source)
    if standing is not None and standing.digest == fingerprint:
        return standing
    about = reads.edition(path)
    count = sum(len(batch) for batch in _batches(reads, path, lambda done: progress("read", done, None)))
    _check_size(count, standing, path)
    day = published or about.published
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
    audit.record(session, actor=actor, verb="list.imported", subject=f"list:{source}", now=now, details=details)
    previous = standing.id if standing else None
    events.publish(session, events.ListChanged(source, edition.id, previous, "edition", (), now))
    return edition


def _check_size(count: int, standing: ListEdition | None, path: Path) -> None:
    if count == 0:
        raise ListRefused("has no entry", path.name)
    if standing is not None and count < standing.entry_count * SMALLEST_SHARE:
        reason = f"shrank by more than a tenth: {count} entries where the last edition has {standing.entry_count}"
        raise ListRefused(reason, path.name)


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
    reason = str(refusal)
    edition = ListEdition(
        source=source[:32], edition="", digest="", imported_at=now, state=EditionState.REFUSED, reason=reason
    )
    session.add(edition)
    details = {"file": path.name, "reason": reason}
    audit.record(session, actor=actor, verb="list.refused", subject=f"list:{source[:32]}", now=now, details=details)


def _status(
    session: Session, source: Source, edition: ListEdition | None, day: date, whole: Collection[uuid.UUID]
) -> ListStatus:
    since = edition.imported_at if edition else None
    refused = select(ListEdition.reason).where(
        ListEdition.source == source.id, ListEdition.state == EditionState.REFUSED
    )
    if since is not None:
        refused = refused.where(ListEdition.imported_at > since)
    age = None
    if edition is not None and source.max_age_days is not None:
        age = (day - (edition.published or edition.imported_at.date())).days
    state: Literal["loaded", "stale", "missing"] = "loaded"
    if edition is None or edition.id not in whole:
        state = "missing"
    elif age is not None and source.max_age_days is not None and age > source.max_age_days:
        state = "stale"
    return ListStatus(
        source=source.id,
        title=source.title,
        publisher=source.publisher,
        edition=edition.edition if edition else "",
        digest=edition.digest if edition else "",
        published=edition.published if edition else None,
        imported_at=since,
        age_days=age,
        max_age_days=source.max_age_days,
        state=state,
        required=source.required,
        binding=source.binding,
        incomplete=edition.incomplete if edition else False,
        entries=edition.entry_count if edition else 0,
        names=edition.name_count if edition else 0,
        refused=session.scalars(refused.order_by(ListEdition.imported_at.desc()).limit(1)).first() or "",
        edition_id=edition.id if edition else None,
    )


def _whole(session: Session, edition: ListEdition) -> bool:
    """Whether the entries are all there; an edition that lost some is as good as missing."""
    if edition.source == RESTRICTED:
        return True
    counted = select(func.count()).select_from(ListEntry).where(ListEntry.edition_id == edition.id)
    return session.scalar(counted) == edition.entry_count
