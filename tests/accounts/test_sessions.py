"""Sessions begin from nothing and end: by idle time, by absolute time, by signing out, by the epoch."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from sqlalchemy.orm import Session

from portal.accounts import people
from portal.accounts.models import User
from portal.accounts.views.sessions import own_path
from portal.audit import Actor
from tests.accounts.conftest import PASSWORD


def _enter(client: FlaskClient, user: User, path: str = "/sign-in") -> str:
    answer = client.post(path, data={"email": user.email, "password": PASSWORD})
    assert answer.status_code == 303
    return str(answer.location)


def _is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_signing_in_and_out(client: FlaskClient, firm: User) -> None:
    assert client.get("/account").location == "/sign-in?next=/account"
    assert _enter(client, firm, "/sign-in?next=/account") == "/account"
    assert _is_in(client)
    assert client.get("/sign-in").status_code == 303
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 303
    assert not _is_in(client)


def test_a_stolen_cookie_is_worth_nothing_after_signing_out(app: Flask, client: FlaskClient, firm: User) -> None:
    _enter(client, firm)
    cookie = client.get_cookie("session")
    assert cookie is not None
    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert not _is_in(thief)


def test_a_planted_session_is_not_kept(client: FlaskClient, firm: User) -> None:
    with client.session_transaction() as planted:
        planted.update({"planted": "x", "csrf_token": "known", "language": "zh"})
    _enter(client, firm)
    with client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept.get("csrf_token") != "known"
        assert kept["language"] == "zh"


def test_idle_time(app: Flask, client: FlaskClient, firm: User, monkeypatch: pytest.MonkeyPatch) -> None:
    real = TimestampSigner.get_timestamp
    idle = app.permanent_session_lifetime.total_seconds()
    _enter(client, firm)
    for step in (0.9, 1.8, 2.7):
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda s, step=step: real(s) + int(idle * step))
        assert _is_in(client), step
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda s: real(s) + int(idle * 3.8))
    assert not _is_in(client)


def test_the_cookie_goes_when_the_browser_closes(client: FlaskClient, firm: User) -> None:
    answer = client.post("/sign-in", data={"email": firm.email, "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_absolute_time_and_a_sound_beginning(app: Flask, client: FlaskClient, firm: User) -> None:
    _enter(client, firm)
    longest = app.extensions["portal_settings"].session_absolute_seconds
    with client.session_transaction() as cookie:
        began = cookie["signed_in_at"]
    for moment, inside in (
        (began - longest + 60, True),
        (began - longest - 1, False),
        (began + 3600, False),
        (None, False),
        ("now", False),
        (0, False),
        (1e30, False),
    ):
        _enter(client, firm)
        with client.session_transaction() as cookie:
            cookie["signed_in_at"] = moment
        assert _is_in(client) is inside, moment


def test_raising_the_epoch_ends_every_session(client: FlaskClient, firm: User, database: Session) -> None:
    _enter(client, firm)
    person = database.get_one(User, firm.id)
    people.end_sessions(database, person, actor=Actor.command("test"), now=firm.created_at, verb="test.ended")
    database.commit()
    assert not _is_in(client)
    assert "Your session has ended" in client.get("/sign-in").text


def test_who_is_shut_out_is_out_at_once(
    client: FlaskClient, firm: User, colleague: Callable[..., User], database: Session
) -> None:
    other = colleague(firm, "compliance_officer")
    _enter(client, other)
    person = database.get_one(User, other.id)
    people.deactivate(database, person, actor=Actor.command("test"), now=firm.created_at)
    database.commit()
    assert not _is_in(client)


def test_a_session_of_nobody(client: FlaskClient, firm: User) -> None:
    nobody = "00000000-0000-0000-0000-000000000000:0"
    for identity in ("", ":", "x:0", nobody, "\x00:0", f"{firm.id}:1", f"{firm.id}", f"{firm.id}:0:0"):
        _enter(client, firm)
        with client.session_transaction() as cookie:
            cookie["_user_id"] = identity
        assert not _is_in(client), identity


HOSTILE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "http://evil.example",
    "https:evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n//evil.example", " /account", "account",
    "/ /evil.example", "//", "", "/%0d%0aSet-Cookie:x\r\n", "x" * 5000, "/" + "x" * 5000, "data:text/html,x",
]  # fmt: skip


def test_no_one_is_sent_to_another_site(client: FlaskClient, firm: User) -> None:
    data = {"email": firm.email, "password": PASSWORD}
    for target in HOSTILE:
        assert client.post("/sign-in", query_string={"next": target}, data=data).location == "/", target
        assert client.get("/sign-in", query_string={"next": target}).location == "/", target


def test_own_paths_are_kept(app: Flask) -> None:
    with app.test_request_context():
        for target in ("/account", "/shipments/?page=2&sort=-date", "/verify/DDC-1#top", "/%E5%90%8D"):
            assert own_path(target) == target
