"""Chemical formulas as people write them: GaAs, (NH4)10W12O41·5H2O, (Nd,Dy)2Fe14B, Hg1-xCdxTe, Y3Al5O12:Ce, W-Ni-Fe.

Only what a formula says of its composition is read: which elements, and how many atoms of each where that is a number.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

# No, At, Es, Fm and Md are left out: nobody trades in them, and they are words.
SYMBOLS = (
    "He|Li|Be|Ne|Na|Mg|Al|Si|Cl|Ar|Ca|Sc|Ti|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ga|Ge|As|Se|Br|Kr|Rb|Sr|Zr|Nb|Mo|Tc|Ru|Rh|Pd|Ag|Cd|In"
    "|Sn|Sb|Te|Xe|Cs|Ba|La|Ce|Pr|Nd|Pm|Sm|Eu|Gd|Tb|Dy|Ho|Er|Tm|Yb|Lu|Hf|Ta|Re|Os|Ir|Pt|Au|Hg|Tl|Pb|Bi|Th|H|B|C|N|O|F|P"
    "|S|K|V|Y|I|W|U"
)
SYMBOL = re.compile(SYMBOLS)
# A number, a variable (x, 1-x, 7-δ), or nothing: the subscript of an atom or of a bracket.
COUNT = re.compile(r"\d+(?:\.\d+)?(?:[-+][xyzδ](?![a-z]))?|[xyzδ](?![a-z])")
MULTIPLIER = re.compile(r"\d+(?:\.\d+)?")
CHARGE = re.compile(r"(?<=[A-Za-z)\]])\d?[+-]$")
WATER_DOTS = re.compile(r"[•∙⋅*・･]")
WORD = re.compile(r"[A-Za-z0-9()\[\],.:·δ+-]+")
OPENING, CLOSING = "([", ")]"
# Formulas that are capitals only and would otherwise be taken for words (BIS, NYC).
CAPITAL_FORMULAS = {"WC", "WN", "WB", "YN"}
# Symbols that are no word in either language and so name their element even when they stand alone.
PLAIN_SYMBOLS = {"Ga", "Ge", "Sb", "Sm", "Gd", "Tb", "Dy", "Sc", "Tm", "Yb"}
# A symbol beside a word for a material names its element too: "Mo powder", "W粉", "target of Bi".
_FORMS = (
    r"powder|metal|alloy|target|oxide|carbide|chloride|fluoride|nitrate|ingot|rod|bar|wire|sheet|foil|plate|pellet|granule"
    r"|flake|shot|wafer|crystal|substrate|magnet|scrap|concentrate|compound"
)
_ZH_FORMS = "粉|粒|锭|棒|丝|片|板|箔|块|靶|合金|金属|单质|单晶|多晶|晶片|衬底|磁|废料|精矿|氧化物|化合物"
MATERIAL = (
    re.compile(
        rf"(?<![A-Za-z0-9])({SYMBOLS})(?:[-\s]+(?:sputtering[-\s]+)?(?:{_FORMS})s?(?![a-z])|\s*(?:{_ZH_FORMS}))"
    ),
    re.compile(rf"(?<![A-Za-z])(?:{_FORMS})s?[-\s]+(?:of[-\s]+|, ?)?({SYMBOLS})(?![A-Za-z0-9])"),
)
# Symbols that are words, or letters that mark a model, beside a material: "In metal boxes", "rod I", "sheet A/B".
WORDS = {"In", "I", "As", "He", "Be", "H", "B", "C", "N", "O", "F", "P", "S", "K", "V", "U"}
LONGEST = 200

Count = Decimal | str


class FormulaError(ValueError):
    """A text that is no chemical formula; ``at`` is the place of the first character that does not fit."""

    def __init__(self, text: str, at: int) -> None:
        self.at = at
        super().__init__(f"{text!r} is no formula from character {at + 1} on")


@dataclass(frozen=True, slots=True)
class Unit:
    """An atom (a symbol), or a bracket whose branches share its places: (Nd,Dy). A count may be a variable."""

    content: "str | tuple[tuple[Unit, ...], ...]"
    count: Count = Decimal(1)

    def __str__(self) -> str:
        inside = self.content
        if not isinstance(inside, str):
            inside = "(" + ",".join("".join(map(str, branch)) for branch in inside) + ")"
        return inside + ("" if self.count == 1 else _plain(self.count))

    @property
    def elements(self) -> frozenset[str]:
        """The symbols in it."""
        if isinstance(self.content, str):
            return frozenset({self.content})
        return frozenset(chain.from_iterable(unit.elements for branch in self.content for unit in branch))


@dataclass(frozen=True, slots=True)
class Part:
    """What stands between two dots: "5H2O" is five times H2O."""

    units: tuple[Unit, ...]
    times: Decimal = Decimal(1)

    def __str__(self) -> str:
        return ("" if self.times == 1 else _plain(self.times)) + "".join(map(str, self.units))


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula; ``dopants`` are what follows a colon (Y3Al5O12:Ce), of which the amount is not said.

    An alloy (W-Ni-Fe) names its metals and says nothing of atoms.
    """

    parts: tuple[Part, ...]
    dopants: tuple[Part, ...] = ()
    alloy: bool = False

    def __str__(self) -> str:
        return ("-" if self.alloy else "·").join(map(str, self.parts)) + "".join(
            f":{dopant}" for dopant in self.dopants
        )

    @property
    def elements(self) -> frozenset[str]:
        """The symbols of every element in it, dopants included."""
        parts = (*self.parts, *self.dopants)
        return frozenset(chain.from_iterable(unit.elements for part in parts for unit in part.units))

    @property
    def atoms(self) -> dict[str, Decimal] | None:
        """Atoms of each element; ``None`` where a variable or a shared place leaves it open."""
        if self.alloy:
            return None
        found: Counter[str] = Counter()
        for part in self.parts:
            for symbol, count in _atoms(part.units, part.times):
                if count is None:
                    return None
                found[symbol] += count  # type: ignore[assignment]  # Counter is typed for whole numbers
        return {symbol: Decimal(count) for symbol, count in found.items()}


def parse(text: str) -> Formula:
    """Read one formula and nothing else; raises ``FormulaError``. Subscripts and full-width letters are understood."""
    plain = CHARGE.sub("", normal(text).strip())
    if not plain or len(plain) > LONGEST:
        raise FormulaError(plain[:LONGEST], 0)
    body, *dopants = plain.split(":")
    reader = _Reader(plain)
    parts = tuple(reader.part(part) for part in body.split("·"))
    return Formula(parts, tuple(reader.part(part) for part in dopants))


def normal(text: str) -> str:
    """Text with subscripts and full-width characters made plain, and every water dot the same."""
    return WATER_DOTS.sub("·", unicodedata.normalize("NFKC", text).replace("‑", "-").replace("–", "-"))


def found(text: str) -> tuple[Formula, ...]:
    """The formulas that a text surely holds; "In", "BIS" and other words are none. Alloys (W-Ni-Fe) are read whole."""
    return tuple(formula for word in WORD.findall(normal(text)) for formula in _of_word(word))


def elements_in(text: str) -> frozenset[str]:
    """Every element that a formula, or an unmistakable symbol, names in a text."""
    alone = {match[1] for pattern in MATERIAL for match in pattern.finditer(normal(text))}
    return frozenset(chain(alone - WORDS, *(formula.elements for formula in found(text))))


def _of_word(word: str) -> Iterator[Formula]:
    for piece in _at_top_commas(word):
        piece = _balanced(piece.strip(".,:·+-"))
        whole = _read(piece)
        if whole is None and "-" in piece:
            whole = _alloy(piece.split("-"))
        if whole is not None and _sure(piece.replace("-", ""), whole):
            yield whole
        elif "-" in piece:
            for half in piece.split("-"):
                alone = _read(half)
                if alone is not None and _sure(half, alone):
                    yield alone


def _at_top_commas(word: str) -> Iterator[str]:
    """Pieces between commas outside brackets: "GaAs,InP" is two formulas, "(Nd,Dy)2Fe14B" one."""
    depth, begun = 0, 0
    for at, letter in enumerate(word):
        depth += (letter in OPENING) - (letter in CLOSING)
        if letter == "," and depth <= 0:
            yield word[begun:at]
            begun, depth = at + 1, 0
    yield word[begun:]


def _balanced(piece: str) -> str:
    """Without a bracket that the sentence put around or beside the formula: "(GaAs" or "wafer)"."""
    if piece[:1] and piece[0] in OPENING and _closes_last(piece):
        return piece[1:-1]
    if sum(piece.count(letter) for letter in OPENING) > sum(piece.count(letter) for letter in CLOSING):
        return piece.lstrip(OPENING)
    if sum(piece.count(letter) for letter in OPENING) < sum(piece.count(letter) for letter in CLOSING):
        return piece.rstrip(CLOSING)
    return piece


def _closes_last(piece: str) -> bool:
    """Whether the first bracket is closed by the last character."""
    depth = 0
    for at, letter in enumerate(piece):
        depth += (letter in OPENING) - (letter in CLOSING)
        if depth == 0:
            return at == len(piece) - 1
    return False


def _read(piece: str) -> Formula | None:
    try:
        return parse(piece)
    except FormulaError:
        return None


def _alloy(pieces: list[str]) -> Formula | None:
    """ "90W-7Ni-3Fe" or "Tb-Fe-Co": the parts of an alloy, of which the figures are shares and not atoms."""
    read = [_read(re.sub(r"^\d+(?:\.\d+)?(?=[A-Z])", "", piece)) for piece in pieces]
    if len(read) < 2 or any(one is None for one in read):
        return None
    return Formula(tuple(part for one in read if one is not None for part in one.parts), alloy=True)


def _sure(piece: str, formula: Formula) -> bool:
    """Two elements and more with a small letter or a digit; "In" and "BIS" are words."""
    if piece in CAPITAL_FORMULAS or piece in PLAIN_SYMBOLS:
        return True
    symbols = formula.elements
    return len(symbols) > 1 and (any(len(one) == 2 for one in symbols) or any(letter.isdigit() for letter in piece))


def _plain(count: Count) -> str:
    return count if isinstance(count, str) else format(count, "f")


def _number(text: str) -> Decimal:
    return Decimal(text)


def _atoms(units: Iterable[Unit], times: Decimal) -> Iterator[tuple[str, Decimal | None]]:
    for unit in units:
        count = None if isinstance(unit.count, str) else unit.count * times
        if isinstance(unit.content, str):
            yield unit.content, count
        elif len(unit.content) > 1 or count is None:
            yield from ((symbol, None) for symbol in unit.elements)
        else:
            yield from _atoms(unit.content[0], count)


class _Reader:
    """Reads one formula from left to right."""

    def __init__(self, whole: str) -> None:
        self.whole = whole

    def part(self, text: str) -> Part:
        text = text.strip()
        ahead = MULTIPLIER.match(text)
        units, end = self._units(text, ahead.end() if ahead else 0)
        if not units or end != len(text):
            raise self._wrong(text, end)
        return Part(units, _number(ahead[0]) if ahead else Decimal(1))

    def _units(self, text: str, at: int) -> tuple[tuple[Unit, ...], int]:
        units = []
        while at < len(text):
            if text[at] in OPENING:
                branches, at = self._branches(text, at + 1, CLOSING[OPENING.index(text[at])])
                content: str | tuple[tuple[Unit, ...], ...] = branches
            elif symbol := SYMBOL.match(text, at):
                content, at = symbol[0], symbol.end()
            else:
                break
            count = COUNT.match(text, at)
            at = count.end() if count else at
            units.append(Unit(content, self._count(text, count[0]) if count else Decimal(1)))
        return tuple(units), at

    def _branches(self, text: str, at: int, closing: str) -> tuple[tuple[tuple[Unit, ...], ...], int]:
        branches = []
        while True:
            units, at = self._units(text, at)
            if not units or at >= len(text) or text[at] not in (",", closing):
                raise self._wrong(text, at)
            branches.append(units)
            if text[at] == closing:
                return tuple(branches), at + 1
            at += 1

    def _count(self, text: str, count: str) -> Count:
        if not MULTIPLIER.fullmatch(count):
            return count
        value = _number(count)
        if value == 0:
            raise self._wrong(text, 0)
        return value

    def _wrong(self, text: str, at: int) -> FormulaError:
        return FormulaError(self.whole, max(self.whole.find(text), 0) + at)
