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
PLAIN_WORD, OTHER_WORD, OF_ARABIC, OF_KOREAN, COMMON_WORD, LEGAL_FORM = range(6)
LETTERS_ONLY = (PLAIN_WORD, COMMON_WORD)
UNMEASURED = -1.0
FULL = (1 << 62) - 1  # a bit for each letter of a word
LONGEST = 31  # letters of the words that are measured here; what is heard of one may have twice as many


def osa(one: Letters, other: Letters) -> float:
    """Optimal string alignment (a letter less, more or another, or two changed about), as 1 - steps / longer length.

    All letters of one word at once, a bit for each (H. Hyyrö, A Bit-Vector Algorithm for Computing Levenshtein and
    Damerau Edit Distances, 2003).
    """
    n, m = len(one), len(other)
    if max(n, m) == 0:
        return 1.0
    if n == 0 or m == 0:
        return 0.0
    up, down, equal, before, steps, last = FULL, 0, 0, 0, n, 1 << (n - 1)
    for j in range(m):
        here, bit = 0, 1
        for i in range(n):
            if one[i] == other[j]:
                here |= bit
            bit <<= 1
        changed_about = ((((equal ^ FULL) & here) << 1) & FULL) & before
        equal = ((((here & up) + up) & FULL) ^ up) | here | down | changed_about
        more = down | ((equal | up) ^ FULL)
        less = equal & up
        if more & last:
            steps += 1
        if less & last:
            steps -= 1
        more = ((more << 1) & FULL) | 1
        less = (less << 1) & FULL
        up = less | ((equal | more) ^ FULL)
        down = more & equal
        before = here
    return float(1.0 - steps / max(n, m))


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
    are; ``variant`` as typed, for a spelling of a common word.
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
    variant: float
    short: int


class Spellings(NamedTuple):
    """The spellings of words, and their consonants; those of a word begin at its place in ``of_word``."""

    of_word: Places
    text: Letters
    text_at: Places
    sounds: Letters
    sounds_at: Places


def spelled(one: Letters, other: Letters, sound: Letters, its_sound: Letters, rules: Spelling) -> float:
    """As ``score.spelled``, for two words of letters only."""
    if min(len(one), len(other)) < rules.short:
        return short(one, other, sound, its_sound, rules)
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


def short(one: Letters, other: Letters, sound: Letters, its_sound: Letters, rules: Spelling) -> float:
    """As ``score.spelled`` where a word is short; ``UNMEASURED`` for initials."""
    least = min(len(one), len(other))
    if least < 2:
        return UNMEASURED
    near_enough = least == rules.short - 1 and max(len(one), len(other)) <= rules.short
    if near_enough and one[0] == other[0] and one[-1] == other[-1] and len(sound) > 1 and same(sound, its_sound):
        return rules.same_sound
    return 0.0


def sounding(one: Letters, other: Letters, fewest: int, rules: Spelling) -> float:
    """How well a word agrees with one of Arabic or Korean letters, by what is heard of both (``score.similarity``);
    ``UNMEASURED`` for the same sound of less than ``fewest`` letters, of which the letters as written decide.
    """
    if same(one, other):
        return rules.heard_same if len(one) >= fewest else UNMEASURED
    near_enough = min(len(one), len(other)) >= rules.short and alike(one, other, rules.heard) > 0.0
    return rules.heard_near if near_enough else 0.0


class Heard(NamedTuple):
    """Words behind each other: of each its kind, its letters, three sounds and its spellings.

    The sounds are its consonants, and what it is heard as beside Arabic and Korean letters.
    """

    kinds: Letters
    text: Letters
    text_at: Places
    sounds: tuple[Letters, Letters, Letters]
    sounds_at: tuple[Places, Places, Places]
    spellings: Spellings


def spellings_of(listed: Heard, its: int) -> tuple[Letters, Places, Letters, Places, int, int]:
    """The spellings of a listed word and their consonants, and which of them: of a plain word, itself."""
    if listed.kinds[its] == PLAIN_WORD:
        return listed.text, listed.text_at, listed.sounds[0], listed.sounds_at[0], its, its + 1
    known = listed.spellings
    return known.text, known.text_at, known.sounds, known.sounds_at, known.of_word[its], known.of_word[its + 1]


def nearest_spelling(known: Spellings, listed: Heard, its: int, rules: Spelling) -> float:
    """How alike the nearest two spellings of two words are as typed, of those that are long enough; else 0.0."""
    best = 0.0
    text, text_at, _, _, first, last = spellings_of(listed, its)
    for k in range(known.of_word[0], known.of_word[1]):
        one = known.text[known.text_at[k] : known.text_at[k + 1]]
        if len(one) < rules.short:
            continue
        least = rules.short + (1 if len(one) <= rules.short else 0)
        for n in range(first, last):
            if text_at[n + 1] - text_at[n] >= least:
                best = max(best, alike(one, text[text_at[n] : text_at[n + 1]], rules.variant))
    return best


def sound_alike(known: Spellings, listed: Heard, its: int, rules: Spelling) -> bool:
    """Whether two words have spellings of the same consonants that are about as long (Pevel, Pavel)."""
    _, text_at, sounds, sounds_at, first, last = spellings_of(listed, its)
    for k in range(known.of_word[0], known.of_word[1]):
        sound, size = known.sounds[known.sounds_at[k] : known.sounds_at[k + 1]], known.text_at[k + 1] - known.text_at[k]
        if len(sound) <= 2 or size <= rules.short:
            continue
        for n in range(first, last):
            apart = abs(size - (text_at[n + 1] - text_at[n]))
            if apart <= 1 and same(sound, sounds[sounds_at[n] : sounds_at[n + 1]]):
                return True
    return False


def likeness(word: Heard, kind: int, one: Letters, listed: Heard, its: int, rules: Spelling) -> float:
    """How well the one word of ``word`` agrees with a listed one (``score.similarity``), or ``UNMEASURED``."""
    other_kind = listed.kinds[its]
    plain, other_plain = kind in LETTERS_ONLY, other_kind in LETTERS_ONLY
    if kind == PLAIN_WORD and other_kind == PLAIN_WORD:
        letters = listed.text[listed.text_at[its] : listed.text_at[its + 1]]
        heard = listed.sounds[0][listed.sounds_at[0][its] : listed.sounds_at[0][its + 1]]
        return spelled(one, letters, word.sounds[0], heard, rules)
    if (plain or kind == LEGAL_FORM) and (other_plain or other_kind == LEGAL_FORM):
        if len(one) < 2 or listed.text_at[its + 1] - listed.text_at[its] < 2:
            return UNMEASURED
        if kind == LEGAL_FORM and other_kind == LEGAL_FORM:
            return 0.0
        best = nearest_spelling(word.spellings, listed, its, rules)
        if best > 0.0 or kind == LEGAL_FORM or other_kind == LEGAL_FORM:
            return best
        return rules.near_sound if sound_alike(word.spellings, listed, its, rules) else 0.0
    if (plain and other_kind == OF_ARABIC) or (kind == OF_ARABIC and other_plain):
        return sounding(
            word.sounds[1],
            listed.sounds[1][listed.sounds_at[1][its] : listed.sounds_at[1][its + 1]],
            rules.short,
            rules,
        )
    if (plain and other_kind == OF_KOREAN) or (kind == OF_KOREAN and other_plain):
        return sounding(
            word.sounds[2], listed.sounds[2][listed.sounds_at[2][its] : listed.sounds_at[2][its + 1]], 1, rules
        )
    if kind == other_kind and kind in (OF_ARABIC, OF_KOREAN):
        return alike(one[1:], listed.text[listed.text_at[its] + 1 : listed.text_at[its + 1]], rules.lowest)
    return UNMEASURED


def near(
    keys: Places,
    wanted: Places,
    place: Numbers,
    found: Numbers,
    itself: int,
    word: Heard,
    listed: Heard,
    rules: Spelling,
) -> tuple[Numbers, Shares, int]:
    """The listed words that share a key with the one of ``word`` and may agree with it, and how well each does.

    ``itself`` is the number of the same word, or -1; it comes first. Those that are ``UNMEASURED``, of which the number
    is given too, have to be asked of ``score.similarity``. ``place`` and ``found`` as for ``sharing``.
    """
    count = sharing(keys, wanted, place, found)
    chosen, values = np.empty(count + 1, np.int32), np.empty(count + 1, np.float64)
    taken, open_ones, kind, one = 0, 0, int(word.kinds[0]), word.text
    if itself >= 0:
        chosen[0], values[0], taken = itself, 1.0, 1
    for at in range(count):
        if found[at] == itself:
            continue
        value = likeness(word, kind, one, listed, found[at], rules)
        if value != 0.0:
            chosen[taken], values[taken] = found[at], value
            taken += 1
            open_ones += 1 if value < 0.0 else 0
    return chosen[:taken], values[:taken], open_ones


def unmeasured(
    keys: Places,
    wanted: Places,
    place: Numbers,
    found: Numbers,
    itself: int,
    word: Heard,
    listed: Heard,
    rules: Spelling,
) -> tuple[Numbers, Shares, int]:
    """As ``near``, leaving all but the same word to be asked: as it stands, the score is quicker than these loops."""
    del word, listed, rules
    count = sharing(keys, wanted, place, found)
    others = found[:count][found[:count] != itself]
    same_word = np.array([itself] if itself >= 0 else [], np.int32)
    values = np.concatenate((np.ones(len(same_word)), np.full(len(others), UNMEASURED)))
    return np.concatenate((same_word, others)), values, len(others)
