"""What a goods line says of itself, read for elements, terms, purity and size."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache

from portal.controls import formula
from portal.controls.measures import Element, Material

SPLIT_ELEMENTS = re.compile(r"[\s,;/、，；+&-]+")
NINES = re.compile(r"(?<![\d.])([2-9])\s*(?:N|个9|九)\s*(\d?)(?![\w])", re.IGNORECASE)
PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*[%％]")
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(nm|纳米|µm|μm|um|微米|micron(?:s)?|mm|毫米)", re.IGNORECASE)
MICROMETRES = {"nm": "0.001", "纳米": "0.001", "mm": "1000", "毫米": "1000"}


@dataclass(frozen=True, slots=True)
class GoodsItem:
    """A goods line as the exporter states it; every field may be empty but the name.

    ``purity`` as "99.999 %" or "5N", ``particle_size`` with its unit, ``hs_code`` of 6, 8 or 10 digits.
    """

    name: str
    element: str = ""
    chemical_form: str = ""
    purity: str = ""
    particle_size: str = ""
    hs_code: str = ""
    control_code: str = ""

    @property
    def described(self) -> str:
        """All the text in which an item may be named."""
        return " · ".join(part for part in (self.name, self.element, self.chemical_form) if part)


def digits(hs_code: str) -> str:
    """An HS code without the dots and spaces that people put in."""
    return re.sub(r"[.\s-]", "", hs_code)


def elements_named(goods: GoodsItem, known: Sequence[Element], materials: Sequence[Material] = ()) -> frozenset[str]:
    """Symbols of the known elements that the goods name: in the element field, as a word, within a formula or alloy,
    or hidden in the trade name of a material.
    """
    symbols = {element.symbol for element in known}
    found = {part for part in SPLIT_ELEMENTS.split(goods.element) if part in symbols}
    found |= {element.symbol for element in known if any(_in_word(goods.described, name) for name in element.names)}
    found |= symbols & formula.elements_in(goods.described)
    found |= {symbol for material in hidden(goods.described, materials) for symbol in material.elements}
    return frozenset(found)


def hidden(text: str, materials: Sequence[Material]) -> tuple[Material, ...]:
    """The materials whose trade name a text holds. A name in capitals keeps them: ITO is none of Mr Ito's."""
    return tuple(material for material in materials if any(_trade_name(text, word) for word in material.words))


def _trade_name(text: str, word: str) -> bool:
    return names(text, word) and (not any(letter.isupper() for letter in word[1:]) or word in text)


def names(text: str, term: str) -> bool:
    """Whether a text names a term: whole words in Latin, any place in Chinese. A formula keeps its capitals."""
    if not term.isascii():
        return term in text
    # Most texts hold not even the beginning of most terms; that is told without a search.
    return _beginning(term) in text.casefold() and _whole_word(term).search(text) is not None


@cache
def _beginning(term: str) -> str:
    """The first letters and digits of a term, as every text that names it has them."""
    found = re.match(r"[A-Za-z0-9]*", term)
    return found[0].lower() if found else ""


@cache
def _whole_word(term: str) -> re.Pattern[str]:
    flags = 0 if _all_symbols(term) else re.IGNORECASE
    loose = re.escape(term).replace(r"\-", r"[-\s–]?").replace(r"\ ", r"[-\s–]+")
    return re.compile(rf"(?<![A-Za-z0-9]){loose}s?(?![A-Za-z0-9])", flags)


@cache
def _at_the_end(name: str) -> re.Pattern[str]:
    return re.compile(rf"yl[-\s]?{name}s?(?![A-Za-z])", re.IGNORECASE)


def _in_word(text: str, name: str) -> bool:
    """An element as a word of its own, or at the end of an organic compound's (trimethylindium)."""
    organic = _at_the_end(name).search(text) if name.isascii() else None
    return organic is not None or names(text, name)


def _all_symbols(term: str) -> bool:
    try:
        formula.parse(term)
    except formula.FormulaError:
        return False
    return True


def purity(text: str) -> Decimal | None:
    """Purity in per cent from "99.999 %", "≥99.99%", "6N" or "5N5"; ``None`` where it does not say."""
    if found := NINES.search(text):
        value = "99." + "9" * (int(found[1]) - 2) + found[2]
        return Decimal(value)
    if found := PERCENT.search(text):
        return Decimal(found[1])
    try:
        value_alone = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value_alone if 0 < value_alone <= 100 else None


def particle_size(text: str) -> Decimal | None:
    """The largest size named, in micrometres; ``None`` where no size with a unit is named."""
    sizes = [Decimal(value) * Decimal(MICROMETRES.get(unit.lower(), "1")) for value, unit in SIZE.findall(text)]
    return max(sizes, default=None)
