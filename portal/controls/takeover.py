"""What a worked answer can hand over to the goods line that it was asked for."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from portal.controls.classify import Worked, WorkedItem
from portal.controls.enquiry import Enquiry
from portal.controls.thresholds import UNVERIFIED


@dataclass(frozen=True, slots=True)
class Asker:
    """The goods line of a shipment that somebody classifies; ``line`` is empty for one that is yet to be added."""

    shipment: uuid.UUID
    line: uuid.UUID | None

    @classmethod
    def read(cls, text: str) -> "Asker | None":
        """From "shipment" or "shipment/line" in an address; ``None`` where it is neither. Says nothing of rights."""
        shipment, _, line = text.partition("/")
        try:
            return cls(uuid.UUID(shipment), uuid.UUID(line) if line else None)
        except ValueError:
            return None


def values(asked: Enquiry, worked: Worked, stated: Mapping[str, str]) -> dict[str, str]:
    """Element, form, codes and values for a goods line, by the names of its fields; only what is beyond doubt.

    A code is handed over where one item alone is controlled, its code verified. Whoever takes it over sees it in the
    form and saves it, or not.
    """
    found = {
        "element": _element(asked, worked),
        "chemical_form": asked.formulas[0] if len(asked.formulas) == 1 else "",
        "hs_code": asked.goods.hs_code,
        "control_code": asked.goods.control_code,
        "purity": stated.get("purity", ""),
        "particle_size": stated.get("particle_size", ""),
    }
    controlled = [one for one in worked.items if one.state == "controlled"]
    if len(controlled) == 1:
        found["control_code"] = found["control_code"] or _only_code(controlled[0])
        hs_codes = controlled[0].candidate.item.hs_codes
        found["hs_code"] = found["hs_code"] or (hs_codes[0] if len(hs_codes) == 1 else "")
    return {name: value for name, value in found.items() if value}


def _element(asked: Enquiry, worked: Worked) -> str:
    """The one element that the items which stay in question share, or the only one that the text names."""
    items = [one.candidate.item for one in worked.items if one.state in ("controlled", "review")]
    named = {tuple(symbol for symbol in item.elements if symbol in asked.elements) or item.elements for item in items}
    only = next(iter(named)) if len(named) == 1 else asked.elements
    return only[0] if len(only) == 1 else ""


def _only_code(one: WorkedItem) -> str:
    item = one.candidate.item
    return item.control_codes[0] if len(item.control_codes) == 1 and item.code_mark not in UNVERIFIED else ""
