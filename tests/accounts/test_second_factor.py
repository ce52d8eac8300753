"""The second factor: a code is asked, taken once, and nothing else opens the door."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts import registration, second_factor
from portal.accounts.models import User
from portal.db import utc_now
from tests.accounts.conftest import FIRM, PASSWORD

KEY = "k" * 48


@pytest.fixture
def user(session: Session, now: datetime) -> User:
    return registration.register(session, **FIRM, now=now)


def _on(session: Session, user: User, now: datetime) -> tuple[pyotp.TOTP, list[str]]:
    secret = second_factor.new_secret()
    totp = pyotp.TOTP(secret)
    codes = second_factor.switch_on(session, user, secret, totp.at(now), key=KEY, now=now)
    return totp, codes


def test_a_code_works_once_and_near_its_time(session: Session, user: User, now: datetime) -> None:
    totp, _ = _on(session, user, now)

    def tried(code: str, after: int) -> str | None:
        return second_factor.check(session, user, code, key=KEY, now=now + timedelta(seconds=after))

    assert tried(totp.at(now), 0) is None, "the code that switched it on"
    later = totp.at(now + timedelta(seconds=60))
    assert tried(later, 0) is None
    assert tried(f" {later[:3]} {later[3:]} ", 45) == "totp"
    assert tried(later, 60) is None
    assert tried(totp.at(now + timedelta(seconds=30)), 60) is None, "older than one that was used"
    full_width = totp.at(now + timedelta(seconds=120)).translate({ord(str(n)): 0xFF10 + n for n in range(10)})
    assert tried(full_width, 120) == "totp"
    assert tried("", 180) is None
    assert tried("x" * 1_000_000, 180) is None
    assert tried("٠٠٠٠٠٠", 180) is None


def test_recovery_codes_work_once_each(session: Session, user: User, now: datetime) -> None:
    _, codes = _on(session, user, now)
    assert len(set(codes)) == 10
    assert second_factor.check(session, user, codes[3].lower(), key=KEY, now=now) == "recovery"
    assert second_factor.check(session, user, codes[3], key=KEY, now=now) is None
    assert second_factor.check(session, user, codes[4].replace("-", ""), key="another key" * 4, now=now) == "recovery"
    assert len(user.recovery_digests) == 8


def test_the_secret_is_not_in_the_database(session: Session, user: User, now: datetime) -> None:
    totp, codes = _on(session, user, now)
    assert totp.secret not in user.totp_secret
    assert codes[0].replace("-", "") not in user.recovery_digests
    second_factor.switch_off(session, user, actor=second_factor.people.as_actor(user), now=now)
    assert (user.totp_secret, user.recovery_digests) == ("", [])


def test_a_wrong_first_code_switches_nothing_on(session: Session, user: User, now: datetime) -> None:
    with pytest.raises(second_factor.WrongCode):
        second_factor.switch_on(session, user, second_factor.new_secret(), "000000x", key=KEY, now=now)
    assert not second_factor.is_on(user)


def _switch_on(client: FlaskClient) -> tuple[pyotp.TOTP, list[str]]:
    page = client.get("/account/second-factor").text
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page)
    assert secret is not None
    totp = pyotp.TOTP(secret[1])
    data = {"code": totp.at(utc_now() - timedelta(seconds=30)), "present": PASSWORD}
    assert client.post("/account/second-factor", data=data | {"present": "wrong"}).status_code == 422
    assert client.post("/account/second-factor", data=data | {"code": "12"}).status_code == 422
    answer = client.post("/account/second-factor", data=data)
    assert answer.status_code == 200
    return totp, re.findall(r"<code[^>]*>([A-Z2-7-]{19})</code>", answer.text)


def test_signing_in_with_a_code(app: Flask, sign_in: Callable[[User], FlaskClient], firm: User) -> None:
    totp, codes = _switch_on(sign_in(firm))
    assert len(codes) == 10
    client = app.test_client()
    answer = client.post("/sign-in?next=/account", data={"email": firm.email, "password": PASSWORD})
    assert answer.location == "/sign-in/code?next=/account"
    assert client.get("/account").status_code == 303, "the password alone opens nothing"
    assert client.get(answer.location).status_code == 200
    assert client.post(answer.location, data={"code": "000000"}).status_code == 422
    entered = client.post(answer.location, data={"code": totp.now()})
    assert (entered.status_code, entered.location) == (303, "/account")
    assert client.get("/account?lang=en").status_code == 200
    assert client.post("/account/second-factor/off", data={"present": "wrong"}).status_code == 422
    assert client.post("/account/second-factor/off", data={"present": PASSWORD}).status_code == 303
    assert "Switch on" in client.get("/account").text


def test_the_code_page_opens_to_nobody_else(app: Flask, sign_in: Callable[[User], FlaskClient], firm: User) -> None:
    totp, codes = _switch_on(sign_in(firm))
    client = app.test_client()
    assert client.post("/sign-in/code", data={"code": totp.now()}).location == "/sign-in"
    client.post("/sign-in", data={"email": firm.email, "password": PASSWORD})
    with client.session_transaction() as cookie:
        cookie["password_given"]["at"] -= 301
        cookie.modified = True
    assert client.post("/sign-in/code", data={"code": codes[0]}).location == "/sign-in"
    client.post("/sign-in", data={"email": firm.email, "password": PASSWORD})
    assert client.post("/sign-in/code?next=//evil.example", data={"code": codes[0]}).location == "/"


def test_an_administrator_helps_who_lost_everything(
    app: Flask, sign_in: Callable[[User], FlaskClient], firm: User, colleague: Callable[..., User], database: Session
) -> None:
    other = colleague(firm, "compliance_officer")
    _switch_on(sign_in(other))
    client = sign_in(firm)
    assert client.post(f"/organisation/people/{other.id}/second-factor/off").status_code == 303
    assert database.get_one(User, other.id, populate_existing=True).totp_secret == ""
    entered = app.test_client().post("/sign-in", data={"email": other.email, "password": PASSWORD})
    assert entered.location == "/"
