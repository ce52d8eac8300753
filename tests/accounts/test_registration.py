"""An organisation registers whole or not at all, once, and every step is in the record."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts import people, registration
from portal.accounts.addresses import WrongAddress
from portal.accounts.identifiers import WrongIdentifier
from portal.accounts.models import Organisation, RegistrationLink, User
from portal.accounts.passwords import WeakPassword
from portal.audit import check
from portal.audit.models import AuditEvent
from tests.accounts.conftest import FIRM, OTHER_FIRM


def _verbs(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.verb).order_by(AuditEvent.sequence)))


def test_the_first_person_prepares_and_administers_but_does_not_attest(session: Session, now: datetime) -> None:
    user = registration.register(session, **FIRM, now=now)
    session.commit()
    assert user.role_names == ["preparer", "administrator"]
    assert (user.organisation.kind, user.organisation.identifier_scheme) == ("exporter", "USCC")
    assert user.organisation.identifier == "91110000600037341L"
    assert _verbs(session) == ["person.added", "organisation.registered"]
    assert check(session) is None


def test_a_foreign_firm_gives_its_lei(session: Session, now: datetime) -> None:
    assert registration.register(session, **OTHER_FIRM, now=now).organisation.identifier_scheme == "LEI"
    with pytest.raises(WrongIdentifier):
        registration.register(session, **FIRM | {"country": "FR"}, now=now)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"identifier": "91110000600037341M"}, WrongIdentifier),
        ({"email": "nobody"}, WrongAddress),
        ({"password": "password1234"}, WeakPassword),
        ({"password": "YunnanGermanium1"}, WeakPassword),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    session: Session, now: datetime, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        registration.register(session, **FIRM | change, now=now)
    session.commit()
    assert session.scalar(select(func.count()).select_from(Organisation)) == 0
    assert _verbs(session) == []


def test_neither_identifier_nor_address_registers_twice(session: Session, now: datetime) -> None:
    registration.register(session, **FIRM, now=now)
    with pytest.raises(registration.AlreadyRegistered):
        registration.register(session, **FIRM | {"email": "x@example.com", "identifier": "91110000600037341l"}, now=now)
    with pytest.raises(people.AddressTaken):
        registration.register(session, **OTHER_FIRM | {"email": "LI.WEI@example.com"}, now=now)
    session.commit()
    assert session.scalar(select(func.count()).select_from(Organisation)) == 1
    assert session.scalar(select(func.count()).select_from(User)) == 1


def test_a_link_is_good_once_and_for_a_day(session: Session, now: datetime) -> None:
    token = registration.begin(session, "li@example.com", now=now)
    assert token is not None
    link = registration.find_link(session, token, now=now + timedelta(hours=23))
    assert link is not None
    assert registration.find_link(session, token, now=now + timedelta(hours=24)) is None
    assert registration.find_link(session, token + "x", now=now) is None
    assert registration.use_link(session, link, now=now)
    assert not registration.use_link(session, link, now=now)
    session.expire_all()
    assert registration.find_link(session, token, now=now) is None


def test_the_database_never_holds_the_secret_of_a_link(session: Session, now: datetime) -> None:
    token = registration.begin(session, "li@example.com", now=now)
    row = session.scalars(select(RegistrationLink)).one()
    assert token
    assert len(token) >= 43
    assert token not in repr({key: value for key, value in vars(row).items() if key[0] != "_"})


def test_no_link_for_an_address_that_has_an_account(session: Session, now: datetime) -> None:
    registration.register(session, **FIRM, now=now)
    assert registration.begin(session, "Li.Wei@EXAMPLE.com", now=now) is None


def test_an_authority_has_its_own_roles(session: Session, now: datetime) -> None:
    authority = registration.create_authority(session, name="商务部", name_en="Authority", country="CN", now=now)
    given = {"email": "s@example.com", "name": "S", "position": "P", "language": "zh", "now": now}
    given |= {"password": FIRM["password"], "cost": FIRM["cost"]}
    with pytest.raises(people.WrongRoles):
        people.add(session, authority, roles=["administrator"], **given)
    with pytest.raises(people.WrongRoles):
        people.add(session, authority, roles=[], **given)
    assert people.add(session, authority, roles=["supervisor"], **given).role_names == ["supervisor"]
