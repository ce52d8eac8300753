"""Everything of a shipment that bears a name is screened, under all that it is known by."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.risk.facts import Facts, OwnershipFact
from portal.shipments import facts
from portal.shipments.models import Shipment
from portal.shipments.screened import subjects
from tests import databases
from tests.shipments.conftest import Firm, drafted


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One database: what is read from it is the same on both."""
    return databases.copied(sqlite_template, tmp_path)


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
    screened = [(each.id, each.roles) for each in facts.build(session, shipment, now).screened]
    assert screened == [(subject.party.id, subject.roles) for subject in subjects(shipment)]


def owning(session: Session, shipment: Shipment, now: datetime, owners: list[dict[str, Any]]) -> list[OwnershipFact]:
    """What is in the facts of its first party's ownership, with these owners."""
    party = shipment.parties[0]
    party.owners = owners
    return [each for each in facts.build(session, shipment, now).facts.ownership if each.party == str(party.id)]


LISTED = {"name": "Huntington Ingalls Industries", "percent": "60", "country": "US"}


def test_a_listed_owner_of_an_owner_counts(session: Session, shipment: Shipment, now: datetime) -> None:
    middle = {"name": "Middle GmbH", "percent": "50", "country": "DE"}
    (found,) = owning(session, shipment, now, [middle | {"owners": [LISTED]}])
    assert (found.verdict, found.least, found.source, found.binding) == ("owned", "50", "cn", True)
    name = shipment.parties[0].name
    assert found.chains == f"Huntington Ingalls Industries holds 60% of Middle GmbH, Middle GmbH holds 50% of {name}"
    assert found.chains_zh.startswith("Huntington Ingalls Industries持有Middle GmbH60%的股份，")
    (found,) = owning(session, shipment, now, [middle | {"owners": [LISTED | {"percent": "40"}]}])
    assert (found.verdict, found.least, found.most) == ("unknown", "20", "100")
    person = {"name": "Annegret Reinhold", "country": "DE", "identifier": {"scheme": "passport", "value": "C01"}}
    named = [person | {"percent": "50"}, middle | {"owners": [LISTED | {"percent": "40"}, person | {"percent": "60"}]}]
    (found,) = owning(session, shipment, now, named)
    assert (found.verdict, found.least, found.most) == ("minority", "20", "20")
    assert owning(session, shipment, now, [person | {"percent": "100"}]) == []


def test_a_share_that_is_not_known_is_not_no(session: Session, shipment: Shipment, now: datetime) -> None:
    (found,) = owning(session, shipment, now, [LISTED | {"percent": ""}])
    assert (found.verdict, found.least, found.most) == ("unknown", "0", "100")
    assert "holds a share that is not known of" in found.chains


def test_two_ways_of_one_firm_are_added_up(session: Session, shipment: Shipment, now: datetime) -> None:
    """The firm between is named twice, with its owner in one place only; a circle of owners comes to an end."""
    twice = {"name": "Middle GmbH", "country": "DE", "percent": "30"}
    other = {"name": "Other GmbH", "country": "DE", "percent": "30", "owners": [twice | {"percent": "100"}]}
    (found,) = owning(session, shipment, now, [twice | {"owners": [LISTED]}, other])
    assert (found.verdict, found.least) == ("owned", "60")
    circle = {"name": "MIDDLE  GmbH", "country": "DE", "percent": "100", "owners": [twice]}
    (found,) = owning(session, shipment, now, [LISTED | {"percent": "10"}, circle])
    assert (found.verdict, found.least, found.most) == ("unknown", "10", "100")


def test_a_party_may_own_another(session: Session, shipment: Shipment, now: datetime) -> None:
    consignee = shipment.parties[1]
    consignee.owners = [LISTED]
    own = {"name": consignee.name, "country": consignee.country, "percent": "50"}
    (found,) = owning(session, shipment, now, [own])
    assert (found.verdict, found.least) == ("owned", "50")


def test_facts_of_ownership_are_read_again(session: Session, shipment: Shipment, now: datetime) -> None:
    shipment.parties[0].owners = [LISTED]
    built = facts.build(session, shipment, now).facts
    assert built.ownership
    assert Facts.from_json(built.to_json()).ownership == built.ownership
