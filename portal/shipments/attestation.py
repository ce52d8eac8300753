"""The compliance officer's word: the text that is attested, and the digest of what it is given for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import yaml

from portal.accounts.models import User
from portal.shipments import assess
from portal.shipments.answers import Answered
from portal.shipments.edit import goods_entry, party_entry
from portal.shipments.models import Attestation, Shipment
from portal.shipments.states import SamePerson
from portal.text import Text

_COLUMNS = (
    "reference",
    "revision",
    "contract_number",
    "contract_date",
    "incoterm",
    "departure",
    "departure_port",
    "transit",
    "destination",
    "mode",
    "planned_on",
    "licence_number",
    "licence_issuer",
    "licence_valid_until",
    "licence_scope",
    "licence_quantity_left",
    "licence_unit",
)


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of the text that an officer attests."""

    version: str
    text: Text


@cache
def wording() -> Wording:
    """The text in its present version."""
    raw = resources.files("portal.shipments").joinpath("data/attestation.yaml").read_text("utf-8")
    content: dict[str, Any] = yaml.safe_load(raw)
    version = content["current"]
    return Wording(version, Text.read(content["versions"][version]["text"]))


def check_two_people(shipment: Shipment, officer: User) -> None:
    """Raise ``SamePerson`` when the officer submitted this revision or changed anything in it."""
    if officer.id == shipment.submitted_by or str(officer.id) in shipment.editors:
        raise SamePerson(
            Text(
                "You prepared or changed this shipment. Another compliance officer must attest it.",
                "您参与了该货物批次的填报或修改，须由另一名合规负责人作出声明。",
            )
        )


def attested(shipment: Shipment, answered: Sequence[Answered]) -> dict[str, Any]:
    """Everything that the word is given for, as JSON: entries, digests of documents, answers."""
    return {
        "shipment": {name: _plain(getattr(shipment, name)) for name in _COLUMNS},
        "goods": [{"line": line.line, **goods_entry(line)} for line in shipment.goods],
        "parties": [party_entry(party) for party in shipment.parties],
        "documents": [{"kind": each.kind, "sha256": each.sha256} for each in shipment.documents],
        "answers": [each.frozen for each in answered],
    }


def give(shipment: Shipment, answered: Sequence[Answered], *, officer: User, now: datetime, method: str) -> Attestation:
    """The attestation as a row to be stored. ``method`` says how the officer proved to be itself (``password``)."""
    return Attestation(
        shipment_id=shipment.id,
        officer_id=officer.id,
        officer_name=officer.name,
        position=officer.position,
        text_version=wording().version,
        at=now,
        method=method,
        digest=assess.digest(attested(shipment, answered)),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value
