"""(k) How the import of a list grows with it: time for a thousand entries, and the most memory that it took."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from portal.config import SOURCE_ROOT
from tests.bench.farm import Row, say, shortly
from tests.bench.opponents import POSTGRES, postgres_answers
from tests.bench.world import invented_entities

FTM = "ftm"


def told(what: str, file: Path, *address: str) -> dict[str, float]:
    """What ``importing`` measured in a process of its own."""
    asked = [sys.executable, "-m", "tests.bench.importing", what, str(file), *address]
    done = subprocess.run(asked, cwd=SOURCE_ROOT, capture_output=True, check=True, encoding="utf-8")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def rows(folder: Path, *, quick: bool, million: bool) -> Iterator[Row]:
    """FollowTheMoney files of ten times the entries each, into either database."""
    sizes = [100, 400] if quick else [10_000, 100_000, *([1_000_000] if million else [])]
    files = [invented_entities(folder / f"{size}.json", size) for size in sizes]
    databases: dict[str, tuple[str, ...]] = {"SQLite": ()}
    if postgres_answers():
        databases["PostgreSQL"] = (POSTGRES,)
    else:
        say("left out: import into PostgreSQL, which does not answer")
    for name, address in databases.items():
        found = [told(FTM, file, *address) for file in files]
        lines = (
            f"{one['rows']:,.0f} entries: {one['work'] / one['rows'] * 1e6:.0f} ms of the processor and "
            f"{one['seconds'] / one['rows'] * 1e6:.0f} ms passed for 1,000, peak {one['peak'] / 1024:.0f} MB"
            for one in found
        )
        yield Row(
            f"(k) take in {sizes[0]:,} to {sizes[-1]:,} entities of FollowTheMoney, {name}",
            " · ".join(lines),
            "",
            f"{shortly(found[-1]['peak'] / found[0]['peak'])} times the memory for {sizes[-1] // sizes[0]} times the "
            f"entries",
            "asked: memory does not grow with the file",
        )
