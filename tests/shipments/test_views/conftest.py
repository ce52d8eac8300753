"""A firm in the application's own database, people who can be signed in, and shipments at every stage."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts import passwords
from portal.accounts.models import Organisation, User
from portal.accounts.passwords import Cost
from portal.audit import Actor
from portal.config import Settings
from portal.screening import lists
from portal.shipments import conduct
from portal.shipments.models import Shipment
from tests.shipments.conftest import Firm, drafted

CHEAP = Cost(passes=1, memory=8, lanes=1)
PASSWORD = "glass river under moss"


class FormReader(HTMLParser):
    """What a browser would send back of the forms of a page, buttons left out."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, list[str]] = {}
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        name = found.get("name", "")
        if tag == "input" and name and (found.get("type") not in ("radio", "checkbox", "file") or "checked" in found):
            self.data.setdefault(name, []).append(found.get("value", ""))
        elif tag == "select":
            self.select = name
            self.data.setdefault(name, [""])
        elif tag == "option" and "selected" in found:
            self.data[self.select] = [found.get("value", "")]
        elif tag == "textarea":
            self.area = name
            self.data[name] = [""]

    def handle_data(self, data: str) -> None:
        if self.area:
            self.data[self.area] = [self.data[self.area][0] + data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""


def fields_of(answer: TestResponse) -> dict[str, Any]:
    """The fields of the page's form with the values that they show."""
    reader = FormReader()
    reader.feed(answer.text)
    return dict(reader.data)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """The moment of every request: lists grow old and licences end, tests must not."""
    monkeypatch.setattr("portal.web.requests.utc_now", lambda: now)


@pytest.fixture
def settings(shared_settings: Settings, tmp_path: Any) -> Settings:
    """One instance folder for the slow keys, a database for each test."""
    return shared_settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'portal.sqlite3'}"})


@pytest.fixture
def app(app: Flask) -> Flask:
    app.config["PASSWORD_COST"] = CHEAP
    return app


@pytest.fixture
def enter(client: FlaskClient, now: datetime) -> Callable[[User], FlaskClient]:
    """The client with a person signed in, by the clock of the tests."""

    def enter(user: User) -> FlaskClient:
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["_user_id"] = user.get_id()
            cookie["_fresh"] = True
            cookie["signed_in_at"] = now.timestamp()
        return client

    return enter


@pytest.fixture
def firm(database: Session, people: Callable[..., User]) -> Firm:
    preparer = people("preparer")
    home = preparer.organisation
    home.name, home.name_en = "云岭锗光", "Yunling Germanium"
    home.identifier_scheme, home.identifier, home.address = "USCC", "91110000600037341L", "昆明市高新区"
    officers = [people("compliance_officer", organisation=home) for _ in range(2)]
    for officer in officers:
        officer.password_hash = passwords.keep(PASSWORD, CHEAP)
    lists.load_shipped(database, actor=Actor.system("test"), now=preparer.created_at)
    database.commit()
    return Firm(home, preparer, *officers)


@dataclass(frozen=True)
class Desk:
    """The preparer's and officer's clients on one shipment."""

    shipment: Shipment
    firm: Firm

    def path(self, rest: str = "") -> str:
        return f"/shipments/{self.shipment.id}{rest}"


@pytest.fixture
def make_desk(database: Session, firm: Firm, now: datetime, settings: Settings) -> Callable[..., Desk]:
    """A complete draft from one of the case files."""

    def make(name: str = "germanium-lens-blanks", submitted: bool = False) -> Desk:
        shipment = drafted(database, firm, now, settings, name)
        if submitted:
            assert conduct.submit(database, shipment, by=firm.preparer, now=now) == ()
        database.commit()
        return Desk(shipment, firm)

    return make


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


@pytest.fixture
def elsewhere(people: Callable[..., User], database: Session, now: datetime) -> User:
    """A preparer and compliance officer of another firm."""
    other = Organisation(kind="exporter", name="Other", country="CN", created_at=now)
    database.add(other)
    database.commit()
    return people("preparer", "compliance_officer", organisation=other)
