"""The words of all listed names: how much each weighs, which names have it, and which words are near a given one.

Near words are found by keys that they share: the word, the word without one of its letters (so that any one typing
error on either side meets), its consonants, and for Arabic and Korean letters its sound. A key is a hash of 40 bits
with the word's number behind it; all keys together are one sorted array, 8 bytes each.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from portal.screening import score
from portal.screening.names import FORM, variants, words
from portal.screening.sounds import ARABIC, KOREAN, abjad, korean, skeleton

NUMBER_BITS, HASH_MASK = 24, (1 << 40) - 1
LONGEST_SPLIT = 6
SHORTEST_PIECE = 2
MOST_NEAR, MOST_HEARD = 160, 12
KEPT_WORDS = 200_000
Near = tuple[tuple[int, float], ...]


class Lexicon:
    """The vocabulary of an index. ``names`` holds each name's words; words are known by number from here on.

    ``weight`` is given where the words weigh as they do elsewhere; else they weigh by how rare they are here.
    """

    def __init__(self, names: Iterable[Sequence[str]], weight: Callable[[str], float] | None = None) -> None:
        self.number: dict[str, int] = {}
        self.postings: list[array[int]] = []
        whole = 0
        for position, spelled in enumerate(names):
            whole += 1
            for word in dict.fromkeys(spelled):
                at = self.number.setdefault(word, len(self.postings))
                if at == len(self.postings):
                    self.postings.append(array("I"))
                self.postings[at].append(position)
        self.words = list(self.number)
        self.weight = weight or score.weigher(self.count, whole)
        self.weights = array("f", map(self.weight, self.words))
        self._keys = array("Q", sorted(key for at, word in enumerate(self.words) for key in _packed(word, at)))
        self._heard = {word[0] for word in self.words if word[0] in score.HEARD}
        self.near = lru_cache(maxsize=KEPT_WORDS)(self._near)

    def count(self, word: str) -> int:
        """How many names have the word."""
        at = self.number.get(word)
        return 0 if at is None else len(self.postings[at])

    def _near(self, word: str) -> Near:
        """The words that agree with ``word``, itself first, with how well they do (see ``score.similarity``)."""
        exact = self.number.get(word)
        found: dict[int, float] = {} if exact is None else {exact: 1.0}
        if len(word) > 1:
            worth = self._worth_comparing(word)
            for at in set(self._sharing(asked(word, self._heard))):
                if at not in found and worth(self.words[at]) and (value := score.similarity(word, self.words[at])[0]):
                    found[at] = value
        best = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple(best[:MOST_NEAR])

    def _worth_comparing(self, word: str) -> Callable[[str], bool]:
        """A quick look that spares most comparisons, and never one that would agree."""
        if word[0] in score.HEARD:
            heard = abjad if word[0] == ARABIC else korean
            sound = heard(word[1:])
            return lambda other: other[0] in score.HEARD or heard(other) == sound or len(sound) >= score.SHORT
        if len(variants(word)) != 1:
            return lambda other: True
        return lambda other: OSA.normalized_similarity(word, other) >= score.LEAST_SPELLED or not _bare(other)

    def _sharing(self, keys: Iterable[str]) -> Iterator[int]:
        numbers = (1 << NUMBER_BITS) - 1
        known, whole = self._keys, len(self._keys)
        for key in keys:
            start = (hash(key) & HASH_MASK) << NUMBER_BITS
            at = bisect_left(known, start)
            while at < whole and known[at] <= start | numbers:
                yield known[at] & numbers
                at += 1

    @property
    def size(self) -> int:
        """Bytes that the keys and postings take."""
        return self._keys.itemsize * len(self._keys) + sum(4 * len(one) for one in self.postings)

    def joined(self, word: str) -> tuple[int, ...]:
        """Listed words that words written apart make when written together; for Korean letters, by sound."""
        at = self.number.get(word)
        exact = () if at is None else (at,)
        if KOREAN not in self._heard or word[0] in (ARABIC, KOREAN):
            return exact
        return (*exact, *(at for at in self._sharing(("K=" + korean(word),)) if self.words[at][0] == KOREAN))

    def split(self, word: str) -> tuple[tuple[int, ...], ...]:
        """Ways to read one written word as several listed ones ("guangzhou" as "guang", "zhou"), fewest first."""
        if word.startswith(KOREAN):
            return tuple(self._heard_splits(korean(word[1:])))
        if len(word) < 2 * SHORTEST_PIECE or not word.isalpha() or word in self.number or word in words().single:
            return ()
        ways = sorted(self._splits(word, LONGEST_SPLIT), key=len)
        return tuple(way for way in ways if len(way) > 1)[:4]

    def _heard_splits(self, sound: str) -> Iterator[tuple[int, ...]]:
        """Two listed words that together sound like a word of Korean letters (Jong Un)."""
        for cut in range(1, len(sound)):
            first = list(self._sharing(("k=" + sound[:cut],)))
            second = list(self._sharing(("k=" + sound[cut:],))) if first else []
            yield from ((one, other) for one in first[:MOST_HEARD] for other in second[:MOST_HEARD])

    def _splits(self, word: str, most: int) -> Iterator[tuple[int, ...]]:
        number, same = self.number, words().single
        if (at := number.get(same.get(word, word))) is not None:
            yield (at,)
        if most < 2:
            return
        for cut in range(SHORTEST_PIECE, len(word) - SHORTEST_PIECE + 1):
            if (at := number.get(same.get(word[:cut], word[:cut]))) is not None:
                for rest in self._splits(word[cut:], most - 1):
                    yield (at, *rest)


def _bare(word: str) -> bool:
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
        if word.isalpha() and not word.startswith(FORM):
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


def _packed(word: str, at: int) -> Iterator[int]:
    for key in set(_known(word)):
        yield (hash(key) & HASH_MASK) << NUMBER_BITS | at
