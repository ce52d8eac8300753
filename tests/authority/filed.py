"""Shipments with certificates put on file directly: for tests in which their contents do not matter, only who is in."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, User
from portal.audit import Actor
from portal.certificates import number, status
from portal.certificates.models import Certificate
from portal.shipments.models import Party, Shipment
from portal.shipments.states import State

BY = Actor.system("tests")


def exporter(session: Session, now: datetime, name: str = "云南锗光科技有限公司") -> User:
    """An exporter with one compliance officer, who is given."""
    home = Organisation(kind="exporter", name=name, country="CN", created_at=now)
    session.add(home)
    session.flush()
    return person(session, home, ["compliance_officer"], now)


def authority(session: Session, now: datetime, *roles: str, agency: str = "") -> User:
    """Somebody of an authority of their own."""
    home = Organisation(kind="authority", name="主管机关", country="CN", created_at=now, agency=agency)
    session.add(home)
    session.flush()
    return person(session, home, list(roles or ("officer",)), now)


def person(session: Session, home: Organisation, roles: list[str], now: datetime, language: str = "en") -> User:
    """Somebody with an address of their own."""
    found = User(
        organisation_id=home.id,
        email=f"{uuid.uuid4().hex}@example.org",
        name="李敏",
        language=language,
        role_names=roles,
        password_hash="-",
        created_at=now,
    )
    session.add(found)
    session.flush()
    return found


def shipment(
    session: Session, by: User, parties: Sequence[tuple[str, str]], now: datetime, state: State = State.CERTIFIED
) -> Shipment:
    """A shipment with parties of some names and countries, the first of them the end user."""
    made = Shipment(
        organisation_id=by.organisation_id,
        reference=f"S-{uuid.uuid4().hex[:8]}",
        state=state,
        created_by=by.id,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    for position, (name, country) in enumerate(parties):
        roles = ["consignee" if position else "end_user"]
        session.add(Party(shipment_id=made.id, position=position, roles=roles, name=name, country=country))
    session.flush()
    return made


def certificate(session: Session, of: Shipment, now: datetime) -> Certificate:
    """A valid certificate of a shipment, for a hundred days."""
    made = Certificate(
        number=number.allocate(session, now.year),
        digest=hashlib.sha256(of.id.bytes).hexdigest(),
        statement="{}",
        organisation_id=of.organisation_id,
        subject_id=of.id,
        issuer_id="test",
        test=True,
        purpose="shipment-uncontrolled",
        exporter_name="云南锗光科技有限公司",
        end_user_name=of.parties[0].name,
        destination="DE",
        band="low",
        issued_at=now,
        valid_until=(now + timedelta(days=100)).date(),
        log_index=session.scalar(select(func.count()).select_from(Certificate)) or 0,
    )
    session.add(made)
    session.flush()
    session.add(status.first_event(made, actor=BY, now=now))
    session.flush()
    return made


def certified(session: Session, by: User, parties: Sequence[tuple[str, str]], now: datetime) -> Certificate:
    """A certified shipment's certificate."""
    return certificate(session, shipment(session, by, parties, now), now)


def state(session: Session, of: Certificate, now: datetime) -> str:
    """What a certificate is worth now."""
    found = session.scalars(select(Certificate).where(Certificate.id == of.id)).one()
    return status.current(session, found, now).state
