"""One side of the import benchmark in a process of its own: ``python -m tests.bench.importing WHAT FILE [ADDRESS]``.

``WHAT`` is ``read`` (the three files of OFAC's list with ``csv.reader``) or the source that ``FILE`` is an edition of;
``ADDRESS`` is that of PostgreSQL; without it the list goes into SQLite.
"""

import csv
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from portal.db import Base, open_engine, session_factory
from portal.screening import lists
from tests.bench.farm import say
from tests.bench.world import BY, NOW, database, require_all_tables


def main(what: str, file: Path, address: str = "") -> None:
    """Prints seconds that passed and of the processor, entries, peak memory and what of it the work added, in KiB."""
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder), address) as sessions:
        before = _memory("VmRSS")
        begun, worked = time.perf_counter(), time.process_time()
        if what == "read":
            rows, _, _ = (_count(file.with_name(name)) for name in (file.name, "alt.csv", "add.csv"))
        else:
            with sessions() as session:
                rows = lists.import_list(session, what, file, actor=BY, now=NOW).entry_count
                session.commit()
        seconds, work = time.perf_counter() - begun, time.process_time() - worked
        peak = _memory("VmHWM")
    say(json.dumps({"seconds": seconds, "work": work, "rows": rows, "peak": peak, "added": max(0, peak - before)}))


@contextmanager
def _database(folder: Path, address: str) -> Iterator[sessionmaker[Session]]:
    if not address:
        with database(folder, "list") as sessions:
            yield sessions
        return
    require_all_tables()
    schema = f"bench_{uuid.uuid4().hex}"
    admin, engine = open_engine(address), open_engine(f"{address}?options=-csearch_path%3D{schema}")
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        Base.metadata.create_all(engine)
        yield session_factory(engine)
    finally:
        engine.dispose()
        with admin.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        admin.dispose()


def _memory(name: str) -> int:
    """Memory of this process in KiB as Linux tells it; what ``resource`` tells would be that of whoever started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _count(file: Path) -> int:
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        return sum(len(row) > 1 for row in csv.reader(lines))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
