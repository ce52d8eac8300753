"""Free text, on one line or several."""

import re
import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields import StringField, TextAreaField

from portal.questionnaires.fields.base import (
    AnswerType,
    Asking,
    Typed,
    Unbound,
    Wrong,
    described,
    expect,
    one,
    showable,
)
from portal.questionnaires.model import Question
from portal.text import Text

LINE_LENGTH = 300
AREA_LENGTH = 5000


class LineAnswer(AnswerType):
    """One line. Blanks of every kind become single spaces; length is counted in characters (NFC)."""

    default_length = LINE_LENGTH

    def field(self, asking: Asking) -> Unbound:
        return StringField(**described(asking))

    def parse(self, asking: Asking, typed: Typed) -> str | None:
        limit = asking.question.max_length or self.default_length
        text = one(typed)
        if len(text) > 4 * limit + 1000:  # far too long in any normal form: not worth normalising
            raise self._too_long(limit)
        text = self._tidy(unicodedata.normalize("NFC", text))
        if len(text) > limit:
            raise self._too_long(limit)
        if not showable(text):
            raise Wrong(_("Remove the characters that cannot be shown; they may have come from copying and pasting"))
        return text or None

    def _too_long(self, limit: int) -> Wrong:
        return Wrong(_("Shorten your answer to %(limit)s characters or fewer", limit=f"{limit:,}"))

    def _tidy(self, text: str) -> str:
        return re.sub(r"\s+", " ", text)

    def typed(self, value: Any) -> dict[str, list[str]]:
        return {"": [expect(value, str)]}

    def summary(self, question: Question, value: Any) -> Text:
        return Text(value, value)

    def schema(self, question: Question) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": question.max_length or self.default_length}


class AreaAnswer(LineAnswer):
    """Several lines. Line ends become ``\\n``."""

    default_length = AREA_LENGTH

    def field(self, asking: Asking) -> Unbound:
        return TextAreaField(**described(asking))

    def dress(self, field: Any, asking: Asking) -> None:
        super().dress(field, asking)
        field.rows = 3 if (asking.question.max_length or AREA_LENGTH) <= LINE_LENGTH else 6

    def _tidy(self, text: str) -> str:
        return re.sub(r"[^\S\n]+\n", "\n", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
