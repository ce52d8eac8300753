"""Invitations, roles, and the person who is always left to give them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import invitations, people, registration
from portal.accounts.models import User
from portal.accounts.passwords import WeakPassword
from portal.audit import Actor, check
from portal.audit.models import AuditEvent
from tests.accounts.conftest import CHEAP, FIRM, OTHER_FIRM, PASSWORD

ACTOR = Actor.command("test")


@pytest.fixture
def user(session: Session, now: datetime) -> User:
    return registration.register(session, **FIRM, now=now)


def _invite(session: Session, user: User, now: datetime, email: str = "wang@example.com") -> tuple[object, str]:
    return invitations.invite(
        session,
        user.organisation,
        email=email,
        roles=["compliance_officer"],
        language="zh",
        actor=ACTOR,
        now=now,
        invited_by=user,
    )


def _accept(session: Session, token: str, now: datetime, password: str = PASSWORD) -> User:
    found = invitations.find(session, token, now=now)
    assert found is not None
    return invitations.accept(
        session, found, name="王芳", position="合规官", password=password, language="zh", now=now, cost=CHEAP
    )


def test_an_invited_person_gets_the_roles_and_the_link_ends(session: Session, user: User, now: datetime) -> None:
    _, token = _invite(session, user, now, "Wang@Example.com")
    person = _accept(session, token, now)
    assert person.organisation_id == user.organisation_id
    assert person.role_names == ["compliance_officer"]
    assert person.email == "wang@example.com"
    session.expire_all()
    assert invitations.find(session, token, now=now) is None
    verbs = list(session.scalars(select(AuditEvent.verb).order_by(AuditEvent.sequence)))
    assert verbs[-3:] == ["invitation.made", "person.added", "invitation.accepted"]
    assert check(session) is None


def test_a_link_ends_with_its_time_its_withdrawal_and_a_newer_one(session: Session, user: User, now: datetime) -> None:
    invitation, token = _invite(session, user, now)
    assert invitations.find(session, token, now=now + timedelta(days=7)) is None
    renewed = invitations.renew(session, invitation, actor=ACTOR, now=now + timedelta(days=8))  # type: ignore[arg-type]
    assert invitations.find(session, token, now=now) is None
    assert invitations.find(session, renewed, now=now + timedelta(days=9)) is not None
    _, again = _invite(session, user, now)
    assert invitations.find(session, renewed, now=now) is None
    assert [one.email for one in invitations.pending(session, user.organisation_id)] == ["wang@example.com"]
    open_one = invitations.find(session, again, now=now)
    assert open_one is not None
    invitations.withdraw(session, open_one, actor=ACTOR, now=now)
    assert invitations.find(session, again, now=now) is None
    assert invitations.pending(session, user.organisation_id) == []


def test_two_who_accept_the_same_invitation_make_one_account(session: Session, user: User, now: datetime) -> None:
    _, token = _invite(session, user, now)
    found = invitations.find(session, token, now=now)
    assert found is not None
    _accept(session, token, now)
    with pytest.raises(invitations.InvitationEnded):
        invitations.accept(
            session, found, name="X", position="Y", password=PASSWORD, language="zh", now=now, cost=CHEAP
        )


def test_a_weak_password_leaves_the_invitation_open(session: Session, user: User, now: datetime) -> None:
    _, token = _invite(session, user, now)
    with pytest.raises(WeakPassword):
        _accept(session, token, now, password="wang@example.com")
    session.expire_all()
    assert invitations.find(session, token, now=now) is not None
    assert people.by_address(session, "wang@example.com") is None


def test_who_has_an_account_elsewhere_cannot_be_pulled_over(session: Session, user: User, now: datetime) -> None:
    other = registration.register(session, **OTHER_FIRM, now=now)
    invitation, token = _invite(session, user, now, other.email)
    assert invitations.is_known(session, invitation)  # type: ignore[arg-type]
    with pytest.raises(people.AddressTaken):
        _accept(session, token, now)
    assert other.organisation.name == "Optik GmbH"


def test_colleagues_are_not_invited_twice_nor_with_roles_of_an_authority(
    session: Session, user: User, now: datetime
) -> None:
    with pytest.raises(invitations.AlreadyHere):
        _invite(session, user, now, user.email)
    with pytest.raises(people.WrongRoles):
        invitations.invite(
            session,
            user.organisation,
            email="x@example.com",
            roles=["preparer", "supervisor"],
            language="zh",
            actor=ACTOR,
            now=now,
        )


def test_the_last_administrator_stays(session: Session, user: User, now: datetime) -> None:
    with pytest.raises(people.LastKeeper):
        people.change_roles(session, user, ["preparer"], actor=ACTOR, now=now)
    with pytest.raises(people.LastKeeper):
        people.deactivate(session, user, actor=ACTOR, now=now)
    _, token = _invite(session, user, now)
    other = _accept(session, token, now)
    with pytest.raises(people.LastKeeper):
        people.deactivate(session, user, actor=ACTOR, now=now)
    people.change_roles(session, other, ["administrator"], actor=ACTOR, now=now)
    people.change_roles(session, user, ["preparer"], actor=ACTOR, now=now)
    assert user.role_names == ["preparer"]
    people.deactivate(session, user, actor=ACTOR, now=now)
    with pytest.raises(people.LastKeeper):
        people.deactivate(session, other, actor=ACTOR, now=now)


def test_shutting_out_ends_sessions_and_keeps_roles(session: Session, user: User, now: datetime) -> None:
    _, token = _invite(session, user, now)
    other = _accept(session, token, now)
    before = other.get_id()
    people.deactivate(session, other, actor=ACTOR, now=now)
    assert not other.is_active
    assert other.get_id() != before
    people.reactivate(session, other, actor=ACTOR, now=now)
    assert other.is_active
    assert other.role_names == ["compliance_officer"]


def test_changes_name_what_was_and_what_is(session: Session, user: User, now: datetime) -> None:
    people.describe(session, user, name="李伟", position="经理", language="zh", actor=ACTOR, now=now)
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert event is not None
    assert event.details == {"position": {"from": "出口经理", "to": "经理"}}
    count = len(session.scalars(select(AuditEvent)).all())
    people.describe(session, user, name="李伟", position="经理", language="zh", actor=ACTOR, now=now)
    people.change_roles(session, user, ["administrator", "preparer"], actor=ACTOR, now=now)
    assert len(session.scalars(select(AuditEvent)).all()) == count


def test_one_organisation_does_not_find_people_of_another(session: Session, user: User, now: datetime) -> None:
    other = registration.register(session, **OTHER_FIRM, now=now)
    assert people.find(session, user.organisation_id, other.id) is None
    assert list(people.of(session, user.organisation_id)) == [user]
    invitation, _ = _invite(session, user, now)
    assert invitations.find_pending(session, other.organisation_id, invitation.id) is None  # type: ignore[attr-defined]


def test_two_administrators_cannot_remove_each_other_at_once(session: Session, user: User, now: datetime) -> None:
    _, token = _invite(session, user, now)
    other = _accept(session, token, now)
    people.change_roles(session, other, ["administrator"], actor=ACTOR, now=now)
    session.commit()
    together = Barrier(2)

    def remove(person_id: UUID) -> bool:
        with Session(session.get_bind()) as own:
            person = own.get_one(User, person_id)
            assert person.active
            own.commit()
            together.wait(timeout=20)
            try:
                people.deactivate(own, own.get_one(User, person_id), actor=ACTOR, now=now)
            except people.LastKeeper:
                return False
            own.commit()
            return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(remove, [user.id, other.id]))
    assert sorted(done) == [False, True]
