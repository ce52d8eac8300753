"""Loops over words: which listed ones share a key with one that is asked for, and how well they agree with it.

See ``loops`` for how they are compiled. Texts are bytes behind each other; ``…_at`` says where each begins, and has
one place more than there are texts.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Places = NDArray[np.int64]
Shares = NDArray[np.float64]
Letters = NDArray[np.uint8]

NUMBER_BITS = 32  # of a key; a hash stands before them
PLAIN_WORD, OTHER_WORD, OF_ARABIC, OF_KOREAN = range(4)  # kinds of words; plain ones are of letters only
UNMEASURED = -1.0


def osa(one: Letters, other: Letters) -> float:
    """Optimal string alignment (a letter less, more or another, or two changed about), as 1 - steps / longer length."""
    n, m = len(one), len(other)
    longer = max(n, m)
    if longer == 0:
        return 1.0
    before, last, row = np.zeros(m + 1, np.int32), np.arange(m + 1).astype(np.int32), np.zeros(m + 1, np.int32)
    for i in range(n):
        row[0] = i + 1
        for j in range(m):
            steps = min(last[j + 1] + 1, row[j] + 1, last[j] + (0 if one[i] == other[j] else 1))
            if i > 0 and j > 0 and one[i] == other[j - 1] and one[i - 1] == other[j]:
                steps = min(steps, before[j - 1] + 1)
            row[j + 1] = steps
        before, last, row = last, row, before
    return float(1.0 - last[m] / longer)


def alike(one: Letters, other: Letters, least: float) -> float:
    """``osa`` where it is at least so much, else 0.0; letters that are too many by themselves end it at once."""
    longer, shorter = max(len(one), len(other)), min(len(one), len(other))
    if longer and 1.0 - (longer - shorter) / longer < least:
        return 0.0
    found = osa(one, other)
    return found if found >= least else 0.0


def same(one: Letters, other: Letters) -> bool:
    """Whether two texts are the same."""
    if len(one) != len(other):
        return False
    at = 0
    while at < len(one) and one[at] == other[at]:
        at += 1
    return at == len(one)


def sharing(keys: Places, wanted: Places, place: Numbers, found: Numbers) -> int:
    """Write into ``found`` the numbers of the words filed under any of the keys, each once, and tell how many.

    ``keys`` are sorted; ``place`` is of zeros for each word, and so it is again afterwards.
    """
    count = 0
    for start in wanted:
        at, end = 0, len(keys)
        while at < end:
            middle = (at + end) // 2
            if keys[middle] < start:
                at = middle + 1
            else:
                end = middle
        while at < len(keys) and keys[at] - start < (1 << NUMBER_BITS):
            number = keys[at] - start
            if place[number] == 0:
                place[number] = 1
                found[count] = number
                count += 1
            at += 1
    for at in range(count):
        place[found[at]] = 0
    return count


class Spelling(NamedTuple):
    """The thresholds of ``score.spelled``, and the values that it gives words that sound the same, or nearly so.

    ``least`` and ``fairly``: as typed, for the sound to be asked; ``lowest`` as typed, whatever the sound; ``heard`` as
    heard; ``heard_same`` and ``heard_near`` are given beside Arabic or Korean letters; ``other_head`` is what is left
    where the first sounds differ; ``short`` is the length below which the letters alone do not say how alike two words
    are.
    """

    least: float
    fairly: float
    lowest: float
    heard: float
    same_sound: float
    near_sound: float
    heard_same: float
    heard_near: float
    other_head: float
    short: int


def spelled(one: Letters, other: Letters, sound: Letters, its_sound: Letters, rules: Spelling) -> float:
    """As ``score.spelled``, for two words of letters only; ``UNMEASURED`` for short ones, which it has to be asked."""
    if min(len(one), len(other)) < rules.short:
        return UNMEASURED
    typed = alike(one, other, rules.least)
    if typed == 0.0:
        return typed
    if sound[0] != its_sound[0] and (one[0] != other[1] or one[1] != other[0]):
        typed *= rules.other_head
    if typed >= rules.same_sound:
        return typed
    apart = abs(len(one) - len(other))
    shorter, longer = (sound, its_sound) if len(one) <= len(other) else (its_sound, sound)
    asked = (typed >= rules.fairly and apart <= 2) or (len(shorter) >= rules.short - 1 and apart <= 1)
    if asked and len(shorter) > 1 and same(shorter, longer):
        return rules.same_sound
    if typed >= rules.lowest:
        return typed
    if asked and min(len(shorter), len(longer)) >= rules.short and alike(shorter, longer, rules.heard) > 0.0:
        return rules.near_sound
    return 0.0


def sounding(one: Letters, other: Letters, fewest: int, rules: Spelling) -> float:
    """How well a word agrees with one of Arabic or Korean letters, by what is heard of both (``score.similarity``);
    ``UNMEASURED`` for the same sound of less than ``fewest`` letters, of which the letters as written decide.
    """
    if same(one, other):
        return rules.heard_same if len(one) >= fewest else UNMEASURED
    near_enough = min(len(one), len(other)) >= rules.short and alike(one, other, rules.heard) > 0.0
    return rules.heard_near if near_enough else 0.0


def near(
    others: Numbers,
    kind: int,
    word: Letters,
    sounds: tuple[Letters, Letters, Letters],
    kinds: Letters,
    text: Letters,
    text_at: Places,
    heard: tuple[Letters, Letters, Letters],
    heard_at: tuple[Places, Places, Places],
    rules: Spelling,
) -> tuple[Numbers, Shares]:
    """Those of the words ``others`` that may agree with a word, with how well, or ``UNMEASURED`` where that is to be
    asked of ``score.similarity``.

    ``sounds`` are the word's consonants, and what it is heard as beside Arabic and Korean letters; ``heard`` those of
    the listed words.
    """
    chosen, values = np.empty(len(others), np.int32), np.empty(len(others), np.float64)
    count = 0
    for other in others:
        its = kinds[other]
        value = UNMEASURED
        if kind == PLAIN_WORD and its == PLAIN_WORD:
            start, end = heard_at[0][other], heard_at[0][other + 1]
            letters = text[text_at[other] : text_at[other + 1]]
            value = spelled(word, letters, sounds[0], heard[0][start:end], rules)
        elif min(kind, its) == PLAIN_WORD and max(kind, its) == OF_ARABIC:
            start, end = heard_at[1][other], heard_at[1][other + 1]
            value = sounding(sounds[1], heard[1][start:end], rules.short, rules)
        elif min(kind, its) == PLAIN_WORD and max(kind, its) == OF_KOREAN:
            start, end = heard_at[2][other], heard_at[2][other + 1]
            value = sounding(sounds[2], heard[2][start:end], 1, rules)
        if value != 0.0:
            chosen[count], values[count] = other, value
            count += 1
    return chosen[:count], values[:count]
