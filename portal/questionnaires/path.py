"""Which pages there are to answer: a pure function of the answers, computed anew each time.

One pass forward through the questionnaire. Rules see only answers that are on the path themselves, so an answer that
has fallen off the path, though kept, can bring nothing else back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any, Literal

from portal.questionnaires import rules
from portal.questionnaires.model import Check, Page, Question, Questionnaire, Section
from portal.text import Text

Key = tuple[str, str]
"""Question id and item id; the item id is "" where the section does not repeat."""

Status = Literal["not_started", "in_progress", "complete", "has_errors"]

META: frozenset[str] = frozenset({"today"})
"""What ``{meta: …}`` may ask for in a questionnaire; ``today`` is an ISO date."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a section is repeated for: a goods line, a party. The id is random and never reused."""

    id: str
    title: Text


class _Trail:
    """The answers met so far on the path, as a context for rules, with the item that is being passed."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        lists: Mapping[str, Sequence[Item]],
        meta: Mapping[str, Any],
        answers: dict[Key, Any],
        repeat: str | None = None,
        item: str = "",
    ) -> None:
        self.questionnaire, self.lists, self.metas, self.answers = questionnaire, lists, meta, answers
        self.repeat, self.item_id = repeat, item

    def answer(self, name: str) -> Any:
        section = self.questionnaire.section_of(name)
        if section is None or section.repeat is None:
            return self.answers.get((name, ""))
        if section.repeat == self.repeat:
            return self.answers.get((name, self.item_id))
        found = (self.answers.get((name, item.id)) for item in self.lists.get(section.repeat, ()))
        return [value for value in found if value is not None] or None

    def meta(self, name: str) -> Any:
        return self.metas.get(name)

    def fact(self, path: str) -> Any:
        return None

    def size(self, name: str) -> int | None:
        return len(self.lists[name]) if name in self.lists else None

    def holds(self, when: rules.Rule | None) -> bool:
        return when is None or rules.evaluate(when, self)


@dataclass(frozen=True, slots=True, eq=False)
class PathPage:
    """A page on the path, for one item where its section repeats, with the questions that are asked on it."""

    section: Section
    page: Page
    item: Item | None
    questions: tuple[Question, ...]
    status: Status
    wrong: tuple[Check, ...]
    _trail: _Trail = field(repr=False)

    @property
    def item_id(self) -> str:
        """The id of the item that the page is passed for, "" where its section does not repeat."""
        return self.item.id if self.item else ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from all other pages of the path: section, page and item id."""
        return self.section.id, self.page.id, self.item_id

    @property
    def keys(self) -> tuple[Key, ...]:
        """The answers that the page could hold, on the path or not."""
        return tuple((question.id, self.item_id) for question in self.page.questions)

    def given(self, values: Mapping[str, Any]) -> tuple[tuple[Question, ...], tuple[Check, ...]]:
        """Which questions the page would ask, and what would be wrong, if it were answered so.

        ``values`` is keyed by question id and stands in for everything stored for this page. One question of a page
        may depend on another, so what has been typed decides which of it counts.
        """
        trail = self._trail
        before = {key: value for key, value in trail.answers.items() if key not in frozenset(self.keys)}
        context = _Trail(trail.questionnaire, trail.lists, trail.metas, before, self.section.repeat, self.item_id)
        given = {(name, self.item_id): value for name, value in values.items()}
        asked = _questions(self.page, self.item_id, given, context)
        return asked, tuple(check for check in self.page.checks if context.holds(check.when))


@dataclass(frozen=True, slots=True, eq=False)
class PathSection:
    """Consecutive pages of one section for one item: a line of the task list."""

    section: Section
    item: Item | None
    pages: tuple[PathPage, ...]

    @property
    def status(self) -> Status:
        """One word for all its pages: theirs where they agree, errors before all else, else in progress."""
        statuses = {page.status for page in self.pages}
        if "has_errors" in statuses:
            return "has_errors"
        return statuses.pop() if len(statuses) == 1 else "in_progress"


@dataclass(frozen=True, eq=False)
class Path:
    """The whole path: its pages in order, the answers that count, and what is still missing."""

    questionnaire: Questionnaire
    pages: tuple[PathPage, ...]
    answers: Mapping[Key, Any]
    missing: tuple[Key, ...]

    @property
    def complete(self) -> bool:
        """Whether every required question on the path has a valid answer and nothing contradicts."""
        return not self.missing and all(page.status != "has_errors" for page in self.pages)

    @cached_property
    def sections(self) -> tuple[PathSection, ...]:
        """The pages gathered by section and item, for a task list."""
        gathered = groupby(self.pages, key=lambda page: (page.section, page.item))
        return tuple(PathSection(section, item, tuple(pages)) for (section, item), pages in gathered)

    @cached_property
    def _by_key(self) -> dict[tuple[str, str, str], int]:
        return {page.key: index for index, page in enumerate(self.pages)}

    def page(self, section_id: str, page_id: str, item_id: str = "") -> PathPage | None:
        """The page at this address, or ``None`` when it is not on the path."""
        index = self._by_key.get((section_id, page_id, item_id))
        return None if index is None else self.pages[index]

    def before(self, page: PathPage) -> PathPage | None:
        """The page before this one, for the link back."""
        index = self._by_key.get(page.key, 0)
        return self.pages[index - 1] if index else None

    def after(self, page: PathPage) -> PathPage | None:
        """Where to go once this page has been saved: here again while it lacks an answer, else the next page.

        An answer may have brought a question of the same page onto the path. ``None`` is the end of the path. Call
        it on the path that was walked after saving; ``page`` may come from the path before.
        """
        index = self._by_key.get(page.key)
        if index is None:
            return next((each for each in self.pages if each.status != "complete"), None)
        if self.pages[index].status in ("in_progress", "has_errors"):
            return self.pages[index]
        return self.pages[index + 1] if index + 1 < len(self.pages) else None


def walk(
    questionnaire: Questionnaire,
    answers: Mapping[Key, Any],
    lists: Mapping[str, Sequence[Item]],
    *,
    meta: Mapping[str, Any] | None = None,
    invalid: Collection[Key] = (),
) -> Path:
    """Follow the questionnaire through these answers.

    ``answers`` may hold more than is on the path; ``None`` says that an optional question was left empty on purpose.
    ``lists`` gives the items of repeated sections. ``invalid`` names answers that were typed but not understood.
    """
    trail = _Trail(questionnaire, lists, meta or {}, {})
    pages: list[PathPage] = []
    for section in questionnaire.sections:
        items = lists.get(section.repeat, ()) if section.repeat else (None,)
        for item in items:
            trail.repeat, trail.item_id = (section.repeat, item.id) if item else (None, "")
            if not trail.holds(section.when):
                continue
            for page in section.pages:
                if trail.holds(page.when):
                    found = _page(section, page, item, answers, invalid, trail)
                    if found.questions:
                        pages.append(found)
    asked = [(question, (question.id, page.item_id)) for page in pages for question in page.questions]
    missing = tuple(key for question, key in asked if question.required and trail.answers.get(key) is None)
    return Path(questionnaire, tuple(pages), trail.answers, missing)


def _page(
    section: Section,
    page: Page,
    item: Item | None,
    answers: Mapping[Key, Any],
    invalid: Collection[Key],
    trail: _Trail,
) -> PathPage:
    item_id = item.id if item else ""
    questions = _questions(page, item_id, answers, trail)
    wrong = tuple(check for check in page.checks if trail.holds(check.when))
    status = _status(questions, item_id, answers, invalid, bool(wrong))
    return PathPage(section, page, item, questions, status, wrong, trail)


def _questions(page: Page, item_id: str, answers: Mapping[Key, Any], trail: _Trail) -> tuple[Question, ...]:
    """The questions on the path, one after the other, each answer joining the trail before the next is judged."""
    asked = []
    for question in page.questions:
        if question.when is None or rules.evaluate(question.when, trail):
            asked.append(question)
            value = answers.get((question.id, item_id))
            if value is not None:
                trail.answers[question.id, item_id] = value
    return tuple(asked)


def _status(
    questions: Sequence[Question], item_id: str, answers: Mapping[Key, Any], invalid: Collection[Key], wrong: bool
) -> Status:
    keys = [(question, (question.id, item_id)) for question in questions]
    if wrong or any(key in invalid for _, key in keys):
        return "has_errors"
    if not any(key in answers for _, key in keys):
        return "not_started"
    lacking = any(question.required and answers.get(key) is None for question, key in keys)
    return "in_progress" if lacking else "complete"
