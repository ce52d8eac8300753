"""Check your answers: each page of the path with its questions and answers as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.questionnaires import fields
from portal.questionnaires.path import Key, Path, PathPage
from portal.questionnaires.rules import is_unknown
from portal.text import Language


@dataclass(frozen=True, slots=True)
class Row:
    """One question and its answer. ``state`` is ``answered``, ``unknown``, ``missing``, ``wrong`` or ``empty``."""

    question_id: str
    label: str
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class PageRows:
    """The rows of one page, with what a link to change them needs (``page.key``)."""

    page: PathPage
    section_title: str
    page_title: str
    item_title: str
    rows: tuple[Row, ...]


def rows(path: Path, language: Language, *, typed: Mapping[Key, Any] | None = None) -> tuple[PageRows, ...]:
    """The whole path as rows. ``typed`` (``store.Draft.typed``) marks answers that could not be taken."""
    return tuple(_page(path, page, language, typed or {}) for page in path.pages)


def _page(path: Path, page: PathPage, language: Language, typed: Mapping[Key, Any]) -> PageRows:
    found = []
    at_fault = {check.at for check in page.wrong}
    for question in page.questions:
        key = (question.id, page.item_id)
        value = path.answers.get(key)
        if key in typed or question.id in at_fault:
            state = "wrong"
        elif value is None:
            state = "missing" if question.required else "empty"
        else:
            state = "unknown" if question.unknown and is_unknown(value) else "answered"
        found.append(Row(question.id, question.label[language], fields.summary(question, value)[language], state))
    return PageRows(
        page=page,
        section_title=page.section.title[language],
        page_title=page.page.title[language],
        item_title=page.item.title[language] if page.item else "",
        rows=tuple(found),
    )
