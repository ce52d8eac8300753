"""Whether the rules of a questionnaire read what comes before them, and compare like with like."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from portal import countries
from portal.questionnaires import document, rules
from portal.questionnaires.document import Document, Fault, Place
from portal.questionnaires.model import Question, Questionnaire, Section
from portal.questionnaires.path import META
from portal.questionnaires.rules import EQUALITY, MEMBERSHIP, ORDER, UNKNOWN, Comparison

LISTS: Final = ("goods", "parties")
MONEY_PARTS: Final = ("amount", "currency")
_CHOICES: Final = ("radio", "select", "checkboxes")
_ORDERED: Final = ("integer", "decimal", "money", "date")


class PlacedRule(NamedTuple):
    """A rule and where it stands: its place, the section around it, and how many questions come before it."""

    place: Place
    rule: Any
    section: int
    before: int


def placed_rules(data: Mapping[str, Any]) -> Iterator[PlacedRule]:
    """Every rule of a questionnaire's data; the checks of a page may read all of that page."""
    count = 0
    for s, section in enumerate(data["sections"]):
        here: Place = ("sections", s)
        yield from _when(section, here, s, count)
        for p, page in enumerate(section["pages"]):
            yield from _when(page, (*here, "pages", p), s, count)
            for q, question in enumerate(page["questions"]):
                yield from _when(question, (*here, "pages", p, "questions", q), s, count)
                count += 1
            for c, check in enumerate(page.get("checks", ())):
                yield PlacedRule((*here, "pages", p, "checks", c, "when"), check["when"], s, count)


def _when(data: Mapping[str, Any], place: Place, section: int, before: int) -> Iterator[PlacedRule]:
    if "when" in data:
        yield PlacedRule((*place, "when"), data["when"], section, before)


def faults(source: Document, questionnaire: Questionnaire) -> list[Fault]:
    """Every fault of every rule."""
    order = [data["id"] for _place, data in document.questions(source.data)]
    found: list[Fault] = []
    for placed in placed_rules(source.data):
        problems = rules.check(placed.rule, kinds=("answer", "meta", "list"))
        if not problems:
            problems = list(_meaning(placed, questionnaire, order[: placed.before]))
        found += [source.fault(placed.place, problem.message, problem.path) for problem in problems]
    return found + list(_checked_questions(source))


def _checked_questions(source: Document) -> Iterator[Fault]:
    for s, section in enumerate(source.data["sections"]):
        for p, page in enumerate(section["pages"]):
            own = {question["id"] for question in page["questions"]}
            for c, check in enumerate(page.get("checks", ())):
                if check["at"] not in own:
                    place = ("sections", s, "pages", p, "checks", c, "at")
                    yield source.fault(place, f"{check['at']!r} is not a question of this page")


def _meaning(placed: PlacedRule, questionnaire: Questionnaire, earlier: list[str]) -> Iterator[rules.Problem]:
    bad = False
    for reference in sorted(rules.references(placed.rule)):
        message = _reference(reference, questionnaire, earlier)
        if message:
            bad = True
            yield rules.Problem("", message)
    if not bad:
        section = questionnaire.sections[placed.section]
        for comparison in rules.comparisons(placed.rule):
            yield from _comparison(comparison, questionnaire, section)


def _reference(reference: rules.Reference, questionnaire: Questionnaire, earlier: list[str]) -> str:
    kind, name = reference
    if kind == "meta" and name not in META:
        return f"there is no meta value {name!r}; there are: {' '.join(sorted(META))}"
    if kind == "list" and name not in LISTS:
        return f"there is no list {name!r}; there are: {' '.join(LISTS)}"
    if kind != "answer":
        return ""
    question_id, dot, part = name.partition(".")
    question = questionnaire.question(question_id)
    if question is None:
        return f"there is no question {question_id!r}"
    if question_id not in earlier:
        return f"{question_id!r} is asked later; only earlier questions may be referred to"
    if dot and (question.type != "money" or part not in MONEY_PARTS):
        return f"{question_id!r} has no part {part!r}"
    return ""


def _comparison(found: Comparison, questionnaire: Questionnaire, section: Section) -> Iterator[rules.Problem]:
    for side, other, end in ((found.left, found.right, 1), (found.right, found.left, 0)):
        name = side.get("answer") if isinstance(side, Mapping) else None
        question = questionnaire.question(str(name).partition(".")[0]) if name else None
        if question is None:
            continue
        several = question.type == "checkboxes" or _read_from_outside(question, questionnaire, section)
        message = _operator(found.operator, question, str(name), several, end)
        if message:
            yield rules.Problem(found.path, message)
            continue
        literals = other if isinstance(other, list | tuple) else [other]
        for literal in literals:
            if not isinstance(literal, Mapping) and (message := _literal(question, str(name), literal)):
                yield rules.Problem(found.path, message)


def _read_from_outside(question: Question, questionnaire: Questionnaire, section: Section) -> bool:
    home = questionnaire.section_of(question.id)
    return home is not None and home.repeat is not None and home.repeat != section.repeat


def _operator(operator: str, question: Question, name: str, several: bool, end: int) -> str:
    if several and operator not in ("any_in", "all_in"):
        return f"{name!r} can have several values: use any_in or all_in"
    if operator in MEMBERSHIP and end == 0:
        return f"{name!r} stands where the list of values belongs"
    if question.type == "money" and "." not in name and operator in EQUALITY | ORDER | MEMBERSHIP:
        return f"{name!r} is money: compare {name}.amount or {name}.currency"
    if operator in ORDER and (
        question.type not in ("integer", "decimal", "date", "money") or name.endswith(".currency")
    ):
        return f"{name!r} is {question.type}, which has no order"
    return ""


def _literal(question: Question, name: str, literal: Any) -> str:
    if literal == UNKNOWN and question.unknown:
        return ""
    if question.type in _CHOICES:
        return (
            "" if question.option(str(literal)) and isinstance(literal, str) else f"{name!r} has no option {literal!r}"
        )
    if name.endswith(".currency"):
        return "" if isinstance(literal, str) and len(literal) == 3 else f"{literal!r} is not a currency code"
    fits, expected = _FITS[question.type]
    return "" if fits(literal) else f"{name!r} is {question.type} and {literal!r} is not {expected}"


def _is_number(value: Any) -> bool:
    return rules.number(value) is not None


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, date) or bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


_FITS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "integer": (_is_number, "a number"),
    "decimal": (_is_number, "a number"),
    "money": (_is_number, "a number"),
    "date": (_is_day, "a day"),
    "country": (lambda value: isinstance(value, str) and countries.exists(value), "an ISO 3166-1 alpha-2 code"),
    "declaration": (lambda value: value is True, "true"),
    "text": (lambda value: isinstance(value, str), "text"),
    "textarea": (lambda value: isinstance(value, str), "text"),
}
