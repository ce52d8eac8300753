"""Registered organisations and cheap passwords for the tests of this room."""

import re
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts import people, registration
from portal.accounts.models import User
from portal.accounts.passwords import Cost
from portal.config import Settings

CHEAP = Cost(passes=1, memory=8, lanes=1)
PASSWORD = "glass river under moss"
FIRM: dict[str, Any] = {
    "name": "云南锗业光学有限公司",
    "name_en": "Yunnan Germanium Optics Co., Ltd.",
    "country": "CN",
    "identifier": "91110000600037341L",
    "address": "昆明市高新区",
    "email": "li.wei@example.com",
    "person": "李伟",
    "position": "出口经理",
    "password": PASSWORD,
    "language": "zh",
    "cost": CHEAP,
}
OTHER_FIRM = FIRM | {
    "name": "Optik GmbH",
    "name_en": "Optik GmbH",
    "country": "DE",
    "identifier": "213800KUD8LAJWSQ9D15",
    "email": "anna@example.org",
    "person": "Anna Schmidt",
    "language": "en",
}


@pytest.fixture
def app(app: Flask) -> Flask:
    app.config["PASSWORD_COST"] = CHEAP
    return app


@pytest.fixture
def firm(database: Session, now: datetime) -> User:
    """The first person of a registered exporter, in the application's database."""
    user = registration.register(database, **FIRM, now=now)
    database.commit()
    return user


@pytest.fixture
def colleague(database: Session, now: datetime) -> Callable[..., User]:
    """Add a person to an organisation."""

    def make(other: User, *roles: str, email: str = "wang@example.com") -> User:
        user = people.add(
            database,
            other.organisation,
            email=email,
            name="王芳",
            position="合规官",
            roles=roles,
            password=PASSWORD,
            language="zh",
            now=now,
            cost=CHEAP,
        )
        database.commit()
        return user

    return make


@pytest.fixture
def sign_in(sign_in: Callable[[User], FlaskClient]) -> Callable[[User], FlaskClient]:
    """The client with a person signed in, who has chosen English pages."""

    def enter(user: User) -> FlaskClient:
        client = sign_in(user)
        with client.session_transaction() as cookie:
            cookie["language"] = "en"
        return client

    return enter


@pytest.fixture
def mails(settings: Settings) -> Callable[[], list[EmailMessage]]:
    """The mails written so far, oldest first."""

    def read() -> list[EmailMessage]:
        folder = Path(settings.instance) / "mail"
        return [message_from_bytes(p.read_bytes(), policy=policy.default) for p in sorted(folder.glob("*.eml"))]

    return read


def link_in(mail: EmailMessage) -> str:
    """The path of the only link that a mail holds."""
    links = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", mail.get_content())
    assert len(links) == 1
    return str(links[0])
