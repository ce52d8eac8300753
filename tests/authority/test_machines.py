"""Machines of an authority: a token opens what it was made for, at its place, in its term, and nothing else."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts import machines, people, registration
from portal.accounts.models import MachineCredential, User
from portal.accounts.passwords import Cost
from portal.audit import Actor
from portal.audit.models import AuditEvent
from portal.authority import endorse, registry
from portal.certificates.models import Certificate
from portal.db import utc_now
from tests.authority.test_endorsement_pages import item
from tests.authority.test_pages import enter, looking, office, officer, supervisor, valid_number

__all__ = ["enter", "looking", "office", "officer", "supervisor"]
BY = Actor.system("test")
ENDORSEMENTS = "/api/v1/endorsements"


@pytest.fixture
def certificate(officer: FlaskClient, looking: Session) -> Certificate:
    found = registry.find(looking, valid_number(officer))
    assert found is not None
    return found


@pytest.fixture
def chief(looking: Session) -> User:
    return looking.scalars(select(User).where(User.email == "supervisor@authority.example")).one()


@pytest.fixture
def protected(office: Flask) -> Iterator[None]:
    """Forged forms are refused, as outside a test."""
    office.config["WTF_CSRF_ENABLED"] = True
    yield
    office.config["WTF_CSRF_ENABLED"] = False


def made(looking: Session, chief: User, *scopes: str, place: str = "") -> tuple[Any, dict[str, str]]:
    """A credential on file, and the header that its machine sends."""
    wanted = machines.Wanted("gate 3", place, scopes, 600, chief, utc_now() + timedelta(days=30))
    row, token = machines.make(looking, wanted, by=chief, now=utc_now())
    looking.commit()
    return row, {"Authorization": f"Bearer {token}"}


def problem(answer: TestResponse) -> tuple[int, str, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.json["type"].rpartition("/")[2], answer.headers.get("WWW-Authenticate", "")


@pytest.mark.usefixtures("protected")
def test_a_device_records_for_its_place_without_a_session_and_its_officer_is_named(
    office: Flask, looking: Session, chief: User, certificate: Certificate
) -> None:
    row, token = made(looking, chief, "endorse", place="CNSHA")
    client = office.test_client()
    line = {**item(looking, certificate)["lines"][0], "value": "0.1"}
    here, there = (item(looking, certificate, place, lines=[line], declaration="M-1") for place in ("CNSHA", "CNTAO"))
    told = client.post(ENDORSEMENTS, json={"items": [here, there]}, headers=token)
    assert [one["outcome"] for one in told.json["items"]] == ["recorded", "refused"]
    assert told.json["items"][1]["problem"]["errors"][0]["pointer"] == "/place"
    looking.expire_all()
    kept = next(one for one in endorse.endorsements(looking, certificate) if str(one.reference) == here["id"])
    assert (kept.credential_id, kept.received_by, kept.device) == (row.id, chief.id, "tablet 7")
    event = looking.scalars(select(AuditEvent).where(AuditEvent.verb == "certificate.endorsed")).all()[-1]
    assert (event.actor_kind, event.actor_name, event.details["responsible"]) == ("machine", "gate 3", chief.name)
    assert row.last_used_at is not None
    assert machines.tell(looking, utc_now().date() + timedelta(days=1), utc_now()) >= 1
    assert machines.tell(looking, utc_now().date() + timedelta(days=1), utc_now()) == 0


@pytest.mark.usefixtures("protected")
def test_who_shows_nothing_or_the_wrong_thing_is_told_what_is_missing(
    office: Flask, looking: Session, chief: User, officer: FlaskClient, certificate: Certificate
) -> None:
    body = {"items": [item(looking, certificate)]}
    nobody = office.test_client()
    assert problem(nobody.post(ENDORSEMENTS, json=body))[:2] == (401, "no-credential")
    assert problem(officer.post(ENDORSEMENTS, json=body))[:2] == (403, "no-page-token")
    row, token = made(looking, chief, "verify")
    status, name, challenge = problem(nobody.post(ENDORSEMENTS, json=body, headers=token))
    assert (status, name) == (403, "wrong-scope")
    assert 'error="insufficient_scope", scope="endorse"' in challenge
    # With a session beside it, it is the token that counts.
    assert problem(officer.post(ENDORSEMENTS, json=body, headers=token))[:2] == (403, "wrong-scope")
    assert problem(nobody.get(f"/api/v1/certificates/{certificate.number}/pack", headers=token))[0] == 403
    page = nobody.get("/authority/certificates", headers=token)
    assert (page.status_code, page.headers["Location"][:8]) == (303, "/sign-in"), "a token opens no page"
    damaged = {"Authorization": token["Authorization"][:-1] + "~"}
    row.responsible.active = False
    looking.commit()
    asked = {"text": certificate.number}
    for headers in (damaged, token, {"Authorization": "Bearer "}):
        status, name, challenge = problem(nobody.post("/api/v1/verifications", json=asked, headers=headers))
        assert (status, name) == (401, "bad-credential")
        assert 'error="invalid_token"' in challenge
    row.responsible.active = True
    looking.commit()
    assert nobody.post("/api/v1/verifications", json=asked, headers=token).status_code == 200


def test_a_token_ends_by_its_term_by_rotation_and_by_revocation(looking: Session, chief: User) -> None:
    now = utc_now()
    row, headers = made(looking, chief, "verify")
    token = headers["Authorization"].removeprefix("Bearer ")
    assert machines.known(looking, token, now) is row
    assert token not in str(vars(row))
    newer, second = machines.rotate(looking, row, grace=timedelta(hours=1), by=chief, now=now)
    for moment, works in ((now, True), (now + timedelta(hours=1), False)):
        assert (machines.known(looking, token, moment) is row) is works
    assert machines.known(looking, second, now) is newer
    assert (newer.scopes, newer.replaces_id) == (["verify"], row.id)
    assert machines.known(looking, second, newer.expires_at) is None
    with pytest.raises(machines.CredentialRefused):
        machines.rotate(looking, row, grace=timedelta(0), by=chief, now=now + timedelta(hours=2))
    machines.revoke(looking, newer, by=chief, now=now)
    assert machines.known(looking, second, now) is None
    looking.rollback()


def test_a_pack_is_given_and_recorded(office: Flask, looking: Session, chief: User, certificate: Certificate) -> None:
    _, token = made(looking, chief, "pack")
    given = office.test_client().get(f"/api/v1/certificates/{certificate.number}/pack", headers=token)
    assert given.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(given.data)) as pack:
        assert f"{certificate.number}/{certificate.number}.pdf" in pack.namelist()
    last = looking.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)).one()
    assert (last.verb, last.actor_kind) == ("file.opened", "machine")


def test_a_supervisor_makes_one_and_sees_its_token_once(
    supervisor: FlaskClient, officer: FlaskClient, looking: Session, chief: User
) -> None:
    form = {"name": "tablet 9", "kind": "device", "place": "", "scopes": ["endorse"], "days": "30", "per_minute": "60",
            "responsible": str(chief.id)}  # fmt: skip
    assert supervisor.post("/authority/machines/new", data=form).status_code == 422
    assert officer.post("/authority/machines/new", data=form).status_code == 403
    shown = supervisor.post("/authority/machines/new", data={**form, "place": "cnsha"})
    token = re.search(r"ddp_[0-9a-z]{10}_[0-9A-Za-z_-]{43}", shown.text)
    assert token is not None
    row = machines.known(looking, token[0], utc_now())
    assert row is not None
    assert (row.name, row.place, row.scopes) == ("tablet 9", "CNSHA", ["endorse"])
    page = supervisor.get(f"/authority/machines/{row.id}").text
    assert token[0] not in page
    assert f"ddp_{row.prefix}_…" in page


def test_a_machine_of_another_authority_is_not_found(office: Flask, supervisor: FlaskClient, looking: Session) -> None:
    customs = registration.create_authority(
        looking, name="海关", name_en="Customs", country="CN", now=utc_now(), actor=BY
    )
    theirs = people.add(
        looking, customs, email="chief@customs.example", name="Chief", position="Chief", roles=["supervisor"],
        password="glass river under moss", language="en", now=utc_now(), actor=BY,
        cost=Cost(passes=1, memory=8, lanes=1),
    )  # fmt: skip
    row, _ = made(looking, theirs, "verify")
    for path in ("", "/rotate", "/revoke"):
        method = supervisor.post if path else supervisor.get
        assert method(f"/authority/machines/{row.id}{path}").status_code == 404
    assert row.prefix not in supervisor.get("/authority/machines").text
    kept = looking.get_one(MachineCredential, row.id, populate_existing=True)
    assert kept.revoked_at is None
    foreign = machines.Wanted("x", "", ("verify",), 60, theirs, utc_now() + timedelta(days=1))
    ours = looking.scalars(select(User).where(User.email == "supervisor@authority.example")).one()
    for wrong in (foreign, machines.Wanted("x", "", (), 60, ours, utc_now() + timedelta(days=1))):
        with pytest.raises(machines.CredentialRefused):
            machines.make(looking, wrong, by=ours, now=utc_now())
