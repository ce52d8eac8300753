"""Facts are stored as JSON and come back as they were."""

import json
from datetime import date

import pytest

from portal.risk.facts import Facts, LicenceFact
from tests.risk import cases

CASES = {
    "germanium": cases.germanium(),
    "magnets": cases.magnets(),
    "open licence": cases.facts(licence=LicenceFact("1", None, "unknown"), transit=("SG",), documents=("contract",)),
    "undated list": cases.facts(lists=(cases.listing(published=None, age_days=None, state="missing"),)),
}


@pytest.mark.parametrize("name", CASES)
def test_stored_facts_come_back(name: str) -> None:
    facts = CASES[name]
    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_days_and_quantities_are_text() -> None:
    data = cases.magnets().to_json()
    assert data["on"] == "2026-11-24"
    assert data["goods"][0]["quantity"] == "12.5"
    assert data["parties"][0]["hits"][0]["score"] == "1.000"
    assert Facts.from_json(data).on == date(2026, 11, 24)


def test_what_is_no_facts_is_refused() -> None:
    with pytest.raises(TypeError):
        Facts.from_json({**cases.germanium().to_json(), "goods": [{**cases.germanium().to_json()["goods"][0], "x": 1}]})
    with pytest.raises(KeyError):
        Facts.from_json({"on": "2026-11-24"})
