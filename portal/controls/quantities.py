"""What thresholds are about: quantities with their units, and how people write values of them.

A stated value is an interval, since that is what people state: "≥99.9 %", "5N", "10–45 µm", "<50". What is not stated
is not assumed, so an interval that reaches over a threshold leaves the question open.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from portal.text import Text

DATA = Path(__file__).with_name("data")
Verdict = Literal["met", "outside", "open"]
Kind = Literal["number", "purity", "choice"]

_NUMBER = r"(\d+(?:\.\d+)?)"
_NINES = re.compile(r"(>=|>)?\s*([2-9])\s*(?:n|个9|九)\s*(\d?)\s*(?:\+|以上)?", re.IGNORECASE)
_SIGNS_BEFORE = {
    ">=": (
        ">=",
        "≥",
        "≧",
        "=>",
        "at least",
        "not less than",
        "min",
        "min.",
        "大于等于",
        "大于或等于",
        "不小于",
        "不低于",
        "不少于",
        "至少",
    ),
    ">": (">", "over", "more than", "above", "大于", "高于", "超过"),
    "<=": (
        "<=",
        "≤",
        "≦",
        "=<",
        "at most",
        "not more than",
        "up to",
        "max",
        "max.",
        "小于等于",
        "小于或等于",
        "不大于",
        "不超过",
    ),
    "<": ("<", "under", "less than", "below", "小于", "低于", "不足"),
    "": ("=", ""),
}
_SIGNS_AFTER = {
    ">=": ("or more", "min", "min.", "以上", "及以上"),
    "<=": ("or less", "max", "max.", "以下", "及以下"),
    "": ("",),
}
_BEFORE = {word: sign for sign, words in _SIGNS_BEFORE.items() for word in words}
_AFTER = {word: sign for sign, words in _SIGNS_AFTER.items() for word in words}
_BETWEEN = re.compile(r"\s*(?:-|–|—|~|～|to|至|到)\s*")


def _words(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Stated:
    """The values that a statement allows, in the quantity's own unit; an end that is empty is not limited."""

    low: Decimal | None
    high: Decimal | None
    low_open: bool = False
    high_open: bool = False

    @property
    def exact(self) -> Decimal | None:
        """The one value, where just one is stated."""
        return self.low if self.low is not None and self.low == self.high else None

    def against(self, op: str, value: Decimal) -> Verdict:
        """Whether all of it lies within a threshold (met), none of it does (outside), or neither (open)."""
        if op in (">", ">="):
            return self._above(value, strict=op == ">")
        turned = Stated(_minus(self.high), _minus(self.low), self.high_open, self.low_open)
        return turned._above(-value, strict=op == "<")

    def _above(self, value: Decimal, *, strict: bool) -> Verdict:
        if self.low is not None and (self.low > value or (self.low == value and (self.low_open or not strict))):
            return "met"
        if self.high is not None and (self.high < value or (self.high == value and (self.high_open or strict))):
            return "outside"
        return "open"

    def __str__(self) -> str:
        """As a formula of comparison writes it: "99.95", "≥ 99.9", "10–45"."""
        if self.exact is not None:
            return plain(self.exact)
        if self.low is None or self.high is None:
            end, sign = (self.high, "<" if self.high_open else "≤") if self.low is None else (
                self.low, ">" if self.low_open else "≥")  # fmt: skip
            return f"{sign} {plain(end)}" if end is not None else "?"
        return f"{plain(self.low)}–{plain(self.high)}"


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that thresholds limit, with the question that asks for it.

    ``units`` gives the factor of each way to write the unit. ``near`` is the portal's own policy of what counts as
    close to a threshold: a share of it, or for purity how many times the impurity that it allows.
    """

    id: str
    kind: Kind
    name: Text
    question: Text
    hint: Text | None
    unit: str
    units: Mapping[str, Decimal] = field(hash=False)
    near: Decimal | None
    options: Mapping[str, Text] = field(hash=False)

    def read(self, text: str) -> Stated | None:
        """A value as people write it; ``None`` where it is not sure what is meant."""
        plain_text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", unicodedata.normalize("NFKC", text)).strip()
        if self.kind == "purity" and (nines := _NINES.fullmatch(plain_text)):
            low = Decimal("99." + "9" * (int(nines[2]) - 2) + nines[3])
            return Stated(low, None, low_open=nines[1] == ">")
        found = self._pattern().fullmatch(plain_text)
        return self._interval(found) if found else None

    def _pattern(self) -> re.Pattern[str]:
        unit = _words(dict.fromkeys((*self.units, ""), ""))
        return re.compile(
            rf"(?P<before>{_words(_BEFORE)})\s*{_NUMBER}\s*(?P<unit>{unit})"
            rf"(?:{_BETWEEN.pattern}{_NUMBER}\s*(?P<unit2>{unit}))?\s*(?P<after>{_words(_AFTER)})",
            re.IGNORECASE,
        )

    def _interval(self, found: re.Match[str]) -> Stated | None:
        before, after = _BEFORE[found["before"].lower()], _AFTER[found["after"].lower()]
        numbers = [group for group in found.groups() if group and re.fullmatch(_NUMBER, group)]
        unit2 = found["unit2"] or found["unit"]
        first = Decimal(numbers[0]) * self._factor(found["unit"] or unit2)
        if len(numbers) == 2:
            second = Decimal(numbers[1]) * self._factor(unit2)
            return None if before or after or second < first else self._within(Stated(first, second))
        if before and after:
            return None
        sign = before or after
        if sign in (">", ">="):
            return self._within(Stated(first, None, low_open=sign == ">"))
        if sign in ("<", "<="):
            return self._within(Stated(None, first, high_open=sign == "<"))
        return self._within(Stated(first, first))

    def _within(self, stated: Stated) -> Stated | None:
        """Nothing is more than pure."""
        over = self.unit == "%" and max(stated.low or 0, stated.high or 0) > 100
        return None if over else stated

    def _factor(self, unit: str | None) -> Decimal:
        wanted = (unit or "").lower()
        return next((factor for word, factor in self.units.items() if word.lower() == wanted), Decimal(1))

    def close(self, stated: Stated, op: str, value: Decimal) -> bool:
        """Whether a statement that lies outside a threshold comes close to it, by the portal's own policy."""
        nearest = stated.high if op in (">", ">=") else stated.low
        if nearest is None or self.near is None:
            return False
        if self.kind == "purity":
            return (Decimal(100) - nearest) <= (Decimal(100) - value) * self.near
        return abs(nearest - value) <= value * self.near


@cache
def _statement(units: tuple[str, ...]) -> re.Pattern[str]:
    """How a value in one of the units may be stated."""
    unit = _words((*units, ""))
    return re.compile(
        rf"(?P<before>{_words(_BEFORE)})\s*{_NUMBER}\s*(?P<unit>{unit})"
        rf"(?:{_BETWEEN.pattern}{_NUMBER}\s*(?P<unit2>{unit}))?\s*(?P<after>{_words(_AFTER)})",
        re.IGNORECASE,
    )


def plain(value: Decimal) -> str:
    """A number without an exponent and without zeros that say nothing."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _minus(value: Decimal | None) -> Decimal | None:
    return None if value is None else -value


@cache
def load(data: Path = DATA) -> dict[str, Quantity]:
    """Every quantity on file, by its name in the measures."""
    rows = yaml.safe_load((data / "quantities.yaml").read_text(encoding="utf-8"))
    return {key: _quantity(key, row) for key, row in rows.items()}


def _quantity(key: str, row: Mapping[str, Any]) -> Quantity:
    units = {unicodedata.normalize("NFKC", word): Decimal(factor) for word, factor in row.get("units", {}).items()}
    return Quantity(
        id=key,
        kind=row.get("kind", "number"),
        name=Text.read(row["name"]),
        question=Text.read(row["question"]),
        hint=Text.read(row["hint"]) if "hint" in row else None,
        unit=row.get("unit", ""),
        units=units,
        near=Decimal(row["near"]) if "near" in row else None,
        options={option: Text.read(text) for option, text in row.get("options", {}).items()},
    )
