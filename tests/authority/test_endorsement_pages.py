"""Endorsements in a browser's and in a machine's terms: recorded once, told with both sides, shown to officers only."""

import io
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.authority import endorse, registry
from portal.certificates.models import Certificate
from portal.db import new_id, utc_now
from portal.verification.views import api
from tests.authority.test_pages import enter, looking, office, officer, valid_number

__all__ = ["enter", "looking", "office", "officer"]
ADDRESS = "/api/v1/endorsements"


@pytest.fixture
def certificate(officer: FlaskClient, looking: Session) -> Certificate:
    found = registry.find(looking, valid_number(officer))
    assert found is not None
    return found


def item(session: Session, certificate: Certificate, place: str = "CNSHA", **changes: Any) -> dict[str, Any]:
    line = endorse.left(session, certificate)[0]
    return {
        "id": str(new_id()), "number": certificate.number, "declaration": f"D-{place}", "place": place,
        "at": f"{utc_now():%Y-%m-%dT%H:%M:%SZ}", "officer": "Wang Hai", "device": "tablet 7",
        "lines": [{"line": line.number, "value": format(line.total, "f"), "unit": line.unit}], **changes,
    }  # fmt: skip


def sent(client: FlaskClient, *items: dict[str, Any]) -> list[dict[str, Any]]:
    """What became of a batch, held against the description of the interface."""
    answer = client.post(ADDRESS, json={"items": list(items)})
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    schema = api.description()["components"]["schemas"]["EndorsementAnswer"]
    for told in answer.json["items"]:
        Draft202012Validator({**schema, "components": api.description()["components"]}).validate(told)
    told_items: list[dict[str, Any]] = answer.json["items"]
    return told_items


def test_an_officer_records_once_what_lies_before_him(
    officer: FlaskClient, looking: Session, certificate: Certificate
) -> None:
    page = f"/authority/certificates/{certificate.number}/endorse"
    opened = officer.get(page).text
    reference = re.search(r'name="reference"[^>]*value="([^"]+)"', opened)
    assert reference is not None
    line = endorse.left(looking, certificate)[0]
    form = {"reference": reference[1], "declaration": "D-1", "place": "cnsha", f"line_{line.number}": "0.5"}
    refused = officer.post(page, data={**form, f"line_{line.number}": "99999999"})
    assert refused.status_code == 422
    assert "are left of this line" in refused.text
    assert [officer.post(page, data=form).status_code for _ in range(2)] == [303, 303]
    looking.expire_all()
    assert [one.declaration for one in endorse.endorsements(looking, certificate)] == ["D-1"]
    assert endorse.left(looking, certificate)[0].left == line.left - endorse.Decimal("0.5")
    shown = officer.get(f"/authority/certificates/{certificate.number}").text
    assert "D-1" in shown


def test_a_batch_may_be_sent_again_and_a_contradiction_shows_both_sides(
    officer: FlaskClient, looking: Session, certificate: Certificate
) -> None:
    one, two = item(looking, certificate), item(looking, certificate, "CNTAO")
    wrong = item(looking, certificate, place="Shanghai"[:6])
    first = sent(officer, one, two, wrong)
    assert [told["outcome"] for told in first] == ["recorded", "recorded", "refused"]
    assert first[2]["problem"]["errors"][0]["pointer"] == "/place"
    conflicts = [conflict for told in first[:2] for conflict in told["conflicts"] if conflict["kind"] == "excess"]
    sides = {side["declaration"] for conflict in conflicts for side in conflict["with"]}
    assert sides & {"D-CNSHA", "D-CNTAO"}
    again = sent(officer, two, one)
    assert [told["outcome"] for told in again] == ["known", "known"]
    file = (io.BytesIO(json.dumps({"items": [one, two]}).encode()), "ports.json")
    page = officer.post("/authority/endorsements", data={"file": file})
    assert page.status_code == 200
    assert page.text.count("known already, nothing changed") == 2
    looking.expire_all()
    kept = [each for each in endorse.endorsements(looking, certificate) if each.declaration.startswith("D-CN")]
    assert len(kept) == 2
    public = officer.application.test_client().get(f"/verify/{certificate.number}").text
    assert "Used up" in public
    assert "D-CNSHA" not in public
    assert "CNTAO" not in public


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": [{"id": "1"}]}, [], {"items": [{"id": 7}], "more": 1}])
def test_what_does_not_fit_the_description_is_a_problem(officer: FlaskClient, body: Any) -> None:
    answer = officer.post(ADDRESS, json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["type"] == "/api/v1/problems/invalid-request"


@pytest.mark.parametrize("data", [b"", b"not json", b'{"items": 1}', b'{"items": [], "items": []}'])
def test_a_file_that_is_none_is_refused_beside_its_field(officer: FlaskClient, data: bytes) -> None:
    answer = officer.post("/authority/endorsements", data={"file": (io.BytesIO(data), "ports.json")})
    assert answer.status_code == 422
    assert "The file cannot be read" in answer.text


def test_officers_see_at_a_verification_what_the_public_does_not_and_the_look_is_recorded(
    office: Flask, officer: FlaskClient, looking: Session, certificate: Certificate
) -> None:
    sent(
        officer, item(looking, certificate, "CNNGB", lines=[{**item(looking, certificate)["lines"][0], "value": "0.1"}])
    )

    def looks() -> int:
        chosen = select(AuditEvent).where(
            AuditEvent.verb == "file.opened", AuditEvent.subject == f"certificate:{certificate.number}"
        )
        return len(looking.scalars(chosen).all())

    before = looks()
    assert "D-CNNGB" in officer.get(f"/verify/{certificate.number}").text
    assert looks() == before + 1
    exporter = looking.scalars(select(User).where(User.email == "officer@yunling.example")).one()
    theirs = office.test_client()
    with theirs.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = exporter.get_id(), True
        cookie["signed_in_at"] = utc_now().timestamp()
    for client in (office.test_client(), theirs):
        assert "D-CNNGB" not in client.get(f"/verify/{certificate.number}").text
    assert looks() == before + 1


def test_an_alarm_is_ruled_once_with_a_reason(officer: FlaskClient, looking: Session, certificate: Certificate) -> None:
    line = item(looking, certificate)["lines"][0]
    twice = [item(looking, certificate, "CNXMN", lines=[{**line, "value": "0.1"}], declaration="D-9") for _ in range(2)]
    sent(officer, *twice)
    alarm = next(one for one in looking.scalars(endorse.open_alarms(looking)) if one.endorsement.declaration == "D-9")
    page = f"/authority/endorsements/{alarm.id}"
    assert officer.get(page).text.count("D-9") >= 4, "both sides, each with its choice"
    assert officer.post(page, data={"ruling": "stands"}).status_code == 422
    other = str(alarm.endorsement_id)
    assert officer.post(page, data={"ruling": other, "reason": "Typed twice."}).status_code == 303
    assert officer.post(page, data={"ruling": other, "reason": "Again."}).status_code == 422
    shown = officer.get(page).text
    assert "Typed twice." in shown
    assert "Rule on the alarm" not in shown
