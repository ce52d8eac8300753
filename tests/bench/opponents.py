"""Opponents that need something of their own: a virtual environment, an extension of PostgreSQL. None has to be there.

``PORTAL_BENCH_OPPONENTS`` names the folder for the environment; by default ``build/bench-opponents``.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from portal.config import SOURCE_ROOT
from portal.db import open_engine
from tests.bench.farm import milliseconds, say

NOMENKLATURA, FAKER = "nomenklatura==4.17.4", "faker==40.63.0"
POSTGRES = os.environ.get("PORTAL_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
PATIENCE = 1200  # seconds to install; one of its parts is compiled
SIMILAR = 0.35  # pg_trgm's own threshold is 0.3; see the reference measurement
# A GIN index finds all that are similar enough, which are then put in order; a GiST index gives the nearest in order.
BY_TRIGRAMS = {
    "gin": "SELECT owner FROM bench_gin WHERE key % :key ORDER BY similarity(key, :key) DESC LIMIT :most",
    "gist": "SELECT owner FROM bench_gist ORDER BY key <-> :key LIMIT :most",
}
TRIED, TEN = 15, 10  # names by which the better index is found, and how many are asked for
Pair = tuple[str, str, bool]


@dataclass(frozen=True)
class LogicV2:
    """nomenklatura's matcher, called in a process of its own."""

    python: Path

    def scores(self, pairs: Sequence[Pair]) -> tuple[list[float], list[float]]:
        """Scores from 0 to 1, and the seconds that each took."""
        script = Path(__file__).with_name("logic_v2.py")
        done = subprocess.run(
            [str(self.python), str(script)], input=json.dumps(pairs), capture_output=True, check=True, encoding="utf-8"
        )
        told = json.loads(done.stdout)
        return told["scores"], told["seconds"]

    def people(self, wanted: Sequence[tuple[Sequence[str], int, int]]) -> list[str]:
        """Names of people who do not exist: of these languages (locales of Faker), how many, seed."""
        script = Path(__file__).with_name("people.py")
        done = subprocess.run(
            [str(self.python), str(script)], input=json.dumps(wanted), capture_output=True, check=True, encoding="utf-8"
        )
        return [str(name) for name in json.loads(done.stdout)]


def logic_v2(*, install: bool) -> LogicV2 | None:
    """The opponent, installed when it is not there and may be; a line tells why it is left out."""
    folder = Path(os.environ.get("PORTAL_BENCH_OPPONENTS", SOURCE_ROOT / "build" / "bench-opponents")) / "nomenklatura"
    python = folder / "bin" / "python"
    if not _works(python) and install:
        say(f"installing {NOMENKLATURA} into {folder} …")
        folder.parent.mkdir(parents=True, exist_ok=True)
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NOMENKLATURA, FAKER],
        ):
            try:
                subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)
            except (subprocess.SubprocessError, OSError) as error:
                say(f"left out: logic-v2, as {NOMENKLATURA} cannot be installed ({type(error).__name__}); its part "
                    "pyicu needs libicu-dev, g++ and pkg-config")  # fmt: skip
                return None
    if _works(python):
        return LogicV2(python)
    say(f"left out: logic-v2, as {NOMENKLATURA} is not installed")
    return None


def _works(python: Path) -> bool:
    asked = [str(python), "-c", "import nomenklatura.matching, faker"]
    return python.exists() and subprocess.run(asked, capture_output=True, check=False).returncode == 0


class Trigrams:
    """PostgreSQL's pg_trgm over a table of names, by one of ``BY_TRIGRAMS``."""

    def __init__(self, connection: Connection, index: str) -> None:
        self._connection, self.index = connection, index

    def first(self, key: str, most: int) -> list[int]:
        """The owners of the names most like ``key``, best first."""
        chosen = text(BY_TRIGRAMS[self.index])
        return list(self._connection.execute(chosen, {"key": key, "most": most}).scalars())

    def seconds(self, keys: Sequence[str], most: int) -> float:
        """The median time for some keys."""
        times = []
        for key in keys:
            begun = time.perf_counter()
            self.first(key, most)
            times.append(time.perf_counter() - begun)
        return statistics.median(times)


def postgres_answers() -> bool:
    """Whether there is a PostgreSQL to measure with."""
    engine = create_engine(
        POSTGRES.replace("postgresql://", "postgresql+psycopg://", 1), connect_args={"connect_timeout": 2}
    )
    try:
        with engine.connect():
            return True
    except DBAPIError:
        return False
    finally:
        engine.dispose()


@contextmanager
def trigrams(names: Iterable[tuple[int, str]]) -> Iterator[Trigrams | None]:
    """A table of (owner, key) with the index that answers sooner, GIN or GiST, gone afterwards; ``None`` where
    PostgreSQL or the extension is not.
    """
    engine = open_engine(POSTGRES)
    schema = f"bench_{uuid.uuid4().hex}"
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except DBAPIError as error:
        say(f"left out: pg_trgm, as PostgreSQL does not answer or allow it ({type(error.orig).__name__})")
        engine.dispose()
        yield None
        return
    try:
        with engine.connect() as connection:
            known = list(names)
            _fill(connection, schema, known)
            asked = [key for _, key in known[:: max(1, len(known) // TRIED)]]
            ways = [Trigrams(connection, index) for index in BY_TRIGRAMS]
            times = {way.index: way.seconds(asked, TEN) for way in ways}
            told = ", ".join(f"{index} {milliseconds(seconds)}" for index, seconds in times.items())
            say(f"pg_trgm over {len(known):,} names, median of {len(asked)}: {told}; the opponent is the better one")
            yield min(ways, key=lambda way: times[way.index])
            connection.rollback()
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


def _fill(connection: Connection, schema: str, names: Sequence[tuple[int, str]]) -> None:
    connection.execute(text(f"SET search_path = {schema}, public"))
    connection.execute(text(f"SET pg_trgm.similarity_threshold = {SIMILAR}"))
    driver: Any = connection.connection.driver_connection
    for index in BY_TRIGRAMS:
        connection.execute(text(f"CREATE TABLE bench_{index} (owner integer, key text)"))
        with driver.cursor().copy(f"COPY bench_{index} FROM STDIN") as copy:
            for row in names:
                copy.write_row(row)
        connection.execute(text(f"CREATE INDEX ON bench_{index} USING {index} (key {index}_trgm_ops)"))
        connection.execute(text(f"ANALYZE bench_{index}"))
