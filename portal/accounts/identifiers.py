"""An organisation's identifier: Unified Social Credit Code (GB 32100-2015) in China, LEI (ISO 17442) elsewhere."""

import unicodedata
from typing import Literal

from stdnum import lei
from stdnum.cn import uscc

from portal.text import Text

Scheme = Literal["USCC", "LEI"]
Fault = Literal["length", "characters", "check_digit"]

LENGTHS: dict[Scheme, int] = {"USCC": 18, "LEI": 20}
_USCC_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = frozenset("0123456789")

_FAULTS: dict[tuple[Scheme, Fault], Text] = {
    ("USCC", "length"): Text(
        "A Unified Social Credit Code has 18 characters; this has {length}",
        "统一社会信用代码应为18位，您输入了{length}位",
    ),
    ("USCC", "characters"): Text(
        "A Unified Social Credit Code has digits in places 3 to 8, and digits and capital letters other than "
        "I, O, S, V and Z elsewhere",
        "统一社会信用代码第3至8位应为数字，其余各位为数字或大写字母（不使用I、O、S、V、Z）",
    ),
    ("USCC", "check_digit"): Text(
        "The last character does not fit the rest of the code. Check each character for a slip",
        "统一社会信用代码校验位不正确，请逐位核对",
    ),
    ("LEI", "length"): Text("An LEI has 20 characters; this has {length}", "LEI编码应为20位，您输入了{length}位"),
    ("LEI", "characters"): Text(
        "An LEI has digits and the letters A to Z, and ends with two digits",
        "LEI编码由数字和字母A至Z组成，末两位为数字",
    ),
    ("LEI", "check_digit"): Text(
        "The last two digits do not fit the rest of the LEI. Check each character for a slip",
        "LEI编码校验位不正确，请逐位核对",
    ),
}


class WrongIdentifier(ValueError):
    """The identifier fails its standard; ``fault`` says in what, ``text`` says it to a person."""

    def __init__(self, scheme: Scheme, fault: Fault, length: int) -> None:
        self.scheme: Scheme = scheme
        self.fault: Fault = fault
        self.text = _FAULTS[scheme, fault].filled(length=length)
        super().__init__(self.text.en)


def scheme_of(country: str) -> Scheme:
    """Which identifier an organisation of a country (ISO 3166 alpha-2) gives."""
    return "USCC" if country == "CN" else "LEI"


def normalise(value: str) -> str:
    """Capital letters, half-width, without blanks and dashes, as people copy a code from paper or type it."""
    folded = unicodedata.normalize("NFKC", value).upper()
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Pd", "Cf"))


def check(scheme: Scheme, value: str) -> str:
    """The identifier in its normal form. Raises ``WrongIdentifier``."""
    # Cut before folding: megabytes of text need not be folded to be known as too long.
    number = normalise(value[:200])
    if len(value) > 200 or len(number) != LENGTHS[scheme]:
        raise WrongIdentifier(scheme, "length", max(len(number), len(value) if len(value) > 200 else 0))
    if not (_uscc_characters(number) if scheme == "USCC" else _lei_characters(number)):
        raise WrongIdentifier(scheme, "characters", len(number))
    # Not uscc.is_valid: it takes digits only in the first two places, where GB 32100 has letters as well.
    if not (uscc.calc_check_digit(number[:17]) == number[17] if scheme == "USCC" else lei.is_valid(number)):
        raise WrongIdentifier(scheme, "check_digit", len(number))
    return number


def _uscc_characters(number: str) -> bool:
    return _USCC_ALPHABET.issuperset(number) and _DIGITS.issuperset(number[2:8])


def _lei_characters(number: str) -> bool:
    return _ALPHANUMERIC.issuperset(number) and _DIGITS.issuperset(number[18:])
