"""The words of all listed names: how much each weighs, which names have it, and which words are near a given one.

Near words are found by keys that they share: the word, the word without one of its letters (so that any one typing
error on either side meets), its consonants, and for Arabic and Korean letters its sound. A key is a hash of 40 bits
with the word's number behind it; all keys together are one sorted array, 8 bytes each.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from portal.screening import score
from portal.screening.names import FORM, variants, words
from portal.screening.postings import Numbers, Postings
from portal.screening.sounds import ARABIC, KOREAN, abjad, korean, skeleton

NUMBER_BITS, HASH_MASK = 24, (1 << 40) - 1
LONGEST_SPLIT, MOST_WAYS = 6, 4
SHORTEST_PIECE = 2
MOST_NEAR, MOST_HEARD = 160, 12
KEPT_WORDS = 100_000
Keys = NDArray[np.uint64]


class Near(NamedTuple):
    """Words near a given one, by number, with how well they agree with it; the best come last."""

    numbers: Numbers
    values: NDArray[np.float32]


class Lexicon:
    """The vocabulary of an index. ``names`` holds each name's words; words are known by number from here on.

    ``weight`` is given where the words weigh as they do elsewhere; else they weigh by how rare they are here.
    ``rows`` holds the words of each name, ``postings`` the names of each word.
    """

    def __init__(self, names: Iterable[Sequence[str]], weight: Callable[[str], float] | None = None) -> None:
        self.number: dict[str, int] = {}
        enter = self.number.setdefault
        self.rows = Postings.of_rows([[enter(word, len(self.number)) for word in spelled] for spelled in names])
        self.words = list(self.number)
        self.postings = self.rows.turned(len(self.words))
        self.weight = weight or score.weigher(self.count, len(self.rows.sizes))
        self.weights = np.fromiter(map(self.weight, self.words), np.float32, len(self.words))
        self._heard = {word[0] for word in self.words if word[0] in score.HEARD}
        self._plain = bytearray(map(_plain, self.words))
        self._keys = _packed(self.words)
        self.near = lru_cache(maxsize=KEPT_WORDS)(self._near)

    def count(self, word: str) -> int:
        """How many names have the word."""
        at = self.number.get(word)
        return 0 if at is None else int(self.postings.sizes[at])

    def _near(self, word: str) -> Near:
        """The words that agree with ``word`` and how well they do (see ``score.similarity``)."""
        exact = self.number.get(word)
        found: dict[int, float] = {} if exact is None else {exact: 1.0}
        if len(word) > 1:
            sharing = set(self._sharing(list(asked(word, self._heard))))
            sharing.discard(-1 if exact is None else exact)
            found.update(self._agreeing(word, sharing))
        best = sorted(found.items(), key=lambda pair: (pair[1], -pair[0]))[-MOST_NEAR:]
        return Near(np.array([at for at, _ in best], np.int32), np.array([value for _, value in best], np.float32))

    def _agreeing(self, word: str, others: Collection[int]) -> Iterator[tuple[int, float]]:
        """Those of the words that agree with ``word``, and how well."""
        known = self.words
        if _plain(word):
            plain = [at for at in others if self._plain[at]]
            others = [at for at in others if not self._plain[at]]
            typed = process.extract_iter(
                word, [known[at] for at in plain], scorer=OSA.normalized_similarity, score_cutoff=score.LEAST_SPELLED
            )
            for other, alike, place in typed:
                if value := score.spelled(word, other, alike)[0]:
                    yield plain[place], value
        for at in others:
            if value := score.similarity(word, known[at])[0]:
                yield at, value

    def _sharing(self, keys: Sequence[str]) -> Iterator[int]:
        """Numbers of the words filed under any of the keys."""
        filed = self._keys
        starts = np.array([hash(key) & HASH_MASK for key in keys], np.uint64) << np.uint64(NUMBER_BITS)
        first = filed.searchsorted(starts)
        last = filed.searchsorted(starts + np.uint64(1 << NUMBER_BITS))
        for at in np.flatnonzero(last > first).tolist():
            yield from (filed[first[at] : last[at]] & np.uint64((1 << NUMBER_BITS) - 1)).tolist()

    def having(self, numbers: Sequence[int]) -> Numbers:
        """The names that have all of some words."""
        found = self.postings.of(numbers[0])
        for number in numbers[1:]:
            found = np.intersect1d(found, self.postings.of(number), assume_unique=True)
        return found

    @property
    def size(self) -> int:
        """Bytes that the keys and postings take."""
        return self._keys.nbytes + self.rows.size + self.postings.size

    def joined(self, word: str) -> tuple[int, ...]:
        """Listed words that words written apart make when written together; for Korean letters, by sound."""
        at = self.number.get(word)
        exact = () if at is None else (at,)
        if KOREAN not in self._heard or word[0] in (ARABIC, KOREAN):
            return exact
        return (*exact, *(at for at in self._sharing(["K=" + korean(word)]) if self.words[at][0] == KOREAN))

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
            first = list(self._sharing(["k=" + korean(word[:cut])]))
            second = list(self._sharing(["k=" + korean(word[cut:])])) if first else []
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


def _plain(word: str) -> bool:
    """Whether a word stands for its spelling only, not for others or for a sound."""
    return word[0] not in score.HEARD and len(variants(word)) == 1


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
            yield from _sounding(word)
            if ARABIC in heard:
                yield from _spelled(abjad(word), "A=")
        if KOREAN in heard and word.isalpha():
            yield "K=" + korean(word)


def _known(word: str) -> Iterator[str]:
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
            if len(word) >= score.SHORT - 1:
                yield from _sounding(word)


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
        ((hash(key) & HASH_MASK) << NUMBER_BITS | at for at, word in enumerate(words) for key in set(_known(word))),
        np.uint64,
    )
    packed.sort()
    return packed
