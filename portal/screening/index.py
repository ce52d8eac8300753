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
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.screening import names
from portal.screening.lexicon import Lexicon
from portal.screening.models import ListEdition, ListEntry, ListName
from portal.screening.names import FORM
from portal.screening.score import CONTAINED_WEIGHT, LONE_WORD_WEIGHT, policy
from portal.screening.sources import RESTRICTED

KEPT_SHARDS, KEPT_INDEXES = 48, 4
CHEAP = 1500  # names looked at for one party before common words are put off
BOUNDED = 400  # names for which a bound is worked out
SLACK = 0.09  # how far a bound may be from the score
SPARED = 0.7  # weight that an initial takes off the word that it stands for
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


class Slot(NamedTuple):
    """What one word of a query, or several written together, may stand for: (word's number, how alike)."""

    weight: float
    near: tuple[tuple[int, float], ...]
    size: int


class Index:
    """The names of several editions, by word and by Chinese characters."""

    def __init__(self, shards: Sequence[Shard], weight: Callable[[str], float] | None = None) -> None:
        self.rows = tuple(chain.from_iterable(shard.rows for shard in shards))
        self.words = [tuple(row.key.split()) for row in self.rows]
        self.lexicon = Lexicon(self.words, weight)
        number, weights = self.lexicon.number, self.lexicon.weights
        self._whole = array("f", (sum(weights[number[word]] for word in words) or 1.0 for words in self.words))
        self._initials = bytes(min(255, sum(len(word) == 1 for word in words)) for words in self.words)
        # What a name must gain to be seen within a longer one.
        self._nearly = array(
            "f", ((1 - SLACK) * w - SPARED * i for w, i in zip(self._whole, self._initials, strict=True))
        )
        self._exact: dict[str, list[int]] = {}
        self._pairs: dict[str, array[int]] = {}
        for at, row in enumerate(self.rows):
            self._exact.setdefault(_exact(self.words[at]), []).append(at)
            if row.native:
                core = names.native_core(row.native)[0]
                self._exact.setdefault(core, []).append(at)
                for pair in _pairs(core):
                    self._pairs.setdefault(pair, array("I")).append(at)

    def candidates(self, query: Query, floor: float, most: int = 0) -> list[int]:
        """Positions of names that may reach a score of ``floor``: all that are the same, and the most promising
        (``most``; by default as many as the policy says).
        """
        most = most or policy().candidates
        found = dict.fromkeys(self._exact.get(_exact(query.tokens), ()))
        if query.native:
            core = names.native_core(query.native)[0]
            found.update(dict.fromkeys(self._exact.get(core, ())))
            found.update(dict.fromkeys(self._by_characters(core, most)))
        found.update(dict.fromkeys(self._by_words(query, floor, most)))
        return list(found)

    def _by_words(self, query: Query, floor: float, most: int) -> list[int]:
        slots = sorted(self._slots(query.tokens), key=lambda slot: slot.size)
        total = sum(slot.weight for slot in slots)
        share = max(0.0, (floor - policy().uneven) / (1 - policy().uneven))
        least = min(share * total, CONTAINED_WEIGHT, LONE_WORD_WEIGHT) * 0.95
        gained: dict[int, float] = {}
        put_off: list[Slot] = []
        looked, left = 0, total
        for slot in slots:
            if looked + slot.size > CHEAP and left < least:
                put_off.append(slot)
                continue
            self._gain(gained, slot)
            looked += slot.size
            left -= slot.weight
        self._gain_joined(gained, query.written)
        extra = sum(slot.weight for slot in put_off)
        cut, enough, nearly = least - extra, share * total * 0.95 - extra, self._nearly
        some = [
            (gain, at) for at, gain in gained.items() if gain >= cut and (gain >= enough or gain >= nearly[at] - extra)
        ]
        if len(some) > max(BOUNDED, most):
            some = heapq.nlargest(max(BOUNDED, most), some)
        if put_off:
            some = self._also(some, put_off)
        initials = sum(len(word) == 1 and word.isalpha() for word in query.tokens)
        bounds = ((self._bound(gain, total, at, initials), at) for gain, at in some)
        best = heapq.nlargest(most, (pair for pair in bounds if pair[0] >= floor - SLACK))
        return [at for _, at in best]

    def _slots(self, words: Sequence[str]) -> Iterator[Slot]:
        lexicon = self.lexicon
        for word in words:
            if word.startswith(FORM) or len(word) == 1:  # an initial agrees with too many to look any up
                continue
            near, weight = lexicon.near(word), lexicon.weight(word)
            size = sum(len(lexicon.postings[at]) for at, _ in near)
            alike = [lexicon.weights[at] for at, _ in near]
            yield Slot(min(weight, max(alike)) if alike else weight, near, size)

    def _gain(self, gained: dict[int, float], slot: Slot) -> None:
        weights, postings, get = self.lexicon.weights, self.lexicon.postings, gained.get
        for word, value in slot.near:
            gain = min(slot.weight, weights[word]) * value
            for at in postings[word]:
                gained[at] = get(at, 0.0) + gain

    def _gain_joined(self, gained: dict[int, float], written: Sequence[str]) -> None:
        """Words of the party that are one word on the list, and one word that is several there."""
        lexicon, get = self.lexicon, gained.get
        for start in range(len(written)):
            joined = written[start]
            for end in range(start + 1, min(start + RUN, len(written))):
                joined += written[end]
                for number in lexicon.joined(joined):
                    gain = max(lexicon.weights[number], sum(map(lexicon.weight, written[start : end + 1])))
                    for at in lexicon.postings[number]:
                        gained[at] = get(at, 0.0) + gain
        for word in written:
            for way in lexicon.split(word):
                gain = max(lexicon.weight(word), sum(lexicon.weights[number] for number in way))
                rarest = min(way, key=lambda number: len(lexicon.postings[number]))
                pieces = {lexicon.words[number] for number in way}
                for at in lexicon.postings[rarest]:
                    if pieces.issubset(self.words[at]):
                        gained[at] = get(at, 0.0) + gain

    def _also(self, some: Sequence[tuple[float, int]], put_off: Sequence[Slot]) -> list[tuple[float, int]]:
        known, weights = self.lexicon.words, self.lexicon.weights
        worth: dict[str, float] = {}
        for slot in put_off:
            for number, value in slot.near:
                worth[known[number]] = max(worth.get(known[number], 0.0), min(slot.weight, weights[number]) * value)
        get, words = worth.get, self.words
        return [(gain + sum([get(word, 0.0) for word in words[at]]), at) for gain, at in some]

    def _bound(self, gain: float, total: float, at: int, initials: int) -> float:
        """The most that the score can be; an initial and its word weigh only as much as the lighter of them."""
        spared = SPARED * initials
        loose = total - SPARED * self._initials[at]
        one, other = gain / max(loose, gain, 0.1), gain / max(self._whole[at] - spared, gain, 0.1)
        low, high = (one, other) if one < other else (other, one)
        bound = (1 - policy().uneven) * low + policy().uneven * high
        return max(bound, policy().contained) if high > 1 - SLACK and gain >= LONE_WORD_WEIGHT else bound

    def _by_characters(self, core: str, most: int) -> list[int]:
        """Names that share the rarest pairs of characters; the shorter name's share of them decides."""
        gained: dict[int, int] = {}
        pairs = [(len(found), found) for pair in set(_pairs(core)) if (found := self._pairs.get(pair))]
        looked = 0
        for size, found in sorted(pairs, key=lambda one: one[0]):
            if looked and looked + size > 4 * CHEAP:
                break
            looked += size
            for at in found:
                gained[at] = gained.get(at, 0) + 1
        length, rows = len(core), self.rows
        ranked = ((count / min(length, len(rows[at].native)), count, at) for at, count in gained.items())
        best = heapq.nlargest(most, ranked)
        return [at for n, (share, _, at) in enumerate(best) if n < FEW or share >= HALF]


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


Known = tuple[uuid.UUID, str, str]
_shards: Kept[Known, Shard] = Kept(KEPT_SHARDS)
_indexes: Kept[tuple[Known, ...], Index] = Kept(KEPT_INDEXES)


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
    return [core[at : at + 2] for at in range(len(core) - 1)] or [core]


def _exact(tokens: Iterable[str]) -> str:
    return " ".join(sorted(token for token in tokens if not token.startswith(FORM)))
