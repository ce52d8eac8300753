"""What a questionnaire is: frozen objects read from one YAML file a version.

A published file never changes; a submission names id, version and digest of the one that it answers.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from portal.questionnaires import document
from portal.questionnaires.document import ContentError, Document, Fault
from portal.questionnaires.rules import UNKNOWN, Rule
from portal.text import Text

__all__ = [
    "CONTENT",
    "Check",
    "ContentError",
    "Fault",
    "Option",
    "Page",
    "Question",
    "Questionnaire",
    "Section",
    "Source",
    "build",
    "load",
    "published",
    "read",
]

CONTENT = Path(__file__).parent / "content"

QuestionType = Literal[
    "radio",
    "checkboxes",
    "select",
    "text",
    "textarea",
    "integer",
    "decimal",
    "money",
    "date",
    "country",
    "declaration",
]
Mark = Literal["V", "V2", "M", "I"]

YES_NO = (("yes", Text("Yes", "是")), ("no", Text("No", "否")))
DONT_KNOW = Text("I don’t know", "不清楚")

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_VERSION = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Source:
    """The law or guidance behind a question.

    ``mark`` says how it was verified: V read at its source, V2 in a reproduction only, M from memory, I inference.
    """

    key: str
    title: Text
    mark: Mark
    url: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be chosen."""

    value: str
    label: Text
    hint: Text | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One question. ``min`` and ``max`` are numbers in plain digits or ISO dates, as the type has it.

    ``past`` and ``future`` bound a date by the day on which it is answered, that day allowed. ``options`` has
    "I don't know" last where a radio or select question offers it.
    """

    id: str
    type: QuestionType
    label: Text
    sources: tuple[Source, ...]
    why: Text | None = None
    hint: Text | None = None
    required: bool = True
    unknown: bool = False
    options: tuple[Option, ...] = ()
    exclusive: str | None = None
    max_length: int | None = None
    min: str | None = None
    max: str | None = None
    unit: Text | None = None
    past: bool = False
    future: bool = False
    when: Rule | None = None

    def option(self, value: str) -> Option | None:
        """The option with this value, if there is one."""
        return next((option for option in self.options if option.value == value), None)


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A condition over answers of a page that is wrong when it holds; the message stands at one question."""

    when: Rule
    at: str
    message: Text


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """Questions that are put together. ``guidance`` is the slug of the guidance page that explains them."""

    id: str
    title: Text
    questions: tuple[Question, ...]
    intro: Text | None = None
    guidance: str | None = None
    when: Rule | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """Pages on one subject; with ``repeat`` they are passed once for each item of that list."""

    id: str
    title: Text
    pages: tuple[Page, ...]
    repeat: str | None = None
    when: Rule | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Questionnaire:
    """One version of one questionnaire. ``digest`` is the SHA-256 of its file in hexadecimal."""

    id: str
    version: str
    digest: str
    published: date
    title: Text
    summary: Text
    sources: Mapping[str, Source]
    sections: tuple[Section, ...]
    _questions: Mapping[str, tuple[Question, Section]] = field(repr=False)

    @property
    def questions(self) -> Iterator[Question]:
        """All questions in the order of the file."""
        return (question for question, _ in self._questions.values())

    def question(self, question_id: str) -> Question | None:
        """The question with this id, if there is one."""
        found = self._questions.get(question_id)
        return found[0] if found else None

    def section_of(self, question_id: str) -> Section | None:
        """The section in which the question stands."""
        found = self._questions.get(question_id)
        return found[1] if found else None


def published(folder: Path = CONTENT) -> tuple[tuple[str, str], ...]:
    """Id and version of every questionnaire there is, oldest version first."""
    found = [(path.parent.name, path.stem) for path in folder.glob("*/*.yaml") if _VERSION.fullmatch(path.stem)]
    return tuple(sorted(found, key=lambda pair: (pair[0], _order(pair[1]))))


def load(questionnaire_id: str, version: str | None = None, *, folder: Path = CONTENT) -> Questionnaire:
    """The questionnaire in this version, or in its newest. Read once in a process, as files never change.

    Raises ``LookupError`` when there is none, ``ContentError`` when its file is broken.
    """
    versions = [known for name, known in published(folder) if name == questionnaire_id]
    wanted = version or (versions[-1] if versions else "")
    if not _ID.fullmatch(questionnaire_id) or wanted not in versions:
        raise LookupError(f"there is no questionnaire {questionnaire_id!r} in version {version or 'any'}")
    return _loaded(folder / questionnaire_id / f"{wanted}.yaml")


@cache
def _loaded(path: Path) -> Questionnaire:
    return read(path)


def read(path: Path) -> Questionnaire:
    """Read one file, held to its JSON Schema. Raises ``ContentError`` with every fault of its shape."""
    return build(document.read(path))


def build(source: Document) -> Questionnaire:
    """Make the objects from a document. Raises ``ContentError`` when its shape is wrong."""
    faults = document.shape_faults(source)
    if faults:
        raise ContentError(faults)
    data = source.data
    sources = {key: _source(key, value) for key, value in data["sources"].items()}
    faults = list(_unreadable(source, sources))
    if faults:
        raise ContentError(faults)
    sections = tuple(_section(each, sources) for each in data["sections"])
    questions = {q.id: (q, section) for section in sections for page in section.pages for q in page.questions}
    return Questionnaire(
        id=data["id"],
        version=data["version"],
        digest=source.digest,
        published=date.fromisoformat(data["published"]),
        title=Text.read(data["title"]),
        summary=Text.read(data["summary"]),
        sources=MappingProxyType(sources),
        sections=sections,
        _questions=MappingProxyType(questions),
    )


def _unreadable(source: Document, sources: Mapping[str, Source]) -> Iterator[Fault]:
    """What the schema cannot see and objects cannot be made of: impossible days, sources that are not listed."""
    try:
        date.fromisoformat(source.data["published"])
    except ValueError as error:
        yield source.fault(("published",), f"is not a day: {error}")
    for place, question in document.questions(source.data):
        for index, key in enumerate(question["sources"]):
            if key not in sources:
                yield source.fault((*place, "sources", index), f"{key!r} is not among the sources of this file")


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _source(key: str, data: Mapping[str, Any]) -> Source:
    return Source(key, Text.read(data["title"]), data["mark"], data.get("url", ""))


def _section(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Section:
    return Section(
        id=data["id"],
        title=Text.read(data["title"]),
        pages=tuple(_page(each, sources) for each in data["pages"]),
        repeat=data.get("repeat"),
        when=_frozen(data.get("when")),
    )


def _page(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Page:
    return Page(
        id=data["id"],
        title=Text.read(data["title"]),
        questions=tuple(_question(each, sources) for each in data["questions"]),
        intro=_optional(data.get("intro")),
        guidance=data.get("guidance"),
        when=_frozen(data.get("when")),
        checks=tuple(
            Check(_frozen(each["when"]), each["at"], Text.read(each["message"])) for each in data.get("checks", ())
        ),
    )


def _question(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Question:
    unit = data.get("unit")
    return Question(
        id=data["id"],
        type=data["type"],
        label=Text.read(data["label"]),
        sources=tuple(sources[key] for key in data["sources"]),
        why=_optional(data.get("why")),
        hint=_optional(data.get("hint")),
        required=data.get("required", True),
        unknown=data.get("unknown", False),
        options=_options(data),
        exclusive=data.get("exclusive"),
        max_length=data.get("max_length"),
        min=data.get("min"),
        max=data.get("max"),
        unit=Text(unit, unit) if isinstance(unit, str) else _optional(unit),
        past=data.get("past", False),
        future=data.get("future", False),
        when=_frozen(data.get("when")),
    )


def _options(data: Mapping[str, Any]) -> tuple[Option, ...]:
    options = [Option(value, label) for value, label in YES_NO] if data.get("yes_no") else []
    for each in data.get("options", ()):
        options.append(Option(each["value"], Text.read(each["label"]), _optional(each.get("hint"))))
    if data.get("unknown") and data["type"] in ("radio", "select"):
        options.append(Option(UNKNOWN, DONT_KNOW))
    return tuple(options)


def _optional(data: Mapping[str, str] | None) -> Text | None:
    return None if data is None else Text.read(data)


def _frozen(value: Any) -> Any:
    """The same data, but nobody can change it, as questionnaires are shared by all requests of a process."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
