"""Sections, pages and questions that no answers can lead to, found by trying.

For each condition, every question that it depends on, however indirectly, is given each value that could make a
difference: its options, and for other types the values that it is compared with and their neighbours. A condition
with more combinations than ``LIMIT`` is left undecided and not reported.
"""

import itertools
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.questionnaires import rules
from portal.questionnaires.document import Document, Fault, Place
from portal.questionnaires.model import Question, Questionnaire, Section
from portal.questionnaires.rules import UNKNOWN, Rule, Values

LIMIT = 20_000


def faults(source: Document, questionnaire: Questionnaire) -> list[Fault]:
    """A fault for each condition that never holds. Rules must have passed ``rule_types`` to be judged."""
    reach = _Reach(questionnaire)
    return [
        source.fault((*place, "when"), "can never hold, so nobody would ever be asked this")
        for place, conditions in _conditional(questionnaire)
        if reach.decidable(conditions) and not reach.possible(conditions)
    ]


def _conditional(questionnaire: Questionnaire) -> Iterator[tuple[Place, tuple[Rule, ...]]]:
    """Everything that has a condition of its own, with all conditions around it."""
    for s, section in enumerate(questionnaire.sections):
        around = (section.when,) if section.when else ()
        if around:
            yield ("sections", s), around
        for p, page in enumerate(section.pages):
            inner = (*around, page.when) if page.when else around
            if page.when:
                yield ("sections", s, "pages", p), inner
            for q, question in enumerate(page.questions):
                if question.when:
                    yield ("sections", s, "pages", p, "questions", q), (*inner, question.when)


class _Reach:
    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.conditions: dict[str, tuple[Rule, ...]] = {}
        self.order: list[str] = []
        self.literals: dict[str, set[Any]] = {}
        for section in questionnaire.sections:
            for page in section.pages:
                for question in page.questions:
                    around = tuple(each for each in (section.when, page.when, question.when) if each is not None)
                    self.conditions.setdefault(question.id, around)
                    self.order.append(question.id)
                    self._collect(around)

    def _collect(self, around: tuple[Rule, ...]) -> None:
        for comparison in (
            found for rule in around if not rules.check(rule, kinds=_KINDS) for found in rules.comparisons(rule)
        ):
            for side, other in ((comparison.left, comparison.right), (comparison.right, comparison.left)):
                if isinstance(side, Mapping) and "answer" in side:
                    name = str(side["answer"]).partition(".")[0]
                    values = other if isinstance(other, list | tuple) else (other,)
                    self.literals.setdefault(name, set()).update(v for v in values if not isinstance(v, Mapping))

    def decidable(self, conditions: tuple[Rule, ...]) -> bool:
        """Whether the conditions are well formed and read nothing but answers to known, unrepeated questions."""
        if any(rules.check(rule, kinds=_KINDS) for rule in conditions):
            return False
        for kind, name in _read(conditions):
            section = self.questionnaire.section_of(name.partition(".")[0])
            if kind != "answer" or section is None or "." in name or _money(self.questionnaire.question(name)):
                return False
        return not any(_outside(self.questionnaire, rule) for rule in conditions)

    def possible(self, conditions: tuple[Rule, ...]) -> bool:
        """Whether some answers fulfil the conditions together, or there are too many to try."""
        wanted = sorted(self._closure(conditions), key=self.order.index)
        choices = [self._candidates(name) for name in wanted]
        total = 1
        for each in choices:
            total *= len(each)
            if total > LIMIT:
                return True
        for combination in itertools.product(*choices):
            answers: dict[str, Any] = {}
            for name, value in zip(wanted, combination, strict=True):
                if value is not None and all(rules.evaluate(rule, Values(answers)) for rule in self._own(name)):
                    answers[name] = value
            if all(rules.evaluate(rule, Values(answers)) for rule in conditions):
                return True
        return False

    def _own(self, name: str) -> tuple[Rule, ...]:
        own = self.conditions.get(name, ())
        return own if self.decidable(own) else ()

    def _closure(self, conditions: tuple[Rule, ...]) -> set[str]:
        found: set[str] = set()
        waiting = [name for _kind, name in _read(conditions)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [each for _kind, each in _read(self._own(name))]
        return found

    def _candidates(self, name: str) -> list[Any]:
        question = self.questionnaire.question(name)
        values: list[Any] = [None]
        if question is None:
            return values
        if question.type == "checkboxes":
            values += [[option.value] for option in question.options]
            values.append([option.value for option in question.options if option.value != question.exclusive])
        elif question.options:
            values += [option.value for option in question.options]
        elif question.type == "declaration":
            values.append(True)
        else:
            values += sorted({str(near) for each in self.literals.get(name, ()) for near in _near(each)} | {"other"})
        return [*values, UNKNOWN] if question.unknown and UNKNOWN not in values else values


_KINDS = ("answer", "meta", "list")


def _read(conditions: tuple[Rule, ...]) -> frozenset[rules.Reference]:
    return frozenset(reference for rule in conditions for reference in rules.references(rule))


def _money(question: Question | None) -> bool:
    return question is not None and question.type == "money"


def _outside(questionnaire: Questionnaire, rule: Rule) -> bool:
    """Whether the rule reads a repeated question at all: its items multiply what would have to be tried."""
    sections: list[Section | None] = [questionnaire.section_of(name) for _kind, name in rules.references(rule)]
    return any(section is not None and section.repeat is not None for section in sections)


def _near(value: Any) -> list[Any]:
    """A value and its neighbours on either side, where it has them."""
    number = rules.number(value)
    if number is not None:
        return [value, number - 1, number + 1, number + Decimal("0.5")]
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        return [day, day - timedelta(days=1), day + timedelta(days=1)]
    except (ValueError, OverflowError):
        return [value]
