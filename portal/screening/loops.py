"""The inner loops of looking up: which listed words may be near one that is asked for, and which names words reach.

They are written for one number after the other, so that numba can compile them: for long lists they run a hundred
times as fast then (``compiled``). For a short list that is not worth the third of a second that numba takes to load;
there the same code runs as it stands (``PLAIN``).

Texts are bytes behind each other; ``…_at`` says where each begins, and has one place more than there are texts.
"""

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Places = NDArray[np.int64]
Shares = NDArray[np.float64]
Weights = NDArray[np.float32]
Letters = NDArray[np.uint8]

NUMBER_BITS = 32  # of a key; a hash stands before them
PLAIN_WORD, OTHER_WORD, OF_ARABIC, OF_KOREAN = range(4)  # kinds of words; plain ones are of letters only
UNMEASURED = -1.0
SPARED = 0.7  # weight that an initial takes off the word that it stands for
TINY, FORMS_AT_MOST = 1e-4, 0.15
SURE_ENOUGH = 0.95  # of the least weight that has to agree, as words weigh a little differently in each index


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
    heard; ``heard_same`` and ``heard_near`` are given beside Arabic or Korean letters; ``short`` is the length below
    which the letters alone do not say how alike two words are.
    """

    least: float
    fairly: float
    lowest: float
    heard: float
    same_sound: float
    near_sound: float
    heard_same: float
    heard_near: float
    short: int


def spelled(one: Letters, other: Letters, sound: Letters, its_sound: Letters, rules: Spelling) -> float:
    """As ``score.spelled``, for two words of letters only; ``UNMEASURED`` for short ones, which it has to be asked."""
    if min(len(one), len(other)) < rules.short:
        return UNMEASURED
    typed = alike(one, other, rules.least)
    if typed == 0.0 or typed >= rules.same_sound:
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
            value = sounding(sounds[1], heard[1][start:end], 2, rules)
        elif min(kind, its) == PLAIN_WORD and max(kind, its) == OF_KOREAN:
            start, end = heard_at[2][other], heard_at[2][other + 1]
            value = sounding(sounds[2], heard[2][start:end], 1, rules)
        if value != 0.0:
            chosen[count], values[count] = other, value
            count += 1
    return chosen[:count], values[:count]


def together(values: Numbers, starts: Places, numbers: Numbers) -> Numbers:
    """The names that have all of some words. What is filed under each word is in order."""
    found = values[starts[numbers[0]] : starts[numbers[0] + 1]].copy()
    for k in range(1, len(numbers)):
        at, end = starts[numbers[k]], starts[numbers[k] + 1]
        kept = 0
        for row in found:
            while at < end and values[at] < row:
                at += 1
            if at < end and values[at] == row:
                found[kept] = row
                kept += 1
        found = found[:kept]
    return found


def enough(whole: float, floor: float, uneven: float, evidence: float) -> float:
    """The least of a query's weight that a name must agree with to reach a score of ``floor``."""
    least, most = 0.0, whole
    for _ in range(8):
        middle = (least + most) / 2
        excused = uneven * min(1.0, (middle + FORMS_AT_MOST) / evidence)
        if middle >= whole * (floor - excused) / (1 - excused):
            most = middle
        else:
            least = middle
    return most


class Asked(NamedTuple):
    """The words of a query, each with the listed words near it, behind each other up to ``ends``.

    ``values`` is how alike they are, ``weights`` what each word of the query weighs, ``long`` whether it is neither a
    legal form nor an initial. Words written together or apart: ``joined`` are names that have them so, ``one`` and
    ``other`` what either side gains. ``forms`` is the weight of the legal forms; ``initials`` and ``begun`` are the
    letters (a bit each) that are initials, and that other words begin with.
    """

    numbers: Numbers
    values: Weights
    ends: Places
    weights: Shares
    long: Letters
    joined: Numbers
    one: Shares
    other: Shares
    forms: float
    initials: int
    begun: int


class Listed(NamedTuple):
    """Names by word, and words by name; of each word its weight, and of each name what its words weigh together.

    ``whole`` is the weight of all but legal forms and initials, ``forms`` that of the forms; ``initials`` and
    ``begun`` as in ``Asked``.
    """

    names: Numbers
    names_at: Places
    words: Numbers
    words_at: Places
    weights: Weights
    whole: Weights
    forms: Weights
    initials: Numbers
    begun: Numbers


class Rules(NamedTuple):
    """What decides: the score to be reached, how far a bound may be from it, and the policy's weights.

    ``cheap`` names are looked at before common words are put off. ``lone`` is the weight from which one word says
    something by itself.
    """

    floor: float
    slack: float
    uneven: float
    evidence: float
    contained: float
    lone: float
    cheap: int


def least_needed(asked: Asked, rules: Rules, strongest: Shares) -> float:
    """The least weight that has to agree, where each word agrees with the ``strongest`` that is near it."""
    whole = 0.0
    for slot in range(len(strongest)):
        whole += strongest[slot] if asked.long[slot] else 0.0
    return min(enough(whole, rules.floor, rules.uneven, rules.evidence), rules.lone) * SURE_ENOUGH


def by_rarity(sizes: Places) -> Places:
    """The places of the words, the rarest first."""
    order = np.arange(len(sizes))
    for at in range(1, len(order)):
        one, k = order[at], at
        while k > 0 and sizes[order[k - 1]] > sizes[one]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = one
    return order


def add(row: int, gain: float, gained: Weights, rows: Numbers, count: int) -> int:
    """Add what a name gains, and write the name down when it is the first that it gains."""
    if gained[row] == 0.0:
        rows[count] = row
        count += 1
    gained[row] += max(gain, TINY)
    return count


def gather(asked: Asked, listed: Listed, rules: Rules, gained: Weights, rows: Numbers) -> tuple[int, float]:
    """Add up in ``gained`` what the rarest words bring to each name, and write these names into ``rows``.

    Common words are put off where what is left would not be enough without the others. Gives how many names were
    written, and the least that a name must have gained.
    """
    slots = len(asked.ends)
    sizes, strongest = np.zeros(slots, np.int64), np.zeros(slots, np.float64)
    start, left = 0, 0.0
    for slot in range(slots):
        if asked.ends[slot] == start:
            strongest[slot] = asked.weights[slot]
        for at in range(start, asked.ends[slot]):
            number = asked.numbers[at]
            sizes[slot] += listed.names_at[number + 1] - listed.names_at[number]
            strongest[slot] = max(strongest[slot], min(asked.weights[slot], listed.weights[number]))
        start = asked.ends[slot]
        left += strongest[slot]
    least = least_needed(asked, rules, strongest)
    count, looked = 0, 0
    for slot in by_rarity(sizes):
        if looked + sizes[slot] > rules.cheap and left < least:
            continue
        looked += sizes[slot]
        left -= strongest[slot]
        for at in range(asked.ends[slot - 1] if slot else 0, asked.ends[slot]):
            number = asked.numbers[at]
            gain = min(asked.weights[slot], listed.weights[number]) * asked.values[at]
            for k in range(listed.names_at[number], listed.names_at[number + 1]):
                count = add(listed.names[k], gain, gained, rows, count)
    for at in range(len(asked.joined)):
        count = add(asked.joined[at], max(asked.one[at], asked.other[at]), gained, rows, count)
    return count, least - left


def reached(asked: Asked, listed: Listed, rules: Rules, gained: Weights, rows: Numbers) -> int:
    """Write into ``rows`` the names to which the words, or initials of words that begin so, bring enough; how many.

    ``gained`` is of zeros for each name, and tells afterwards what each of these names has gained.
    """
    count, least = gather(asked, listed, rules, gained, rows)
    kept = 0
    for at in range(count):
        row = rows[at]
        if gained[row] + (SPARED if listed.initials[row] & asked.begun else 0.0) >= least:
            rows[kept] = row
            kept += 1
        else:
            gained[row] = 0.0
    return kept


def take(asked: Asked, listed: Listed, place: Numbers) -> Places:
    """Write to each listed word's ``place`` which of the query's it is taken for: the one that it brings most to.

    What is written is a place in ``asked.numbers``, from 1; given is which of the query's words each is near.
    """
    slot_of = np.zeros(len(asked.numbers) + 1, np.int64)
    start = 0
    for slot in range(len(asked.ends)):
        for at in range(start, asked.ends[slot]):
            slot_of[at + 1] = slot
            its = listed.weights[asked.numbers[at]]
            known = place[asked.numbers[at]]
            gain = min(asked.weights[slot], its) * asked.values[at]
            if not known or gain >= min(asked.weights[slot_of[known]], its) * asked.values[known - 1]:
                place[asked.numbers[at]] = at + 1
        start = asked.ends[slot]
    return slot_of


def bound(
    asked: Asked,
    listed: Listed,
    rules: Rules,
    row: int,
    whole: float,
    sides: tuple[float, float, float],
    spared: tuple[float, float],
) -> float:
    """The most that a score can be: legal forms all agree, and so do initials, which spare their word.

    ``sides`` is what the words bring to either side, and by being the same; ``spared`` what they take off its weight.
    """
    left, right, same_words = sides[0] + asked.forms, sides[1] + listed.forms[row], sides[2]
    spared_left, spared_right, agreed = spared[0], spared[1], max(left, right)
    by_initial = 0.0
    if listed.initials[row] & asked.begun:
        spared_left += SPARED
        by_initial = SPARED
    if listed.begun[row] & asked.initials:
        spared_right += SPARED
        by_initial = SPARED
    one = left / max(whole + asked.forms - spared_left, left + TINY)
    other = right / max(listed.whole[row] + listed.forms[row] - spared_right, right + TINY)
    low, high = min(one, other), max(one, other)
    most = low + rules.uneven * min(1.0, (agreed + by_initial) / rules.evidence) * (high - low)
    within = same_words >= rules.lone - TINY and same_words + FORMS_AT_MOST >= min(whole, listed.whole[row])
    return float(max(most, rules.contained) if within else most)


def of_joined(asked: Asked, rows: Numbers, gained: Weights) -> NDArray[np.float64]:
    """What words written together or apart bring to either side of each name, and by being the same."""
    sides = np.zeros((len(rows), 3))
    for k in range(len(rows)):
        gained[rows[k]] = k + 1
    for at in range(len(asked.joined)):
        k = int(gained[asked.joined[at]]) - 1
        if k >= 0:
            sides[k, 0] += asked.one[at]
            sides[k, 1] += asked.other[at]
            sides[k, 2] += max(asked.one[at], asked.other[at])
    for k in range(len(rows)):
        gained[rows[k]] = 0.0
    return sides


def promising(
    asked: Asked, listed: Listed, rules: Rules, rows: Numbers, gained: Weights, place: Numbers, bounds: Shares
) -> int:
    """Move to the front of ``rows`` the names of which the bound reaches the floor, and tell how many.

    ``place`` is of zeros for each word and afterwards so is ``gained`` for the names. ``bounds`` is written.
    """
    slot_of = take(asked, listed, place)
    sides = of_joined(asked, rows, gained)
    whole = 0.0
    for slot in range(len(asked.ends)):
        whole += asked.weights[slot] if asked.long[slot] else 0.0
    count = 0
    for k in range(len(rows)):
        row, gain, same_words, spared_left, spared_right = rows[k], 0.0, 0.0, 0.0, 0.0
        for at in range(listed.words_at[row], listed.words_at[row + 1]):
            known = place[listed.words[at]]
            if known:
                own, its = asked.weights[slot_of[known]], listed.weights[listed.words[at]]
                gain += min(own, its) * asked.values[known - 1]
                same_words += min(own, its) if asked.values[known - 1] == 1.0 else 0.0
                spared_left += own - min(own, its)
                spared_right += its - min(own, its)
        brought = (sides[k, 0] + gain, sides[k, 1] + gain, sides[k, 2] + same_words)
        most = bound(asked, listed, rules, row, whole, brought, (spared_left, spared_right))
        if most >= rules.floor - rules.slack:
            rows[count], bounds[count] = row, most
            count += 1
    for at in range(len(asked.numbers)):
        place[asked.numbers[at]] = 0
    return count


class Loops(NamedTuple):
    """The loops as they are called."""

    sharing: Callable[..., int]
    near: Callable[..., tuple[Numbers, Shares]]
    together: Callable[..., Numbers]
    reached: Callable[..., int]
    promising: Callable[..., int]


PLAIN = Loops(sharing, near, together, reached, promising)
CALLED = (osa, alike, same, spelled, sounding, enough, least_needed, by_rarity, add, gather, take, of_joined, bound)


@cache
def compiled() -> Loops:
    """The same, compiled; what was compiled once is kept in files where the process may write any."""
    import numba  # takes a while to load, and is needed for long lists only

    # What they call of each other has to be compiled as well, so they see each other in names of their own.
    seen = dict(globals())
    for loop in (*CALLED, *PLAIN):
        own: Any = FunctionType(loop.__code__, seen, loop.__name__)
        own.__module__ = loop.__module__
        try:
            seen[loop.__name__] = numba.njit(cache=True, nogil=True)(own)
        except RuntimeError:  # no folder to keep it in
            seen[loop.__name__] = numba.njit(nogil=True)(own)
    return Loops(*(seen[name] for name in Loops._fields))
