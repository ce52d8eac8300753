"""Whole and decimal numbers, exact throughout: never a float."""

import re
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields import StringField

from portal.questionnaires.fields.base import AnswerType, Asking, Typed, Unbound, Wrong, described, expect, short
from portal.questionnaires.model import Question
from portal.text import Text

WHOLE_DIGITS = 15
"""Digits before the decimal point: what canonical JSON (RFC 8785) can carry as a number without loss."""
DECIMAL_DIGITS = 6

_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|-?[0-9]{1,3}( [0-9]{3})+(\.[0-9]+)?", re.ASCII)
_PLAIN = re.compile(r"(-?)([0-9]*)(?:\.([0-9]*))?", re.ASCII)


def plain(text: str) -> str | None:
    """The number in plain digits, "0012.50" and "12.50" both as "12.50"; ``None`` when it is none.

    Takes commas or spaces between groups of three digits, and a minus sign. No exponent, no other form.
    """
    text = text.replace("\u2212", "-")
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "").replace(" ", "")
    match = _PLAIN.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return None
    whole, fraction = match[2].lstrip("0") or "0", match[3] or ""
    sign = match[1] if whole.strip("0") or fraction.strip("0") else ""
    return sign + whole + (f".{fraction}" if fraction else "")


def bounded(asking: Asking, value: Decimal) -> None:
    """Hold a number to the question's ``min`` and ``max``. Raises ``Wrong``."""
    low, high = asking.question.min, asking.question.max
    below, above = low is not None and value < Decimal(low), high is not None and value > Decimal(high)
    if (below or above) and low is not None and high is not None:
        raise Wrong(_("Enter a number from %(low)s to %(high)s", low=grouped(low), high=grouped(high)))
    if low is not None and below:
        raise Wrong(_("Enter a number that is %(low)s or more", low=grouped(low)))
    if high is not None and above:
        raise Wrong(_("Enter a number that is %(high)s or less", high=grouped(high)))


def digits(text: str, fraction: int = DECIMAL_DIGITS) -> None:
    """Bound the digits of a plain number before and after the point. Raises ``Wrong``."""
    whole, _point, after = text.lstrip("-").partition(".")
    if len(whole) > WHOLE_DIGITS:
        raise Wrong(
            _("Enter a number with no more than %(digits)s digits before the decimal point", digits=WHOLE_DIGITS)
        )
    if len(after) > fraction:
        raise Wrong(_("Enter a number with no more than %(digits)s decimal places", digits=fraction))


def grouped(text: str) -> str:
    """A plain number with commas between groups of three digits, every decimal place kept."""
    return f"{Decimal(text):,}"


class IntegerAnswer(AnswerType):
    """A whole number, stored as a JSON number."""

    def field(self, asking: Asking) -> Unbound:
        return StringField(render_kw={"inputmode": "numeric"}, **described(asking))

    def dress(self, field: Any, asking: Asking) -> None:
        super().dress(field, asking)
        field.size = "10"
        field.suffix = asking.question.unit[asking.language] if asking.question.unit else ""

    def parse(self, asking: Asking, typed: Typed) -> int | None:
        text = short(typed)
        if not text:
            return None
        number = plain(text)
        if number is None or "." in number:
            raise Wrong(_("Enter a whole number, for example 12"))
        digits(number)
        bounded(asking, Decimal(number))
        return int(number)

    def typed(self, value: Any) -> dict[str, list[str]]:
        whole: int = expect(value, int)
        if abs(whole) >= 10**WHOLE_DIGITS:
            raise Wrong(
                _("Enter a number with no more than %(digits)s digits before the decimal point", digits=WHOLE_DIGITS)
            )
        return {"": [str(whole)]}

    def summary(self, question: Question, value: Any) -> Text:
        return with_unit(grouped(str(value)), question)

    def schema(self, question: Question) -> dict[str, Any]:
        bounds = {"minimum": question.min, "maximum": question.max}
        return {"type": "integer", **{key: int(Decimal(bound)) for key, bound in bounds.items() if bound is not None}}


class DecimalAnswer(AnswerType):
    """A decimal number, stored as text in plain digits with the decimal places that were typed."""

    def field(self, asking: Asking) -> Unbound:
        return StringField(render_kw={"inputmode": "decimal"}, **described(asking))

    def dress(self, field: Any, asking: Asking) -> None:
        super().dress(field, asking)
        field.size = "10"
        field.suffix = asking.question.unit[asking.language] if asking.question.unit else ""

    def parse(self, asking: Asking, typed: Typed) -> str | None:
        text = short(typed)
        if not text:
            return None
        number = plain(text)
        if number is None:
            raise Wrong(_("Enter a number, for example 12.5, with a point before the decimal places"))
        digits(number)
        bounded(asking, Decimal(number))
        return number

    def typed(self, value: Any) -> dict[str, list[str]]:
        return {"": [str(expect(value, str))]}

    def summary(self, question: Question, value: Any) -> Text:
        return with_unit(grouped(value), question)

    def schema(self, question: Question) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"}


def with_unit(number: str, question: Question) -> Text:
    """A number followed by the unit in which it was asked."""
    unit = question.unit
    return Text(f"{number} {unit.en}", f"{number} {unit.zh}") if unit else Text(number, number)
