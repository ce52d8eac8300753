"""What a person enters of a shipment: contract, route, licence, goods, parties. One set of rules for forms and cases.

``read`` checks plain values (from a form or a JSON file) and gives either the entry or what is wrong, field by field.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar

from annotated_types import MaxLen, MinLen
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from portal.shipments import values, vocabulary
from portal.shipments.values import Wrong
from portal.text import Text

_NUMBER_SCHEMA = {"anyOf": [{"type": "string", "pattern": r"^(0|[1-9]\d{0,14})(\.\d{1,8})?$"}, {"type": "number"}]}
MOST_OWNERS = 50
DEEPEST_CHAIN = 8  # as many steps as JSON of a case may be nested
WHOLE = Decimal(100)
_MAX_VALUE = Decimal(10) ** 11
_MAX_WEIGHT = Decimal(500_000_000)
_SMALLEST = Decimal("0.00000001")  # as fine as a certificate states a quantity


def _text_schema(**more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **more})


Line = Annotated[str, AfterValidator(values.plain_text)]
Name = Annotated[str, AfterValidator(values.name)]
Number = Annotated[Decimal, BeforeValidator(values.decimal_number), WithJsonSchema(_NUMBER_SCHEMA)]
Day = Annotated[date, BeforeValidator(values.calendar_day), WithJsonSchema({"type": "string", "format": "date"})]
Country = Annotated[str, AfterValidator(values.country), _text_schema(pattern="^[A-Z]{2}$")]
OptionalCountry = Annotated[
    str,
    AfterValidator(lambda value: values.country(value) if value.strip() else ""),
    _text_schema(pattern="^([A-Z]{2})?$"),
]
Currency = Annotated[str, AfterValidator(values.currency), _text_schema(pattern="^[A-Z]{3}$")]
Unit = Annotated[str, AfterValidator(values.unit), _text_schema(enum=list(vocabulary.units()))]
Role = Annotated[str, AfterValidator(values.role), _text_schema(enum=list(vocabulary.roles()))]
Mode = Annotated[str, AfterValidator(values.mode), _text_schema(enum=list(vocabulary.modes()))]
Element = Annotated[str, AfterValidator(values.element), _text_schema(enum=list(vocabulary.elements()))]
HsCode = Annotated[str, AfterValidator(values.hs_code), _text_schema(pattern="^[0-9. ]{6,14}$")]
Incoterm = Annotated[str, AfterValidator(values.incoterm), _text_schema(enum=["", *vocabulary.incoterms()])]
Scope = Annotated[str, AfterValidator(values.licence_scope), _text_schema(enum=list(vocabulary.licence_scopes()))]
OwnerScheme = Annotated[str, AfterValidator(values.owner_scheme), _text_schema(enum=list(vocabulary.owner_schemes()))]
ControlCode = Annotated[str, AfterValidator(values.control_code)]


class Entry(BaseModel):
    """Base of all entries: strict types, no unknown member, members named as in the case file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)

    @field_validator("*", mode="after")
    @classmethod
    def _length_as_kept(cls, value: Any, info: ValidationInfo) -> Any:
        """Hold the limits once more: normalising may have emptied a text, or made it longer."""
        if isinstance(value, str) and info.field_name is not None:
            for rule in cls.model_fields[info.field_name].metadata:
                if isinstance(rule, MinLen) and len(value) < rule.min_length:
                    raise Wrong("This must not be empty.", "此项不得为空。")
                if isinstance(rule, MaxLen) and len(value) > rule.max_length:
                    raise Wrong(
                        f"This is too long: at most {rule.max_length} characters.",
                        f"此项过长，最多{rule.max_length}个字符。",
                    )
        return value


class Contract(Entry):
    """The contract that the goods are sold under."""

    number: Line = Field(min_length=1, max_length=100, description="Number of the contract.")
    date: Day = Field(description="Day on which it was signed, ISO 8601.")
    incoterm: Incoterm = Field(default="", description="Delivery term of Incoterms 2020, or empty.")

    @field_validator("date", mode="after")
    @classmethod
    def _signed_already(cls, value: Day, info: ValidationInfo) -> Day:
        on = (info.context or {}).get("on")
        if on is not None and value > on:
            raise Wrong("The contract cannot be signed in the future.", "合同签订日期不得晚于今天。")
        return value


class Route(Entry):
    """The way of the goods. ``destination`` is the country of end use."""

    departure: Country = Field(alias="from", description="Country of departure, ISO 3166-1 alpha-2.")
    departure_port: Line = Field(alias="from_port", default="", max_length=100, description="Port or place of exit.")
    transit: list[Country] = Field(default=[], max_length=20, description="Countries passed on the way, in order.")
    destination: Country = Field(alias="to", description="Country of end use, ISO 3166-1 alpha-2.")
    mode: Mode = Field(description="Mode of transport.")
    planned_on: Day | None = Field(default=None, description="Day planned for departure, ISO 8601.")

    @field_validator("destination", mode="after")
    @classmethod
    def _leaves(cls, value: str, info: ValidationInfo) -> str:
        if value == info.data.get("departure"):
            raise Wrong("An export ends in another country than it began.", "目的国不得与起运国相同。")
        if value in info.data.get("transit", ()):
            raise Wrong("The destination cannot also be a transit country.", "目的国不得同时为过境国。")
        return value

    @field_validator("transit", mode="after")
    @classmethod
    def _passes_once(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if len(set(value)) < len(value):
            raise Wrong("Name each transit country once.", "每个过境国只填写一次。")
        if info.data.get("departure") in value:
            raise Wrong("The country of departure is no transit country.", "起运国不得填为过境国。")
        return value


class Licence(Entry):
    """The export licence that the exporter says it holds; the portal records it and never replaces it."""

    number: Line = Field(min_length=1, max_length=100, description="Number of the licence.")
    issued_by: Line = Field(default="", max_length=200, description="Authority that issued it.")
    valid_until: Day = Field(description="Last day of its term, ISO 8601.")
    scope: Scope = Field(description="Whether goods, quantity and end user lie within it.")
    quantity_left: Number | None = Field(default=None, description="Quantity that it still covers.")
    unit: Unit | None = Field(default=None, description="Unit of that quantity, UN/ECE Recommendation 20.")

    @model_validator(mode="after")
    def _quantity_has_a_unit(self) -> Self:
        if self.quantity_left is not None and self.unit is None:
            raise Wrong("Give the unit of the quantity left.", "请填写剩余数量的计量单位。")
        return self


class GoodsEntry(Entry):
    """One line of goods."""

    name: Name = Field(min_length=1, max_length=300, description="Name of the goods in English.")
    name_zh: Line = Field(default="", max_length=300, description="Name of the goods in Chinese.")
    element: Element = Field(description="Symbol of the strategic element in it, or “other”.")
    chemical_form: Line = Field(default="", max_length=200, description="Chemical or physical form.")
    purity: Line = Field(default="", max_length=100, description="Purity, such as 99.999% (5N).")
    particle_size: Line = Field(default="", max_length=100, description="Particle size, or empty.")
    hs_code: HsCode = Field(description="Tariff code of 6 to 10 digits (HS 2022).")
    control_code: ControlCode = Field(default="", max_length=40, description="Code of the dual-use list, if known.")
    quantity: Number = Field(description="Quantity above zero, in the unit below; a string keeps it exact.")
    unit: Unit = Field(description="Unit, UN/ECE Recommendation 20.")
    net_weight_kg: Number | None = Field(
        default=None, description="Net weight in kilograms; may be left out where the unit is one of mass."
    )
    value: Number = Field(description="Value of the line in the currency below; a string keeps it exact.")
    currency: Currency = Field(description="Currency, ISO 4217.")
    origin: Country = Field(description="Country of origin, ISO 3166-1 alpha-2.")

    @field_validator("unit", mode="after")
    @classmethod
    def _plausible_quantity(cls, value: str, info: ValidationInfo) -> str:
        quantity, unit = info.data.get("quantity"), vocabulary.units()[value]
        if quantity is None:
            return value
        if quantity > unit.maximum:
            raise Wrong(
                f"No consignment holds {quantity:f} {value}; check quantity and unit.",
                f"单批货物不可能达到{quantity:f}{unit.name.zh}，请核对数量和计量单位。",
            )
        if unit.whole and quantity != quantity.to_integral_value():
            raise Wrong(f"{value} is counted in whole numbers.", f"以“{unit.name.zh}”计量的数量须为整数。")
        return value

    @field_validator("net_weight_kg", mode="after")
    @classmethod
    def _plausible_weight(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if value is not None and value > _MAX_WEIGHT:
            raise Wrong("No consignment weighs that much.", "单批货物不可能达到该重量。")
        weight = _weight(info.data)
        if value is not None and weight is not None and abs(value - weight) > weight / 100:
            raise Wrong(
                f"The quantity is {weight.normalize():f} kg, so the net weight must be the same.",
                f"数量折合{weight.normalize():f}千克，净重应与之一致。",
            )
        return value

    @field_validator("value", mode="after")
    @classmethod
    def _plausible_value(cls, value: Decimal) -> Decimal:
        if value > _MAX_VALUE:
            raise Wrong("No goods line is worth that much.", "单项货物不可能达到该金额。")
        return value

    @model_validator(mode="after")
    def _has_a_weight(self) -> Self:
        if self.net_weight_kg is None and self.weight is None:
            raise Wrong("Give the net weight in kilograms.", "请填写净重（千克）。")
        return self

    @property
    def weight(self) -> Decimal | None:
        """Net weight in kilograms: the one given, else the quantity where its unit is one of mass."""
        found = self.net_weight_kg or _weight({"quantity": self.quantity, "unit": self.unit})
        return found.normalize() + 0 if found is not None else None


class OwnerNumber(Entry):
    """A number that names an owner exactly."""

    scheme: OwnerScheme = Field(description="What kind of number it is.")
    value: Line = Field(min_length=1, max_length=60, description="The number; check characters are proved.")

    @field_validator("value", mode="after")
    @classmethod
    def _holds_its_check(cls, value: str, info: ValidationInfo) -> str:
        checks = {"uscc": values.uscc, "lei": values.lei}
        return checks[scheme](value) if (scheme := info.data.get("scheme")) in checks else value


class Owner(Entry):
    """One owner of a party, or of another owner, with its share."""

    name: Name = Field(min_length=1, max_length=200, description="Name of the owner.")
    name_native: Line = Field(default="", max_length=200, description="Name in its own script.")
    aliases: list[Annotated[Name, Field(max_length=200)]] = Field(
        default=[], max_length=20, description="Other and former names."
    )
    percent: Number | None = Field(
        default=None, description="Share in per cent, above 0 and at most 100; left out where it is not known."
    )
    country: OptionalCountry = Field(default="", description="Country it is in, ISO 3166-1 alpha-2, if known.")
    identifier: OwnerNumber | None = Field(default=None, description="Number that names it exactly.")
    owners: list["Owner"] = Field(default=[], max_length=MOST_OWNERS, description="Those who own this owner.")

    @field_validator("percent", mode="after")
    @classmethod
    def _is_a_share(cls, value: Decimal | None) -> Decimal | None:
        if value is not None and value > WHOLE:
            raise Wrong("A share is at most 100 per cent.", "持股比例不得超过100%。")
        return value

    @field_validator("owners", mode="after")
    @classmethod
    def _shares_add_up(cls, value: list["Owner"]) -> list["Owner"]:
        _check_shares(value)
        return value


def everyone(owners: Iterable[Owner]) -> Iterator[Owner]:
    """All owners of a chain, each before those who own it."""
    for owner in owners:
        yield owner
        yield from everyone(owner.owners)


def _check_shares(owners: Iterable[Owner]) -> None:
    if sum((owner.percent or Decimal(0) for owner in owners), Decimal(0)) > WHOLE:
        raise Wrong("The owners' shares add up to more than 100 per cent.", "各所有人持股比例之和超过100%。")


def _depth(owners: Iterable[Owner]) -> int:
    return max((1 + _depth(owner.owners) for owner in owners), default=0)


class Identifiers(Entry):
    """Numbers that name a party exactly; each may be empty."""

    uscc: Annotated[str, AfterValidator(values.uscc)] = Field(
        default="", max_length=30, description="Unified Social Credit Code (GB 32100), for a party in China."
    )
    lei: Annotated[str, AfterValidator(values.lei)] = Field(
        default="", max_length=30, description="Legal Entity Identifier (ISO 17442)."
    )
    registration: Line = Field(default="", max_length=60, description="Number in its country's company register.")
    imo: Annotated[str, AfterValidator(values.imo)] = Field(
        default="", max_length=20, description="IMO number of a ship or shipping company."
    )
    bic: Annotated[str, AfterValidator(values.bic)] = Field(
        default="", max_length=20, description="Identifier code of a bank (ISO 9362)."
    )

    def given(self) -> dict[str, str]:
        """Those that are not empty."""
        return {scheme: value for scheme, value in self.model_dump().items() if value}


class PartyEntry(Entry):
    """An organisation or person with one or more roles in the shipment."""

    roles: list[Role] = Field(min_length=1, max_length=12, description="Roles of the party.")
    name: Name = Field(min_length=1, max_length=200, description="Name in Latin letters.")
    name_native: Line = Field(default="", max_length=200, description="Name in its own script.")
    aliases: list[Annotated[Name, Field(max_length=200)]] = Field(
        default=[], max_length=20, description="Other names it goes by."
    )
    former_names: list[Annotated[Name, Field(max_length=200)]] = Field(
        default=[], max_length=20, description="Names that it went by in former times."
    )
    country: Country = Field(description="Country it is in, ISO 3166-1 alpha-2.")
    address: Line = Field(min_length=1, max_length=500, description="Postal address in one line.")
    identifiers: Identifiers = Field(default_factory=Identifiers, description="Numbers that name it exactly.")
    phone: Annotated[str, AfterValidator(values.phone)] = Field(default="", max_length=40, description="Telephone.")
    email: Annotated[str, AfterValidator(values.email)] = Field(default="", max_length=254, description="E-mail.")
    website: Annotated[str, AfterValidator(values.website)] = Field(default="", max_length=300, description="Web site.")
    owners: list[Owner] = Field(
        default=[], max_length=MOST_OWNERS, description="Owners known, with their shares, and their owners in turn."
    )
    vessel: Line = Field(default="", max_length=200, description="Name of the ship, for a carrier.")
    vessel_imo: Annotated[str, AfterValidator(values.imo)] = Field(
        default="", max_length=20, description="IMO number of that ship."
    )

    @field_validator("roles", mode="after")
    @classmethod
    def _each_role_once(cls, value: list[str]) -> list[str]:
        return sorted(set(value), key=list(vocabulary.roles()).index)

    @field_validator("owners", mode="after")
    @classmethod
    def _owners_fit(cls, value: list[Owner]) -> list[Owner]:
        _check_shares(value)
        if _depth(value) > DEEPEST_CHAIN:
            raise Wrong(f"A chain of owners has at most {DEEPEST_CHAIN} steps.", f"所有人链条最多{DEEPEST_CHAIN}层。")
        if sum(1 for _ in everyone(value)) > MOST_OWNERS:
            raise Wrong(f"At most {MOST_OWNERS} owners in all.", f"所有人合计最多{MOST_OWNERS}个。")
        return value

    @field_validator("identifiers", mode="after")
    @classmethod
    def _code_of_its_country(cls, value: Identifiers, info: ValidationInfo) -> Identifiers:
        if value.uscc and info.data.get("country", "CN") != "CN":
            raise Wrong("Only a party in China has this code.", "仅中国境内的参与方有统一社会信用代码。")
        return value


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where (names of members and numbers of items from the top) and what."""

    where: tuple[str | int, ...]
    text: Text

    @property
    def path(self) -> str:
        """The JSON path, such as ``$.goods[0].hs_code``."""
        return json_path(self.where)


E_ = TypeVar("E_", bound=BaseModel)


def read(kind: type[E_], data: Any, *, on: date | None = None) -> tuple[E_ | None, list[Fault]]:
    """Check plain values: the entry, or ``None`` and all that is wrong. ``on`` is today, for dates not in future."""
    try:
        return kind.model_validate(data, context={"on": on}), []
    except ValidationError as error:
        return None, [Fault(tuple(item["loc"]), _wording(item)) for item in error.errors(include_url=False)]


def json_path(where: tuple[str | int, ...]) -> str:
    """Where something stands in a JSON value, as a JSON path (RFC 9535)."""
    path = "$"
    for step in where:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if step.replace("-", "_").isidentifier() and step.isascii() else f"[{step!r}]"
    return path


_WORDING = {
    "missing": Text("This is missing.", "此项缺失。"),
    "extra_forbidden": Text("There is no such member.", "不存在该项。"),
    "string_type": Text("This must be text.", "此项须为文本。"),
    "bool_type": Text("This must be true or false.", "此项须为true或false。"),
    "int_type": Text("This must be a whole number.", "此项须为整数。"),
    "list_type": Text("This must be a list.", "此项须为列表。"),
    "dict_type": Text("This must be an object.", "此项须为对象。"),
    "model_type": Text("This must be an object.", "此项须为对象。"),
    "string_too_short": Text("This must not be empty.", "此项不得为空。"),
    "string_too_long": Text("This is too long: at most {max_length} characters.", "此项过长，最多{max_length}个字符。"),
    "too_short": Text("At least {min_length} needed.", "至少需要{min_length}项。"),
    "too_long": Text("At most {max_length} allowed.", "最多允许{max_length}项。"),
}


def _wording(item: Mapping[str, Any]) -> Text:
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, Wrong):
        return cause.text
    known = _WORDING.get(item["type"])
    return known.filled(**item.get("ctx", {})) if known else Text(item["msg"], item["msg"])


def _weight(data: Mapping[str, Any]) -> Decimal | None:
    unit = vocabulary.units().get(data.get("unit", ""))
    quantity = data.get("quantity")
    if quantity is None or unit is None or unit.kilograms is None:
        return None
    weight: Decimal = (quantity * unit.kilograms).quantize(_SMALLEST)
    return max(weight, _SMALLEST)
