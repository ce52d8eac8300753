"""Everything of a shipment that bears a name is screened, under all that it is known by."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.shipments import facts
from portal.shipments.models import Shipment
from portal.shipments.screened import subjects
from tests.shipments.conftest import Firm, drafted


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database: what is read from it is the same on both."""
    return f"sqlite:///{tmp_path / 'screened.sqlite3'}"


@pytest.fixture
def shipment(session: Session, firm: Firm, now: datetime, shared_settings: Settings, lists_loaded: None) -> Shipment:
    def change(plain: dict[str, Any]) -> None:
        party = plain["parties"][0]
        party["former_names"] = ["Saale Glas VEB"]
        party["identifiers"] = {"imo": "9074729"}
        party |= {"vessel": "Oxbow Star", "vessel_imo": "9074729"}
        top = {
            "name": "Top Holding", "name_native": "顶峰控股", "aliases": ["Peak Holding"], "country": "HK",
            "identifier": {"scheme": "registration", "value": "HK-1"},
        }  # fmt: skip
        party["owners"] = [{"name": "Middle GmbH", "percent": "60", "owners": [top]}]

    return drafted(session, firm, now, shared_settings, change=change)


def test_everything_that_bears_a_name(shipment: Shipment) -> None:
    party = shipment.parties[0]
    found = {subject.party.id: subject for subject in subjects(shipment)}
    assert found[str(shipment.organisation.id)].roles == ("exporter",)
    assert {"Saale Feinoptik GmbH", "Saale Glas VEB"} <= set(found[str(party.id)].party.names)
    assert found[str(party.id)].party.identifiers == (("IMO", "9074729"),)
    assert found[f"{party.id}:owner:0"].party.names == ("Middle GmbH",)
    top = found[f"{party.id}:owner:0.0"]
    assert top.roles == ("owner",)
    assert top.party.names == ("Top Holding", "顶峰控股", "Peak Holding")
    assert (top.party.country, top.party.identifiers) == ("HK", (("REGISTRATION", "HK-1"),))
    ship = found[f"{party.id}:vessel"]
    assert (ship.name, ship.party.identifiers) == ("Oxbow Star", (("IMO", "9074729"),))
    assert {str(each.id) for each in shipment.parties} <= set(found)


def test_all_of_it_is_in_the_facts(session: Session, shipment: Shipment, now: datetime) -> None:
    built: Callable[[Session, Shipment, datetime], facts.Ground] = facts.build
    screened = [(each.id, each.roles) for each in built(session, shipment, now).screened]
    assert screened == [(subject.party.id, subject.roles) for subject in subjects(shipment)]
