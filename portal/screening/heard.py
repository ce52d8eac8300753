"""The words of an index as their letters and as they are heard, laid out for the loops that compare them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from portal.screening.names import variants
from portal.screening.nearness import OF_ARABIC, OF_KOREAN, OTHER_WORD, PLAIN_WORD, Letters, Places
from portal.screening.rows import Texts
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
        sounds = [_sounds(word) for word in words]
        laid = [Texts.of(words), *(Texts.of(sound[at] for sound in sounds) for at in range(3))]
        return cls.laid(kinds, laid)

    @classmethod
    def laid(cls, kinds: Letters, texts: Sequence[Texts]) -> "Heard":
        """The kinds, and the words and their three sounds, as they were laid out before."""
        word, one, other, third = texts
        sounds, places = (one.letters, other.letters, third.letters), (one.starts, other.starts, third.starts)
        return cls(kinds, word.letters, word.starts, sounds, places)

    def texts(self) -> list[Texts]:
        """The words and their three sounds."""
        pairs = zip((self.text, *self.sounds), (self.text_at, *self.sounds_at), strict=True)
        return [Texts(letters, places) for letters, places in pairs]


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
