"""Candidates: the names of all lists indexed by word, in memory, shared by all who screen against the same editions.

The rows of an edition are read once and known by edition and digest, so a list that did not change is not read
again; an index is known by the editions in it, is built beside the one in use, and what is asked for is always what
the database holds. The authority's own list, which changes most, has an index of its own.

How candidates are found: a name must share with the party's name more than half of its weight, or lie whole within
it, to reach a score worth showing. So the rarest words, and those near them, are looked up first, and a common word
only where the others cannot decide. Each name found has an upper bound for its score; only the best are compared.
"""

import heapq
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Generic, NamedTuple, TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.screening import names
from portal.screening.lexicon import Lexicon, Near
from portal.screening.models import ListEdition, ListEntry, ListName
from portal.screening.names import FORM, variants
from portal.screening.postings import Numbers, Postings
from portal.screening.reaching import Asked, Listed, Rules, Weights
from portal.screening.score import LONE_WORD_WEIGHT, policy
from portal.screening.sources import RESTRICTED

KEPT_SHARDS, KEPT_INDEXES = 48, 4
CHEAP = 4000  # names looked at for one party before common words are put off
BOUNDED = 2000  # names for which a bound is worked out
SLACK = 0.03  # how far a bound may be from the score
RUN = 4
FEW, HALF = 10, 0.5  # names sharing characters: the first few, and all that share half of them


class Row(NamedTuple):
    """One listed name: whose it is, its key and Chinese characters, and whether it is a firm's."""

    name_id: uuid.UUID
    entry_id: uuid.UUID
    key: str
    native: str
    firm: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A party's name as it is looked up and compared."""

    name: str
    tokens: tuple[str, ...]
    native: str
    written: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> "Query":
        found = names.tokens(name)
        written = (token.word if token.word.isascii() else token.text for token in found)
        return cls(name, tuple(token.text for token in found), names.native(name), tuple(written))


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """The names of one edition, and of how many entries they are."""

    rows: tuple[Row, ...]
    entries: int

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Shard":
        whole = tuple(rows)
        return cls(whole, len({row.entry_id for row in whole}))


class Index:
    """The names of several editions, by word and by Chinese characters."""

    def __init__(self, shards: Sequence[Shard], weight: Callable[[str], float] | None = None) -> None:
        self.rows = tuple(chain.from_iterable(shard.rows for shard in shards))
        self.lexicon = Lexicon((row.key.split() for row in self.rows), weight)
        long = np.fromiter(map(_long, self.lexicon.words), np.bool_)
        short = np.fromiter((len(word) == 1 and word != FORM for word in self.lexicon.words), np.bool_)
        rows, postings, weights = self.lexicon.rows, self.lexicon.postings, self.lexicon.weights
        self._listed = Listed(
            names=postings.values,
            names_at=postings.starts,
            words=rows.values,
            words_at=rows.starts,
            weights=weights,
            whole=_sums(rows, np.where(long, weights, 0)),
            forms=_sums(rows, np.where(long | short, 0, weights)),
            initials=_letters_of(self.lexicon.words, rows, short),
            begun=_letters_of(self.lexicon.words, rows, long),
        )
        cores = [names.native_core(row.native)[0] if row.native else "" for row in self.rows]
        self._exact = Known((_exact(row.key.split()), core) for row, core in zip(self.rows, cores, strict=True))
        self._pairs: dict[str, int] = {}
        enter = self._pairs.setdefault
        every = Postings.of_rows([[enter(pair, len(self._pairs)) for pair in _pairs(core)] for core in cores])
        self._by_pair = every.turned(len(self._pairs))

    def candidates(self, query: Query, floor: float, most: int = 0) -> list[int]:
        """Positions of names that may reach a score of ``floor``: all that are the same, and the most promising
        (``most``; by default as many as the policy says).
        """
        most = most or policy().candidates
        found = dict.fromkeys(self._exact.get(_exact(query.tokens)))
        if query.native:
            core = names.native_core(query.native)[0]
            found.update(dict.fromkeys(self._exact.get(core)))
            found.update(dict.fromkeys(self._by_characters(core, most)))
        found.update(dict.fromkeys(self._by_words(query, floor, most)))
        return list(found)

    def _by_words(self, query: Query, floor: float, most: int) -> list[int]:
        words = [word for word in query.tokens if word[0] != FORM]
        near = [self.lexicon.near(word) for word in words]
        joined = list(self._joined(query.written))
        if not words and not joined:
            return []
        asked = self._asked(query, words, near, joined)
        rule, scratch, loops = policy(), self.lexicon.scratch(), self.lexicon.loops
        rules = Rules(
            floor=floor,
            slack=SLACK,
            uneven=rule.uneven,
            evidence=rule.evidence,
            contained=rule.contained,
            lone=LONE_WORD_WEIGHT,
            cheap=CHEAP,
        )
        gained, rows = scratch.gained, scratch.rows
        rows = rows[: loops.reached(asked, self._listed, rules, gained, rows)]
        if len(rows) > max(BOUNDED, most):
            order = np.argsort(-gained[rows], kind="stable")
            gained[rows[order[max(BOUNDED, most) :]]] = 0
            rows = rows[order[: max(BOUNDED, most)]]
        bounds = np.empty(len(rows))
        count = loops.promising(asked, self._listed, rules, rows, gained, scratch.place, bounds)
        found: list[int] = rows[:count][np.argsort(-bounds[:count], kind="stable")[:most]].tolist()
        return found

    def _asked(
        self, query: Query, words: Sequence[str], near: Sequence[Near], joined: Sequence[tuple[Numbers, float, float]]
    ) -> Asked:
        sizes = [len(found) for found, _, _ in joined]
        return Asked(
            numbers=np.concatenate([one.numbers for one in near]) if near else np.empty(0, np.int32),
            values=np.concatenate([one.values for one in near]) if near else np.empty(0, np.float32),
            ends=np.cumsum([len(one.numbers) for one in near], dtype=np.int64),
            weights=np.array([self.lexicon.weight(word) for word in words], np.float64),
            long=np.array([_long(word) for word in words], np.uint8),
            joined=np.concatenate([found for found, _, _ in joined]) if joined else np.empty(0, np.int32),
            one=np.repeat([one for _, one, _ in joined], sizes) if joined else np.empty(0, np.float64),
            other=np.repeat([other for _, _, other in joined], sizes) if joined else np.empty(0, np.float64),
            forms=policy().form_weight * (len(query.tokens) - len(words)),
            initials=_letters(word for word in words if len(word) == 1),
            begun=_letters(letter for word in words if _long(word) for letter in _first(word)),
        )

    def _joined(self, written: Sequence[str]) -> Iterator[tuple[Numbers, float, float]]:
        """Names with one word where the party has several, or several where it has one; what either side gains."""
        lexicon = self.lexicon
        for start in range(len(written)):
            joined = written[start]
            for end in range(start + 1, min(start + RUN, len(written))):
                joined += written[end]
                for number in lexicon.joined(joined):
                    gain = sum(map(lexicon.weight, written[start : end + 1]))
                    yield lexicon.postings.of(number), gain, float(lexicon.weights[number])
        for word in written:
            for way in lexicon.split(word):
                yield lexicon.having(way), lexicon.weight(word), float(lexicon.weights[list(way)].sum())

    def _by_characters(self, core: str, most: int) -> list[int]:
        """Names that share the rarest pairs of characters; the shorter name's share of them decides."""
        pairs = np.array([at for pair in set(_pairs(core)) if (at := self._pairs.get(pair)) is not None], np.int32)
        sizes = self._by_pair.starts[pairs + 1] - self._by_pair.starts[pairs]
        order = np.argsort(sizes, kind="stable")
        cheap = np.cumsum(sizes[order]) <= 4 * CHEAP
        cheap[:1] = True
        found, _ = self._by_pair.gather(pairs[order[cheap]])
        rows, counts = np.unique(found, return_counts=True)
        best = heapq.nlargest(
            most,
            (
                (count / min(len(core), len(self.rows[at].native)), count, at)
                for at, count in zip(rows.tolist(), counts.tolist(), strict=True)
            ),
        )
        return [at for n, (share, _, at) in enumerate(best) if n < FEW or share >= HALF]


class Known:
    """Places of names by what is the same in them: by hash, as those who ask compare what they find."""

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        pairs = [(_hashed(text), at) for at, some in enumerate(texts) for text in some if text]
        hashes = np.fromiter((one for one, _ in pairs), np.int64, len(pairs))
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._places = np.fromiter((at for _, at in pairs), np.int32, len(pairs))[order]

    def get(self, text: str) -> list[int]:
        """The places of the names that are the same as ``text``."""
        if not text:
            return []
        first, last = self._hashes.searchsorted((_hashed(text), _hashed(text) + 1))
        found: list[int] = self._places[first:last].tolist()
        return found


def _hashed(text: str) -> int:
    """The same in every process, as it is kept in files."""
    return crc32(text.encode())


def _long(word: str) -> bool:
    """Whether a word is neither a legal form nor an initial."""
    return len(word) > 1 and word[0] != FORM


def _first(word: str) -> set[str]:
    """The letters that may stand for a word as its initial."""
    return {variant[0] for variant in variants(word)}


def _letters(letters: Iterable[str]) -> int:
    """A bit for each letter, one for all that are not of the alphabet."""
    found = 0
    for letter in letters:
        found |= 1 << max(0, min(ord(letter) - ord("a") + 1, 30))
    return found


def _letters_of(words: Sequence[str], rows: Postings, chosen: NDArray[np.bool_]) -> Numbers:
    """For each row the first letters of its chosen words (``_letters``)."""
    masks = np.fromiter(
        (_letters(_first(word)) if one else 0 for word, one in zip(words, chosen.tolist(), strict=True)), np.int32
    )
    found = np.zeros(len(rows), np.int32)
    np.bitwise_or.at(found, np.repeat(np.arange(len(rows)), rows.sizes), masks[rows.values])
    return found


def _sums(rows: Postings, weights: Weights) -> Weights:
    """For each row the sum over its words."""
    whole = np.bincount(np.repeat(np.arange(len(rows)), rows.sizes), weights[rows.values], len(rows))
    return whole.astype(np.float32)


K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Kept(Generic[K, T]):
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


Edition = tuple[uuid.UUID, str, str]
_shards: Kept[Edition, Shard] = Kept(KEPT_SHARDS)
_indexes: Kept[tuple[Edition, ...], Index] = Kept(KEPT_INDEXES)


def open_shard(session: Session, edition: ListEdition) -> Shard:
    """The names of an edition, read when this process has not yet; others wait for it rather than do without."""
    known = (edition.id, edition.digest, names.VERSION)
    return _shards.get(known, lambda: Shard.of(rows_of(session, edition)))


def open_indexes(session: Session, editions: Sequence[ListEdition]) -> tuple[Index, ...]:
    """Indexes over the editions: one of the authority's own list, one of all others."""
    parts = ([e for e in editions if e.source == RESTRICTED], [e for e in editions if e.source != RESTRICTED])
    found = []
    for part in parts:
        if part:
            shards = [open_shard(session, edition) for edition in part]
            known = tuple((edition.id, edition.digest, names.VERSION) for edition in part)
            found.append(_indexes.get(known, partial(Index, shards)))
    return tuple(found)


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


def _pairs(core: str) -> list[str]:
    """Chinese characters two at a time."""
    return [core[at : at + 2] for at in range(len(core) - 1)] or [core][: len(core)]


def _exact(tokens: Iterable[str]) -> str:
    return " ".join(sorted(token for token in tokens if not token.startswith(FORM)))
