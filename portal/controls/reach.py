"""What a change of measures can touch, told cheaply, so that not all goods have to be judged again.

A reach never misses: goods that it turns away are judged alike by both sets (a property test compares it with judging
everything). What it lets through has still to be judged.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from portal.controls import formula
from portal.controls.goods import GoodsItem, digits
from portal.controls.judge import match_all
from portal.controls.measures import Measure, MeasureSet

SUBHEADING, CODE_HEAD = 6, 5


@dataclass(frozen=True, slots=True)
class Reach:
    """What the changed measures speak of, in every way in which the judgement may find it in goods."""

    measures: MeasureSet
    destinations: frozenset[str]
    words: tuple[str, ...]
    symbols: re.Pattern[str]
    hs_codes: frozenset[str]
    control_codes: frozenset[str]

    def may(self, goods: GoodsItem, destination: str) -> bool:
        """Whether the change may make a difference to goods for a destination."""
        return destination in self.destinations or (self._hints(goods) and bool(match_all(goods, self.measures)))

    def _hints(self, goods: GoodsItem) -> bool:
        """Whether anything in the goods points to the measures at all: some quick looks instead of many searches."""
        if goods.control_code.strip().upper()[:CODE_HEAD] in self.control_codes:
            return True
        if digits(goods.hs_code)[:SUBHEADING] in self.hs_codes:
            return True
        text = goods.described
        if self.symbols.search(formula.normal(text)):
            return True
        small = text.casefold()
        return any(word in small for word in self.words)


def changed(before: MeasureSet, after: MeasureSet) -> tuple[Measure, ...]:
    """The measures that are not the same in both sets, as they are in each set that has them."""
    old = {measure.number: measure for measure in before.measures}
    new = {measure.number: measure for measure in after.measures}
    numbers = [number for number in {**old, **new} if old.get(number) != new.get(number)]
    return tuple(one for number in numbers for one in (old.get(number), new.get(number)) if one is not None)


def of(measures: tuple[Measure, ...], rules: MeasureSet) -> Reach:
    """The reach of some measures; ``rules`` gives the words for elements and materials."""
    items = [item for measure in measures for item in measure.items]
    elements = {symbol for item in items for symbol in item.elements}
    terms = {term for item in items for term in item.terms}
    words = {name for element in rules.elements if element.symbol in elements for name in element.names} | terms
    words |= {word for one in rules.materials if elements & set(one.elements) for word in one.words}
    symbols = elements | {min(one.elements) for term in terms for one in formula.found(term)}
    # One of each number: a set that names a measure twice would find its items twice.
    once = {measure.number: measure for measure in reversed(measures)}
    both = tuple(
        replace(once[number], items=tuple(item for one in measures if one.number == number for item in one.items))
        for number in once
    )
    return Reach(
        measures=replace(rules, measures=both),
        destinations=frozenset(one for measure in measures for one in measure.destinations),
        words=tuple(sorted({_beginning(word) for word in words})),
        symbols=re.compile("|".join(sorted(map(re.escape, symbols))) or r"(?!)"),
        hs_codes=frozenset(code[:SUBHEADING] for item in items for code in (*item.hs_codes, *item.hs_doubtful)),
        control_codes=frozenset(code[:CODE_HEAD].upper() for item in items for code in item.control_codes),
    )


def _beginning(word: str) -> str:
    """What every text that names the word holds: a Chinese word whole, of a Latin one its first letters."""
    if not word.isascii():
        return word.casefold()
    found = re.match(r"[A-Za-z0-9]*", word)
    return found[0].lower() if found else ""


def days(before: MeasureSet, after: MeasureSet, today: date) -> tuple[date, ...]:
    """The days from today on at which the two sets begin to differ, or go on to differ in another way.

    A change with a first day that lies ahead makes no difference today. Empty: they never differ.
    """
    found: list[date] = []
    last: object = None
    for day in turns(changed(before, after), today):
        stands = _differences(before, after, day)
        if stands and stands != last:
            found.append(day)
        last = stands
    return tuple(found)


def turns(measures: Sequence[Measure], today: date) -> tuple[date, ...]:
    """Today, and the later days on which one of the measures begins to stand otherwise."""
    return tuple(sorted({today, *(day for measure in measures for day in _turns(measure) if day > today)}))


def _turns(measure: Measure) -> Iterator[date]:
    for one in (*measure.in_force, *(suspension.interval for suspension in measure.suspensions)):
        yield one.since
        if one.until is not None:
            yield one.until + timedelta(days=1)


def _differences(before: MeasureSet, after: MeasureSet, day: date) -> tuple[object, ...]:
    """How each changed measure stands in both sets on a day, where that is not the same."""
    old = {measure.number: measure for measure in before.measures}
    new = {measure.number: measure for measure in after.measures}
    sides = [(old.get(number), new.get(number)) for number in dict.fromkeys((*old, *new))]
    stands = [(_stands(one, day), _stands(other, day)) for one, other in sides if one != other]
    return tuple(pair for pair in stands if pair[0] != pair[1])


def _stands(measure: Measure | None, day: date) -> object:
    """All of a measure that its judgement on a day rests on; a measure without effect on the day judges nothing."""
    if measure is None or measure.standing(day) in ("not_yet", "ended", "suspended"):
        return None
    return measure.standing(day), replace(measure, in_force=(), suspensions=())
