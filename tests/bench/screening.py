"""(c) Screening one name against all, against brute force; and (e) taking a list in, against reading its CSV."""

import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process, utils
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.screening import lists
from portal.screening.match import Screener
from portal.screening.models import ListEntry, ListName
from tests.bench.farm import Row, duel, each, milliseconds, percentile, shortly, tails
from tests.bench.growing import told
from tests.bench.screening_names import LATIN
from tests.bench.world import BY, NOW, database, invented_list

TEN = 10
SOURCE = "ofac-sdn"


@dataclass(frozen=True)
class Listed:
    """Every name of persons and firms on file, with the entry that it belongs to."""

    names: list[str]
    entries: list[uuid.UUID]
    processed: list[str]

    @classmethod
    def of(cls, session: Session) -> "Listed":
        chosen = select(ListName.name, ListName.entry_id).join(ListEntry, ListEntry.id == ListName.entry_id)
        found = session.execute(chosen.where(ListEntry.kind.in_(("person", "organisation")))).all()
        return cls([name for name, _ in found], [e for _, e in found], [utils.default_process(n) for n, _ in found])


def rows(folder: Path, *, given: Path | None, quick: bool) -> Iterator[Row]:
    """Import, open, screen. ``given`` is a folder of OFAC's files; without it the names are made up."""
    sizes = [400, 2000] if quick else [1000, 10_000]
    files = [given / "sdn.csv"] if given else [invented_list(folder / f"list-{size}", size) for size in sizes]
    asked: list[float] = []
    for file in files:
        with database(folder, f"screening-{file.parent.name}") as sessions, sessions() as session:
            edition = lists.import_list(session, SOURCE, file, actor=BY, now=NOW)
            session.commit()
            begun = time.perf_counter()
            screener = Screener.open(session)
            opened = time.perf_counter() - begun
            begun = time.perf_counter()
            listed = Listed.of(session)
            loaded = time.perf_counter() - begun
            made, middle = _screened(screener, listed, (opened, loaded), edition.name_count, quick)
            asked.append(middle)
            if file is files[-1]:
                yield from made
                yield from _recall(screener, listed, quick)
    if len(files) > 1:
        growth = asked[1] / asked[0]
        yield Row(
            f"(c) how screening grows: {sizes[1] // sizes[0]} times the entries ({sizes[0]:,} → {sizes[1]:,})",
            f"{milliseconds(asked[0])} → {milliseconds(asked[1])} for one name",
            "",
            f"{shortly(growth)} times the time",
            f"{sizes[1] // sizes[0]} would be brute force, 1 independent of the list's length",
        )
    yield from _importing(files[-1], quick)


def _screened(
    screener: Screener, listed: Listed, opening: tuple[float, float], count: int, quick: bool
) -> tuple[list[Row], float]:
    opened, loaded = opening
    chance = random.Random(3)  # noqa: S311 - repeatable, not secret
    changed = [LATIN["typing error"](name, chance) for name in chance.sample(listed.names, 20 if quick else 200)]
    strangers = [" ".join(reversed(name.split())) + " Nowhere" for name in changed]
    turn = iter(range(10**9))
    other = iter(range(10**9))
    on = NOW.date()

    def ours() -> None:
        screener.screen([changed[next(turn) % len(changed)]], "", on)

    def theirs() -> None:
        query = utils.default_process(changed[next(other) % len(changed)])
        process.extract(query, listed.processed, scorer=fuzz.token_sort_ratio, limit=TEN)

    found = duel(ours, theirs, rounds=10 if quick else 200, warm_up=5)
    unknown = each([lambda name=name: screener.screen([name], "", on) for name in strangers])  # type: ignore[misc]
    return [
        Row(
            f"(c) screen one misspelt name against {count:,} names, with hits and reasons",
            tails(sorted(found.ours)),
            f"brute force, rapidfuzz token_sort_ratio over all names: {tails(sorted(found.theirs))}",
            found.ratio,
            "brute force gives a number, no reason, and grows with the list; below 1 the index is faster as well",
        ),
        Row(
            "(c) screen a name that is on no list",
            tails(unknown),
            "",
            f"{shortly(percentile(unknown, 0.5) / found.other)} times brute force",
            "the usual case: most parties are nobody",
        ),
        Row(
            f"(c) open the index of {count:,} names in a new process",
            f"{opened:.2f} s, {shortly(count / opened)} names/s",
            f"loading the names for brute force: {loaded:.2f} s",
            shortly(opened / loaded),
            "what a process pays once for each edition before it can answer",
        ),
    ], found.mine


def _recall(screener: Screener, listed: Listed, quick: bool) -> Iterator[Row]:
    """How often the entry is among the first ten when its name was changed."""
    chance = random.Random(5)  # noqa: S311
    sample = chance.sample(range(len(listed.names)), 15 if quick else 120)
    mine, other = [], []
    for label in ("as printed, other case", "typing error", "word order", "word order + typing error", "a word missing",
                  "an initial", "two vowels", "words joined"):  # fmt: skip
        queries = [(LATIN[label](listed.names[at], chance), listed.entries[at]) for at in sample]
        mine.append((label, _share(queries, lambda query: _first(screener, query))))
        other.append((label, _share(queries, lambda query: _brute(listed, query))))
    told = " · ".join(
        f"{label} {ours:.3f}/{theirs:.3f}" for (label, ours), (_, theirs) in zip(mine, other, strict=True)
    )
    ours, theirs = (sum(value for _, value in found) / len(found) for found in (mine, other))
    yield Row(
        f"(c) recall@10 over {len(sample)} names changed in {len(mine)} ways (ours/brute force): {told}",
        f"{ours:.4f}",
        f"token_sort_ratio over all names: {theirs:.4f}",
        f"misses {shortly((1 - ours) / (1 - theirs)) if theirs < 1 else '–'} times as many",
        "below 1 misses fewer; a missed party is worse than a slow answer",
    )


def _share(queries: Sequence[tuple[str, uuid.UUID]], first: Callable[[str], set[uuid.UUID]]) -> float:
    return sum(entry in first(query) for query, entry in queries) / len(queries)


def _first(screener: Screener, query: str) -> set[uuid.UUID]:
    found = screener.agreements([query], 0.0)
    return set(sorted(found, key=lambda entry: -found[entry].scored.score)[:TEN])


def _brute(listed: Listed, query: str) -> set[uuid.UUID]:
    found = process.extract(
        utils.default_process(query), listed.processed, scorer=fuzz.token_sort_ratio, limit=TEN * TEN
    )
    return set(list(dict.fromkeys(listed.entries[at] for _, _, at in found))[:TEN])


def _importing(file: Path, quick: bool) -> Iterator[Row]:
    """Each side in a process of its own, for its memory is not to be told apart otherwise."""
    ours, theirs = [], []
    for _ in range(1 if quick else 3):
        theirs.append(told("read", file))
        ours.append(told(SOURCE, file))
    mine, other = min(ours, key=lambda one: one["seconds"]), min(theirs, key=lambda one: one["seconds"])
    yield Row(
        f"(e) take in a list of {mine['rows']:,} entries, twice read, names made comparable, stored",
        f"{shortly(mine['rows'] / mine['seconds'])} entries/s; peak memory {mine['peak'] / 1024:.0f} MB, "
        f"{mine['added'] / 1024:.0f} MB of it for the work",
        f"csv.reader over the same three files: {shortly(other['rows'] / other['seconds'])} entries/s; "
        f"{other['added'] / 1024:.0f} MB for the work",
        f"{shortly(mine['seconds'] / other['seconds'])} times the time",
        "reading is nothing; what counts is that it is fast enough to be done daily and memory does not grow with it",
    )
