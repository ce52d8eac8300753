"""Every type of answer: its field, what it takes, how it is stored, and how it reads.

What is typed and what a case file holds go through the same checks: a JSON value is first turned into what would have
been typed for it.
"""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _

from portal.questionnaires.fields.base import (
    NOT_ANSWERED,
    TICKED,
    UNKNOWN_BOX,
    AnswerType,
    Asking,
    Typed,
    Wrong,
    one,
)
from portal.questionnaires.fields.choice import CheckboxesAnswer, RadioAnswer, SelectAnswer
from portal.questionnaires.fields.country import CountryAnswer
from portal.questionnaires.fields.dates import DateAnswer
from portal.questionnaires.fields.declaration import DeclarationAnswer
from portal.questionnaires.fields.money import MoneyAnswer
from portal.questionnaires.fields.numbers import DecimalAnswer, IntegerAnswer
from portal.questionnaires.fields.text import AreaAnswer, LineAnswer
from portal.questionnaires.model import DONT_KNOW, Question, QuestionType
from portal.questionnaires.rules import UNKNOWN, is_unknown
from portal.text import Text

__all__ = [
    "TYPES",
    "UNKNOWN_BOX",
    "AnswerType",
    "Asking",
    "Typed",
    "Wrong",
    "accept",
    "box_names",
    "has_unknown_box",
    "parse",
    "schema",
    "summary",
    "typed",
]

TYPES: Final[Mapping[QuestionType, AnswerType]] = {
    "radio": RadioAnswer(),
    "checkboxes": CheckboxesAnswer(),
    "select": SelectAnswer(),
    "text": LineAnswer(),
    "textarea": AreaAnswer(),
    "integer": IntegerAnswer(),
    "decimal": DecimalAnswer(),
    "money": MoneyAnswer(),
    "date": DateAnswer(),
    "country": CountryAnswer(),
    "declaration": DeclarationAnswer(),
}

_CHOICES: Final = frozenset({"radio", "select", "checkboxes"})


def has_unknown_box(question: Question) -> bool:
    """Whether "I don't know" is a box of its own; among options it is one of them."""
    return question.unknown and question.type not in _CHOICES


def box_names(question: Question) -> dict[str, str]:
    """The name in the form of each box of the question."""
    boxes = TYPES[question.type].boxes + ((UNKNOWN_BOX,) if has_unknown_box(question) else ())
    return {box: f"{question.id}-{box}" if box else question.id for box in boxes}


def parse(asking: Asking, given: Typed) -> Any:
    """The JSON value of what was typed; ``None`` when nothing was and nothing need be. Raises ``Wrong``."""
    question, kind = asking.question, TYPES[asking.question.type]
    if has_unknown_box(question) and one(given, UNKNOWN_BOX):
        if any(text.strip() for box in kind.boxes for text in given.get(box, ())):
            raise Wrong(_("Enter an answer or tick “%(unknown)s”, not both", unknown=DONT_KNOW[asking.language]))
        return {UNKNOWN: True}
    value = kind.parse(asking, given)
    if value is None and question.required:
        raise Wrong(kind.missing(asking))
    if has_unknown_box(question) and is_unknown(value):  # the word typed instead of the box ticked
        return {UNKNOWN: True}
    return value


def typed(question: Question, value: Any) -> dict[str, list[str]]:
    """What would be typed to give this stored value, by box. Raises ``Wrong`` for a value of another type."""
    if is_unknown(value) and question.unknown:
        return {UNKNOWN_BOX: [TICKED]} if has_unknown_box(question) else {"": [UNKNOWN]}
    return {} if value is None else TYPES[question.type].typed(value)


def accept(asking: Asking, value: Any) -> Any:
    """The canonical form of a JSON value from elsewhere, held to all that is asked of a typed one. Raises ``Wrong``."""
    return parse(asking, typed(asking.question, value))


def summary(question: Question, value: Any) -> Text:
    """The stored answer as people read it; says so when there is none, or when it is not known."""
    if value is None:
        return NOT_ANSWERED
    return DONT_KNOW if is_unknown(value) and question.unknown else TYPES[question.type].summary(question, value)


def schema(question: Question) -> dict[str, Any]:
    """JSON Schema of the answer's value, "I don't know" included where it may be given."""
    own = TYPES[question.type].schema(question)
    if not question.unknown or question.type in ("radio", "select"):
        return own
    unknown = {
        "type": "object",
        "additionalProperties": False,
        "required": [UNKNOWN],
        "properties": {UNKNOWN: {"const": True}},
    }
    return {"anyOf": [own, unknown]}
