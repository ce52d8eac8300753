"""A page of the path as a WTForms form, and what was answered in it.

A view saves whatever comes, good or bad, and then lets the path say where to go::

    form = page_form(page, answers, language, request.form, today=today)
    store.save(session, submission, read(form), invalid=invalid(form), by=actor, now=now)
    if not form.validate(): …answer 422 with the form as typed
    following = walk(…).after(page)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms.fields import BooleanField
from wtforms.form import BaseForm

from portal.questionnaires import fields
from portal.questionnaires.fields import Asking, Typed, Wrong
from portal.questionnaires.fields.base import Unbound
from portal.questionnaires.model import DONT_KNOW, Question
from portal.questionnaires.path import Key, PathPage
from portal.text import Language

DRAFT_LENGTH = 64 * 1024
"""Characters of a wrong answer that are kept for the next visit; nothing that could become right is longer."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What came of the typed texts: values by question id, and a message for each question that is wrong."""

    values: dict[str, Any] = field(default_factory=dict)
    messages: dict[str, Any] = field(default_factory=dict)


class PageForm(BaseForm):
    """The questions of one page. Each main field has ``question`` and ``unknown_box`` (a field or ``None``)."""

    def __init__(self, page: PathPage, asked: Iterable[Asking], texts: Mapping[str, Typed], judged: _Judged) -> None:
        asked = tuple(asked)
        super().__init__({name: unbound for asking in asked for name, unbound in _unbound(asking)})
        self.page, self.texts, self.judged = page, texts, judged
        self.process(_by_name((asking.question, texts.get(asking.question.id, {})) for asking in asked))
        for asking in asked:
            main: Any = self[asking.question.id]
            fields.TYPES[asking.question.type].dress(main, asking)
            box = fields.box_names(asking.question).get(fields.UNKNOWN_BOX)
            main.unknown_box = self[box] if box else None
            if asking.question.id in judged.messages:
                main.errors = [judged.messages[asking.question.id]]

    @property
    def main_fields(self) -> tuple[Any, ...]:
        """One field for each question, in order, without the boxes for "I don't know"."""
        return tuple(each for each in self if hasattr(each, "question"))

    def validate(self, *_args: Any, **_kwargs: Any) -> bool:
        """Whether all that was typed can be taken and nothing contradicts; the fields have the messages."""
        return not self.judged.messages


def page_form(
    page: PathPage,
    answers: Mapping[Key, Any],
    language: Language,
    formdata: Any = None,
    *,
    today: date,
    typed: Mapping[Key, Typed] | None = None,
) -> PageForm:
    """The form of a page: as posted when ``formdata`` (a multi-dict) is given, else as it was left.

    ``typed`` holds what was typed and not understood last time (``store.Draft.typed``); it is shown again with its
    messages. ``today`` bounds dates that must lie in the past or future.
    """
    asking = {question.id: Asking(question, language, today) for question in page.page.questions}
    if formdata is None:
        return _returning(page, asking, answers, typed or {})
    return _posted(page, asking, formdata)


def read(form: PageForm) -> dict[Key, Any]:
    """What was answered and can be taken; ``None`` for an optional question left empty. Save it even on an error."""
    return {(name, form.page.item_id): value for name, value in form.judged.values.items()}


def invalid(form: PageForm) -> dict[Key, dict[str, list[str]]]:
    """What was typed and cannot be taken, by box, fit for storing; without any box when nothing was typed."""
    item = form.page.item_id
    asked = {each.question.id for each in form.main_fields}
    wrong = (name for name in form.judged.messages if name in asked and name not in form.judged.values)
    return {(name, item): _storable(form.texts.get(name, {})) for name in wrong}


def _returning(
    page: PathPage, asking: Mapping[str, Asking], answers: Mapping[Key, Any], drafts: Mapping[Key, Typed]
) -> PageForm:
    texts: dict[str, Typed] = {}
    drafted: dict[str, Typed] = {}
    for question in page.questions:
        key = (question.id, page.item_id)
        if key in drafts:
            drafted[question.id] = texts[question.id] = drafts[key]
        else:
            texts[question.id] = fields.typed(question, answers.get(key))
    messages = _judge((asking[name] for name in drafted), drafted).messages
    for check in page.wrong:
        messages.setdefault(check.at, check.message[asking[check.at].language])
    return PageForm(page, (asking[question.id] for question in page.questions), texts, _Judged({}, messages))


def _posted(page: PathPage, asking: Mapping[str, Asking], formdata: Any) -> PageForm:
    texts = {question.id: _texts(question, formdata) for question in page.page.questions}
    judged = _judge(asking.values(), texts)
    shown = {question.id for question in page.questions}
    asked_now, wrong = page.given({name: value for name, value in judged.values.items() if value is not None})
    asked = {question.id for question in asked_now}
    seen = shown | {name for name in asked if any(texts[name].values())}
    values = {name: value for name, value in judged.values.items() if name in asked & seen or value is not None}
    messages = {name: message for name, message in judged.messages.items() if name in asked & seen}
    for check in wrong:
        messages.setdefault(check.at, check.message[asking[check.at].language])
    kept = asked | shown if messages else asked
    return PageForm(
        page,
        (each for name, each in asking.items() if name in kept),
        texts,
        _Judged(values, _distinct(messages, asking)),
    )


def _judge(asked: Iterable[Asking], texts: Mapping[str, Typed]) -> _Judged:
    judged = _Judged()
    for asking in asked:
        name = asking.question.id
        try:
            judged.values[name] = fields.parse(asking, texts.get(name, {}))
        except Wrong as wrong:
            judged.messages[name] = wrong.message
    return judged


def _distinct(messages: Mapping[str, Any], asking: Mapping[str, Asking]) -> dict[str, Any]:
    """Messages that would read the same in the error summary name their question."""
    said = [str(message) for message in messages.values()]
    return {
        name: _("%(message)s: “%(question)s”", message=message, question=asking[name].label)
        if said.count(str(message)) > 1
        else message
        for name, message in messages.items()
    }


def _unbound(asking: Asking) -> Iterable[tuple[str, Unbound]]:
    question = asking.question
    yield question.id, fields.TYPES[question.type].field(asking)
    box = fields.box_names(question).get(fields.UNKNOWN_BOX)
    if box:
        unbound: Any = BooleanField(label=DONT_KNOW[asking.language])
        yield box, unbound


def _texts(question: Question, formdata: Any) -> Typed:
    return {box: [str(text) for text in formdata.getlist(name)] for box, name in fields.box_names(question).items()}


def _by_name(texts: Iterable[tuple[Question, Typed]]) -> MultiDict[str, str]:
    named: MultiDict[str, str] = MultiDict()
    for question, typed in texts:
        for box, name in fields.box_names(question).items():
            if typed.get(box):
                named.setlist(name, list(typed[box]))
    return named


def _storable(typed: Typed) -> dict[str, list[str]]:
    """The same texts without what a database refuses (NUL, halves of surrogate pairs), cut to a bounded length."""
    room = DRAFT_LENGTH
    kept: dict[str, list[str]] = {}
    for box, texts in typed.items():
        for text in texts[:100]:
            if text.strip():
                short = text[:room].replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
                room -= len(short)
                kept.setdefault(box, []).append(short)
    return kept
