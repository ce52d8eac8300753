"""What an officer says lies before them, read from a form, a command line or a request."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from stdnum import iso6346

from portal import countries
from portal.text import Text

FIELDS = ("hs_codes", "net_weight_kg", "consignee", "destination", "container", "declaration")
MOST_CODES = 50
LONGEST = 200
_HS = re.compile(r"\d{6}(\d{2}){0,2}")
_BETWEEN = re.compile(r"[\s,;、，；]+")


@dataclass(frozen=True, slots=True)
class Presented:
    """What an officer has before them; what is empty was not put in.

    ``hs_codes`` are digits only, six, eight or ten; ``net_weight_kg`` is in kilograms; ``destination`` is ISO 3166-1
    alpha-2; ``container`` an ISO 6346 number; ``declaration`` the customs declaration's number as it is written.
    """

    hs_codes: tuple[str, ...] = ()
    net_weight_kg: Decimal | None = None
    consignee: str = ""
    destination: str = ""
    container: str = ""
    declaration: str = ""

    def __bool__(self) -> bool:
        weighed = self.net_weight_kg is not None
        return weighed or any((self.hs_codes, self.consignee, self.destination, self.container, self.declaration))


NOTHING = Presented()


class PresentedRefused(ValueError):
    """Something that was put in cannot be what its field is for; ``errors`` tells by field."""

    def __init__(self, errors: dict[str, Text]) -> None:
        super().__init__("; ".join(f"{field}: {text.en}" for field, text in errors.items()))
        self.errors = errors


def read(values: Mapping[str, str]) -> Presented:
    """Read what was typed, by the names of ``FIELDS``; several HS codes apart by spaces or commas.

    Raises ``PresentedRefused`` with every fault at once.
    """
    typed = {field: unicodedata.normalize("NFKC", values.get(field, "")).strip() for field in FIELDS}
    errors = {field: _TOO_LONG for field, text in typed.items() if len(text) > LONGEST and field != "hs_codes"}
    codes = tuple(re.sub(r"[.\-]", "", each) for each in _BETWEEN.split(typed["hs_codes"]) if each)
    if len(codes) > MOST_CODES or not all(_HS.fullmatch(code) for code in codes):
        errors["hs_codes"] = _CODES
    weight = _weight(typed["net_weight_kg"])
    if weight is None and typed["net_weight_kg"]:
        errors["net_weight_kg"] = _WEIGHT
    destination = typed["destination"].upper()
    if destination and not countries.exists(destination):
        errors["destination"] = _COUNTRY
    container = re.sub(r"[\s\-/]", "", typed["container"]).upper()
    if container and not iso6346.is_valid(container):
        errors["container"] = _CONTAINER
    if errors:
        raise PresentedRefused(errors)
    return Presented(codes, weight, typed["consignee"], destination, container, typed["declaration"])


def _weight(text: str) -> Decimal | None:
    try:
        weight = Decimal(text.replace(" ", ""))
    except InvalidOperation:
        return None
    return weight if weight.is_finite() and 0 < weight < Decimal(10) ** 12 else None


_TOO_LONG = Text("At most 200 characters", "最多200个字符")
_CODES = Text(
    "Each HS code has 6, 8 or 10 digits; at most 50 codes, apart by commas",
    "每个商品编码为6、8或10位数字，以逗号分隔，最多50个",
)
_WEIGHT = Text(
    "Enter the net weight in kilograms as a number above 0, such as 1250.5", "请以千克为单位填写大于0的净重，例如1250.5"
)
_COUNTRY = Text("Enter the country's two-letter code (ISO 3166), such as DE", "请填写两位国家代码（ISO 3166），例如DE")
_CONTAINER = Text(
    "Check the container number: four letters, six digits and a check digit, such as CSQU3054383",
    "请核对集装箱号：4个字母、6位数字和1位校验码，例如CSQU3054383",
)
# What is said of a field that cannot be read.
WRONG = {
    "hs_codes": _CODES,
    "net_weight_kg": _WEIGHT,
    "consignee": _TOO_LONG,
    "destination": _COUNTRY,
    "container": _CONTAINER,
    "declaration": _TOO_LONG,
}
