"""(l) From a change of a list to suspended certificates: cases opened, certificates suspended, mails written down.

Everything that the worker does for a change of ten and then of a hundred names, against certificates on file, stage by
stage. Each time is of the processor. Two parties of each shipment have a name of their own.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.authority import consequences, live, rescreen
from portal.authority.models import Case, CaseHit
from portal.certificates.models import CertificateEvent
from portal.screening import events, lists, restricted
from portal.screening.match import Screener
from tests.authority import filed
from tests.bench import screening_names as made
from tests.bench.farm import Row, milliseconds, shortly
from tests.bench.world import BY, NOW, database

CHANGES = (10, 100)


def rows(folder: Path, listed: list[made.Entity], *, quick: bool, certificates: int = 10_000) -> Iterator[Row]:
    """Restrict buyers of certified shipments, ten and then a hundred, and carry out what follows."""
    size = 120 if quick else certificates
    chance = random.Random(4)  # noqa: S311 - repeatable, not secret
    names = [entity.names[0][:190] for entity in made.recombined(listed, 2 * size, chance)][-2 * size :]
    with database(folder, "enforcing") as sessions, sessions() as session:
        lists.load_shipped(session, actor=BY, now=NOW)
        _file(session, names)
        begun = time.process_time()
        live.live(session, NOW.date(), Screener.open(session))
        indexed = time.process_time() - begun
        told = [_change(session, chance.sample(names[::2], count), chance) for count in CHANGES]
        kept = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Case, CaseHit)]
        suspended = select(func.count()).where(CertificateEvent.state == "suspended")
        kept.append(session.scalar(suspended) or 0)
    (few, _), (many, acted) = told
    yield Row(
        f"(l) restricting {CHANGES[-1]} buyers, {size:,} certificates on file: to the last suspension",
        f"found in {many:.2f} s, acted on in {acted:.2f} s ({milliseconds(acted / CHANGES[-1])} a name); "
        f"reading and indexing {2 * size:,} parties, once: {indexed:.1f} s",
        "",
        f"{shortly(many / few)} times the time of finding for {CHANGES[1] // CHANGES[0]} times the change",
        f"grows with the change; in all {kept[0]} cases, {kept[1]} hits and {kept[2]} suspensions were written",
    )


def _file(session: Session, names: list[str]) -> None:
    by = filed.exporter(session, NOW)
    for buyer, consignee in zip(names[::2], names[1::2], strict=True):
        filed.certified(session, by, [(buyer, "DE"), (consignee, "DE")], NOW)
    session.commit()


def _change(session: Session, names: list[str], chance: random.Random) -> tuple[float, float]:
    """Seconds to find whom a change touches, and to act on it."""
    told: list[events.ListChanged] = []
    stop = events.subscribe(lambda _, event: told.append(event))
    for name in names:
        restricted.add(session, names=[made.typo(name, chance)], country="DE", reason="bench", actor=BY, now=NOW)
    stop()
    entries = tuple(entry for event in told for entry in event.entry_ids)
    change = events.ListChanged("restricted", told[-1].edition_id, None, "edition", entries, NOW)
    Screener.open(session)
    begun = time.process_time()
    found = rescreen.find(session, change, NOW.date())
    read = time.process_time()
    for some in consequences.by_entry(found):
        consequences.act(session, some, NOW)
        session.commit()
    return read - begun, time.process_time() - read
