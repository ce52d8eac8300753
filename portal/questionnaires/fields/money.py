"""An amount of money with its currency (ISO 4217)."""

from decimal import Decimal
from functools import cache
from typing import Any

import pycountry
from babel import Locale
from babel.numbers import get_currency_precision
from flask_babel import lazy_gettext as _
from wtforms.fields import Field

from portal.questionnaires.fields.base import AnswerType, Asking, Typed, Unbound, Wrong, described, expect, short
from portal.questionnaires.fields.boxes import Box, Choices, sent
from portal.questionnaires.fields.numbers import WHOLE_DIGITS, bounded, grouped, plain
from portal.questionnaires.model import Question
from portal.text import Language, Text

USUAL = ("CNY", "USD", "EUR", "JPY", "GBP", "HKD", "KRW", "SGD", "CHF")
"""Currencies of most contracts, first in the list."""
CHOOSE = Text("Choose a currency", "请选择币种")

_SHARED = frozenset({"XAF", "XCD", "XOF", "XPF"})
"""Codes that begin with X and yet are money that people pay with; the others are metals, funds and tests."""


@cache
def currencies(language: Language) -> tuple[tuple[str, str], ...]:
    """Every current currency with its name, the usual ones first, the others in the order of their codes."""
    names = Locale.parse("zh_Hans" if language == "zh" else "en").currencies
    known = {each.alpha_3 for each in pycountry.currencies}
    codes = sorted(code for code in known if not code.startswith("X") or code in _SHARED)
    ordered = [*USUAL, *(code for code in codes if code not in USUAL)]
    return tuple((code, f"{code} – {names[code]}" if code in names else code) for code in ordered)


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code, _name in currencies("en"))


class MoneyField(Field):
    """Two boxes: ``amount``, and ``currency`` with its choices."""

    kind = "money"

    def __init__(self, *args: Any, language: Language = "en", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language
        self.amount = Box(f"{self.id}-amount", f"{self.name}-amount", "")
        self.currency = Choices(f"{self.id}-currency", f"{self.name}-currency", self._options(""))

    def _options(self, chosen: str) -> list[tuple[str, str, bool]]:
        listed = [(code, name, code == chosen) for code, name in currencies(self.language)]
        return [("", CHOOSE[self.language], not chosen), *listed]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Keep what was typed in the two boxes, as it was typed."""
        self.process_errors = []
        self.amount = Box(self.amount.id, self.amount.name, sent(formdata, self.amount.name))
        chosen = sent(formdata, self.currency.name)
        self.currency = Choices(self.currency.id, self.currency.name, self._options(chosen))
        self.data = {"amount": self.amount.text, "currency": chosen}


class MoneyAnswer(AnswerType):
    """Stored as ``{"amount": "1500.00", "currency": "USD"}`` with the decimal places of the currency."""

    boxes = ("amount", "currency")

    def field(self, asking: Asking) -> Unbound:
        return MoneyField(language=asking.language, **described(asking))

    def parse(self, asking: Asking, typed: Typed) -> dict[str, str] | None:
        amount, currency = short(typed, "amount"), short(typed, "currency").upper()
        if not amount:
            if currency:
                raise Wrong(_("Enter the amount"))
            return None
        number = plain(amount)
        if number is None:
            raise Wrong(_("Enter an amount of money, for example 1500.00"))
        if currency not in _codes():
            raise Wrong(_("Choose the currency of the amount"))
        return {"amount": self._amount(asking, number, currency), "currency": currency}

    def _amount(self, asking: Asking, number: str, currency: str) -> str:
        whole, _point, fraction = number.partition(".")
        places = get_currency_precision(currency)
        if len(whole.lstrip("-")) > WHOLE_DIGITS:
            raise Wrong(
                _("Enter a number with no more than %(digits)s digits before the decimal point", digits=WHOLE_DIGITS)
            )
        if fraction.rstrip("0")[places:]:
            raise Wrong(
                _(
                    "Enter an amount in %(currency)s with no more than %(digits)s decimal places",
                    currency=currency,
                    digits=places,
                )
            )
        if number.startswith("-") and asking.question.min is None:
            raise Wrong(_("Enter a number that is %(low)s or more", low="0"))
        bounded(asking, Decimal(number))
        return f"{whole}.{fraction[:places]:0<{places}}" if places else whole

    def typed(self, value: Any) -> dict[str, list[str]]:
        if set(expect(value, dict)) != {"amount", "currency"}:
            raise Wrong(_("Give this answer in the form that the schema of the case file describes"))
        return {box: [str(expect(value[box], str))] for box in self.boxes}

    def summary(self, question: Question, value: Any) -> Text:
        shown = f"{value['currency']} {grouped(value['amount'])}"
        return Text(shown, shown)

    def schema(self, question: Question) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": False,
            "required": ["amount", "currency"],
            "properties": {
                "amount": {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"},
                "currency": {"enum": sorted(_codes())},
            },
        }
