"""CAS registry numbers: found in a text, checked by their last digit, looked up among those on file.

An announcement prints few. Of others ``data/cas.yaml`` knows name and formula from general chemistry: enough to lead to
the items that they may be, never to say what is controlled.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from portal.controls.quantities import DATA
from portal.text import Text

PATTERN = re.compile(r"(?<![\d-])(\d{2,7})-(\d{2})-(\d)(?![\d-])")

State = Literal["on_file", "known", "not_on_file", "wrong"]


@dataclass(frozen=True, slots=True)
class Substance:
    """A substance whose number an announcement prints, with the item that it stands under."""

    cas: str
    name: Text
    measure: str
    item: str
    mark: str


@dataclass(frozen=True, slots=True)
class Compound:
    """What a number stands for by general chemistry; ``formula`` may be empty."""

    name: Text
    formula: str

    @property
    def words(self) -> str:
        """Names and formula, as somebody would type them."""
        return " ".join(part for part in (self.name.en, self.name.zh, self.formula) if part)


@dataclass(frozen=True, slots=True)
class Number:
    """A CAS number of a text. ``known`` is one that only general chemistry knows; ``wrong`` means that its check digit
    does not fit: mistyped, or no CAS number.
    """

    text: str
    state: State
    substance: Substance | None
    compound: Compound | None = None


def checks(number: str) -> bool:
    """Whether the last digit is the sum of the others, each times its place from the right, modulo 10."""
    parts = PATTERN.fullmatch(number)
    if parts is None:
        return False
    total = sum(place * int(digit) for place, digit in enumerate(reversed(parts[1] + parts[2]), 1))
    return total % 10 == int(parts[3])


def found(text: str, data: Path = DATA) -> tuple[Number, ...]:
    """Every CAS number in a text, in order, each once."""
    numbers = dict.fromkeys(match[0] for match in PATTERN.finditer(text))
    return tuple(_look_up(number, data) for number in numbers)


def _look_up(number: str, data: Path) -> Number:
    if not checks(number):
        return Number(number, "wrong", None)
    substance = substances(data).get(number)
    if substance is not None:
        return Number(number, "on_file", substance)
    compound = compounds(data).get(number)
    return Number(number, "known" if compound else "not_on_file", None, compound)


@cache
def substances(data: Path = DATA) -> dict[str, Substance]:
    """The substances on file by number: those that an announcement itself prints, and no others."""
    rows = yaml.safe_load((data / "substances.yaml").read_text(encoding="utf-8"))
    return {
        cas: Substance(cas, Text.read(row["name"]), row["measure"], row["item"], row["mark"])
        for cas, row in rows.items()
    }


@cache
def compounds(data: Path = DATA) -> dict[str, Compound]:
    """What general chemistry knows, by number."""
    rows = yaml.safe_load((data / "cas.yaml").read_text(encoding="utf-8"))
    return {number: Compound(Text.read(row["name"]), row["formula"]) for number, row in rows.items()}
