"""Candidates: the names of some lists indexed by word and by Chinese characters.

A name must share with the party's name more than half of its weight, or lie whole within it, to reach a score worth
showing. So the rarest words, and those near them, are looked up first, and a common word only where the others cannot
decide. Each name found has an upper bound for its score; only the best are compared.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import accumulate
from operator import or_
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from portal.screening import names
from portal.screening.lexicon import Lexicon, Near
from portal.screening.names import FORM, variants
from portal.screening.postings import Numbers, Postings
from portal.screening.reaching import Asked, Listed, Rules, Weights
from portal.screening.rows import Row, Rows
from portal.screening.score import LONE_WORD_WEIGHT, policy

OF_NAMES = ("whole", "forms", "initials", "begun")
CHEAP = 4000  # names looked at for one party before common words are put off
BOUNDED = 2000  # names for which a bound is worked out
SLACK = 0.03  # how far a bound may be from the score
RUN = 4
NO_NAMES, NOTHING = np.empty(0, np.int32), np.empty(0, np.float64)
FEW, HALF = 10, 0.5  # names sharing characters: the first few, and all that share half of them


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

    rows: Rows
    entries: int

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Shard":
        whole = Rows.of(rows)
        return cls(whole, whole.entries)


class Index:
    """The names of several editions, by word and by Chinese characters."""

    def __init__(self, rows: Rows, lexicon: Lexicon, listed: Listed, exact: "Known", pairs: "Pairs") -> None:
        self.rows, self.lexicon = rows, lexicon
        self._listed, self._exact, self._pairs = listed, exact, pairs

    @classmethod
    def of(cls, shards: Sequence[Shard], weight: Callable[[str], float] | None = None) -> "Index":
        """Index the names of some editions; ``weight`` as for ``Lexicon``."""
        rows = Rows.joined([shard.rows for shard in shards])
        keys = [key.split() for key in rows.spelled()]
        lexicon = Lexicon.of(keys, weight)
        cores = [names.native_core(native)[0] if native else "" for native in rows.natives()]
        exact = Known.of((_exact(key), core) for key, core in zip(keys, cores, strict=True))
        return cls(rows, lexicon, _summed(lexicon), exact, Pairs.of(cores))

    def weighed(self, weight: Callable[[str], float]) -> "Index":
        """The same names with other weights of their words."""
        lexicon = self.lexicon.weighed(weight)
        return Index(self.rows, lexicon, _summed(lexicon), self._exact, self._pairs)

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]]) -> "Index":
        """An index as ``arrays`` gave it."""
        lexicon = Lexicon.read(arrays)
        listed = _listed(lexicon, **{what: arrays[what] for what in OF_NAMES})
        exact = Known(arrays["exact"], arrays["exact at"])
        pairs = Pairs(arrays["pair"], Postings(arrays["rows of pair"], arrays["rows of pair at"]))
        return cls(Rows.read(arrays), lexicon, listed, exact, pairs)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The index as arrays to be kept in a file."""
        kept: dict[str, NDArray[Any]] = {what: getattr(self._listed, what) for what in OF_NAMES}
        kept |= {"exact": self._exact.hashes, "exact at": self._exact.places, "pair": self._pairs.codes}
        kept |= {"rows of pair": self._pairs.rows.values, "rows of pair at": self._pairs.rows.starts}
        return kept | self.rows.arrays() | self.lexicon.arrays()

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
        joined = list(self._joined(query))
        if not words and not joined:
            return []
        asked, rules = self._asked(query, words, near, joined), _rules(floor)
        scratch, loops = self.lexicon.scratch(), self.lexicon.loops
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
        names, one, other = NO_NAMES, NOTHING, NOTHING
        if joined:
            names, sizes = np.concatenate([found for found, _, _ in joined]), [len(found) for found, _, _ in joined]
            one, other = (np.repeat([each[side] for each in joined], sizes) for side in (1, 2))
        return Asked(
            numbers=np.concatenate([one.numbers for one in near]) if near else NO_NAMES,
            values=np.concatenate([one.values for one in near]) if near else np.empty(0, np.float32),
            ends=np.array(list(accumulate([len(one.numbers) for one in near])), np.int64),
            weights=np.array([self.lexicon.weight(word) for word in words], np.float64),
            long=np.array([_long(word) for word in words], np.uint8),
            times=np.array([words.count(word) for word in words], np.int64),
            joined=names,
            one=one,
            other=other,
            forms=policy().form_weight * (len(query.tokens) - len(words)),
            initials=_letters([word for word in words if len(word) == 1]),
            begun=reduce(or_, map(_begun, words), 0),
        )

    def _joined(self, query: Query) -> Iterator[tuple[Numbers, float, float]]:
        """Names with one word where the party has several, or several where it has one; what either side gains. A word
        that the party has as well ("din" beside "al din") is taken by that.
        """
        lexicon, written, own = self.lexicon, query.written, set(query.tokens)
        for start in range(len(written)):
            joined = written[start]
            for end in range(start + 1, min(start + RUN, len(written))):
                joined += written[end]
                for number in (one for one in lexicon.joined(joined) if lexicon.words[one] not in own):
                    gain = sum(map(lexicon.weight, written[start : end + 1]))
                    yield lexicon.postings.of(number), gain, float(lexicon.weights[number])
        for word in written:
            for way in lexicon.split(word):
                yield lexicon.having(way), lexicon.weight(word), float(lexicon.weights[list(way)].sum())

    def _by_characters(self, core: str, most: int) -> list[int]:
        """Names that share the rarest pairs of characters; the shorter name's share of them decides."""
        found = self._pairs.sharing(core)
        rows, counts = np.unique(found, return_counts=True)
        best = heapq.nlargest(
            most,
            (
                (count / min(len(core), len(self.rows.native(at))), count, at)
                for at, count in zip(rows.tolist(), counts.tolist(), strict=True)
            ),
        )
        return [at for n, (share, _, at) in enumerate(best) if n < FEW or share >= HALF]


class Pairs:
    """Names by the pairs of Chinese characters in them. ``codes`` are of the pairs, in order."""

    def __init__(self, codes: NDArray[np.int64], rows: Postings) -> None:
        self.codes, self.rows = codes, rows

    @classmethod
    def of(cls, cores: Iterable[str]) -> "Pairs":
        """File names by their characters without legal forms."""
        every = [(_code(pair), at) for at, core in enumerate(cores) for pair in set(_pairs(core))]
        codes, numbers = np.unique(np.array([code for code, _ in every], np.int64), return_inverse=True)
        rows = np.array([at for _, at in every], np.int32)
        return cls(codes, Postings.filed(numbers.astype(np.int32), rows, len(codes)))

    def sharing(self, core: str) -> Numbers:
        """The names that have the rarest pairs of a name, once for each pair."""
        wanted = np.unique(np.array([_code(pair) for pair in _pairs(core)], np.int64))
        places = self.codes.searchsorted(wanted)
        near = np.minimum(places, max(0, len(self.codes) - 1))
        numbers = near[self.codes[near] == wanted] if len(self.codes) else near[:0]
        order = np.argsort(self.rows.starts[numbers + 1] - self.rows.starts[numbers], kind="stable")
        cheap = np.cumsum((self.rows.starts[numbers + 1] - self.rows.starts[numbers])[order]) <= 4 * CHEAP
        cheap[:1] = True
        return self.rows.gather(numbers[order[cheap]].astype(np.int32))[0]


class Known:
    """Places of names by what is the same in them: by hash, as those who ask compare what they find."""

    def __init__(self, hashes: NDArray[np.int64], places: Numbers) -> None:
        self.hashes, self.places = hashes, places

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]]) -> "Known":
        """File places by the texts of each."""
        pairs = [(_hashed(text), at) for at, some in enumerate(texts) for text in some if text]
        hashes = np.fromiter((one for one, _ in pairs), np.int64, len(pairs))
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], np.fromiter((at for _, at in pairs), np.int32, len(pairs))[order])

    def get(self, text: str) -> list[int]:
        """The places of the names that are the same as ``text``."""
        if not text:
            return []
        first, last = self.hashes.searchsorted((_hashed(text), _hashed(text) + 1))
        found: list[int] = self.places[first:last].tolist()
        return found


@lru_cache(maxsize=64)
def _rules(floor: float) -> Rules:
    rule = policy()
    return Rules(
        floor=floor,
        slack=SLACK,
        uneven=rule.uneven,
        evidence=rule.evidence,
        contained=rule.contained,
        lone=LONE_WORD_WEIGHT,
        cheap=CHEAP,
    )


def _hashed(text: str) -> int:
    """The same in every process, as it is kept in files."""
    return crc32(text.encode())


def _code(pair: str) -> int:
    """Two characters, or one, as a number."""
    return ord(pair[0]) << 21 | (ord(pair[1]) if len(pair) > 1 else 0)


def _summed(lexicon: Lexicon) -> Listed:
    """What the words of each name weigh together, and the letters in it."""
    long = np.fromiter(map(_long, lexicon.words), np.bool_)
    short = np.fromiter((len(word) == 1 and word != FORM for word in lexicon.words), np.bool_)
    return _listed(
        lexicon,
        whole=_sums(lexicon.rows, np.where(long, lexicon.weights, 0)),
        forms=_sums(lexicon.rows, np.where(long | short, 0, lexicon.weights)),
        initials=_letters_of(lexicon.words, lexicon.rows, short),
        begun=_letters_of(lexicon.words, lexicon.rows, long),
    )


def _listed(lexicon: Lexicon, *, whole: Weights, forms: Weights, initials: Numbers, begun: Numbers) -> Listed:
    rows, postings = lexicon.rows, lexicon.postings
    short = (_letters(_first(word)) if len(word) == 1 and word != FORM else 0 for word in lexicon.words)
    letters = np.fromiter(short, np.int32, len(lexicon.words))
    weights = lexicon.weights
    return Listed(
        postings.values, postings.starts, rows.values, rows.starts, weights, letters, whole, forms, initials, begun
    )


def _long(word: str) -> bool:
    """Whether a word is neither a legal form nor an initial."""
    return len(word) > 1 and word[0] != FORM


def _first(word: str) -> set[str]:
    """The letters that may stand for a word as its initial."""
    return {variant[0] for variant in variants(word)}


@lru_cache(maxsize=65536)
def _begun(word: str) -> int:
    """The letters that may stand for a word as its initial (``_letters``)."""
    return _letters(_first(word)) if _long(word) else 0


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


def _pairs(core: str) -> list[str]:
    """Chinese characters two at a time."""
    return [core[at : at + 2] for at in range(len(core) - 1)] or [core][: len(core)]


def _exact(tokens: Iterable[str]) -> str:
    return " ".join(sorted(token for token in tokens if not token.startswith(FORM)))
