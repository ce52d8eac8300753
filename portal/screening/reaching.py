"""Loops over names: which ones the words of a query reach, and the most that the score of each can be.

See ``loops`` for how they are compiled.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from portal.screening.nearness import Letters, Numbers, Places, Shares

Weights = NDArray[np.float32]

SPARED = 0.7  # weight that an initial takes off the word that it stands for
TINY, FORMS_AT_MOST = 1e-4, 0.15
SURE_ENOUGH = 0.95  # of the least weight that has to agree, as words weigh a little differently in each index


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
    legal form nor an initial, ``times`` how often the query has it. Words written together or apart: ``joined`` are
    names that have them so, ``one`` and ``other`` what either side gains. ``forms`` is the weight of the legal forms;
    ``initials`` and ``begun`` are the letters (a bit each) that are initials, and that other words begin with.
    """

    numbers: Numbers
    values: Weights
    ends: Places
    weights: Shares
    long: Letters
    times: Places
    joined: Numbers
    one: Shares
    other: Shares
    forms: float
    initials: int
    begun: int


class Listed(NamedTuple):
    """Names by word, and words by name; of each word its weight, and of each name what its words weigh together.

    ``letters`` tells of each word of one letter or numeral what it may be the initial of (a bit each, as in ``Asked``).
    ``whole`` is the weight of all but legal forms and initials, ``forms`` that of the forms; ``initials`` and
    ``begun`` as in ``Asked``.
    """

    names: Numbers
    names_at: Places
    words: Numbers
    words_at: Places
    weights: Weights
    letters: Numbers
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


class Agreed(NamedTuple):
    """What of a name agrees with a query.

    ``left`` and ``right`` are what the words bring to either side, ``same_left`` and ``same_right`` what they bring by
    being the same; ``spared_left`` and ``spared_right`` what they take off its weight. ``letters`` is the
    weight of the initials that both sides have, which stand for no other word then; ``ours`` and ``theirs`` are those
    left over, a bit each.
    """

    left: float
    right: float
    same_left: float
    same_right: float
    spared_left: float
    spared_right: float
    letters: float
    ours: int
    theirs: int


def bound(asked: Asked, listed: Listed, rules: Rules, row: int, whole: float, agreed: Agreed) -> float:
    """The most that a score can be: legal forms all agree, and so do the initials left over, which spare their word."""
    left, right = agreed.left + asked.forms, agreed.right + listed.forms[row]
    spared_left, spared_right = agreed.spared_left, agreed.spared_right
    by_initial = 0.0
    if agreed.theirs & asked.begun:
        spared_left += SPARED
        by_initial = SPARED
    if listed.begun[row] & agreed.ours:
        spared_right += SPARED
        by_initial = SPARED
    one = left / max(whole + asked.forms + agreed.letters - spared_left, left + TINY)
    other = right / max(listed.whole[row] + listed.forms[row] + agreed.letters - spared_right, right + TINY)
    low, high = min(one, other), max(one, other)
    most = low + rules.uneven * min(1.0, (max(left, right) + by_initial) / rules.evidence) * (high - low)
    within = agreed.same_left >= rules.lone - TINY and (
        agreed.same_left >= whole - unsaid(whole) or agreed.same_right >= listed.whole[row] - unsaid(listed.whole[row])
    )
    return float(max(most, rules.contained) if within else most)


def unsaid(whole: float) -> float:
    """The most weight without a partner of a name that lies within another, beside legal forms and initials."""
    return max(FORMS_AT_MOST, whole / 10 + FORMS_AT_MOST / 3)


def of_joined(asked: Asked, rows: Numbers, gained: Weights) -> NDArray[np.float64]:
    """What words written together or apart bring to either side of each name."""
    sides = np.zeros((len(rows), 2))
    for k in range(len(rows)):
        gained[rows[k]] = k + 1
    for at in range(len(asked.joined)):
        k = int(gained[asked.joined[at]]) - 1
        if k >= 0:
            sides[k, 0] += asked.one[at]
            sides[k, 1] += asked.other[at]
    for k in range(len(rows)):
        gained[rows[k]] = 0.0
    return sides


def agreement(
    asked: Asked, listed: Listed, row: int, place: Numbers, slot_of: Places, joined: NDArray[np.float64]
) -> Agreed:
    """What of a name agrees: ``place`` and ``slot_of`` as ``take`` gave them, ``joined`` as ``of_joined`` gave it."""
    gain, same_words, spared_left, spared_right, letters = 0.0, 0.0, 0.0, 0.0, 0.0
    start, ours, theirs = listed.words_at[row], asked.initials, 0
    for at in range(start, listed.words_at[row + 1]):
        word = listed.words[at]
        known, letter = place[word], listed.letters[word]
        if known and letter > 1 and letter & (letter - 1) == 0:
            before = 0
            for k in range(start, at):
                before += 1 if listed.words[k] == word else 0
            if before + 1 == asked.times[slot_of[known]]:
                ours &= ~letter
            if before < asked.times[slot_of[known]]:
                letters += listed.weights[word]
            else:
                theirs |= letter
                continue
        elif letter:
            theirs |= letter
        if known:
            own, its = asked.weights[slot_of[known]], listed.weights[word]
            gain += min(own, its) * asked.values[known - 1]
            same_words += min(own, its) if asked.values[known - 1] == 1.0 else 0.0
            spared_left += own - min(own, its)
            spared_right += its - min(own, its)
    both_sides = (joined[0] + gain, joined[1] + gain, joined[0] + same_words, joined[1] + same_words)
    return Agreed(*both_sides, spared_left, spared_right, letters, ours, theirs)


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
        row = rows[k]
        most = bound(asked, listed, rules, row, whole, agreement(asked, listed, row, place, slot_of, sides[k]))
        if most >= rules.floor - rules.slack:
            rows[count], bounds[count] = row, most
            count += 1
    for at in range(len(asked.numbers)):
        place[asked.numbers[at]] = 0
    return count
