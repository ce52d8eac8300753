"""(i) The index in a process that serves: opened in a new one; renewed beside the one in use when a list changes."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.config import SOURCE_ROOT
from portal.db import open_engine, session_factory
from portal.screening import lists, opening
from portal.screening.match import Screener
from portal.screening.models import ListName
from tests.bench import screening_names as made
from tests.bench.farm import Row, percentile, say, shortly, tails
from tests.bench.world import BY, NOW, database, require_all_tables

SOURCE = "ftm"


def rows(folder: Path, listed: list[made.Entity], size: int) -> Iterator[Row]:
    """Open the index of ``size`` names in a process of its own, then renew it while names are screened."""
    parties = made.recombined(listed, size, random.Random(11))  # noqa: S311 - repeatable, not secret
    with database(folder, "index") as sessions:
        with sessions() as session:
            first = made.as_entities(folder / "first.json", parties)
            names = lists.import_list(session, SOURCE, first, actor=BY, now=NOW).name_count
            session.commit()
        made_first, mapped, again = (_opened(folder / "index.sqlite3", folder / "indexes") for _ in range(3))
        file = next((folder / "indexes").glob("*"), None)
        yield Row(
            f"(i) open the index of {names:,} names in a new process, and answer one question",
            f"{again[0]:.2f} s ({min(mapped[1], again[1]):.2f} s of the processor) to map the one that is kept, "
            f"{again[2]:.0f} MB of its own; {file.stat().st_size / 2**20 if file else 0:.0f} MB are shared",
            f"to make it: {made_first[0]:.2f} s ({made_first[1]:.2f} s of the processor), {made_first[2]:.0f} MB",
            f"{shortly(min(mapped[1], again[1]) / made_first[1])} times the work of making it",
            "asked: under 1 s, or shared; it is made by who takes the list in, before others see the new edition",
        )
        yield _renewed(sessions, made.as_entities(folder / "later.json", [*parties, made.koreans()[0]]))


def _opened(file: Path, kept: Path) -> tuple[float, float, float]:
    """Seconds, those of the processor, and the MB that a process of its own came to hold for itself."""
    asked = [sys.executable, "-m", "tests.bench.screening_index", str(file), str(kept)]
    done = subprocess.run(asked, cwd=SOURCE_ROOT, capture_output=True, check=True, encoding="utf-8")
    seconds, work, memory = map(float, done.stdout.split())
    return seconds, work, memory


def _renewed(sessions: sessionmaker[Session], later: Path) -> Row:
    """Screen in one thread while another takes a further edition in and opens it."""
    done = threading.Event()
    told: dict[str, float] = {}
    with sessions() as session:
        known = list(session.scalars(select(ListName.name).limit(50)))
        Screener.open(session)
    calm = [_screened(sessions, known[turn % len(known)]) for turn in range(60)]

    def renew() -> None:
        try:
            with sessions() as session:
                lists.import_list(session, SOURCE, later, actor=BY, now=NOW + timedelta(days=1))
                begun = time.perf_counter()
                session.flush()
                Screener.open(session)  # in the transaction: the index stands before anybody asks for it
                told["opened"] = time.perf_counter() - begun
                session.commit()
        finally:
            done.set()

    worker = threading.Thread(target=renew)
    worker.start()
    busy = []
    while not done.is_set():
        busy.append(_screened(sessions, known[len(busy) % len(known)]))
    worker.join()
    after = [_screened(sessions, known[turn % len(known)]) for turn in range(20)]
    return Row(
        "(i) take a new edition in and open it in one thread while another screens names",
        f"screening meanwhile {tails(sorted(busy))}, the slowest {max(busy):.2f} s; the first after the change "
        f"{after[0] * 1000:.1f} ms",
        f"without: {tails(sorted(calm))}",
        f"{shortly(percentile(sorted(busy), 0.5) / percentile(sorted(calm), 0.5))} times the time of a calm process; "
        f"the new index opened in {told.get('opened', 0.0):.2f} s beside the other's work",
        "asked: built beside the live one and swapped: nobody waits for it but who asks for the new edition first",
    )


def _screened(sessions: sessionmaker[Session], name: str) -> float:
    begun = time.perf_counter()
    with sessions() as session:
        Screener.open(session).screen([name], "", NOW.date())
    return time.perf_counter() - begun


def _open(file: Path, kept: Path) -> None:
    require_all_tables()
    opening.keep_in(kept)
    engine = open_engine(f"sqlite:///{file}")
    with session_factory(engine)() as session:
        lists.current(session)
        before, begun, worked = _own_memory(), time.perf_counter(), time.process_time()
        Screener.open(session).agreements(["Karakum Precision Alloys"], 0.7)
        say(f"{time.perf_counter() - begun} {time.process_time() - worked} {_own_memory() - before}")
    engine.dispose()


def _own_memory() -> float:
    """MB that this process shares with no other, where the system tells."""
    told = Path("/proc/self/smaps_rollup")
    if not told.exists():
        return 0.0
    kinds = ("Private_Clean:", "Private_Dirty:")
    return sum(int(line.split()[1]) for line in told.read_text().splitlines() if line.startswith(kinds)) / 1024


if __name__ == "__main__":
    _open(Path(sys.argv[1]), Path(sys.argv[2]))
