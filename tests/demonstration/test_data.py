"""The demonstration's data files: every name that is used exists, every code holds, and nobody real is in them."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.accounts import identifiers
from portal.accounts.models import Role
from portal.certificates import status
from portal.demonstration.cases import case, read
from portal.questionnaires import model
from portal.shipments import case as case_files

WORLD, ROWS, ANSWERS = read("world"), read("shipments"), read("answers")
TODAY = date(2026, 11, 24)
ENDS = {"draft", "submitted", "returned", "decided", "withdrawn"}
THEN = {"suspend", "revoke", "reinstate", "amend"}
MEMBERS = {
    "exporter", "goods", "quantity", "buyer", "variant", "via", "days", "end", "then", "code", "why", "licence",
    "empty",
}  # fmt: skip
NAMED = [pytest.param(number, row, id=f"{number}-{row['exporter']}") for number, row in enumerate(ROWS)]


@pytest.mark.parametrize(("number", "row"), NAMED)
def test_a_row_names_only_what_exists(number: int, row: dict[str, Any]) -> None:
    assert set(row) <= MEMBERS
    assert row["exporter"] in WORLD["exporters"]
    assert row["goods"] in WORLD["goods"]
    assert row["buyer"] in WORLD["buyers"]
    assert row.get("variant", "clean") in ANSWERS["variants"]
    assert row["end"] in ENDS
    assert 0 < row["days"] < 35
    assert Decimal(row["quantity"]) > 0


@pytest.mark.parametrize(("number", "row"), NAMED)
def test_what_befalls_a_certificate_has_a_code_and_words(number: int, row: dict[str, Any]) -> None:
    if row["end"] in ("returned", "withdrawn"):
        assert row["why"]
    if "then" not in row:
        assert "code" not in row
        return
    assert row["end"] == "decided"
    assert row["then"] in THEN
    if row["then"] != "amend":
        change = "revoke" if row["then"] == "revoke" else "suspend"
        assert row["code"] in {reason.code for reason in status.reasons_for(change)}  # type: ignore[arg-type]
        assert row["why"]


@pytest.mark.parametrize(("number", "row"), NAMED)
def test_a_row_makes_a_case_that_the_command_would_read(number: int, row: dict[str, Any]) -> None:
    plain = case(row, number, TODAY)
    read_back = case_files.read(json.dumps(plain, ensure_ascii=False).encode(), on=TODAY)
    route = read_back.model_dump(by_alias=True)["shipment"]["route"]
    assert route["to"] == WORLD["buyers"][row["buyer"]]["country"]


def test_references_are_unique() -> None:
    references = [case(row, number, TODAY)["shipment"]["reference"] for number, row in enumerate(ROWS)]
    assert Counter(references).most_common(1)[0][1] == 1


def test_everything_that_is_told_is_used() -> None:
    assert {row["exporter"] for row in ROWS} == set(WORLD["exporters"])
    assert {row["goods"] for row in ROWS} == set(WORLD["goods"])
    assert {row["buyer"] for row in ROWS} == set(WORLD["buyers"])
    assert {row.get("variant", "clean") for row in ROWS} == set(ANSWERS["variants"])
    assert set(ANSWERS["uses"]) == set(WORLD["goods"])


@pytest.mark.parametrize("name", WORLD["exporters"])
def test_an_exporter_has_a_sound_code_and_two_people(name: str) -> None:
    exporter = WORLD["exporters"][name]
    assert identifiers.check("USCC", exporter["identifier"]) == exporter["identifier"]
    assert "演示" in exporter["name"]
    assert "demonstration" in exporter["name_en"]
    roles = [set(person["roles"]) for person in exporter["people"]]
    assert {Role(role) for each in roles for role in each} == {
        Role.PREPARER, Role.COMPLIANCE_OFFICER, Role.ADMINISTRATOR,
    }  # fmt: skip
    assert not any({"preparer", "compliance_officer"} <= each for each in roles)


def test_codes_and_addresses_are_each_somebody_s_own() -> None:
    codes = [exporter["identifier"] for exporter in WORLD["exporters"].values()]
    homes = (*WORLD["exporters"].values(), WORLD["authority"], WORLD["customs"])
    people = [person for home in homes for person in home["people"]]
    emails = [person["email"] for person in people]
    assert len(set(codes)) == len(codes)
    assert len(set(emails)) == len(emails)
    assert all(email.endswith(".example") for email in emails)
    assert {person["language"] for person in people} == {"en", "zh"}


def test_the_sign_ins_are_a_preparer_an_officer_the_authority_and_customs() -> None:
    homes = (*WORLD["exporters"].values(), WORLD["authority"], WORLD["customs"])
    roles = {person["email"]: person["roles"] for home in homes for person in home["people"]}
    preparer, officer, authority, customs = WORLD["sign_ins"]
    assert "preparer" in roles[preparer]
    assert "compliance_officer" in roles[officer]
    assert "officer" in roles[authority]
    assert "officer" in roles[customs]


def test_answers_are_to_questions_that_are_asked() -> None:
    known = {}
    for member, name in (("end_use", "end-use"), ("end_user", "end-user")):
        questionnaire = model.load(name)
        known[member] = {q.id for section in questionnaire.sections for page in section.pages for q in page.questions}
        assert set(ANSWERS[member]) <= known[member]
        for variant in ANSWERS["variants"].values():
            assert set(variant.get(member, {})) <= known[member]
    assert set(ANSWERS["per_line"]) <= known["end_use"]
