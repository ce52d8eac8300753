"""What somebody asks about: a text with a name, a formula, a CAS number, an HS code or a control code, taken apart."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from portal.controls import cas, formula, quantities
from portal.controls.goods import GoodsItem, digits, elements_named, hidden
from portal.controls.measures import MeasureSet
from portal.controls.quantities import Stated
from portal.text import Text

# Characters. A text is never cut: what was cut off might have named a controlled element.
LONGEST = 500
# What people write beside a code or number and is no name.
LABELS = re.compile(
    r"(?<![A-Za-z])(?:CAS|HS|code|no|number|tariff|control|ECCN)(?![A-Za-z])"
    r"|商品编码|海关编码|税则号列|税号|管制编码|编码|号|[\W\d_]",
    re.IGNORECASE,
)
HS_CODE = re.compile(r"(?<![\d.])\d{4}[.\s]?\d{2}(?:[.\s]?\d{2}(?:[.\s]?\d{2})?)?(?![\d.]*\d|\s*[%％])")
CONTROL_CODE = re.compile(r"(?<![A-Za-z0-9])\d[A-Ea-e]\d{3}(?:\.[a-z0-9]+)*(?![A-Za-z0-9])")
NINES = re.compile(r"(?<![\w.])[2-9]\s*(?:N\s*\d?|个9|九)(?![\w])")
SHARE = re.compile(r"(?:[≥>]=?\s*)?(?<![\d.])(?:100|9\d(?:\.\d+)?)\s*[%％]")
SIZE = re.compile(
    r"(?:[≤≥<>]=?\s*)?\d+(?:\.\d+)?(?:\s*[-–~]\s*\d+(?:\.\d+)?)?\s*(?:nm|纳米|[µμu]m|微米|microns?)", re.IGNORECASE
)

RECOGNISED = {
    "hs_code": Text("HS code {value}", "商品编码{value}"),
    "control_code": Text("control code {value}", "管制编码{value}"),
    "cas_on_file": Text("CAS number {value}: {name}", "CAS号{value}：{name}"),
    "cas_known": Text(
        "CAS number {value}: {name} (general chemistry, not read in an announcement; compare the safety data sheet)",
        "CAS号{value}：{name}（化学常识，并非公告所载，请核对安全技术说明书）",
    ),
    "cas_not_on_file": Text(
        "CAS number {value}: not on file; it says nothing for or against a control",
        "CAS号{value}：未在库，不能据此判断是否受管制",
    ),
    "cas_wrong": Text(
        "{value}: not a CAS number, its check digit does not fit", "{value}：校验码不符，不是有效的CAS号"
    ),
    "formula": Text("formula {value}", "化学式{value}"),
    "elements": Text("elements under control on file: {value}", "在库管制措施涉及的元素：{value}"),
    "material": Text(
        "{name}: contains {value} (general knowledge of materials, not read in an announcement)",
        "{name}：含{value}（材料常识，并非公告所载）",
    ),
}


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A text taken apart. ``named`` is what is left of it as a name once codes and numbers are taken out."""

    text: str
    goods: GoodsItem
    named: str
    numbers: tuple[cas.Number, ...]
    formulas: tuple[str, ...]
    elements: tuple[str, ...]
    answers: dict[str, Stated | str]
    recognised: tuple[Text, ...]


def read(text: str, measures: MeasureSet) -> Enquiry:
    """Take a text apart; what is not sure to be a code or a number is left in the name."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    numbers = cas.found(plain)
    rest = cas.PATTERN.sub(" ", plain)
    hs_code = HS_CODE.search(rest)
    rest = HS_CODE.sub(" ", rest, count=1)
    control_code = CONTROL_CODE.search(rest)
    rest = " ".join(CONTROL_CODE.sub(" ", rest, count=1).split())
    rest = "" if not LABELS.sub("", rest) else rest
    compounds = tuple(number.compound for number in numbers if number.compound is not None)
    goods = GoodsItem(
        name=plain,
        chemical_form=" ".join(one.words for one in compounds),
        element=rest if formula.SYMBOL.fullmatch(rest) else "",
        hs_code=digits(hs_code[0]) if hs_code else "",
        control_code=_as_printed(control_code[0]) if control_code else "",
    )
    elements = elements_named(goods, measures.elements, measures.materials)
    known = tuple(element.symbol for element in measures.elements if element.symbol in elements)
    typed = map(str, formula.found(rest))
    formulas = tuple(dict.fromkeys((*typed, *(one.formula for one in compounds if one.formula))))
    answers = _values(rest, elements)
    told = tuple(_recognised(goods, numbers, formulas, known, measures))
    return Enquiry(plain, goods, rest, numbers, formulas, known, answers, told)


def _as_printed(code: str) -> str:
    """A control code with its letter in capitals and what follows the point in small letters."""
    head, _, tail = code.partition(".")
    return head.upper() + (f".{tail.lower()}" if tail else "")


def _values(text: str, elements: frozenset[str]) -> dict[str, Stated | str]:
    """Values that the text states beyond doubt: one purity, one size; a magnet's terbium or dysprosium."""
    known = quantities.load()
    purities = NINES.findall(text) or SHARE.findall(text)
    sizes = SIZE.findall(text)
    found: dict[str, Stated | str] = {}
    for name, stated in (("purity", purities), ("particle_size", sizes)):
        value = known[name].read(stated[0]) if len(stated) == 1 else None
        if value is not None:
            found[name] = value
    if elements & {"Tb", "Dy"}:
        found["terbium_or_dysprosium"] = "yes"
    if elements & {"Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y"}:
        found["medium_heavy_rare_earth"] = "yes"
    return found


def _recognised(
    goods: GoodsItem,
    numbers: tuple[cas.Number, ...],
    formulas: tuple[str, ...],
    elements: tuple[str, ...],
    measures: MeasureSet,
) -> Iterator[Text]:
    if goods.hs_code:
        yield RECOGNISED["hs_code"].filled(value=goods.hs_code)
    if goods.control_code:
        yield RECOGNISED["control_code"].filled(value=goods.control_code)
    for number in numbers:
        known = number.substance or number.compound
        name = known.name if known else ""
        yield RECOGNISED[f"cas_{number.state}"].filled(value=number.text, name=name)
    for one in formulas:
        yield RECOGNISED["formula"].filled(value=one)
    for material in hidden(goods.described, measures.materials):
        yield RECOGNISED["material"].filled(name=material.name, value=_list(material.elements))
    if elements:
        yield RECOGNISED["elements"].filled(value=_list(elements))


def _list(symbols: tuple[str, ...]) -> Text:
    return Text(", ".join(symbols), "、".join(symbols))
