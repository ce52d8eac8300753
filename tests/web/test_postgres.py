"""The main job through the pages on each kind of database, and limits counted in Redis by more than one process."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts import people, registration
from portal.app import create_app
from portal.audit import Actor
from portal.config import Settings
from portal.db import utc_now
from portal.screening import lists
from portal.shipments import case as cases
from portal.shipments import edit, intake
from portal.shipments.models import Shipment
from portal.web.limits import limiter
from tests.web.pages import form_of
from tests.web.world import CASES, CHEAP, PASSWORD, picture

CASE: dict[str, Any] = json.loads((CASES / "germanium-lens-blanks.json").read_text("utf-8"))
REDIS = os.environ.get("PORTAL_TEST_REDIS", "redis://127.0.0.1:6379/15")
BY = Actor.system("test")


@pytest.fixture
def portal(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on the database, with its tables, lists and an authority."""
    settings = Settings(instance=tmp_path / "instance", database_url=database_url)
    settings.instance.mkdir()
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False, PASSWORD_COST=CHEAP)
    app.config["PROPAGATE_FAILURES"] = True
    limiter.enabled = False
    now = utc_now()
    with app.extensions["portal_sessions"]() as session:
        lists.load_shipped(session, actor=BY, now=now)
        home = registration.create_authority(session, name="A", name_en="A", country="CN", now=now, actor=BY)
        people.add(
            session, home, email="officer@authority.example", name="Chen", position="Officer", roles=["officer"],
            password=PASSWORD, language="en", now=now, actor=BY, cost=CHEAP,
        )  # fmt: skip
        session.commit()
    yield app
    app.extensions["portal_engine"].dispose()


def fill(client: FlaskClient, path: str, **values: Any) -> str:
    """Open a page, fill its form in, send it, and give the address that it leads to."""
    sent = client.post(path, data=form_of(client.get(path).text).filled(**values))
    assert sent.status_code == 303, f"{path}: {sent.status_code} {sent.text[:2000]}"
    return str(sent.headers["Location"])


def enter(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    fill(client, "/sign-in", email=email, password=PASSWORD)
    return client


def registered(app: Flask) -> tuple[FlaskClient, FlaskClient]:
    """A firm with its preparer, and the compliance officer whom that one invites."""
    client = app.test_client()
    shown = client.post("/register", data={"email": "first@firm.example"}).text
    link = "/register/" + shown.split("/register/", 1)[1].split('"', 1)[0]
    fill(
        client, link, name="云岭锗光", name_en="Yunling", country="CN", identifier="91530100MA6EX0GE10", address="昆明",
        person="李晓岚", position="外贸专员", password=PASSWORD,
    )  # fmt: skip
    fill(
        client, "/organisation/people/invite", email="second@firm.example", roles=["compliance_officer"], language="zh"
    )
    told = client.get("/organisation").text
    token = told.split("/invitation/", 1)[1][:43]
    officer = app.test_client()
    fill(officer, f"/invitation/{token}", name="周启明", position="合规负责人", password=PASSWORD)
    return client, officer


def answered(session: Session, shipment_id: str, app: Flask) -> None:
    """Put the case's answers in; the pages of questions have their own tests."""
    shipment = session.get_one(Shipment, uuid.UUID(shipment_id))
    given = cases.read(json.dumps(CASE).encode(), on=utc_now().date())
    clerk = people.by_address(session, "first@firm.example")
    assert clerk is not None
    found = intake.check_answers(given, utc_now())
    for line in shipment.goods:
        edit.remove_goods(session, line, by=clerk, now=utc_now())
    for party in shipment.parties:
        edit.remove_party(session, party, by=clerk, now=utc_now())
    session.expire_all()
    settings = app.extensions["portal_settings"]
    intake.fill(session, shipment, given, found, {}, by=clerk, now=utc_now(), settings=settings)
    session.commit()


def test_from_registration_to_a_revoked_certificate(portal: Flask) -> None:
    clerk, officer = registered(portal)
    shipment = fill(clerk, "/shipments/new", reference="PG-1")
    contract = {"number": "C-1", "date-day": "1", "date-month": "10", "date-year": "2026"}
    fill(clerk, f"{shipment}/contract", **contract)
    goods = {name: value for name, value in CASE["goods"][0].items() if value}
    fill(clerk, f"{shipment}/goods/add", **goods)
    party = {name: CASE["parties"][0][name] for name in ("name", "country", "address", "roles")}
    fill(clerk, f"{shipment}/parties/add", **party)
    with portal.extensions["portal_sessions"]() as session:
        answered(session, shipment.rpartition("/")[2], portal)
    data = {"kind": "other", "belongs_to": "", "file": (BytesIO(picture()), "合同.png")}
    assert clerk.post(f"{shipment}/documents/add", data=data).status_code == 303
    question = f"{shipment}/questionnaires/end-use/use/stated_use"
    fill(clerk, question, stated_end_use="红外镜头 / infrared lenses")
    fill(clerk, f"{shipment}/check", declared="y")
    decision = fill(officer, f"{shipment}/attest", agreed="y", password=PASSWORD)
    assert decision.endswith("/decision")
    pdf = officer.get(f"{shipment}/certificate.pdf")
    assert pdf.data.startswith(b"%PDF-")
    number = pdf.headers["Content-Disposition"].split("DDC-", 1)[1][:14]
    number = f"DDC-{number}"
    assert verdict(portal, pdf.data) == "valid"
    staff = enter(portal, "officer@authority.example")
    fill(staff, f"/authority/certificates/{number}/revoke", reason_code="false-statement", reason="File D-1")
    assert verdict(portal, pdf.data) == "not_valid"
    assert "Revoked" in portal.test_client().get(f"/verify/{number}").text
    with portal.extensions["portal_sessions"]() as session:
        assert audit.check(session) is None


def verdict(app: Flask, pdf: bytes) -> str:
    """What anybody is told of the file."""
    file = (BytesIO(pdf), "certificate.pdf")
    told = app.test_client().post("/verify?format=json", data={"file": file}).get_json()
    return str(told["summary"])


@pytest.fixture
def counter() -> str:
    """The address of a Redis that answers."""
    server = redis.Redis.from_url(REDIS, socket_connect_timeout=2)
    try:
        server.ping()
    except redis.ConnectionError:
        if os.environ.get("CI"):
            pytest.fail("Redis does not answer under CI; .ci/run must start it", pytrace=False)
        pytest.skip("Redis does not answer here; set PORTAL_TEST_REDIS")
    finally:
        server.close()
    return REDIS


ATTEMPTS = """
import sys
from pathlib import Path
from portal.accounts.passwords import Cost
from portal.app import create_app
from portal.config import Settings
from portal.db import Base

folder, storage, address, email = sys.argv[1:]
Path(folder).mkdir()
settings = Settings(instance=folder, rate_limit_storage=storage)
app = create_app(settings, WTF_CSRF_ENABLED=False, PASSWORD_COST=Cost(1, 8, 1))
Base.metadata.create_all(app.extensions["portal_engine"])
client = app.test_client()
form, origin = {"email": email, "password": "wrong"}, {"REMOTE_ADDR": address}
print(*(client.post("/sign-in", data=form, environ_base=origin).status_code for _ in range(6)))
"""


def test_attempts_are_counted_over_all_processes(counter: str, tmp_path: Path) -> None:
    """Two processes with one Redis: the tenth attempt at an account is the last, whichever process it comes to."""
    email, address = f"{uuid.uuid4().hex}@example.org", f"10.{uuid.uuid4().int % 256}.{uuid.uuid4().int % 256}.1"
    codes = []
    for name in ("one", "two"):
        command = [sys.executable, "-c", ATTEMPTS, str(tmp_path / name), counter, address, email]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        codes.append(done.stdout.split())
    assert codes == [["422"] * 6, ["422"] * 4 + ["429"] * 2]
