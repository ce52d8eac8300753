"""Signing in tells a stranger nothing, and passwords change only for who may change them."""

import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import authentication, passwords, people, registration, reset
from portal.accounts.authentication import authenticate
from portal.accounts.models import PasswordReset, User
from portal.accounts.passwords import Cost
from portal.audit.models import AuditEvent
from tests.accounts.conftest import CHEAP, FIRM, PASSWORD

NEW = "seven quiet lighthouses"


@pytest.fixture
def user(session: Session, now: datetime) -> User:
    return registration.register(session, **FIRM, now=now)


def _last(session: Session) -> AuditEvent:
    return session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)).one()


def test_right_and_wrong(session: Session, user: User, now: datetime) -> None:
    assert authenticate(session, " LI.WEI@Example.com", PASSWORD, now, cost=CHEAP) is user
    assert authenticate(session, user.email, PASSWORD + ".", now, cost=CHEAP) is None
    assert _last(session).verb == "person.sign_in_failed"
    assert _last(session).subject == f"person:{user.id}"


@pytest.mark.parametrize("typed", ["nobody@example.com", "", "\x00", "x" * 1_000_000, PASSWORD, "' OR 1=1 --"])
def test_nobody_comes_in_and_what_was_typed_is_not_kept(
    session: Session, user: User, now: datetime, typed: str
) -> None:
    assert authenticate(session, typed, PASSWORD, now, cost=CHEAP) is None
    event = _last(session)
    assert event.verb == "person.sign_in_failed"
    assert len(event.subject) == len("address:") + 16


def test_who_was_shut_out_stays_out(session: Session, user: User, now: datetime) -> None:
    user.active = False
    assert authenticate(session, user.email, PASSWORD, now, cost=CHEAP) is None


def test_an_unknown_address_takes_as_long_as_a_wrong_password(session: Session, user: User, now: datetime) -> None:
    cost = Cost(passes=3, memory=32 * 1024, lanes=1)
    user.password_hash = passwords.keep(PASSWORD, cost)
    authenticate(session, "nobody@example.com", "wrong", now, cost=cost)

    def took(address: str) -> float:
        spent = []
        for _ in range(5):
            began = time.process_time()
            authenticate(session, address, "wrong", now, cost=cost)
            spent.append(time.process_time() - began)
        return min(spent)

    known, unknown = took(user.email), took("nobody@example.com")
    assert unknown > known / 2


def test_a_hash_of_another_cost_is_made_anew(session: Session, user: User, now: datetime) -> None:
    stronger = Cost(passes=2, memory=16, lanes=1)
    authenticate(session, user.email, "wrong", now, cost=stronger)
    assert "t=1,p=1" in user.password_hash
    assert authenticate(session, user.email, PASSWORD, now, cost=stronger) is user
    assert "m=16,t=2,p=1" in user.password_hash


def test_a_new_password_needs_the_present_one_and_ends_sessions(session: Session, user: User, now: datetime) -> None:
    with pytest.raises(authentication.WrongPassword):
        authentication.change_password(session, user, present="x", password=NEW, now=now, cost=CHEAP)
    with pytest.raises(passwords.WeakPassword):
        authentication.change_password(session, user, present=PASSWORD, password="li.wei@example", now=now, cost=CHEAP)
    before = user.get_id()
    authentication.change_password(session, user, present=PASSWORD, password=NEW, now=now, cost=CHEAP)
    assert user.get_id() != before
    assert authenticate(session, user.email, PASSWORD, now, cost=CHEAP) is None
    assert authenticate(session, user.email, NEW, now, cost=CHEAP) is user


def test_a_reset_link_is_good_once_for_an_hour(session: Session, user: User, now: datetime) -> None:
    begun = reset.begin(session, user.email, now=now)
    assert begun is not None
    token = begun[1]
    assert reset.find(session, token, now=now + timedelta(hours=1)) is None
    found = reset.find(session, token, now=now + timedelta(minutes=59))
    assert found is not None
    with pytest.raises(passwords.WeakPassword):
        reset.finish(session, found, "password1234", now=now, cost=CHEAP)
    before = user.get_id()
    assert reset.finish(session, found, NEW, now=now, cost=CHEAP)
    assert user.get_id() != before
    assert not reset.finish(session, found, "another of seven seas", now=now, cost=CHEAP)
    assert reset.find(session, token, now=now) is None
    assert authenticate(session, user.email, NEW, now, cost=CHEAP) is user


def test_a_newer_link_ends_the_older_one(session: Session, user: User, now: datetime) -> None:
    first, second = reset.begin(session, user.email, now=now), reset.begin(session, user.email, now=now)
    assert first is not None
    assert second is not None
    session.expire_all()
    assert reset.find(session, first[1], now=now) is None
    assert reset.find(session, second[1], now=now) is not None
    kept = [row.token_digest for row in session.scalars(select(PasswordReset))]
    assert first[1] not in kept
    assert second[1] not in kept


def test_no_link_for_nobody_or_who_was_shut_out(session: Session, user: User, now: datetime) -> None:
    assert reset.begin(session, "nobody@example.com", now=now) is None
    assert reset.begin(session, "x" * 1000, now=now) is None
    begun = reset.begin(session, user.email, now=now)
    assert begun is not None
    user.active = False
    assert reset.find(session, begun[1], now=now) is None
    assert reset.begin(session, user.email, now=now) is None


def test_the_link_goes_to_the_address_on_record(session: Session, user: User, now: datetime) -> None:
    """A look-alike of the typed address must not receive it."""
    begun = reset.begin(session, "ＬＩ.wei@example.com", now=now)
    assert begun is not None
    assert begun[0].email == "li.wei@example.com"
    assert people.by_address(session, begun[0].email) is user
