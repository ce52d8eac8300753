"""Benchmarks, printed as ratios: ``make bench``, or ``python -m tests.bench [--quick] [--lists FOLDER] [--only a,c]``.

Each line compares the portal with an opponent in the same run, by turns; the ratio is what to look at, as times
depend on the machine and on what else it does. Nothing is asserted: a benchmark tells, a test holds.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.bench import issuing, judging, screening, site, verifying
from tests.bench.farm import Row, say, table
from tests.bench.world import World, world

PARTS = "abcdf"


def main() -> None:
    """Run what was asked for and print each part as it is done."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that it runs, not to measure")
    parser.add_argument("--lists", type=Path, help="a folder with OFAC's sdn.csv, alt.csv and add.csv")
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
        "a": lambda: issuing.rows(made, quick=asked.quick),
        "b": lambda: verifying.rows(made, quick=asked.quick),
        "c": lambda: screening.rows(made.folder, given=asked.lists, quick=asked.quick),
        "d": lambda: judging.rows(made, quick=asked.quick),
        "f": lambda: site.rows(made, quick=asked.quick),
    }
    return parts[letter]()


if __name__ == "__main__":
    main()
