"""(j) Screening again after a list has changed: a hundred parties put on the restricted list, many live parties.

Each time is of the processor. The index of parties is built once and kept; it is not part of the time of a change.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

from portal.screening import events, lists, rescreen, restricted
from portal.screening.match import Screener
from portal.screening.parties import PartyIndex, PartyNames
from tests.bench import screening_names as made
from tests.bench.farm import Row, shortly
from tests.bench.world import BY, NOW, database, invented_list

CHANGES = (10, 100)


def rows(folder: Path, listed: list[made.Entity], size: int, *, quick: bool) -> Iterator[Row]:
    """Put some parties on the restricted list, ten and then a hundred, and find whom of ``size`` that touches."""
    chance = random.Random(3)  # noqa: S311 - repeatable, not secret
    live = [entity.names[0] for entity in made.recombined(listed, size, chance)][-size:]
    with database(folder, f"rescreen-{size}") as sessions, sessions() as session:
        lists.load_shipped(session, actor=BY, now=NOW)
        lists.import_list(
            session, "ofac-sdn", invented_list(folder / "known", 100 if quick else 2000), actor=BY, now=NOW
        )
        every = [PartyNames(str(at), (name,)) for at, name in enumerate(live)]
        begun = time.process_time()
        index = PartyIndex(every, Screener.open(session).weight)
        built = time.process_time() - begun
        told = []
        for count in CHANGES:
            entries: list[events.ListChanged] = []
            stop = events.subscribe(lambda _, event, entries=entries: entries.append(event))  # type: ignore[misc]
            for name in chance.sample(live, count):
                restricted.add(session, names=[made.typo(name, chance)], country="", reason="bench", actor=BY, now=NOW)
            stop()
            changed = tuple(entry for event in entries for entry in event.entry_ids)
            change = events.ListChanged("restricted", entries[-1].edition_id, None, "added", changed, NOW)
            Screener.open(session)
            begun = time.process_time()
            found = rescreen.changed(session, change, [index], NOW.date())
            told.append((time.process_time() - begun, len(found)))
    (few, _), (many, touched) = told
    yield Row(
        f"(j) change of {CHANGES[-1]} names against {len(live):,} live parties, {touched} of them touched",
        f"{many:.2f} s (of {CHANGES[0]} names {few:.2f} s); the index of the parties, made once: {built:.1f} s",
        "",
        f"{shortly(many / few)} times the time for {CHANGES[1] // CHANGES[0]} times the change",
        "asked: 0.5 s against a million, growing with the change and not with the list; measured before: 1.37 s",
    )
