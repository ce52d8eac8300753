"""(j) Screening again after a list has changed: parties put on the restricted list, many live parties.

A tenth of the names that are listed consist of common words but for one. Each time is of the processor. The index of
parties is built once and kept; it is not part of the time of a change.
"""

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from portal.screening import events, lists, rescreen, restricted
from portal.screening.match import Screener
from portal.screening.parties import PartyIndex, PartyNames
from tests.bench import screening_names as made
from tests.bench.farm import Row, shortly
from tests.bench.world import BY, NOW, database, invented_list

CHANGES = (10, 100)
COMMON = (
    "{} General Trading Company LLC", "{} S. de R.L. de C.V.", "Mohammed Ali {}", "{} International Holdings Limited",
    "Joint Stock Company {}", "{} Import Export Trading Co., Ltd.", "{} Shipping and Logistics",
    "Abd al-Rahman {} Trading", "Bank {} International", "{} Science and Technology Development Co.",
)  # fmt: skip


def rows(folder: Path, listed: list[made.Entity], sizes: Sequence[int], *, quick: bool) -> Iterator[Row]:
    """Put some parties on the restricted list, ten and then a hundred, and find whom of so many that touches."""
    spent = []
    for size in sizes:
        few, many, touched, built = _measured(folder, listed, size, quick=quick)
        spent.append(many)
        yield Row(
            f"(j) change of {CHANGES[-1]} names against {size:,} live parties, {touched} of them touched",
            f"{many:.2f} s (of {CHANGES[0]} names {few:.2f} s); the index of the parties, made once: {built:.1f} s",
            "",
            f"{shortly(many / few)} times the time for {CHANGES[1] // CHANGES[0]} times the change",
            "asked: 0.5 s against a million, growing with the change and not with the list; measured before: 1.37 s",
        )
    if len(sizes) > 1:
        yield Row(
            f"(j) how that grows: {shortly(sizes[-1] / sizes[0])} times the parties",
            " → ".join(f"{one:.2f} s" for one in spent),
            "",
            f"{shortly(spent[-1] / spent[0])} times the time",
            "the parties are alike, so that as many times more of them are touched",
        )


def _measured(folder: Path, listed: list[made.Entity], size: int, *, quick: bool) -> tuple[float, float, int, float]:
    """Seconds for the small and the large change, how many parties the large one touches, and seconds to index."""
    chance = random.Random(3)  # noqa: S311 - repeatable, not secret
    live = [entity.names[0] for entity in made.recombined(listed, size, chance)][-size:]
    with database(folder, f"rescreen-{size}") as sessions, sessions() as session:
        lists.load_shipped(session, actor=BY, now=NOW)
        known = invented_list(folder / "known", 100 if quick else 2000)
        lists.import_list(session, "ofac-sdn", known, actor=BY, now=NOW)
        every = [PartyNames(str(at), (name,)) for at, name in enumerate(live)]
        begun = time.process_time()
        index = PartyIndex(every, Screener.open(session).weight)
        built = time.process_time() - begun
        told = []
        for count in (1, *CHANGES):  # the first one loads what is loaded once
            change = _change(session, _names(live, count, chance))
            Screener.open(session)
            begun = time.process_time()
            found = rescreen.changed(session, change, [index], NOW.date())
            told.append((time.process_time() - begun, len(found)))
    return told[1][0], told[2][0], told[2][1], built


def _names(live: Sequence[str], count: int, chance: random.Random) -> list[str]:
    names = [made.typo(name, chance) for name in chance.sample(live, count)]
    for at in range(0, count, 10):
        names[at] = COMMON[at // 10 % len(COMMON)].format(max(names[at].split(), key=len).title())
    return names


def _change(session: Session, names: Sequence[str]) -> events.ListChanged:
    told: list[events.ListChanged] = []
    stop = events.subscribe(lambda _, event: told.append(event))
    for name in names:
        restricted.add(session, names=[name], country="", reason="bench", actor=BY, now=NOW)
    stop()
    changed = tuple(entry for event in told for entry in event.entry_ids)
    return events.ListChanged("restricted", told[-1].edition_id, None, "added", changed, NOW)
