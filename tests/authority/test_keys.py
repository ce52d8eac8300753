"""A key that may be in other hands: two supervisors mark it, a case and the pages name its certificates."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import people
from portal.accounts.models import User
from portal.accounts.passwords import Cost
from portal.audit import Actor
from portal.authority import cases, key_reports
from portal.authority.models import Case, KeyReport, LinkKind
from portal.certificates import compromise
from portal.certificates.models import Certificate
from portal.db import utc_now
from tests.authority.test_pages import enter, looking, office, officer, supervisor

__all__ = ["enter", "looking", "office", "officer", "supervisor"]


def test_a_key_is_marked_by_two_supervisors_and_its_certificates_are_listed(
    office: Flask, supervisor: FlaskClient, officer: FlaskClient, looking: Session
) -> None:
    chief = looking.scalars(select(User).where(User.email == "supervisor@authority.example")).one()
    people.add(
        looking, chief.organisation, email="second@authority.example", name="Second", position="", roles=["supervisor"],
        password="glass river under moss", language="en", now=utc_now(), actor=Actor.system("test"),
        cost=Cost(passes=1, memory=8, lanes=1),
    )  # fmt: skip
    looking.commit()
    settings = office.extensions["portal_settings"]
    key = next(compromise.opened_register(settings).keys_for("documents"))
    newest = looking.scalars(select(Certificate).order_by(Certificate.issued_at.desc()).limit(1)).one()
    since = newest.issued_at.replace(second=0, microsecond=0)
    page = f"/authority/keys/{key.thumbprint}"

    assert officer.get(f"{page}/report").status_code == 403
    form = {"since": f"{since:%Y-%m-%d %H:%M}", "reason": "The card is missing"}
    late = {**form, "since": f"{utc_now() + timedelta(days=1):%Y-%m-%d %H:%M}"}
    assert [supervisor.post(f"{page}/report", data=data).status_code for data in (late, form, form)] == [422, 303, 422]
    report = looking.scalars(select(KeyReport)).one()
    decide = f"/authority/keys/reports/{report.id}"
    assert supervisor.post(decide, data={"decision": "confirm"}).status_code == 422, "not by who reported it"
    assert compromise.matching(compromise.opened_register(settings), key.thumbprint)[0].compromise is None

    second = enter(office, looking, "second")
    assert second.post(decide, data={"decision": "reject"}).status_code == 422, "without a reason"
    assert second.post(decide, data={"decision": "confirm"}).status_code == 303
    assert second.post(decide, data={"decision": "confirm"}).status_code == 422, "once"
    register = compromise.opened_register(settings)
    marked = compromise.matching(register, key.thumbprint)
    assert {one.compromise.since for one in marked if one.compromise} == {since}
    assert next(one for one in register.keys_for("documents") if one.ends is None).thumbprint != key.thumbprint
    shown = officer.get(page).text
    assert newest.number in shown
    assert "Pass on the new trust file." in shown
    looking.expire_all()
    case = looking.scalars(select(Case).where(Case.topic == f"key:{key.thumbprint}")).one()
    assert newest.number in {one.reference for one in case.links if one.kind == LinkKind.CERTIFICATE}
    assert case in cases.about(looking, LinkKind.CERTIFICATE, newest.number)
    trust = officer.get("/.well-known/due-diligence/trust.json").json
    assert any("compromised" in one for one in trust["issuers"][0]["keys"])
    assert "In other hands since" in officer.get("/authority/keys").text


def test_the_issuer_of_a_test_gets_new_keys_by_a_supervisor(
    office: Flask, supervisor: FlaskClient, officer: FlaskClient
) -> None:
    settings = office.extensions["portal_settings"]
    before = {one.thumbprint for one in compromise.opened_register(settings).keys if one.ends is None}
    assert officer.post("/authority/keys").status_code == 403
    assert supervisor.post("/authority/keys").status_code == 303
    after = {one.thumbprint for one in compromise.opened_register(settings).keys if one.ends is None}
    assert not before & after
    assert officer.get("/authority/keys/nothing").status_code == 404


def test_who_reported_a_key_earlier_is_not_overruled_by_a_later_moment(office: Flask, looking: Session) -> None:
    register = compromise.opened_register(office.extensions["portal_settings"])
    marked = next((one for one in register.keys if one.compromise is not None), None)
    assert marked is not None, "the first test of this file has marked one"
    assert marked.compromise is not None
    chief = looking.scalars(select(User).where(User.email == "supervisor@authority.example")).one()
    with pytest.raises(key_reports.ReportRefused):
        key_reports.propose(looking, marked, since=marked.compromise.since, reason="x", by=chief, now=utc_now())
