"""What a reader has to remember of a list while it reads: in a file that goes away, so memory does not grow with it."""

import json
import sqlite3
from types import TracebackType
from typing import Self

CACHE = 4096  # KiB of it held in memory
TABLES = (
    "PRAGMA journal_mode = OFF",
    f"PRAGMA cache_size = -{CACHE}",
    "CREATE TABLE met (uid TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE part (kind TEXT, key TEXT, position INTEGER, fields TEXT, PRIMARY KEY (kind, key, position)) "
    "WITHOUT ROWID",
    "BEGIN",
)


class Scratch:
    """Numbers of entries that were met, and parts that stand elsewhere than the entry they belong to."""

    def __init__(self) -> None:
        # An empty name is a database of its own in a temporary file that nobody else can open.
        self._store = sqlite3.connect("", isolation_level=None)
        for statement in TABLES:
            self._store.execute(statement)
        self._position = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._store.close()

    def first(self, uid: str) -> bool:
        """Whether an entry of that number is met for the first time."""
        return self._store.execute("INSERT OR IGNORE INTO met VALUES (?)", (uid,)).rowcount == 1

    def put(self, kind: str, key: str, *fields: str) -> None:
        """Keep a part under ``key``; there may be several."""
        self._position += 1
        row = (kind, key, self._position, json.dumps(fields))
        self._store.execute("INSERT INTO part VALUES (?, ?, ?, ?)", row)

    def get(self, kind: str, key: str) -> list[list[str]]:
        """The parts kept under ``key``, in the order in which they came."""
        chosen = "SELECT fields FROM part WHERE kind = ? AND key = ? ORDER BY position"
        return [json.loads(fields) for (fields,) in self._store.execute(chosen, (kind, key))]

    def stranger(self, kind: str) -> str:
        """The lowest key under which parts are kept though no entry of that number was met; "" where there is none."""
        chosen = "SELECT key FROM part WHERE kind = ? AND key NOT IN (SELECT uid FROM met) ORDER BY length(key), key"
        found = self._store.execute(f"{chosen} LIMIT 1", (kind,)).fetchone()
        return found[0] if found else ""
