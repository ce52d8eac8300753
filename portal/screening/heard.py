"""The words of an index as their letters and as they are heard, laid out for the loops that compare them."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from portal.screening.names import variants
from portal.screening.nearness import OF_ARABIC, OF_KOREAN, OTHER_WORD, PLAIN_WORD, Letters, Places
from portal.screening.sounds import ARABIC, KOREAN, abjad, korean, skeleton

Three = tuple[Letters, Letters, Letters]


class Heard(NamedTuple):
    """Words behind each other: of each its kind, its letters, and the three sounds of ``sounds_of``."""

    kinds: Letters
    text: Letters
    text_at: Places
    sounds: Three
    sounds_at: tuple[Places, Places, Places]

    @classmethod
    def of(cls, words: Sequence[str]) -> "Heard":
        """Lay out some words."""
        kinds = np.fromiter(map(_kind, words), np.uint8, len(words))
        texts, places = zip(
            *(_laid_out(word.encode() for word in some) for some in (words, *zip(*map(_sounds, words), strict=True))),
            strict=True,
        ) if words else ((letters(""),) * 4, (np.zeros(1, np.int64),) * 4)  # fmt: skip
        return cls(kinds, texts[0], places[0], texts[1:], places[1:])


@lru_cache(maxsize=4096)
def sounds_of(word: str) -> tuple[int, Three]:
    """The kind of a word, its consonants, and what is heard of it beside Arabic and Korean letters."""
    one, other, third = _sounds(word)
    return _kind(word), (letters(one), letters(other), letters(third))


def letters(word: str) -> Letters:
    """A word as bytes."""
    return np.frombuffer(bytearray(word.encode()), np.uint8)


def _sounds(word: str) -> tuple[str, str, str]:
    plain = word.lstrip(ARABIC + KOREAN)
    return skeleton(word), abjad(plain), korean(plain)


def _kind(word: str) -> int:
    if not word.isascii():
        return OTHER_WORD
    if word[0] in (ARABIC, KOREAN):
        of_letters = OF_ARABIC if word[0] == ARABIC else OF_KOREAN
        return of_letters if word[1:].isalpha() else OTHER_WORD
    return PLAIN_WORD if word.isalpha() and len(variants(word)) == 1 else OTHER_WORD


def _laid_out(texts: Iterable[bytes]) -> tuple[Letters, Places]:
    every = list(texts)
    places = np.zeros(len(every) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, every), np.int64, len(every)), out=places[1:])
    return np.frombuffer(bytearray(b"".join(every)), np.uint8), places
