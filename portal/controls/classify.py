"""The classification assistant: from an enquiry to candidate items, to threshold questions, to a worked answer.

It is surer than the judgement of a goods line where somebody says which item the goods are and states their values, and
never less careful: a fact that is stale or unverified, a value that is not stated, or a code that contradicts what is
said all ask for review. Goods lie outside an item only by comparisons that can be shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from portal.controls import explain, quantities, reasons
from portal.controls.enquiry import Enquiry
from portal.controls.judge import Ground, MeasureFinding, State, destination_findings, match_all
from portal.controls.measures import ControlItem, Measure, MeasureSet, Standing, cited, day_text, describe
from portal.controls.quantities import Quantity, Stated
from portal.controls.remark import Remark, of_answer
from portal.controls.thresholds import UNVERIFIED, Answers, Comparison, leaves, relevant, shown
from portal.text import Text

# ``idle`` is a measure without effect on the day: suspended, or not yet in force.
ItemState = Literal["controlled", "review", "outside", "declined", "idle"]
NONE = "none"
SURE: tuple[Ground, ...] = ("control_code", "hs_code")
ORDER: dict[ItemState, int] = {"controlled": 0, "review": 1, "outside": 2, "declined": 3, "idle": 4}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item of a measure that the goods may be, and on what ground."""

    measure: Measure
    item: ControlItem
    ground: Ground
    named: bool

    @property
    def key(self) -> str:
        """What names the candidate in a form: announcement and item."""
        return f"{self.measure.number}:{self.item.id}"


@dataclass(frozen=True, slots=True)
class Question:
    """A threshold question, with the items that ask for it."""

    quantity: Quantity
    asked_by: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class WorkedItem:
    """What one candidate comes to. ``trusted`` says whether its facts are sure enough to let goods out."""

    candidate: Candidate
    state: ItemState
    standing: Standing
    comparisons: tuple[Comparison, ...]
    near: bool
    trusted: bool
    reason: Text


@dataclass(frozen=True, slots=True)
class Worked:
    """The worked answer. ``version`` and ``digest`` name the measures used, for replay."""

    state: State
    near: bool
    headline: Text
    items: tuple[WorkedItem, ...]
    destination: tuple[MeasureFinding, ...]
    reasons: tuple[Text, ...]
    remark: Remark | None
    on: date
    version: str
    digest: str


def candidates(enquiry: Enquiry, measures: MeasureSet, on: date) -> tuple[Candidate, ...]:
    """The items that the goods may be, those of measures that have ended left out; surest first."""
    found = [
        Candidate(measure, match.item, match.ground, match.named == 2)
        for measure, matches in match_all(enquiry.goods, measures).items()
        for match in matches
    ]
    known = {candidate.key for candidate in found}
    found += [one for one in _by_number(enquiry, measures) if one.key not in known]
    found = [one for one in found if one.measure.standing(on) != "ended"]
    return tuple(sorted(found, key=lambda one: (not one.named, one.ground not in SURE, one.measure.issued)))


def _by_number(enquiry: Enquiry, measures: MeasureSet) -> Iterator[Candidate]:
    """Items that a CAS number on file stands under."""
    for number in enquiry.numbers:
        for measure in measures.measures:
            for item in measure.items:
                substance = number.substance
                if substance and (substance.measure, substance.item) == (measure.number, item.id):
                    yield Candidate(measure, item, "name", True)


def questions(chosen: Sequence[Candidate]) -> tuple[Question, ...]:
    """The threshold questions of the items, each quantity once, in the order of the items."""
    known, asked = quantities.load(), dict[str, list[Text]]()
    for candidate in chosen:
        for leaf in leaves(candidate.item.test):
            by = asked.setdefault(leaf.quantity, [])
            if candidate.item.title not in by:
                by.append(candidate.item.title)
    return tuple(Question(known[name], tuple(by)) for name, by in asked.items())


def answer(
    enquiry: Enquiry,
    measures: MeasureSet,
    on: date,
    *,
    destination: str = "",
    chosen: frozenset[str] | None = None,
    answers: Answers | None = None,
) -> Worked:
    """Work the answer out. ``chosen`` are the keys of the items that the goods are said to be ({"none"}: none of them;
    ``None``: not said), ``answers`` the stated values; what the enquiry's own text states counts where they are silent.
    """
    values = {**enquiry.answers, **(answers or {})}
    found = candidates(enquiry, measures, on)
    worked = tuple(_work(one, chosen, values, measures, on) for one in found)
    items = tuple(sorted(worked, key=lambda one: ORDER[one.state]))
    state, why = _state(enquiry, items, measures)
    met: dict[Measure, tuple[ControlItem, ...]] = {}
    for one in items:
        if one.state in ("controlled", "review"):
            met[one.candidate.measure] = (*met.get(one.candidate.measure, ()), one.candidate.item)
    near = state != "controlled" and any(one.near for one in items if one.state in ("outside", "review"))
    return Worked(
        state=state,
        near=near,
        headline=_headline(state, near),
        items=items,
        destination=tuple(destination_findings(measures, met, destination, on)),
        reasons=why,
        remark=of_answer(state, items),
        on=on,
        version=measures.version,
        digest=measures.digest,
    )


def _headline(state: State, near: bool) -> Text:
    head = {
        "controlled": explain.CONTROLLED_HEAD, "review": explain.REVIEW_HEAD, "not_controlled": explain.NOT_HEAD,
    }[state]  # fmt: skip
    return explain.joined([explain.NEAR_HEAD, head], ". ", "；") if near else head


def _state(enquiry: Enquiry, items: Sequence[WorkedItem], measures: MeasureSet) -> tuple[State, tuple[Text, ...]]:
    states = {one.state for one in items}
    why = [explain.CAS_WRONG.filled(value=one.text) for one in enquiry.numbers if one.state == "wrong"]
    if "controlled" in states:
        return "controlled", tuple(why)
    unsettled = bool(why)
    code = enquiry.goods.control_code
    if code and not any(one.candidate.ground in ("control_code", "doubtful_code") for one in items):
        why.append(reasons.UNKNOWN_CODE.filled(code=code))
        unsettled = True
    if not items and not enquiry.named:
        why.append(_too_little(enquiry))
        unsettled = True
    if unsettled or "review" in states or any(not one.trusted for one in items if one.state in ("outside", "declined")):
        return "review", tuple(why)
    nothing = reasons.NOTHING.filled(version=measures.version, facts=day_text(measures.facts_until))
    return "not_controlled", (*why, nothing) if not items else tuple(why)


def _too_little(enquiry: Enquiry) -> Text:
    if enquiry.numbers:
        return explain.CAS_ONLY
    return explain.ONLY_CODE if enquiry.goods.hs_code else explain.NO_NAME


def _work(one: Candidate, chosen: frozenset[str] | None, values: Answers, measures: MeasureSet, on: date) -> WorkedItem:
    known = quantities.load()
    comparisons = tuple(dict.fromkeys(shown(leaf, values, known) for leaf in relevant(one.item.test, values)))
    trusted, standing = measures.trusted(one.measure, one.item, on), one.measure.standing(on)
    state, why = _verdict(one, chosen, values, comparisons)
    near = state == "outside" and any(each.near for each in comparisons)
    words = {"controlled": explain.CONTROLLED, "outside": explain.OUTSIDE, "declined": explain.DECLINED}
    if standing in ("suspended", "not_yet"):
        state, pattern = "idle", explain.IDLE
    else:
        if state == "controlled" and standing == "check":
            state = "review"
        pattern = words.get(state, explain.OPEN)
    reason = pattern.filled(
        number=cited(one.measure.number), state=describe(one.measure, on), item=one.item.title, code=_code(one), why=why
    )
    if standing == "check":
        reason = explain.joined([reason, explain.CHECK_NOW], "", "")
    if not trusted and state != "idle":
        words_of_age = explain.STALE if state in ("outside", "declined") else explain.COMPARE
        reason = explain.joined([reason, words_of_age.filled(days=measures.stale_after.days)], "", "")
    return WorkedItem(one, state, standing, comparisons, near, trusted, reason)


def _verdict(
    one: Candidate, chosen: frozenset[str] | None, values: Answers, comparisons: Sequence[Comparison]
) -> tuple[ItemState, Text]:
    """What the candidate comes to while its measure is in force, and why."""
    test = one.item.test
    verdict = test.verdict(values) if test else "met"
    said = chosen is not None and one.key in chosen
    if verdict == "outside":
        return "outside", explain.joined([explain.compared(each) for each in comparisons if each.verdict == "outside"])
    if chosen is not None and not said:
        if one.ground in SURE or (one.named and NONE in chosen):
            return "review", explain.CONFLICT.filled(ground=explain.WHY_GROUND[one.ground])
        return "declined", Text("", "")
    why = [explain.STATED if said else explain.WHY_GROUND[one.ground]]
    why += [explain.compared(each) for each in comparisons if each.verdict == "met"]
    doubts = list(_doubts(one, said, comparisons if verdict == "open" else ()))
    if verdict == "met" and not doubts:
        return "controlled", explain.joined([*why, explain.ALL_MET if test else explain.NO_THRESHOLD])
    return "review", explain.joined([*why, *doubts])


def _doubts(one: Candidate, said: bool, unanswered: Sequence[Comparison]) -> Iterator[Text]:
    """What keeps a candidate whose thresholds are not missed from being controlled."""
    if not said and one.ground not in SURE:
        yield explain.NOT_CONFIRMED
    missing = list(dict.fromkeys(each.quantity.name for each in unanswered if each.verdict == "open"))
    if missing:
        yield explain.NOT_STATED.filled(quantities=explain.joined(missing, ", ", "、"))
    if one.item.incomplete or any(parameter.test is None for parameter in one.item.parameters):
        yield explain.MORE_CONDITIONS
    doubtful = [mark for mark in (one.measure.mark, one.item.mark) if mark in UNVERIFIED]
    doubtful += [each.mark for each in unanswered if each.mark in UNVERIFIED and each.verdict == "outside"]
    if doubtful:
        yield explain.UNVERIFIED.filled(mark=doubtful[0])


def _code(one: Candidate) -> Text:
    codes = ", ".join(one.item.control_codes)
    if not codes:
        return Text("", "")
    if one.item.code_mark in UNVERIFIED:
        return explain.CODE_UNVERIFIED.filled(code=codes, mark=one.item.code_mark)
    return explain.CODE.filled(code=codes)


def stated(values: Mapping[str, str]) -> tuple[dict[str, Stated | str], frozenset[str]]:
    """Values as somebody typed them, read; and the quantities of which the text could not be understood."""
    known = quantities.load()
    read: dict[str, Stated | str] = {}
    wrong = set()
    for name, text in values.items():
        if not text.strip() or name not in known:
            continue
        value = text if known[name].options else known[name].read(text)
        if value is None or (isinstance(value, str) and value not in (*known[name].options, "unknown")):
            wrong.add(name)
        else:
            read[name] = value
    return read, frozenset(wrong)
