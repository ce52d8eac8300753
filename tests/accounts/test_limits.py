"""Guessing is slowed down by address and by account, and forms without a token are refused."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts import machines, people, registration
from portal.accounts.models import User
from portal.app import create_app
from portal.audit import Actor
from portal.config import Settings
from portal.db import Base, utc_now
from tests.accounts.conftest import CHEAP, FIRM, PASSWORD

WRONG = {"email": "li.wei@example.com", "password": "wrong"}


@pytest.fixture
def limited(settings: Settings) -> Iterator[Flask]:
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, PASSWORD_COST=CHEAP)
    engine = app.extensions["portal_engine"]
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        registration.register(session, **FIRM, now=utc_now())
        session.commit()
    yield app
    engine.dispose()


def _is_blocked_after(allowed: int, attempt: Callable[[int], int], usual: int) -> None:
    """The allowed attempts are answered as usual, and soon after one is not: a clock's window may end in between."""
    assert [attempt(number) for number in range(allowed)] == [usual] * allowed
    assert any(attempt(allowed + number) == 429 for number in range(allowed + 1))


def _from_anywhere(client: FlaskClient, path: str, data: dict[str, str], number: int) -> int:
    return client.post(path, data=data, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"}).status_code


def test_one_account_is_not_guessed_from_many_addresses(limited: Flask) -> None:
    client = limited.test_client()
    _is_blocked_after(10, lambda number: _from_anywhere(client, "/sign-in", WRONG, number), 422)
    for spelling in (" LI.WEI@example.com", "ｌｉ.wei@example.com", "li.wei＠EXAMPLE.com"):
        blocked = {"email": spelling, "password": PASSWORD}
        assert limited.test_client().post("/sign-in", data=blocked).status_code == 429


def test_one_address_does_not_guess_many_accounts(limited: Flask) -> None:
    client = limited.test_client()

    def attempt(number: int) -> int:
        return client.post("/sign-in", data=WRONG | {"email": f"{number}@example.com"}).status_code

    _is_blocked_after(20, attempt, 422)
    page = client.post("/sign-in", data=WRONG | {"email": "last@example.com"})
    assert "Too many attempts" in page.text
    assert int(page.headers["Retry-After"]) <= 60


def test_signing_in_rightly_does_not_count_against_the_account(limited: Flask) -> None:
    client, right = limited.test_client(), {"email": "li.wei@example.com", "password": PASSWORD}
    assert [_from_anywhere(client, "/sign-in", right, number) for number in range(12)] == [303] * 12


@pytest.mark.parametrize("path", ["/password/forgotten", "/register"])
def test_nobody_is_buried_in_mail(limited: Flask, path: str) -> None:
    client, data = limited.test_client(), {"email": "li.wei@example.com"}
    _is_blocked_after(5, lambda number: _from_anywhere(client, path, data, number), 200)


def test_a_form_without_a_token_is_refused(settings: Settings, app: Flask, firm: User) -> None:
    guarded = create_app(settings, TESTING=True, RATELIMIT_ENABLED=False, PASSWORD_COST=CHEAP)
    for path in ("/sign-in", "/sign-out", "/register", "/password/forgotten"):
        answer = guarded.test_client().post(path, data={"email": firm.email, "password": PASSWORD})
        assert answer.status_code == 400, path
    guarded.extensions["portal_engine"].dispose()


def test_a_machine_is_held_to_its_own_rate_and_takes_none_from_its_address(limited: Flask) -> None:
    now, by = utc_now(), Actor.system("test")
    with Session(limited.extensions["portal_engine"], expire_on_commit=False) as session:
        home = registration.create_authority(session, name="A", name_en="A", country="CN", now=now, actor=by)
        chief = people.add(
            session, home, email="chief@authority.example", name="Chief", position="", roles=["supervisor"],
            password=PASSWORD, language="en", now=now, actor=by, cost=CHEAP,
        )  # fmt: skip
        wanted = machines.Wanted("gate 3", "", ("status",), 3, chief, now + timedelta(days=1))
        _, token = machines.make(session, wanted, by=chief, now=now)
        session.commit()
    client, address = limited.test_client(), "/api/v1/certificates/no-number"
    answers = [client.get(address, headers={"Authorization": f"Bearer {token}"}) for _ in range(7)]
    assert [one.status_code for one in answers[:3]] == [404] * 3
    assert 429 in [one.status_code for one in answers]
    assert answers[-1].json["type"] == "/api/v1/problems/too-many-requests"
    assert client.get(address).status_code == 404
