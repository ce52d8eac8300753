"""``portal controls classify``: not controlled, controlled, or a person must look."""

import json

import pytest

from tests.cli.conftest import Prepared


@pytest.mark.parametrize(
    ("text", "code", "first"),
    [
        ("8112991000", 1, "Controlled."),
        ("8112.99.10 00", 1, "Controlled."),
        ("811299", 2, "Needs review."),
        ("germanium dioxide powder", 2, "Needs review."),
        ("锗", 2, "Needs review."),
        ("wooden chair", 0, "Not found to be controlled."),
        ("9401610000", 0, "Not found to be controlled."),
    ],
)
def test_the_exit_code_says_what_the_first_line_says(prepared: Prepared, text: str, code: int, first: str) -> None:
    told = prepared.portal.call("controls", "classify", text)
    assert (told.code, told.err) == (code, "")
    assert told.out.splitlines()[0] == first


def test_as_a_person_runs_it(prepared: Prepared) -> None:
    told = prepared.portal.run("controls", "classify", "8112991000", "--language", "zh")
    assert (told.code, told.err) == (1, "")
    assert told.out.startswith("受管制。")


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
    numbers = {measure["number"] for measure in json.loads(told.out)["measures"]}
    assert any(number.startswith("46/2024") for number in numbers)
    without = prepared.portal.call(*asked[:5], "--json")
    assert not any(m["number"].startswith("46/2024") for m in json.loads(without.out)["measures"])


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
