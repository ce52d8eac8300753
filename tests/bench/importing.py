"""One side of the import benchmark in a process of its own: ``python -m tests.bench.importing read|import FILE``."""

import csv
import json
import sys
import tempfile
import time
from pathlib import Path

from portal.screening import lists
from tests.bench.farm import say
from tests.bench.world import BY, NOW, database


def main(what: str, file: Path) -> None:
    """Prints seconds, rows of the main file, peak memory and what of it the work added, in KiB."""
    with tempfile.TemporaryDirectory() as folder, database(Path(folder), "list") as sessions:
        before = _memory("VmRSS")
        begun = time.perf_counter()
        if what == "read":
            rows, _, _ = (_count(file.with_name(name)) for name in (file.name, "alt.csv", "add.csv"))
        else:
            with sessions() as session:
                rows = lists.import_list(session, "ofac-sdn", file, actor=BY, now=NOW).entry_count
                session.commit()
        seconds = time.perf_counter() - begun
        peak = _memory("VmHWM")
    say(json.dumps({"seconds": seconds, "rows": rows, "peak": peak, "added": max(0, peak - before)}))


def _memory(name: str) -> int:
    """Memory of this process in KiB as Linux tells it; what ``resource`` tells would be that of whoever started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _count(file: Path) -> int:
    with file.open(encoding="utf-8", errors="replace", newline="") as text:
        return sum(len(row) > 1 for row in csv.reader(text))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
