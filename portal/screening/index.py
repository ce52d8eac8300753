"""Candidates: for each edition of a list a small search index in memory, shared by all who screen against it.

An index is known by edition and digest, so a list that did not change is never indexed again, a new edition is built
beside the one in use, and what is asked for is always what the database holds.
"""

import threading
import uuid
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import tantivy
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.screening import names
from portal.screening.models import ListEdition, ListEntry, ListName
from portal.screening.names import FORM
from portal.screening.score import policy

WRITER_MEMORY = 60_000_000  # bytes; one segment for some hundred thousand names
KEPT = 24
FIELDS = ("grams", "skeletons", "characters")


@dataclass(frozen=True, slots=True)
class Query:
    """A party's name as it is looked up and compared."""

    name: str
    tokens: tuple[str, ...]
    native: str

    @classmethod
    def of(cls, name: str) -> "Query":
        return cls(name, tuple(token.text for token in names.tokens(name)), names.native(name))


class Shard:
    """The names of one edition: keys to compare, and a tantivy index to find candidates by."""

    def __init__(self, rows: Sequence[tuple[uuid.UUID, uuid.UUID, str, str, bool]]) -> None:
        self.name_ids = [row[0] for row in rows]
        self.entry_ids = [row[1] for row in rows]
        self.keys = [row[2] for row in rows]
        self.natives = [row[3] for row in rows]
        self.firms = [row[4] for row in rows]
        self.entries = len(set(self.entry_ids))
        self.counts: Counter[str] = Counter()
        self._exact: dict[str, list[int]] = {}
        for at, (_, _, key, native, _) in enumerate(rows):
            tokens = set(key.split())
            self.counts.update(tokens)
            self._exact.setdefault(_exact(key.split()), []).append(at)
            if native:
                self._exact.setdefault(names.native_core(native)[0], []).append(at)
        self._schema, self._searcher = _index(rows)

    def candidates(self, query: Query) -> set[int]:
        """Positions of names worth comparing: all that are the same, and the best few by each key."""
        found = set(self._exact.get(_exact(query.tokens), ()))
        terms = {"grams": grams(query.tokens, bool(query.native)), "skeletons": skeletons(query.tokens)}
        if query.native:
            found.update(self._exact.get(names.native_core(query.native)[0], ()))
            terms["characters"] = characters(query.native)
        for field, parts in terms.items():
            if parts:
                found.update(self._search(field, parts))
        return found

    def _search(self, field: str, terms: Iterable[str]) -> list[int]:
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, field, term, "freq"))
            for term in dict.fromkeys(terms)
        ]
        result = self._searcher.search(tantivy.Query.boolean_query(clauses), policy().candidates, count=False)
        positions = self._searcher.fast_field_values("position", [address for _, address in result.hits])
        return [int(position) for position in positions if position is not None]


def grams(tokens: Iterable[str], whole: bool) -> list[str]:
    """Three letters at a time, word by word; ``whole`` adds those across words, as pinyin may be joined anyhow."""
    words = [token for token in tokens if not token.startswith(FORM)]
    found = [gram for word in words for gram in _threes("^" + word)]
    return found + (_threes("".join(words)) if whole else [])


def skeletons(tokens: Iterable[str]) -> list[str]:
    """The words as they sound, whole and in threes."""
    sounds = [names.skeleton(token) for token in tokens if not token.startswith(FORM)]
    return [part for sound in sounds for part in (f"={sound}", *_threes(f"^{sound}$"))]


def characters(native: str) -> list[str]:
    """Chinese characters two at a time, without the legal form."""
    core, _ = names.native_core(native)
    return [core[at : at + 2] for at in range(len(core) - 1)] or [core]


def open_shard(session: Session, edition: ListEdition) -> Shard:
    """The index of an edition, built when this process has none yet; others wait for it rather than do without."""
    known = (edition.id, edition.digest, names.VERSION)
    with _lock:
        if known in _shards:
            _shards.move_to_end(known)
            return _shards[known]
        building = _building.setdefault(known, threading.Lock())
    with building:
        with _lock:
            if known in _shards:
                return _shards[known]
        shard = Shard(_rows(session, edition))
        with _lock:
            _shards[known] = shard
            _building.pop(known, None)
            while len(_shards) > KEPT:
                _shards.popitem(last=False)
        return shard


Known = tuple[uuid.UUID, str, str]
_shards: OrderedDict[Known, Shard] = OrderedDict()
_building: dict[Known, threading.Lock] = {}
_lock = threading.Lock()


def _rows(session: Session, edition: ListEdition) -> list[tuple[uuid.UUID, uuid.UUID, str, str, bool]]:
    chosen = (
        select(ListName.id, ListName.entry_id, ListName.key, ListName.native, ListEntry.kind, ListName.name)
        .join(ListEntry, ListEntry.id == ListName.entry_id)
        .where(ListEntry.edition_id == edition.id)
    )
    fresh = edition.key_version == names.VERSION
    return [
        (name_id, entry_id, key, native, kind == "organisation")
        if fresh
        else (name_id, entry_id, names.key(name), names.native(name), kind == "organisation")
        for name_id, entry_id, key, native, kind, name in session.execute(chosen)
    ]


def _index(
    rows: Sequence[tuple[uuid.UUID, uuid.UUID, str, str, bool]],
) -> tuple[tantivy.Schema, tantivy.Searcher]:
    builder = tantivy.SchemaBuilder()
    for field in FIELDS:
        builder.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field("position", stored=False, fast=True)
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=WRITER_MEMORY, num_threads=1)
    for at, (_, _, key, native, _) in enumerate(rows):
        tokens = key.split()
        document = tantivy.Document()
        document.add_text("grams", " ".join(grams(tokens, bool(native))))
        document.add_text("skeletons", " ".join(skeletons(tokens)))
        if native:
            document.add_text("characters", " ".join(characters(native)))
        document.add_unsigned("position", at)
        writer.add_document(document)
    writer.commit()
    index.reload()
    return schema, index.searcher()


def _threes(text: str) -> list[str]:
    return [text[at : at + 3] for at in range(len(text) - 2)] or [text]


def _exact(tokens: Iterable[str]) -> str:
    return " ".join(sorted(token for token in tokens if not token.startswith(FORM)))
