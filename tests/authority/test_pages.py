"""An officer's work in the browser's terms: search, look, suspend, revoke, settle, keep the restricted list."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.app import create_app
from portal.audit.models import AuditEvent
from portal.authority import endorse, subjects
from portal.certificates.models import Certificate
from portal.config import Settings
from portal.db import utc_now
from portal.screening import match, sources
from portal.shipments.models import Shipment
from portal.shipments.states import State
from tests.conftest import Loaded


@pytest.fixture(scope="module")
def office(demonstration: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with the demonstration's month of work, on a copy of its own."""
    folder = tmp_path_factory.mktemp("office") / "instance"
    shutil.copytree(demonstration.folder, folder)
    settings = Settings(instance=folder, public_address="http://127.0.0.1:8000")
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False, PROPAGATE_FAILURES=True)
    yield app
    app.extensions["portal_engine"].dispose()


@pytest.fixture
def looking(office: Flask) -> Iterator[Session]:
    with office.extensions["portal_sessions"]() as session:
        yield session


def enter(office: Flask, looking: Session, role: str) -> FlaskClient:
    person = looking.scalars(select(User).where(User.email == f"{role}@authority.example")).one()
    client = office.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"], cookie["signed_in_at"] = person.get_id(), True, utc_now().timestamp()
    return client


@pytest.fixture
def officer(office: Flask, looking: Session) -> FlaskClient:
    return enter(office, looking, "officer")


@pytest.fixture
def supervisor(office: Flask, looking: Session) -> FlaskClient:
    return enter(office, looking, "supervisor")


def valid_number(officer: FlaskClient) -> str:
    page = officer.get("/authority/certificates?state=valid").text
    return re.findall(r"DDC-\d{4}-\d{7}-[0-9A-Z]", page)[0]


def test_overview_counts_what_is_there(officer: FlaskClient, looking: Session) -> None:
    page = officer.get("/authority/").text
    waiting = len(looking.scalars(select(Shipment).where(Shipment.state == State.REFERRED)).all())
    assert f">{waiting}</a>" in page
    alarms = len(looking.scalars(endorse.open_alarms(looking)).all())
    assert alarms
    assert f'href="/authority/endorsements">{alarms}</a>' in page
    assert "Lists that need attention" in page


def test_search_keeps_what_was_asked(officer: FlaskClient) -> None:
    page = officer.get("/authority/certificates?q=Saale&state=valid")
    assert page.status_code == 200
    assert 'value="Saale"' in page.text
    assert "Saale Feinoptik" in page.text
    assert "Veneto" not in page.text
    assert "No certificate fits" in officer.get("/authority/certificates?q=nowhere-to-be-found").text


def test_a_look_at_a_file_is_recorded(officer: FlaskClient, looking: Session) -> None:
    number = valid_number(officer)
    page = officer.get(f"/authority/certificates/{number}")
    assert page.status_code == 200
    assert "The file behind it" in page.text
    last = looking.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)).one()
    assert (last.verb, last.subject) == ("file.opened", f"certificate:{number}")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "Choose a reason"),
        ({"reason_code": "no-such-code", "reason": "x"}, "Not a valid choice"),
        ({"reason_code": "under-review", "reason": "   "}, "Enter a reason"),
        ({"reason_code": "under-review", "reason": "x" * 2001}, "2,000 characters or fewer"),
        ({"reason_code": "issued-in-error", "reason": "only for a revocation"}, "Not a valid choice"),
    ],
)
def test_a_change_without_a_proper_reason_is_refused(officer: FlaskClient, form: dict[str, str], message: str) -> None:
    number = valid_number(officer)
    answer = officer.post(f"/authority/certificates/{number}/suspend", data=form)
    assert answer.status_code == 422
    assert message in answer.text
    assert number in officer.get("/authority/certificates?state=valid").text


def test_a_verifier_sees_suspension_and_revocation_at_once(officer: FlaskClient, office: Flask) -> None:
    number, public = valid_number(officer), office.test_client()
    ask = f"/verify/{number}?format=json"
    assert public.get(ask).json["state"] == "valid"
    reason = {"reason_code": "under-review", "reason": "Address did not match."}
    assert officer.post(f"/authority/certificates/{number}/suspend", data=reason).status_code == 303
    assert public.get(ask).json["state"] == "suspended"
    final = {"reason_code": "false-statement", "reason": "The undertaking was forged."}
    assert officer.post(f"/authority/certificates/{number}/revoke", data=final).status_code == 303
    assert public.get(ask).json["state"] == "revoked"
    again = officer.post(f"/authority/certificates/{number}/revoke", data=final)
    assert again.status_code == 422
    assert "There is a problem" in again.text


def test_a_party_put_on_the_list_is_screened_against_from_then_on(
    officer: FlaskClient, supervisor: FlaskClient, office: Flask, looking: Session
) -> None:
    now = utc_now()
    name = "Zephyr Polaris Metals Trading"
    assert match.Screener.open(looking).screen([name], "AE", now.date()).state == "clear"
    empty = officer.post("/authority/restricted/add", data={"names": "  \n ", "country": "AE", "reason": "x"})
    assert empty.status_code == 422
    assert "Enter at least one name" in empty.text
    added = officer.post(
        "/authority/restricted/add", data={"names": f"{name}\n西风北极星金属贸易", "country": "AE", "reason": "File 7"}
    )
    assert added.status_code == 303
    with office.extensions["portal_sessions"]() as fresh:
        assert match.Screener.open(fresh).screen([name], "AE", now.date()).state == "match"
        assert match.Screener.open(fresh).screen(["西风北极星金属贸易"], "", now.date()).state == "match"
    address = re.findall(r"/authority/restricted/[0-9a-f-]{36}/remove", supervisor.get("/authority/restricted").text)[0]
    assert officer.get(address).status_code == 403
    assert supervisor.post(address, data={"reason": ""}).status_code == 422
    assert supervisor.post(address, data={"reason": "Cleared by file 8"}).status_code == 303
    with office.extensions["portal_sessions"]() as fresh:
        assert match.Screener.open(fresh).screen([name], "AE", now.date()).state == "clear"


def referred(looking: Session) -> Shipment:
    return looking.scalars(select(Shipment).where(Shipment.state == State.REFERRED).limit(1)).one()


def test_a_referral_needs_a_decision_and_a_reason(officer: FlaskClient, looking: Session) -> None:
    address = f"/authority/referrals/{referred(looking).id}"
    assert "What would lower it" in officer.get(address).text
    answer = officer.post(address, data={"outcome": "", "reason": "kept text"})
    assert answer.status_code == 422
    assert "Choose what you decide" in answer.text
    assert "kept text" in answer.text


@pytest.mark.parametrize(
    ("outcome", "state"), [("certify", State.CERTIFIED), ("refuse", State.REFUSED), ("return", State.RETURNED)]
)
def test_a_referral_is_settled(
    officer: FlaskClient, office: Flask, looking: Session, outcome: str, state: State
) -> None:
    shipment = referred(looking)
    address = f"/authority/referrals/{shipment.id}"
    answer = officer.post(address, data={"outcome": outcome, "reason": "Site visit of 20 November."})
    assert answer.status_code == 303
    with office.extensions["portal_sessions"]() as fresh:
        settled = fresh.get(Shipment, shipment.id)
        assert settled is not None
        assert settled.state == state
        made = fresh.scalars(select(Certificate).where(Certificate.subject_id == shipment.id)).one_or_none()
        assert (made is not None) == (outcome == "certify")
        if made is not None:
            assert "Site visit of 20 November." in made.statement
    assert officer.get(address).status_code == 404


def test_lists_say_what_is_missing(officer: FlaskClient) -> None:
    page = officer.get("/authority/lists").text
    assert "Missing" in page
    assert "incomplete" in page


def test_the_trail_is_for_supervisors_and_holds(officer: FlaskClient, supervisor: FlaskClient) -> None:
    assert officer.get("/authority/audit").status_code == 403
    assert "The chain holds" in supervisor.get("/authority/audit?check=yes&lang=en").text


def test_events_name_what_people_know_not_what_the_database_knows(supervisor: FlaskClient, looking: Session) -> None:
    draft = looking.scalars(select(Shipment).where(Shipment.state == State.REFERRED).limit(1)).one()
    page = supervisor.get(f"/authority/audit?subject=shipment:{draft.id}&lang=en").text
    assert f"shipment {draft.reference} (" in page
    assert f"shipment {draft.id}" not in page


def test_an_event_whose_row_is_not_found_keeps_its_identifier(looking: Session) -> None:
    event = AuditEvent(subject="shipment:00000000-0000-0000-0000-000000000000")
    named = subjects.named(looking, [event, AuditEvent(subject="shipment:not-a-number"), AuditEvent(subject="list:cn")])
    assert named[event.subject].en.endswith("00000000-0000-0000-0000-000000000000")
    assert named["shipment:not-a-number"].zh.endswith("not-a-number")
    assert named["list:cn"] == sources.sources()["cn"].title


def test_a_draft_is_not_the_authority_s_to_read(officer: FlaskClient, looking: Session) -> None:
    draft = looking.scalars(select(Shipment).where(Shipment.state == State.DRAFT).limit(1)).one()
    assert officer.get(f"/authority/referrals/{draft.id}").status_code == 404
    assert officer.get(f"/authority/shipments/{draft.id}/documents/{draft.id}").status_code == 404


def test_every_recorded_verb_has_words(looking: Session) -> None:
    from portal.audit import words

    recorded = set(looking.scalars(select(AuditEvent.verb).distinct()))
    assert recorded - words.verbs() == set()
    assert utc_now() > looking.scalars(select(AuditEvent.at).limit(1)).one() - timedelta(days=1)


def test_goods_that_are_judged_more_strictly_by_now_are_told_on_the_page(
    officer: FlaskClient, looking: Session
) -> None:
    chosen = select(Certificate).where(Certificate.statement.contains('"control_state":"not_controlled"')).limit(1)
    certificate = looking.scalars(chosen).one()
    address = f"/authority/certificates/{certificate.number}"
    said = "The goods are judged more strictly than when this was issued"
    assert said not in officer.get(address).text
    shipment = looking.get_one(Shipment, certificate.subject_id)
    states = {each["line"]: each["control_state"] for each in json.loads(certificate.statement)["goods"]}
    line = next(line for line in shipment.goods if states[line.line] == "not_controlled")
    kept = line.name, line.hs_code, line.control_code
    line.name, line.hs_code, line.control_code = "Indium phosphide wafer", "2853904051", "3C004.a"
    looking.commit()
    try:
        page = officer.get(address).text
        chinese = officer.get(f"{address}?lang=zh").text
    finally:
        line.name, line.hs_code, line.control_code = kept
        looking.commit()
        officer.get(f"{address}?lang=en")
    assert said in page
    assert "controlled since 4 Feb 2025 under Announcement 10/2025" in page
    assert "自2025年2月4日起依据2025年第10号公告受管制" in chinese
