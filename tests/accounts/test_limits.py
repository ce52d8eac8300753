"""Guessing is slowed down by address and by account, and forms without a token are refused."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts import registration
from portal.accounts.models import User
from portal.app import create_app
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
