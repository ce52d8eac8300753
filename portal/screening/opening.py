"""The indexes of the editions in use: made once, kept in a file, and shared by all who screen against the same ones.

The rows of an edition are read once and known by edition and digest, so a list that did not change is not read
again, nor where its rows are in an index that was only mapped; an index is known by the editions in it, is built
beside the one in use, and what is asked for is always what the database holds. The authority's own list, which changes
most, has an index of its own.

A long index is kept in a file besides: who takes a list in makes it, and all other processes only map it.
"""

import hashlib
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.screening import kept, names
from portal.screening.index import Index, Shard
from portal.screening.models import ListEdition, ListEntry, ListName
from portal.screening.rows import Row, Rows
from portal.screening.sources import RESTRICTED

KEPT_SHARDS, KEPT_INDEXES, KEPT_FILES = 48, 4, 3
WORTH_KEEPING = 2000  # names from which on an index is kept in a file
MAKERS = ("index", "joining", "lexicon", "heard", "names", "nearness", "postings", "rows", "score", "sounds")

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class MadeOnce(Generic[K, T]):
    """What is costly to make, made once by one thread while others wait; the longest unused goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[K, T] = OrderedDict()
        self._making: dict[K, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], T]) -> T:
        """The thing kept under ``key``, made by ``make`` when there is none."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._things:
                    return self._things[key]
            thing = make()
            with self._lock:
                self._things[key] = thing
                self._making.pop(key, None)
                while len(self._things) > self._most:
                    self._things.popitem(last=False)
            return thing

    def made(self) -> list[T]:
        """All that there is, what was asked for last first."""
        with self._lock:
            return list(reversed(self._things.values()))


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """An index of some editions, and of how many entries the names of each are. ``sizes`` is how many names of each
    edition it has, in its order.
    """

    index: Index
    entries: dict[uuid.UUID, int]
    sizes: "Sizes"


Edition = tuple[uuid.UUID, str, str]
Sizes = tuple[tuple[Edition, int], ...]
_shards: MadeOnce[Edition, Shard] = MadeOnce(KEPT_SHARDS)
_indexes: MadeOnce[tuple[Edition, ...], Opened] = MadeOnce(KEPT_INDEXES)
_folder: Path | None = None


def open_shard(session: Session, edition: ListEdition) -> Shard:
    """The names of an edition, read when this process has not yet; others wait for it rather than do without."""
    return _shards.get(_known(edition), lambda: _indexed(_known(edition)) or Shard.of(rows_of(session, edition)))


def _indexed(wanted: Edition) -> Shard | None:
    """The names of an edition out of an index that has them, in this process or in a file."""
    for opened in _indexes.made():
        if shard := _part(opened.index.rows, opened.entries, opened.sizes, wanted):
            return shard
    for file in _folder.glob("*" + kept.ENDING) if _folder else ():
        entries, sizes = _told(kept.about(file))
        if any(edition == wanted for edition, _ in sizes) and (found := kept.read(file)):
            return _part(Rows.read(found[1]), entries, sizes, wanted)
    return None


def _part(rows: Rows, entries: Mapping[uuid.UUID, int], sizes: Sizes, wanted: Edition) -> Shard | None:
    start = 0
    for edition, size in sizes:
        if edition == wanted:
            return Shard(rows.part(start, start + size), entries[edition[0]])
        start += size
    return None


def open_indexes(session: Session, editions: Sequence[ListEdition]) -> tuple[Opened, ...]:
    """Indexes over the editions: one of the authority's own list, one of all others."""
    parts = ([e for e in editions if e.source == RESTRICTED], [e for e in editions if e.source != RESTRICTED])
    return tuple(_indexes.get(tuple(map(_known, part)), partial(_open, session, part)) for part in parts if part)


def make_ready(session: Session, editions: Sequence[ListEdition]) -> None:
    """Make a long index and keep it while the change that asks for it is still to be committed: no process that serves
    has to make it then.
    """
    if _folder is not None and sum(edition.name_count for edition in editions) >= WORTH_KEEPING:
        open_indexes(session, editions)


def keep_in(folder: Path | None) -> None:
    """Where long indexes are kept, for all processes that screen against the same editions; ``None`` for nowhere."""
    global _folder
    _folder = folder


def _known(edition: ListEdition) -> Edition:
    return edition.id, edition.digest, names.VERSION


def _open(session: Session, editions: Sequence[ListEdition]) -> Opened:
    """The index as it was kept, or else made, and kept where it is long."""
    known = [_known(edition) for edition in editions]
    file = _folder / f"{_rules(known)}{kept.ENDING}" if _folder else None
    if file is not None and (opened := _mapped(file)):
        return opened
    shards = [open_shard(session, edition) for edition in editions]
    index = Index.of(shards)
    entries = {edition.id: shard.entries for edition, shard in zip(editions, shards, strict=True)}
    sizes = tuple((one, len(shard.rows)) for one, shard in zip(known, shards, strict=True))
    if file is not None and len(index.rows) >= WORTH_KEEPING:
        about = {
            "entries": {str(one): count for one, count in entries.items()},
            "sizes": [[str(identity), *rest, size] for (identity, *rest), size in sizes],
        }
        kept.write(file, about, index.arrays(), most=KEPT_FILES)
    return Opened(index, entries, sizes)


def _mapped(file: Path) -> Opened | None:
    """An index as it was kept, where it was."""
    if not (found := kept.read(file)):
        return None
    about, arrays = found
    return Opened(Index.read(arrays), *_told(about))


def _told(about: Mapping[str, Any]) -> tuple[dict[uuid.UUID, int], Sizes]:
    """What a file says of the editions in it."""
    entries = {uuid.UUID(one): count for one, count in about.get("entries", {}).items()}
    sizes = (((uuid.UUID(one), digest, rules), size) for one, digest, rules, size in about.get("sizes", ()))
    return entries, tuple(sizes)


def _rules(known: Sequence[Edition]) -> str:
    """What an index depends on, as one name: the editions, and all the code and data that make keys and weights."""
    return hashlib.sha256(_made_by() + repr(known).encode()).hexdigest()[:40]


@cache
def _made_by() -> bytes:
    here = Path(__file__).parent
    files = [*(here / f"{name}.py" for name in MAKERS), here / "data" / "words.yaml", here / "data" / "matching.yaml"]
    return b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)


def rows_of(session: Session, edition: ListEdition, entries: Sequence[uuid.UUID] | None = None) -> Iterator[Row]:
    """The names of an edition, or of some of its entries only."""
    chosen = (
        select(ListName.id, ListName.entry_id, ListName.key, ListName.native, ListEntry.kind, ListName.name)
        .join(ListEntry, ListEntry.id == ListName.entry_id)
        .where(ListEntry.edition_id == edition.id)
    )
    if entries is not None:
        chosen = chosen.where(ListEntry.id.in_(entries))
    fresh = edition.key_version == names.VERSION
    for name_id, entry_id, key, native, kind, name in session.execute(chosen):
        if fresh:
            yield Row(name_id, entry_id, key, native, kind == "organisation")
        else:
            yield Row(name_id, entry_id, names.key(name), names.native(name), kind == "organisation")
