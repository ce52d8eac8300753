"""Answers that come from a case file instead of a form: checked as strictly, and all that is wrong told at once."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from portal.questionnaires import fields
from portal.questionnaires.fields import Asking, Wrong
from portal.questionnaires.model import Question, Questionnaire
from portal.questionnaires.path import Item, Key, Path, walk


class AnswerFault(NamedTuple):
    """One thing wrong with the answers of a case file, at a JSON path such as ``$.answers.end_use.stated_end_use``."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class AnswerError(ValueError):
    """Answers that cannot be taken; ``faults`` has all of them."""

    def __init__(self, faults: Sequence[AnswerFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))


def validate_case(
    questionnaire: Questionnaire,
    answers: Any,
    lists: Mapping[str, Sequence[Item]],
    *,
    today: date,
    meta: Mapping[str, Any] | None = None,
    at: str = "",
) -> dict[Key, Any]:
    """The answers keyed as ``walk`` takes them, in canonical form. Raises ``AnswerError`` with every fault.

    ``answers`` is ``{question id: value}``; a repeated question has ``{item id: value}``. Answers off the path are
    checked and given back, though they count nowhere. ``at`` is the JSON path of ``answers`` in the file; without it
    ``$.answers.`` and the questionnaire's id with underscores.
    """
    at = at or f"$.answers.{questionnaire.id.replace('-', '_')}"
    if not isinstance(answers, Mapping):
        raise AnswerError([AnswerFault(at, "expected an object with a member for each question")])
    values: dict[Key, Any] = {}
    faults: dict[Key, AnswerFault] = {}
    for name, given in answers.items():
        question = questionnaire.question(str(name))
        if question is None:
            faults[str(name), ""] = AnswerFault(at + _step(str(name)), _no_question(questionnaire, str(name)))
            continue
        for key, value, place in _spread(questionnaire, question, given, lists, at):
            fault = _take(Asking(question, "en", today), key, value, values, lists, questionnaire)
            if fault:
                faults[key] = AnswerFault(place, fault)
    path = walk(questionnaire, values, lists, meta=meta, invalid=faults)
    found = [*faults.values(), *_left(path, faults, at)]
    if found:
        raise AnswerError(found)
    return values


def _spread(
    questionnaire: Questionnaire, question: Question, given: Any, lists: Mapping[str, Sequence[Item]], at: str
) -> Iterator[tuple[Key, Any, str]]:
    """One value, or the values of a repeated question by item, each with its key and JSON path."""
    section = questionnaire.section_of(question.id)
    place = at + _step(question.id)
    if section is None or section.repeat is None:
        yield (question.id, ""), given, place
    elif isinstance(given, Mapping):
        for item, value in given.items():
            yield (question.id, str(item)), value, place + _step(str(item))
    else:
        yield (question.id, ""), given, place


def _take(
    asking: Asking,
    key: Key,
    value: Any,
    values: dict[Key, Any],
    lists: Mapping[str, Sequence[Item]],
    questionnaire: Questionnaire,
) -> str:
    """Put the value among the values and give nothing, or say why it cannot be taken."""
    section = questionnaire.section_of(asking.question.id)
    if section and section.repeat:
        items = [item.id for item in lists.get(section.repeat, ())]
        if key[1] not in items:
            known = ", ".join(items) or "none"
            return f"expected an object with a member for each of the {section.repeat}; there are: {known}"
    if value is None:
        return ""
    try:
        values[key] = fields.accept(asking, value)
    except Wrong as wrong:
        return str(wrong)
    return ""


def _left(path: Path, faults: Mapping[Key, AnswerFault], at: str) -> Iterator[AnswerFault]:
    """What is missing on the path, and what contradicts."""
    for name, item in path.missing:
        if (name, item) not in faults and (name, "") not in faults:
            question = path.questionnaire.question(name)
            label = question.label.en if question else name
            yield AnswerFault(at + _step(name) + (_step(item) if item else ""), f"is required: {label}")
    for page in path.pages:
        for check in page.wrong:
            place = at + _step(check.at) + (_step(page.item_id) if page.item_id else "")
            yield AnswerFault(place, check.message.en)


def _no_question(questionnaire: Questionnaire, name: str) -> str:
    close = difflib.get_close_matches(name[:64], [question.id for question in questionnaire.questions], n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"there is no such question in {questionnaire.id} {questionnaire.version}{hint}"


def _step(name: str) -> str:
    """One step of a JSON path: ``.name``, or ``['…']`` for what is no plain name."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", name):
        return f".{name}"
    shown = name[:64].replace("\\", "\\\\").replace("'", "\\'")
    return f"['{shown}']"


def schema(questionnaire: Questionnaire) -> dict[str, Any]:
    """JSON Schema (2020-12) of the answers to this questionnaire in a case file.

    Routing is not in it: which answers are required depends on others, and ``validate_case`` says so.
    """
    return {
        "type": "object",
        "title": questionnaire.title.en,
        "description": f"Questionnaire {questionnaire.id} {questionnaire.version}",
        "additionalProperties": False,
        "properties": {question.id: _question_schema(questionnaire, question) for question in questionnaire.questions},
    }


def _question_schema(questionnaire: Questionnaire, question: Question) -> dict[str, Any]:
    section = questionnaire.section_of(question.id)
    own = {"description": question.label.en, **fields.schema(question)}
    if section is None or section.repeat is None:
        return own
    return {"type": "object", "description": f"By id of the {section.repeat}", "additionalProperties": own}
