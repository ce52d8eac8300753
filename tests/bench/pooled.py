"""(a) Certificates a second from several processes, each with its own issuer and session on one register."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from portal.certificates import keys
from portal.certificates.keys import Issuer
from portal.config import Settings
from portal.db import open_engine, session_factory
from tests.bench.farm import Row, shortly
from tests.bench.world import NOW, World, require_all_tables
from tests.certificates.samples import issue_one

CORES = 2
_opened: list[tuple[Settings, Issuer, sessionmaker[Session]]] = []


def rows(world: World, *, quick: bool) -> Iterator[Row]:
    """The same number of certificates from one process and from two, on the register of the world."""
    count = 2 if quick else 60
    alone, _ = _issued(world, 1, count)
    both, busy = _issued(world, CORES, count)
    yield Row(
        f"(a) issue {count} certificates from {CORES} processes on one register",
        f"{shortly(both)}/s on {CORES} cores, each at work for {busy:.0%} of the time",
        f"one process, the same way: {shortly(alone)}/s",
        shortly(both / alone),
        "how much the second process adds: whoever adds to the log holds it until the certificate is kept, so what "
        "follows the log's entry is done by one at a time",
    )


def _issued(world: World, processes: int, count: int) -> tuple[float, float]:
    """Certificates a second, and the share of the time in which the processes worked and did not wait."""
    context = multiprocessing.get_context("spawn")  # Pango's threads do not survive a fork
    given = (str(world.settings.instance), world.settings.public_address)
    with context.Pool(processes, _open, given) as pool:
        pool.map(_one, range(2 * processes), chunksize=1)
        begun = time.perf_counter()
        worked = pool.map(_one, range(count), chunksize=1)
        lasted = time.perf_counter() - begun
    return count / lasted, sum(worked) / (lasted * processes)


def _open(instance: str, address: str) -> None:
    require_all_tables()
    settings = Settings(instance=Path(instance), public_address=address)
    issuer = keys.open_issuer(settings, now=NOW)
    _opened.append((settings, issuer, session_factory(open_engine(settings.database))))


def _one(_: Any) -> float:
    """Issue one; gives the seconds of a core that it took."""
    settings, issuer, sessions = _opened[0]
    begun = os.times()
    with sessions() as session:
        session.execute(text("PRAGMA busy_timeout=60000"))  # SQLite lets a writer starve where two are always there
        issue_one(session, issuer, settings)
        session.commit()
    ended = os.times()
    return ended.user + ended.system - begun.user - begun.system
