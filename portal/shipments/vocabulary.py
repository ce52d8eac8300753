"""The words a shipment is described with: roles, units, elements, kinds of document, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import pycountry
import yaml

from portal.text import Text

# ISO 4217 codes that are no money one can be paid in: metals, funds, tests and "no currency".
_NO_MONEY = frozenset(["XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"])


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of UN/ECE Recommendation 20.

    ``kilograms`` is what one unit weighs, ``None`` where the unit is not one of mass; ``maximum`` the largest
    quantity that one consignment can plausibly hold; ``whole`` units are counted, not measured.
    """

    code: str
    name: Text
    kilograms: Decimal | None
    maximum: Decimal
    whole: bool


@cache
def roles() -> Mapping[str, Text]:
    """Roles that a party may have."""
    return _labels("roles")


@cache
def modes() -> Mapping[str, Text]:
    """Modes of transport."""
    return _labels("modes")


@cache
def incoterms() -> Mapping[str, Text]:
    """Incoterms 2020."""
    return _labels("incoterms")


@cache
def document_kinds() -> Mapping[str, Text]:
    """Kinds of document that may be filed."""
    return _labels("document_kinds")


@cache
def licence_scopes() -> Mapping[str, Text]:
    """Answers to whether a shipment lies within its licence."""
    return _labels("licence_scopes")


@cache
def owner_schemes() -> Mapping[str, Text]:
    """Kinds of number that name an owner of a party exactly."""
    return _labels("owner_schemes")


@cache
def elements() -> Mapping[str, Text]:
    """Chemical symbols of the strategic minerals, and ``other``."""
    return _labels("elements")


@cache
def units() -> Mapping[str, Unit]:
    """Units of quantity by code."""
    found = {}
    for code, row in _content()["units"].items():
        weight = row.get("kilograms")
        found[code] = Unit(
            code,
            Text.read(row),
            Decimal(weight) if weight is not None else None,
            Decimal(row["maximum"]),
            row.get("whole", False),
        )
    return found


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes; their names are in ``portal.countries``."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def currencies() -> frozenset[str]:
    """ISO 4217 codes of money."""
    return frozenset(currency.alpha_3 for currency in pycountry.currencies) - _NO_MONEY


def _labels(name: str) -> Mapping[str, Text]:
    return {code: Text.read(row) for code, row in _content()[name].items()}


@cache
def _content() -> dict[str, Any]:
    text = resources.files("portal.shipments").joinpath("data/vocabulary.yaml").read_text("utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content
