"""Is this item controlled, on this day, to this place? Judged from the measures on file, never more surely.

A code that a measure prints makes an item controlled; a name, a shorter code, or anything not verified asks for
review. Only when no measure on file speaks of the item is it "not controlled", and then the catch-all still applies
(Decree 792 article 14; Export Control Law article 12).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from portal.controls import formula, quantities, reasons
from portal.controls.goods import GoodsItem, digits, elements_named, names, particle_size, purity
from portal.controls.measures import MARKS, ControlItem, Measure, MeasureSet, Parameter, day_text, load
from portal.controls.quantities import Stated
from portal.controls.thresholds import UNVERIFIED, Answers
from portal.text import Text

__all__ = ["GoodsItem", "Judgement", "MeasureFinding", "judge"]

State = Literal["controlled", "not_controlled", "review"]
# ``outside``: what is stated misses a threshold, and the measure's facts are sure enough to say so. ``suspended`` and
# ``not_yet`` report a measure that has no effect on the day; ``conditional`` one whose effect depends on who uses the
# item and for what (the bans on military users and uses).
MeasureState = Literal["controlled", "review", "outside", "suspended", "not_yet", "conditional"]
Ground = Literal["control_code", "doubtful_code", "hs_code", "doubtful_hs", "name", "element"]
GROUNDS: tuple[Ground, ...] = ("control_code", "hs_code", "doubtful_code", "doubtful_hs", "name", "element")
SURE = ("control_code", "hs_code")
NAMED = 2
SHORTEST = 6  # digits of an HS code that say anything


@dataclass(frozen=True, slots=True)
class Match:
    """An item of a measure that the goods met, on what ground, and the thresholds that were compared.

    ``named`` says how far the goods' own words agree: 2 they name the item, 1 its element, 0 neither.
    """

    item: ControlItem
    ground: Ground
    named: int
    missed: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class MeasureFinding:
    """What one measure says of the goods. ``checked`` is when a person last compared it with the official text."""

    number: str
    title: Text
    state: MeasureState
    control_code: str
    reason: Text
    source: str
    mark: str
    prohibited: bool
    checked: date | None = None
    items: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer with its grounds. ``version`` and ``digest`` name the measures used, for replay."""

    state: State
    measures: tuple[MeasureFinding, ...]
    reasons: tuple[Text, ...]
    version: str
    digest: str

    @property
    def prohibited(self) -> bool:
        """Whether a measure bars the item from this destination whoever uses it."""
        return any(finding.prohibited for finding in self.measures)

    @property
    def control_codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(finding.control_code for finding in self.measures if finding.control_code))


def judge(
    goods: GoodsItem,
    destination: str,
    on: date,
    measures: MeasureSet | None = None,
    matched: dict[Measure, tuple[Match, ...]] | None = None,
) -> Judgement:
    """Judge one goods line for a destination (ISO 3166-1 alpha-2) on a day, by the shipped measures or those given.

    ``matched`` is what ``match_all`` found for the goods and the measures, where that is known already.
    """
    rules = measures or load()
    matched = match_all(goods, rules) if matched is None else matched
    said = stated(goods)
    judged = {
        measure: _finding(measure, found, on, rules, said)
        for measure, found in matched.items()
        if measure.standing(on) != "ended"
    }
    met = {
        measure: tuple(match.item for match in found)
        for measure, found in matched.items()
        if measure not in judged or judged[measure].state != "outside"
    }
    findings = [*judged.values(), *destination_findings(rules, met, destination, on)]
    state, why = _state(findings, goods, matched)
    if state == "not_controlled":
        if not any(finding.state == "outside" for finding in findings):
            why += (reasons.NOTHING.filled(version=rules.version, facts=day_text(rules.facts_until)),)
        why += (reasons.CATCH_ALL,)
    return Judgement(state, tuple(findings), why, rules.version, rules.digest)


def match_all(goods: GoodsItem, rules: MeasureSet) -> dict[Measure, tuple[Match, ...]]:
    """For each measure that speaks of the goods, the items that they met."""
    hs_code = digits(goods.hs_code)
    told = _Told(
        goods.described,
        goods.control_code.strip().upper(),
        hs_code if len(hs_code) >= SHORTEST and hs_code.isdigit() else "",
        elements_named(goods, rules.elements, rules.materials),
        frozenset(one.elements for one in formula.found(goods.described)),
        stated(goods),
    )
    matched = {measure: _matches(told, measure) for measure in rules.measures}
    return {measure: found for measure, found in matched.items() if found}


def _state(
    findings: list[MeasureFinding], goods: GoodsItem, matched: dict[Measure, tuple[Match, ...]]
) -> tuple[State, tuple[Text, ...]]:
    why = tuple(finding.reason for finding in findings)
    states = {finding.state for finding in findings}
    if "controlled" in states:
        return "controlled", why
    code = goods.control_code.strip()
    known = any(match.ground in ("control_code", "doubtful_code") for found in matched.values() for match in found)
    if code and not known:
        return "review", (*why, reasons.UNKNOWN_CODE.filled(code=code))
    return ("review" if "review" in states else "not_controlled"), why


@dataclass(frozen=True, slots=True)
class _Told:
    """What the goods say of themselves, read once: elements, compositions of formulas, and values."""

    text: str
    control_code: str
    hs_code: str
    elements: frozenset[str]
    compositions: frozenset[frozenset[str]]
    answers: Answers


def _matches(told: _Told, measure: Measure) -> tuple[Match, ...]:
    """The items met, best ground only: where words settle which item a shared HS code means, the others go."""
    found = [match for item in measure.items if (match := _match(told, item))]
    if not found:
        return ()
    best = min(GROUNDS.index(match.ground) for match in found)
    found = [match for match in found if GROUNDS.index(match.ground) == best]
    named = max(match.named for match in found)
    return tuple(match for match in found if match.named == named)


def _match(told: _Told, item: ControlItem) -> Match | None:
    by_name = any(names(told.text, term) for term in item.terms)
    by_name = by_name or bool(told.compositions and told.compositions & _compositions(item.terms))
    by_element = bool(told.elements & set(item.elements))
    ground = _ground(told, item) or ("name" if by_name else "element" if by_element else None)
    if ground is None:
        return None
    if ground == "hs_code" and told.elements and item.elements and not by_name and not by_element:
        ground = "doubtful_hs"  # several items share HS codes; the goods' words name another element
    missed = tuple(parameter for parameter in item.parameters if _misses(parameter, told.answers))
    return Match(item, ground, NAMED if by_name else int(by_element), missed)


@cache
def _compositions(terms: tuple[str, ...]) -> frozenset[frozenset[str]]:
    """The elements of each formula among an item's words: Cd0.9Zn0.1Te is the item that has the word CdZnTe."""
    return frozenset(one.elements for term in terms for one in formula.found(term))


def _ground(told: _Told, item: ControlItem) -> Ground | None:
    code, hs_code = told.control_code, told.hs_code
    for printed in (code_printed.upper() for code_printed in item.control_codes if code):
        if code == printed or code.startswith(printed + ".") or printed.startswith(code + "."):
            return "doubtful_code" if item.code_mark in UNVERIFIED else "control_code"
    if not hs_code:
        return None
    if len(hs_code) == 10 and hs_code in item.hs_codes:
        return "doubtful_hs" if item.mark in UNVERIFIED else "hs_code"
    line = hs_code[:8]
    for printed in (*item.hs_codes, *item.hs_doubtful):
        if printed[:8] == line or printed.startswith(hs_code):
            return "doubtful_hs"
    return None


def _misses(parameter: Parameter, answers: Answers) -> bool:
    """Whether what the goods state is clearly outside a threshold; silence is never outside."""
    return parameter.test is not None and parameter.test.verdict(answers) == "outside"


def stated(goods: GoodsItem) -> dict[str, Stated | str]:
    """What a goods line says that thresholds can be compared with."""
    known = quantities.load()
    given = {"purity": goods.purity, "particle_size": goods.particle_size}
    read = {name: known[name].read(text) or _loosely(name, text) for name, text in given.items() if text}
    return {name: value for name, value in read.items() if value is not None}


def _loosely(name: str, text: str) -> Stated | None:
    """A value with words around it; the largest of several sizes."""
    value = purity(text) if name == "purity" else particle_size(text)
    return None if value is None else Stated(value, value)


def _finding(measure: Measure, found: tuple[Match, ...], on: date, rules: MeasureSet, said: Answers) -> MeasureFinding:
    sure = [match for match in found if match.ground in SURE and not match.missed]
    standing = measure.standing(on)
    state: MeasureState = "review"
    if standing in ("suspended", "not_yet"):
        state = "suspended" if standing == "suspended" else "not_yet"
    elif standing == "in_force" and sure:
        state = "controlled"
    elif all(_let_out(match) and rules.trusted(measure, match.item, on) for match in found):
        state = "outside"
    shown = tuple(sure) or found
    codes = {code for match in shown for code in match.item.control_codes}
    return MeasureFinding(
        number=measure.number,
        title=measure.title,
        state=state,
        control_code=codes.pop() if len(codes) == 1 else "",
        reason=reasons.of_items(measure, shown, on, rules, said, outside=state == "outside"),
        source=measure.source,
        mark=min((match.item.mark for match in shown), key=MARKS.index),
        prohibited=False,
        checked=measure.checked,
        items=tuple(match.item.title for match in shown),
    )


def _let_out(match: Match) -> bool:
    """Whether goods that their own words name as this item miss one of its thresholds. A code alone is not enough."""
    return bool(match.missed) and match.named == NAMED


def destination_findings(
    rules: MeasureSet, met: Mapping[Measure, Sequence[ControlItem]], destination: str, on: date
) -> Iterator[MeasureFinding]:
    """What the measures against single destinations add for items that other measures name."""
    items = [item for found in met.values() for item in found]
    for measure in rules.measures:
        if destination not in measure.destinations or not items:
            continue
        standing = measure.standing(on)
        if standing == "ended":
            continue
        strict = any(other.number in measure.stricter_check for other in met)
        touched = measure.any_item or any(_touches(measure, item) for item in items)
        if touched or strict:
            yield _destination_finding(measure, touched, standing, on, rules)


def _touches(measure: Measure, item: ControlItem) -> bool:
    return bool(set(measure.elements) & set(item.elements)) or item.group in measure.groups


def _destination_finding(measure: Measure, touched: bool, standing: str, on: date, rules: MeasureSet) -> MeasureFinding:
    acts = standing in ("in_force", "check")
    state: MeasureState = "review"
    if not acts:
        state = "suspended" if standing == "suspended" else "not_yet"
    elif measure.effect == "military_ban":
        state = "conditional"
    elif touched and standing == "in_force":
        state = "controlled"
    return MeasureFinding(
        number=measure.number,
        title=measure.title,
        state=state,
        control_code="",
        reason=reasons.of_destination(measure, touched, on, rules),
        source=measure.source,
        mark=measure.mark,
        prohibited=acts and touched and measure.effect == "refusal_in_principle",
        checked=measure.checked,
    )
