"""The words of an index as their letters and as they are heard, laid out for the loops that compare them."""

from collections.abc import Collection, Sequence

import numpy as np

from portal.screening.names import FORM, variants
from portal.screening.nearness import (
    COMMON_WORD,
    LEGAL_FORM,
    LONGEST,
    OF_ARABIC,
    OF_KOREAN,
    OTHER_WORD,
    PLAIN_WORD,
    Heard,
    Letters,
    Places,
    Spellings,
)
from portal.screening.rows import Texts
from portal.screening.sounds import ARABIC, KOREAN, abjad, korean, skeleton

TEXTS = ("word", "consonants", "abjad", "korean", "spelling", "consonants of spelling")
NOTHING: Letters = np.frombuffer(bytearray(), np.uint8)
ITSELF: Places = np.array([0, 1], np.int64)


def laid_out(words: Sequence[str]) -> Heard:
    """Lay out some words."""
    kinds = np.fromiter(map(_kind, words), np.uint8, len(words))
    sounds = [_sounds(word) for word in words]
    spellings = [
        variants(word) if kind in (COMMON_WORD, LEGAL_FORM) else () for word, kind in zip(words, kinds, strict=True)
    ]
    of_word = np.zeros(len(words) + 1, np.int64)
    np.cumsum([len(some) for some in spellings], out=of_word[1:])
    every = [spelled for some in spellings for spelled in some]
    texts = [Texts.of(words), *(Texts.of(sound[at] for sound in sounds) for at in range(3))]
    return of_texts(kinds, of_word, [*texts, Texts.of(every), Texts.of(map(skeleton, every))])


def of_texts(kinds: Letters, of_word: Places, texts: Sequence[Texts]) -> Heard:
    """What was laid out before: the kinds, where the spellings of each word begin, and ``TEXTS``."""
    word, *sounds, spelling, its_sound = texts
    letters, places = zip(*sounds, strict=True)
    spellings = Spellings(of_word, spelling.letters, spelling.starts, its_sound.letters, its_sound.starts)
    return Heard(kinds, word.letters, word.starts, letters, places, spellings)


def texts_of(heard: Heard) -> list[Texts]:
    """The words, their three sounds, and the spellings of common ones with theirs."""
    known = heard.spellings
    sounds = [Texts(*pair) for pair in zip(heard.sounds, heard.sounds_at, strict=True)]
    spellings = [Texts(known.text, known.text_at), Texts(known.sounds, known.sounds_at)]
    return [Texts(heard.text, heard.text_at), *sounds, *spellings]


def alone(word: str, beside: Collection[str]) -> Heard:
    """One word, and what is heard of it ``beside`` words of Arabic and Korean letters, where there are any."""
    kind = _kind(word)
    plain = word.lstrip(ARABIC + KOREAN)
    sounds = (
        letters(skeleton(word)),
        letters(abjad(plain)) if ARABIC in beside or kind == OF_ARABIC else NOTHING,
        letters(korean(plain)) if KOREAN in beside or kind == OF_KOREAN else NOTHING,
    )
    one = letters(word)
    place = np.array([0, len(one)], np.int64)
    spellings = Spellings(ITSELF, one, place, sounds[0], np.array([0, len(sounds[0])], np.int64))
    if kind in (COMMON_WORD, LEGAL_FORM):
        spellings = laid_out([word]).spellings
    return Heard(np.array([kind], np.uint8), one, place, sounds, (place,) * 3, spellings)


def letters(word: str) -> Letters:
    """A word as bytes."""
    return np.frombuffer(bytearray(word.encode()), np.uint8)


def _sounds(word: str) -> tuple[str, str, str]:
    plain = word.lstrip(ARABIC + KOREAN)
    return skeleton(word), abjad(plain), korean(plain)


def _kind(word: str) -> int:
    if not word.isascii() or len(word) > LONGEST:
        return OTHER_WORD
    if word[0] in (ARABIC, KOREAN):
        of_letters = OF_ARABIC if word[0] == ARABIC else OF_KOREAN
        return of_letters if word[1:].isalpha() else OTHER_WORD
    if len(variants(word)) == 1:
        return PLAIN_WORD if word.isalpha() else OTHER_WORD
    if word[0] == FORM:
        return LEGAL_FORM
    return COMMON_WORD if word.isalpha() else OTHER_WORD
