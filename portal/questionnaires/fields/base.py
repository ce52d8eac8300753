"""What every type of answer has: boxes that are typed into, and the way from there to a JSON value and back."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from flask_babel import lazy_gettext as _

from portal.questionnaires.model import Question
from portal.text import Language, Text

Unbound = Any
"""A WTForms field that is in no form yet: an ``UnboundField``, whatever class was called for it."""

Typed = Mapping[str, Sequence[str]]
"""What was typed, by box: ``""`` is the box named like the question, ``"day"`` the one named ``<id>-day``."""

UNKNOWN_BOX: Final = "unknown"
TICKED: Final = "y"
SHORT: Final = 200
NOT_ANSWERED = Text("Not answered", "未回答")

_UNSHOWABLE = frozenset({"Cc", "Cs", "Cn"})
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Wrong(ValueError):
    """An answer that cannot be taken; ``message`` tells the person what to do, in the language of the page."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as it is put to somebody: in which language, and on which day (in UTC)."""

    question: Question
    language: Language
    today: date

    @property
    def label(self) -> str:
        return self.question.label[self.language]


class AnswerType(ABC):
    """One type of answer. Objects hold no state; one of each serves every question of its type."""

    boxes: ClassVar[tuple[str, ...]] = ("",)

    @abstractmethod
    def field(self, asking: Asking) -> Unbound:
        """The WTForms field, with label, hint and options in the language of the page."""

    @abstractmethod
    def parse(self, asking: Asking, typed: Typed) -> Any:
        """The JSON value of what was typed, or ``None`` for nothing. Raises ``Wrong``."""

    @abstractmethod
    def typed(self, value: Any) -> dict[str, list[str]]:
        """What would be typed to give this value. Raises ``Wrong`` for a value that is not of this type."""

    @abstractmethod
    def summary(self, question: Question, value: Any) -> Text:
        """The answer as people read it."""

    @abstractmethod
    def schema(self, question: Question) -> dict[str, Any]:
        """JSON Schema of the value, without "I don't know"."""

    def missing(self, asking: Asking) -> Any:
        """What to say when a required answer is not there."""
        return _("Enter an answer to “%(question)s”", question=asking.label)

    def dress(self, field: Any, asking: Asking) -> None:
        """Give the bound field what the templates show beside label and hint."""
        field.question = asking.question


def described(asking: Asking) -> dict[str, Any]:
    """Label and hint, as every WTForms field takes them."""
    hint = asking.question.hint
    return {"label": asking.label, "description": hint[asking.language] if hint else ""}


def one(typed: Typed, box: str = "") -> str:
    """What stands in a box that may be filled once. Raises ``Wrong`` when a form sends it more than once."""
    texts = [text.strip() for text in typed.get(box, ())]
    if len(set(texts)) > 1:
        raise Wrong(_("Give one answer only"))
    return texts[0] if texts else ""


def short(typed: Typed, box: str = "") -> str:
    """Like ``one`` for numbers and codes: full-width characters become plain ones (NFKC), and length is bounded."""
    text = one(typed, box)
    if len(text) > SHORT:
        raise Wrong(_("Enter no more than %(limit)s characters", limit=SHORT))
    return unicodedata.normalize("NFKC", text).strip()


def expect(value: Any, *types: type) -> Any:
    """The value, when it is of one of the JSON types and not true or false. Raises ``Wrong``."""
    if isinstance(value, bool) or not isinstance(value, types):
        raise Wrong(_("Give this answer in the form that the schema of the case file describes"))
    return value


def showable(text: str) -> bool:
    """Whether the text has only characters that can be shown, in the order in which they are written."""
    return not any(
        unicodedata.category(char) in _UNSHOWABLE or char in _REORDERING for char in text if char not in "\n\t"
    )
