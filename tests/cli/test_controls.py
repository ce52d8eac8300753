"""``portal controls classify``: not controlled, controlled, or a person must look."""

import json

import pytest

from portal.config import Settings
from portal.controls.measures import load
from portal.db import open_engine, session_factory, transaction, utc_now
from tests.cli.conftest import Prepared
from tests.controls.samples import approve, compared

CONTROLLED = "Controlled: an export licence is needed"
REVIEW = "Not settled: have it reviewed before export"
NOT = "Not found to be controlled by the measures on file"


@pytest.mark.parametrize(
    ("text", "code", "first"),
    [
        ("8112991000", 1, CONTROLLED),
        ("8112.99.10 00", 1, CONTROLLED),
        ("811299", 2, REVIEW),
        ("germanium dioxide powder", 2, REVIEW),
        ("锗", 2, REVIEW),
        ("GaAs", 2, REVIEW),
        ("Ga₂O₃ 3818009002", 1, CONTROLLED),
        ("CAS 298-07-7", 2, REVIEW),
        ("7732-18-5", 2, REVIEW),
        ("wooden chair", 0, NOT),
        ("9401610000", 2, REVIEW),
        ("wooden chair 9401610000", 0, NOT),
    ],
)
def test_the_exit_code_says_what_the_first_line_says(prepared: Prepared, text: str, code: int, first: str) -> None:
    told = prepared.portal.call("controls", "classify", text)
    assert (told.code, told.err) == (code, "")
    assert told.out.splitlines()[0] == first


def test_as_a_person_runs_it(prepared: Prepared) -> None:
    told = prepared.portal.run("controls", "classify", "8112991000", "--language", "zh")
    assert (told.code, told.err) == (1, "")
    assert told.out.startswith("属于管制物项")


def test_a_formula_and_a_cas_number_name_their_items(prepared: Prepared) -> None:
    for text, item in (("InP wafer", "indium-phosphide"), ("14802-03-0", "extractants")):
        told = json.loads(prepared.portal.call("controls", "classify", text, "--json").out)
        assert [one["item"] for one in told["items"]] == [item]
        assert told["digest"]


def test_an_approved_change_of_the_authority_counts(own: Prepared) -> None:
    asked, now = ("controls", "classify", "Sb2O3 99.5%", "--json"), utc_now()
    assert json.loads(own.portal.call(*asked).out)["state"] == "review"
    with transaction(session_factory(open_engine(Settings(instance=own.portal.instance).database))) as session:
        approve(session, compared("33/2024", now), now)
    told = json.loads(own.portal.call(*asked).out)
    assert (told["state"], told["version"]) == ("not_controlled", f"{load().version}+1")
    shown = json.loads(own.portal.call("controls", "show", "2024-33", "--json").out)
    assert (shown["digest"], [one["number"] for one in shown["measures"]]) == (told["digest"], ["33/2024"])


def test_measures_are_shown_with_how_they_stand_on_the_day(prepared: Prepared) -> None:
    told = prepared.portal.call("controls", "show", "57/2025", "--date", "2026-11-10")
    assert told.out.startswith(
        "Announcement 57/2025 [V2] suspended by Announcement 70/2025 from 7 Nov 2025 to 10 Nov 2026"
    )
    assert "check" in prepared.portal.call("controls", "show", "57/2025", "--date", "2026-11-11").out
    whole = json.loads(prepared.portal.call("controls", "show", "--json").out)
    assert [one["number"] for one in whole["measures"]] == [one.number for one in load().measures]
    assert prepared.portal.call("controls", "show", "1/1999").code == 1


def test_not_controlled_reminds_of_the_catch_all(prepared: Prepared) -> None:
    assert "catch-all" in prepared.portal.call("controls", "classify", "wooden chair").out


def test_the_day_decides(prepared: Prepared) -> None:
    codes = [
        prepared.portal.call("controls", "classify", "8112991000", "--date", day).code
        for day in ("2023-07-31", "2023-08-01")
    ]
    assert codes == [0, 1]


def test_the_destination_is_told(prepared: Prepared) -> None:
    asked = ("controls", "classify", "8112991000", "--date", "2025-03-01", "--destination", "us", "--json")
    told = prepared.portal.call(*asked)
    numbers = {found["measure"] for found in json.loads(told.out)["destination"]}
    assert any(number.startswith("46/2024") for number in numbers)
    without = prepared.portal.call(*asked[:5], "--json")
    assert json.loads(without.out)["destination"] == []


def test_a_day_that_is_none_is_refused(prepared: Prepared) -> None:
    told = prepared.portal.call("controls", "classify", "8112991000", "--date", "2026-02-30")
    assert (told.code, told.out) == (2, "")
    assert "2026-02-30" in told.err


@pytest.mark.parametrize("text", ["8112", "81", "", "  ", "."])
def test_too_little_to_tell_by_is_never_not_controlled(prepared: Prepared, text: str) -> None:
    assert prepared.portal.call("controls", "classify", text).code == 2


@pytest.mark.parametrize(
    "command", [("screen", "Lockheed Martin", "--country"), ("controls", "classify", "8112991000", "--destination")]
)
def test_a_country_that_is_none_is_refused(prepared: Prepared, command: tuple[str, ...]) -> None:
    told = prepared.portal.call(*command, "ZZ")
    assert told.code == 2
