"""What a single value must look like: codes, names, numbers, dates. Shared by the forms and the case file.

Each function gives the value back in its one spelling, or raises ``Wrong`` with what is wrong in both languages.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import ModuleType
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from stdnum import bic as stdnum_bic
from stdnum import imo as stdnum_imo
from stdnum.exceptions import ValidationError as NumberInvalid

from portal.accounts import identifiers
from portal.shipments import vocabulary
from portal.text import Text

# Invisible letters make two different names look the same; those that turn the direction of text are refused.
_INVISIBLE = re.compile("[\u061c\u200b-\u200f\u2060\ufeff]")
_TURNING = re.compile("[\u2028-\u202e\u2066-\u2069]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,8})?", re.ASCII)
_CONTROL_CODE = re.compile(r"[0-9][A-E][0-9]{3}(\.[a-z0-9]{1,3}){0,4}", re.ASCII)
_PHONE = re.compile(r"\+?[0-9][0-9 ()./x-]{4,38}", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"(?=.{4,253}$)([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_EARLIEST, _LATEST = date(1990, 1, 1), date(2100, 1, 1)


class Wrong(ValueError):
    """A value that cannot be right; ``text`` says what is wrong with it."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.text = Text(en, zh)


def plain_text(value: str, *, lines: bool = False) -> str:
    """Text in Unicode normal form C without invisible letters; ``lines`` allows line breaks.

    Letters that control the machine or turn the direction of text are refused: they can make one name look like
    another on a certificate.
    """
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", value).replace("\r\n", "\n").replace("\t", " ")).strip()
    for letter in text:
        if letter == "\n" and lines:
            continue
        if _TURNING.match(letter) or unicodedata.category(letter) in ("Cc", "Cs"):
            raise Wrong(
                f"Holds the hidden character U+{ord(letter):04X}; remove it.",
                f"含有隐藏字符U+{ord(letter):04X}，请删除。",
            )
    return text


def name(value: str) -> str:
    """The name of a firm or person: has at least one letter or digit."""
    text = plain_text(value)
    if not any(letter.isalnum() for letter in text):
        raise Wrong("Enter a name with letters in it.", "请填写含有文字的名称。")
    return text


def hs_code(value: str) -> str:
    """A tariff code of 6 to 10 digits in the structure of HS 2022; dots and spaces are taken out."""
    code = re.sub(r"[.\s]", "", value)
    if not re.fullmatch(r"[0-9]{6,10}", code, re.ASCII):
        raise Wrong(
            "Enter an HS code of 6 to 10 digits, for example 8112991000.", "请填写6至10位商品编码，例如8112991000。"
        )
    chapter = code[:2]
    if chapter in ("00", "77", "98", "99"):
        raise Wrong(
            f"HS 2022 has no chapter {chapter} for goods.", f"《商品名称及编码协调制度》（2022年版）没有第{chapter}章。"
        )
    if code[2:4] == "00" or code[2:6] == "0000":
        raise Wrong(
            f"{code[:4]} is no heading of HS 2022.", f"《商品名称及编码协调制度》（2022年版）没有品目{code[:4]}。"
        )
    return code


def control_code(value: str) -> str:
    """A code of the dual-use list: five characters and a suffix, such as ``1C117.d``; empty when not known."""
    code = plain_text(value)
    if not code:
        return ""
    head, dot, tail = code.partition(".")
    code = head.upper() + dot + tail.lower()
    if not _CONTROL_CODE.fullmatch(code):
        raise Wrong(
            "Enter a control code such as 1C902 or 1C117.d, or leave it empty.",
            "请填写管制编码，例如1C902或1C117.d；不清楚可留空。",
        )
    return code


def country(value: str) -> str:
    """An ISO 3166-1 alpha-2 code."""
    return _code(value, vocabulary.countries(), "an ISO 3166 country code of two letters", "ISO 3166两位字母国家代码")


def currency(value: str) -> str:
    """An ISO 4217 code of money."""
    return _code(value, vocabulary.currencies(), "an ISO 4217 currency code", "ISO 4217货币代码")


def unit(value: str) -> str:
    """A UN/ECE Recommendation 20 code that the portal knows."""
    known = ", ".join(vocabulary.units())
    return _code(value, vocabulary.units(), f"a unit code ({known})", f"计量单位代码（{known}）")


def role(value: str) -> str:
    """A role that a party may have."""
    return _chosen(value, vocabulary.roles())


def mode(value: str) -> str:
    """A mode of transport."""
    return _chosen(value, vocabulary.modes())


def document_kind(value: str) -> str:
    """A kind of document."""
    return _chosen(value, vocabulary.document_kinds())


def licence_scope(value: str) -> str:
    """Whether the shipment lies within its licence."""
    return _chosen(value, vocabulary.licence_scopes())


def owner_scheme(value: str) -> str:
    """A kind of number that names an owner."""
    return _chosen(value, vocabulary.owner_schemes())


def element(value: str) -> str:
    """A chemical symbol that the portal knows, or ``other``."""
    return _chosen(value, vocabulary.elements())


def incoterm(value: str) -> str:
    """A term of Incoterms 2020, or empty."""
    return _chosen(value.strip().upper(), vocabulary.incoterms()) if value.strip() else ""


def decimal_number(value: object) -> Decimal:
    """A positive decimal number without sign, exponent or grouping; at most 15 digits before and 8 after the point."""
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, Decimal | int) and not isinstance(text, bool):
        text = format(Decimal(text), "f")
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise Wrong(
            "Enter a number such as 12.5, without signs or commas.", "请填写数字，例如12.5，不含正负号和千分位。"
        )
    number = Decimal(text)
    if number <= 0:
        raise Wrong("Enter a number above zero.", "请填写大于零的数字。")
    return number


def calendar_day(value: object) -> date:
    """A day of the calendar, written as in ISO 8601, between 1990 and 2100."""
    text = value.isoformat() if type(value) is date else value
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise Wrong("Enter a date as YYYY-MM-DD, for example 2026-10-01.", "请按YYYY-MM-DD填写日期，例如2026-10-01。")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Wrong(f"{text} is no date of the calendar.", f"{text}不是有效日期。") from None
    if not _EARLIEST <= day < _LATEST:
        raise Wrong("Enter a date between 1990 and 2099.", "请填写1990年至2099年之间的日期。")
    return day


def uscc(value: str) -> str:
    """A Unified Social Credit Code (GB 32100), its check character proved; empty when not given."""
    return _identifier("USCC", value)


def lei(value: str) -> str:
    """A Legal Entity Identifier (ISO 17442), its check digits proved; empty when not given."""
    return _identifier("LEI", value)


def imo(value: str) -> str:
    """An IMO ship or company number, its check digit proved; empty when not given."""
    return _number(value, stdnum_imo, Text("IMO number", "国际海事组织（IMO）编号"))


def bic(value: str) -> str:
    """A bank's identifier code (ISO 9362); empty when not given."""
    return _number(value, stdnum_bic, Text("BIC", "银行识别代码（BIC）"))


def phone(value: str) -> str:
    """A telephone number; empty when not given."""
    text = plain_text(value)
    if text and not _PHONE.fullmatch(text):
        raise Wrong("Enter a telephone number such as +49 3641 000000.", "请填写电话号码，例如+49 3641 000000。")
    return text


def email(value: str) -> str:
    """An e-mail address, its shape checked; empty when not given."""
    text = plain_text(value)
    if not text:
        return ""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Wrong(
            "Enter an e-mail address such as name@example.com.", "请填写电子邮件地址，例如name@example.com。"
        ) from None


def website(value: str) -> str:
    """The address of a web site, http or https; empty when not given."""
    text = plain_text(value)
    if not text:
        return ""
    wrong = Wrong("Enter a web address such as https://example.com.", "请填写网址，例如https://example.com。")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.hostname or ""
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or parts.username or not _HOST.fullmatch(host) or " " in text:
        raise wrong
    return parts.geturl()


def _code(value: str, known: frozenset[str] | Mapping[str, object], en: str, zh: str) -> str:
    code = value.strip().upper()
    if code not in known:
        raise Wrong(f"Enter {en}.", f"请填写{zh}。")
    return code


def _chosen(value: str, known: Mapping[str, Text]) -> str:
    if value not in known:
        choices = ", ".join(known)
        raise Wrong(f"Choose one of: {choices}.", f"请从以下选项中选择：{choices}。")
    return value


def _identifier(scheme: identifiers.Scheme, value: str) -> str:
    try:
        return identifiers.check(scheme, value) if value.strip() else ""
    except identifiers.WrongIdentifier as error:
        raise Wrong(error.text.en + ".", error.text.zh + "。") from None


def _number(value: str, kind: ModuleType, title: Text) -> str:
    text = plain_text(value)
    if not text:
        return ""
    validate: Callable[[str], str] = kind.validate
    try:
        return validate(text)
    except NumberInvalid:
        raise Wrong(f"This is not a valid {title.en}: check each character.", f"{title.zh}无效，请逐位核对。") from None
