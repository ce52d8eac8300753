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
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.screening import names
from portal.screening.lexicon import Lexicon
from portal.screening.models import ListEdition, ListEntry, ListName
from portal.screening.names import FORM, variants
from portal.screening.postings import Numbers, Postings
from portal.screening.score import LONE_WORD_WEIGHT, policy, toll
from portal.screening.sources import RESTRICTED

KEPT_SHARDS, KEPT_INDEXES = 48, 4
CHEAP = 4000  # names looked at for one party before common words are put off
BOUNDED = 2000  # names for which a bound is worked out
SLACK = 0.03  # how far a bound may be from the score
SPARED = 0.7  # weight that an initial takes off the word that it stands for
RUN = 4
TINY, FORMS_AT_MOST = 1e-4, 0.15
Weights = NDArray[np.float32]
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
    """What one word of a query may stand for: ``gains`` what each listed word near it can bring, ``same`` what it
    brings where it is the same; ``left`` and ``right`` what the query's word and the listed one weigh less when they
    are taken for each other. An initial is looked up as the same initial only: it agrees with too many.
    """

    numbers: Numbers
    gains: Weights
    same: Weights
    left: Weights
    right: Weights
    weight: float
    size: int
    long: bool


class Sides(NamedTuple):
    """Of some names, what the query's words bring: to either side, by being the same, and off its weight."""

    left: Weights
    right: Weights
    same: Weights
    left_spared: Weights
    right_spared: Weights


class Index:
    """The names of several editions, by word and by Chinese characters."""

    def __init__(self, shards: Sequence[Shard], weight: Callable[[str], float] | None = None) -> None:
        self.rows = tuple(chain.from_iterable(shard.rows for shard in shards))
        self.lexicon = Lexicon((row.key.split() for row in self.rows), weight)
        long = np.fromiter(map(_long, self.lexicon.words), np.bool_)
        short = np.fromiter((len(word) == 1 and word != FORM for word in self.lexicon.words), np.bool_)
        rows, weights = self.lexicon.rows, self.lexicon.weights
        self._whole = _sums(rows, np.where(long, weights, 0))
        self._forms = _sums(rows, np.where(long | short, 0, weights))
        self._initials = _letters_of(self.lexicon.words, rows, short)
        self._begun = _letters_of(self.lexicon.words, rows, long)
        self._scratch = threading.local()
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
        slots = sorted(self._slots(query.tokens), key=lambda slot: slot.size)
        joined = list(self._joined(query.written))
        if not slots and not joined:
            return []
        least = min(_least(sum(slot.weight for slot in slots if slot.long), floor), LONE_WORD_WEIGHT) * 0.95
        now: list[Slot] = []
        looked, left = 0, sum(slot.weight for slot in slots)
        for slot in slots:
            if looked + slot.size <= CHEAP or left >= least:
                now.append(slot)
                looked += slot.size
                left -= slot.weight
        begun = _letters(letter for word in query.tokens if _long(word) for letter in _first(word))
        rows = self._reached(now, joined, begun, least - left)
        if len(rows) > max(BOUNDED, most):
            rows = rows[: max(BOUNDED, most)]
        bounds = self._bounds(rows, self._brought(rows, slots, joined), query, begun)
        near = np.flatnonzero(bounds >= floor - SLACK)
        best = near[np.argsort(-bounds[near], kind="stable")[:most]]
        found: list[int] = rows[best].tolist()
        return found

    def _slots(self, words: Sequence[str]) -> Iterator[Slot]:
        lexicon = self.lexicon
        for word in words:
            if word[0] == FORM:
                continue
            numbers, values = lexicon.near(word)
            own, theirs = np.float32(lexicon.weight(word)), lexicon.weights[numbers]
            both = np.minimum(own, theirs)
            size = int(lexicon.postings.sizes[numbers].sum())
            weight = float(both.max()) if len(numbers) else float(own)
            yield Slot(
                numbers, both * values, both * (values == 1), own - both, theirs - both, weight, size, _long(word)
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

    def _reached(
        self, slots: Sequence[Slot], joined: Sequence[tuple[Numbers, float, float]], begun: int, least: float
    ) -> Numbers:
        """The names to which the words, or initials of words that begin so, bring at least so much; most first."""
        numbers = np.concatenate([slot.numbers for slot in slots]) if slots else np.empty(0, np.int32)
        rows, sizes = self.lexicon.postings.gather(numbers)
        gains = np.repeat(np.concatenate([slot.gains for slot in slots]), sizes) if slots else np.empty(0, np.float32)
        if joined:
            rows = np.concatenate([rows, *(found for found, _, _ in joined)])
            more = [np.full(len(found), max(one, other), np.float32) for found, one, other in joined]
            gains = np.concatenate([gains, *more])
        gained = self._zeros("gained", len(self.rows))
        try:
            np.add.at(gained, rows, gains)
            reached = gained[rows] + SPARED * ((self._initials[rows] & begun) != 0)
            found = np.unique(rows[reached >= least])
            return found[np.argsort(-gained[found], kind="stable")]
        finally:
            gained[rows] = 0

    def _brought(self, rows: Numbers, slots: Sequence[Slot], joined: Sequence[tuple[Numbers, float, float]]) -> Sides:
        """What the words bring to some names, each of a name's words taken for the one that brings it most."""
        place = self._zeros("place", len(self.lexicon.words), np.int32)
        table = np.zeros((1 + sum(len(slot.numbers) for slot in slots), 4), np.float32)
        words, sizes = self.lexicon.rows.gather(rows)
        at = 1
        try:
            for slot in slots:
                new = np.arange(at, at + len(slot.numbers), dtype=np.int32)
                table[at : at + len(new)] = np.stack((slot.gains, slot.same, slot.left, slot.right), axis=1)
                known = place[slot.numbers]
                place[slot.numbers] = np.where(table[known, 0] > slot.gains, known, new)
                at += len(slot.numbers)
            values = table[place[words]]
        finally:
            for slot in slots:
                place[slot.numbers] = 0
        starts = np.cumsum(sizes) - sizes
        summed: Weights = np.add.reduceat(values, starts) if len(rows) else values[:0]
        gain, alike, left, right = summed.T
        sides = Sides(gain, gain.copy(), alike, left, right)
        for found, one, other in joined:
            same = np.isin(rows, found)
            sides.left[same] += one
            sides.right[same] += other
            sides.same[same] += max(one, other)
        return sides

    def _bounds(self, rows: Numbers, brought: Sides, query: Query, begun: int) -> Weights:
        """The most that each score can be: legal forms all agree, and so do initials, which spare their word."""
        weight = self.lexicon.weight
        words = [word for word in query.tokens if _long(word)]
        forms = policy().form_weight * sum(word[0] == FORM for word in query.tokens)
        whole = sum(map(weight, words))
        listed = self._forms[rows]
        initials = _letters(word for word in query.tokens if len(word) == 1 and word != FORM)
        spared_left = brought.left_spared + SPARED * ((self._initials[rows] & begun) != 0)
        spared_right = brought.right_spared + (SPARED * ((self._begun[rows] & initials) != 0) if initials else 0)
        left = (brought.left + forms) / np.maximum(whole + forms - spared_left, brought.left + forms + TINY)
        right = (brought.right + listed) / np.maximum(
            self._whole[rows] + listed - spared_right, brought.right + listed + TINY
        )
        low, high = np.minimum(left, right), np.maximum(left, right)
        agreed = np.maximum(brought.left + forms, brought.right + listed)
        agreed += SPARED * ((spared_left > brought.left_spared) | (spared_right > brought.right_spared))
        bounds = low + policy().uneven * np.minimum(1, agreed / policy().evidence) * (high - low)
        lone = brought.same >= LONE_WORD_WEIGHT - TINY
        within = lone & (brought.same + FORMS_AT_MOST >= np.minimum(whole, self._whole[rows]))
        most: Weights = np.where(within, np.maximum(bounds, policy().contained), bounds)
        return most

    def _zeros(self, name: str, size: int, kind: type = np.float32) -> Any:
        """An array of zeros that each thread keeps; who changes it leaves zeros again."""
        kept = getattr(self._scratch, name, None)
        if kept is None:
            kept = np.zeros(size, kind)
            setattr(self._scratch, name, kept)
        return kept

    def _by_characters(self, core: str, most: int) -> list[int]:
        """Names that share the rarest pairs of characters; the shorter name's share of them decides."""
        pairs = np.array([at for pair in set(_pairs(core)) if (at := self._pairs.get(pair)) is not None], np.int32)
        sizes = self._by_pair.sizes[pairs]
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
        pairs = [(hash(text), at) for at, some in enumerate(texts) for text in some if text]
        hashes = np.fromiter((one for one, _ in pairs), np.int64, len(pairs))
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._places = np.fromiter((at for _, at in pairs), np.int32, len(pairs))[order]

    def get(self, text: str) -> list[int]:
        """The places of the names that are the same as ``text``."""
        first, last = self._hashes.searchsorted(hash(text)), self._hashes.searchsorted(hash(text), "right")
        found: list[int] = self._places[first:last].tolist() if text else []
        return found


def _least(whole: float, floor: float) -> float:
    """The least of a query's weight that a name must agree with to reach a score of ``floor``."""
    least, enough = 0.0, whole
    for _ in range(8):
        middle = (least + enough) / 2
        excused = toll(middle + FORMS_AT_MOST)
        if middle >= whole * (floor - excused) / (1 - excused):
            enough = middle
        else:
            least = middle
    return enough


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
    found = np.zeros(len(rows.sizes), np.int32)
    np.bitwise_or.at(found, np.repeat(np.arange(len(rows.sizes)), rows.sizes), masks[rows.values])
    return found


def _sums(rows: Postings, weights: Weights) -> Weights:
    """For each row the sum over its words."""
    whole = np.bincount(np.repeat(np.arange(len(rows.sizes)), rows.sizes), weights[rows.values], len(rows.sizes))
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
