"""Benchmarks, printed as ratios: ``make bench``, or ``python -m tests.bench [--quick] [--lists FOLDER] [--only a,c]``.

``FOLDER`` (or ``PORTAL_BENCH_LISTS``) holds real lists: ``ofac-1``, ``ofac-2``, ``un_consolidated.xml``, ``us_dpl.txt``
and ``cn_sanctions_reference_only.csv``. Without it names are made up, which is easier and says less. With ``--million``
what is measured at 50,000 names is measured at a million as well, which takes an hour.

Each line compares the portal with an opponent in the same run, by turns; the ratio is what to look at, as times
depend on the machine and on what else it does. Nothing is asserted: a benchmark tells, a test holds.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

from tests.bench import (
    enforcing,
    growing,
    issuing,
    judging,
    matching,
    pooled,
    screening,
    screening_index,
    screening_mild,
    screening_names,
    screening_pairs,
    screening_rescreen,
    served,
    site,
    transparency,
    verifying,
)
from tests.bench.farm import Row, say, table
from tests.bench.opponents import logic_v2
from tests.bench.world import World, world

PARTS = "abcdfghijklm"
SIZE, MILLION, SMALL = 50_000, 1_000_000, 400


def main() -> None:
    """Run what was asked for and print each part as it is done."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that it runs, not to measure")
    lists = os.environ.get("PORTAL_BENCH_LISTS")
    parser.add_argument("--lists", type=Path, default=Path(lists) if lists else None, help="a folder with real lists")
    parser.add_argument("--million", action="store_true", help="also with a million names, entities and parties")
    parser.add_argument("--only", default=PARTS, help="letters of the parts; c brings e with it")
    asked = parser.parse_args()
    say(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}. Ratios: ours / opponent.")
    say("In brackets the half of the rounds that lies around the median.")
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as made:
        for letter in PARTS:
            if letter in asked.only:
                say()
                started = time.perf_counter()
                for row in _part(letter, made, asked):
                    say("\n".join(table([row])))
                say(f"part {letter} took {time.perf_counter() - started:.0f} s")
    say(f"\n{time.perf_counter() - begun:.0f} s in all")


def _part(letter: str, made: World, asked: argparse.Namespace) -> Iterable[Row]:
    parts: dict[str, Callable[[], Iterable[Row]]] = {
        "a": lambda: chain(issuing.rows(made, quick=asked.quick), pooled.rows(made, quick=asked.quick)),
        "b": lambda: verifying.rows(made, quick=asked.quick),
        "c": lambda: screening.rows(made.folder, given=asked.lists and asked.lists / "ofac-2", quick=asked.quick),
        "d": lambda: judging.rows(made, quick=asked.quick),
        "f": lambda: chain(site.rows(made, quick=asked.quick), served.rows(made, quick=asked.quick)),
        "g": lambda: _pairs(asked),
        "h": lambda: _matching(asked),
        "i": lambda: screening_index.rows(made.folder, _listed(asked), _sizes(asked)[0]),
        "j": lambda: _rescreen(made, asked),
        "k": lambda: growing.rows(made.folder, quick=asked.quick, million=asked.million),
        "l": lambda: enforcing.rows(made.folder, _listed(asked), quick=asked.quick),
        "m": lambda: transparency.rows(made, quick=asked.quick),
    }
    return parts[letter]()


def _sizes(asked: argparse.Namespace) -> list[int]:
    return [SMALL] if asked.quick else [SIZE, MILLION] if asked.million else [SIZE]


def _listed(asked: argparse.Namespace) -> list[screening_names.Entity]:
    return (
        screening_names.entities(asked.lists)
        if asked.lists
        else screening_names.invented(SMALL if asked.quick else 15_000)
    )


def _pairs(asked: argparse.Namespace) -> Iterable[Row]:
    every = _listed(asked)
    listed = list(screening_names.ofac(asked.lists / "ofac-2", "sdn")) if asked.lists else every
    strangers = screening_names.denied(asked.lists) if asked.lists else screening_names.strangers(1000)
    rival = logic_v2(install=not asked.quick)
    people = list(screening_names.united_nations(asked.lists)) if asked.lists else every
    yield from screening_pairs.rows(listed, every, strangers, rival, quick=asked.quick)
    yield from screening_mild.rows(every, people, rival, quick=asked.quick)


def _matching(asked: argparse.Namespace) -> Iterable[Row]:
    real = [*_listed(asked), *screening_names.koreans()]
    return chain.from_iterable(matching.rows(real, size, quick=asked.quick) for size in _sizes(asked))


def _rescreen(made: World, asked: argparse.Namespace) -> Iterable[Row]:
    sizes = [SMALL, 2 * SMALL] if asked.quick else [100_000, 200_000, *((MILLION,) if asked.million else ())]
    return screening_rescreen.rows(made.folder, _listed(asked), sizes, quick=asked.quick)


if __name__ == "__main__":
    main()
