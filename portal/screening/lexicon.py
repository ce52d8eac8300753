"""The words of all listed names: how much each weighs, which names have it, and which words are near a given one.

Near words are found by keys that they share: the word, the word without one of its letters (so that any one typing
error on either side meets), its consonants, and for Arabic and Korean letters its sound. A key is a hash of 31 bits
with the word's number behind it; all keys together are one sorted array, 8 bytes each.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from portal.screening import heard, loops, score
from portal.screening.names import FORM, variants, words
from portal.screening.nearness import NUMBER_BITS, Heard, Spelling
from portal.screening.postings import Numbers, Postings
from portal.screening.rows import Texts
from portal.screening.sounds import ARABIC, KOREAN, abjad, korean, skeleton

HASH_MASK = (1 << 31) - 1
LONGEST_SPLIT, MOST_WAYS = 6, 4
SHORTEST_PIECE = 2
MOST_NEAR, MOST_HEARD = 160, 12
KEPT_WORDS = 100_000
LONG = 10_000  # names from which on it is worth to load the compiled loops
Keys = NDArray[np.int64]


class Near(NamedTuple):
    """Words near a given one, by number, with how well they agree with it."""

    numbers: Numbers
    values: NDArray[np.float32]


class Scratch(NamedTuple):
    """Room for the loops: for each name zeros and a number, for each word zeros and a number.

    Each thread has its own; who changes zeros leaves zeros again.
    """

    gained: NDArray[np.float32]
    rows: Numbers
    place: Numbers
    found: Numbers


class Lexicon:
    """The vocabulary of an index: its words, which are known by number from here on.

    ``weight`` is given where the words weigh as they do elsewhere; else they weigh by how rare they are here.
    ``rows`` holds the words of each name, ``postings`` the names of each word. Where it is ``thorough``, words that are
    near any spelling of one are near it, however many: as it is when they are asked about and it is on the list.
    """

    def __init__(
        self,
        rows: Postings,
        postings: Postings,
        spoken: Heard,
        keys: Keys,
        weight: Callable[[str], float] | None = None,
        weights: NDArray[np.float32] | None = None,
    ) -> None:
        self.rows, self.postings = rows, postings
        self._spoken, self._keys = spoken, keys
        self.words = heard.texts_of(spoken)[0].every()
        self.number = {word: at for at, word in enumerate(self.words)}
        self.weight = weight or score.weigher(self.count, len(self.rows))
        own = (self.weight(word) for word in self.words)
        self.weights = np.fromiter(own, np.float32, len(self.words)) if weights is None else weights
        self.letters = {word[0] for word in self.words if word[0] in score.HEARD}
        self.loops = loops.compiled() if len(self.rows) >= LONG else loops.PLAIN
        self.thorough = False
        self._kept = threading.local()
        self.near = lru_cache(maxsize=KEPT_WORDS)(self._near)

    @classmethod
    def of(cls, names: Iterable[Sequence[str]], weight: Callable[[str], float] | None = None) -> "Lexicon":
        """The vocabulary of some names, each given as its words."""
        number: dict[str, int] = {}
        enter = number.setdefault
        rows = Postings.of_rows([[enter(word, len(number)) for word in spelled] for spelled in names])
        return cls(rows, rows.turned(len(number)), heard.laid_out(list(number)), _packed(number), weight)

    def weighed(self, weight: Callable[[str], float]) -> "Lexicon":
        """The same words with other weights."""
        other = Lexicon(self.rows, self.postings, self._spoken, self._keys, weight)
        other.thorough, other.loops = self.thorough, self.loops
        return other

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]]) -> "Lexicon":
        """A vocabulary as ``arrays`` gave it, which weighs words by how rare they are in it."""
        postings = [Postings(arrays[what], arrays[f"{what} at"]) for what in ("words of row", "rows of word")]
        texts = [Texts(arrays[what], arrays[f"{what} at"]) for what in heard.TEXTS]
        spoken = heard.of_texts(arrays["kind"], arrays["spellings of word"], texts)
        return cls(postings[0], postings[1], spoken, arrays["keys"], None, arrays["weights"])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The vocabulary as arrays to be kept in a file."""
        kept: dict[str, NDArray[Any]] = {"kind": self._spoken.kinds, "keys": self._keys, "weights": self.weights}
        for what, filed in (("words of row", self.rows), ("rows of word", self.postings)):
            kept |= {what: filed.values, f"{what} at": filed.starts}
        kept["spellings of word"] = self._spoken.spellings.of_word
        for what, texts in zip(heard.TEXTS, heard.texts_of(self._spoken), strict=True):
            kept |= {what: texts.letters, f"{what} at": texts.starts}
        return kept

    def count(self, word: str) -> int:
        """How many names have the word."""
        at = self.number.get(word)
        return 0 if at is None else len(self.postings.of(at))

    def _near(self, word: str) -> Near:
        """The words that agree with ``word`` and how well they do (see ``score.similarity``)."""
        itself = self.number.get(word, -1)
        if len(word) == 1:
            same = [itself] if itself >= 0 else []
            return Near(np.array(same, np.int32), np.ones(len(same), np.float32))
        spellings = variants(word) if self.thorough else ()
        keys = chain(asked(word, self.letters), chain.from_iterable(map(_spelled, spellings)))
        wanted = np.array([_hashed(key) << NUMBER_BITS for key in keys], np.int64)
        scratch, one = self.scratch(), heard.alone(word, self.letters)
        numbers, values, unmeasured = self.loops.near(
            self._keys, wanted, scratch.place, scratch.found, itself, one, self._spoken, _spelling()
        )
        if unmeasured:
            for at in np.flatnonzero(values < 0).tolist():
                values[at] = score.similarity(word, self.words[numbers[at]])[0]
            numbers, values = numbers[values > 0], values[values > 0]
        if len(numbers) > MOST_NEAR and not self.thorough:
            best = np.argsort(-values, kind="stable")[:MOST_NEAR]
            numbers, values = numbers[best], values[best]
        return Near(numbers, values.astype(np.float32))

    def _sharing(self, keys: Iterable[str]) -> Numbers:
        """Numbers of the words filed under any of the keys."""
        wanted = np.array([_hashed(key) << NUMBER_BITS for key in keys], np.int64)
        scratch = self.scratch()
        return scratch.found[: self.loops.sharing(self._keys, wanted, scratch.place, scratch.found)]

    def scratch(self) -> Scratch:
        """The thread's own."""
        kept: Scratch | None = getattr(self._kept, "scratch", None)
        if kept is None:
            names, known = len(self.rows), len(self.words)
            kept = self._kept.scratch = Scratch(
                np.zeros(names, np.float32),
                np.empty(names, np.int32),
                np.zeros(known, np.int32),
                np.empty(known, np.int32),
            )
        return kept

    def having(self, numbers: Sequence[int]) -> Numbers:
        """The names that have all of some words."""
        return self.loops.together(self.postings.values, self.postings.starts, np.array(numbers, np.int32))

    @property
    def size(self) -> int:
        """Bytes that the keys and postings take."""
        return self._keys.nbytes + self.rows.size + self.postings.size

    def joined(self, word: str) -> tuple[int, ...]:
        """Listed words that words written apart make when written together; for Korean letters, by sound."""
        at = self.number.get(words().single.get(word, word))
        exact = () if at is None else (at,)
        if KOREAN not in self.letters or word[0] in (ARABIC, KOREAN):
            return exact
        return (*exact, *(at for at in self._sharing(["K=" + korean(word)]).tolist() if self.words[at][0] == KOREAN))

    def split(self, word: str) -> tuple[tuple[int, ...], ...]:
        """Ways to read one written word as several listed ones ("guangzhou" as "guang", "zhou"), fewest first."""
        if word.startswith(KOREAN):
            return tuple(self._heard_splits(word[1:]))
        if len(word) < 2 * SHORTEST_PIECE or not word.isalnum() or word in self.number or word in words().single:
            return ()
        return tuple(way for way in self._splits(word) if len(way) > 1)

    def _heard_splits(self, word: str) -> Iterator[tuple[int, ...]]:
        """Two listed words that together sound like a word of Korean letters (Jong Un)."""
        for cut in range(1, len(word)):
            first = self._sharing(["k=" + korean(word[:cut])]).tolist()
            second = self._sharing(["k=" + korean(word[cut:])]).tolist() if first else []
            yield from ((one, other) for one in first[:MOST_HEARD] for other in second[:MOST_HEARD])

    def _splits(self, word: str) -> Iterable[tuple[int, ...]]:
        number, same = self.number, words().single
        ways: dict[int, list[tuple[int, ...]]] = {len(word): [()]}
        for start in range(len(word) - SHORTEST_PIECE, -1, -1):
            found = []
            for end in range(start + SHORTEST_PIECE, len(word) + 1):
                piece = word[start:end]
                if (rest := ways.get(end)) and (at := number.get(same.get(piece, piece))) is not None:
                    found += [(at, *way) for way in rest if len(way) < LONGEST_SPLIT]
            ways[start] = sorted(found, key=len)[:MOST_WAYS]
        return ways[0]


@cache
def _spelling() -> Spelling:
    policy = score.policy()
    return Spelling(
        least=score.LEAST_SPELLED,
        fairly=score.FAIRLY_SPELLED,
        lowest=policy.lowest_similarity,
        heard=score.HEARD_LEAST,
        same_sound=policy.sound_similarity,
        near_sound=policy.near_sound_similarity,
        heard_same=policy.heard_similarity,
        heard_near=policy.heard_near_similarity,
        other_head=policy.other_head,
        variant=policy.variant_similarity,
        short=score.SHORT,
    )


def asked(word: str, heard: Collection[str]) -> Iterator[str]:
    """The keys by which words near ``word`` are looked up; ``heard`` tells which other letters the index holds."""
    if word.startswith(FORM):
        for variant in variants(word):
            yield from _spelled(variant)
    elif word[0] == ARABIC:
        yield from _spelled(word)
        yield from _spelled(abjad(word[1:]), "a=")
    elif word[0] == KOREAN:
        yield from _spelled(word)
        yield "k=" + korean(word[1:])
    else:
        yield from _spelled(word)
        if len(word) >= score.SHORT - 1 and word.isalpha():
            for variant in variants(word):
                yield from _sounding(variant)
            if ARABIC in heard:
                yield from _spelled(abjad(word), "A=")
        if KOREAN in heard and word.isalpha():
            yield "K=" + korean(word)


def known_by(word: str) -> Iterator[str]:
    """The keys under which a listed word is found."""
    first = word[:1]
    if first == ARABIC:
        yield from _spelled(word)
        yield from _spelled(abjad(word[1:]), "A=")
    elif first == KOREAN:
        yield from _spelled(word)
        yield "K=" + korean(word[1:])
    else:
        for variant in variants(word):
            yield from _spelled(variant)
        if word.isalpha():
            yield from _spelled(abjad(word), "a=")
            yield "k=" + korean(word)
            for variant in variants(word):
                if len(variant) >= score.SHORT - 1:
                    yield from _sounding(variant)


def _spelled(word: str, kind: str = "") -> Iterator[str]:
    yield kind + word
    if len(word) >= score.SHORT:
        for at in range(len(word)):
            yield kind + word[:at] + word[at + 1 :]


def _sounding(word: str) -> Iterator[str]:
    sound = skeleton(word)
    if len(sound) > 1:
        yield "=" + sound
    if len(sound) > score.SHORT:
        for at in range(1, len(sound)):
            yield "=" + sound[:at] + sound[at + 1 :]


def _packed(words: Iterable[str]) -> Keys:
    """Every key of every word with the word's number behind it, in order."""
    packed = np.fromiter(
        (_hashed(key) << NUMBER_BITS | at for at, word in enumerate(words) for key in set(known_by(word))),
        np.int64,
    )
    packed.sort()
    return packed


def _hashed(key: str) -> int:
    """The same in every process, as keys are kept in files."""
    return crc32(key.encode()) & HASH_MASK
