"""Enforcement in the demonstration: a list change that suspends certificates, and a report that was followed up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import people
from portal.accounts.models import Role, User
from portal.authority import cases, consequences, rescreen, suspension
from portal.authority.models import Agency, Because, Case, LinkKind, Outcome
from portal.certificates import status
from portal.certificates.models import Certificate
from portal.demonstration.cases import read
from portal.demonstration.steps import Step
from portal.screening import events, restricted


def listed(session: Session, officer: User, now: datetime) -> Iterator[Step]:
    """A buyer comes on the restricted list: its certificates are suspended, a case is opened, the exporter answers."""
    facts = read("world")["enforcement"]["listed"]
    begun = now - timedelta(days=facts["days"])
    yield begun, lambda: _restrict(session, facts, officer, begun)
    noted = begun + timedelta(hours=5)
    yield noted, lambda: _take_up(session, facts, officer, noted)
    answered = begun + timedelta(days=2)
    yield answered, lambda: _answer(session, facts, answered)


def report(session: Session, officer: User, supervisor: User, now: datetime) -> Iterator[Step]:
    """A report from outside on a certificate that is revoked, closed by a supervisor."""
    facts = read("world")["enforcement"]["report"]
    begun = now - timedelta(days=facts["days"])
    opened: list[Case] = []
    yield begun, lambda: opened.append(_report(session, facts, officer, begun))
    over = begun + timedelta(days=3)
    yield (
        over,
        lambda: cases.close(session, opened[-1], Outcome(facts["outcome"]), facts["closing"], by=supervisor, now=over),
    )


def _restrict(session: Session, facts: dict[str, Any], officer: User, now: datetime) -> None:
    told: list[events.ListChanged] = []
    stop = events.subscribe(lambda _, event: told.append(event))
    restricted.add(
        session, names=facts["names"], country=facts["country"], reason=facts["reason"],
        actor=people.as_actor(officer), now=now,
    )  # fmt: skip
    stop()
    # What the worker would do; it finds nothing left to do when it comes to the job of this change.
    for some in consequences.by_entry(rescreen.find(session, told[-1], now.date())):
        consequences.act(session, some, now)


def _open_one(session: Session, facts: dict[str, Any]) -> Case:
    return session.scalars(select(Case).where(Case.title == facts["names"][0])).one()


def _take_up(session: Session, facts: dict[str, Any], officer: User, now: datetime) -> None:
    case, by = _open_one(session, facts), people.as_actor(officer)
    cases.assign(session, case, agency=Agency.COMMERCE, assignee=officer, actor=by, now=now)
    cases.note(session, case, facts["note"], actor=by, now=now)


def _answer(session: Session, facts: dict[str, Any], now: datetime) -> None:
    case = _open_one(session, facts)
    number = next(link.reference for link in case.links if link.kind == LinkKind.CERTIFICATE)
    certificate = session.scalars(select(Certificate).where(Certificate.number == number)).one()
    staff = session.scalars(select(User).where(User.organisation_id == certificate.organisation_id)).all()
    officer = next(person for person in staff if person.has_role(Role.COMPLIANCE_OFFICER))
    suspension.answer(session, certificate, facts["answer"], facts["documents"], by=officer, now=now)


def _report(session: Session, facts: dict[str, Any], officer: User, now: datetime) -> Case:
    by = people.as_actor(officer)
    case = cases.open_case(session, title=facts["title"], because=Because.REPORT, text=facts["text"], actor=by, now=now)
    for certificate in session.scalars(select(Certificate).order_by(Certificate.number)):
        if status.current(session, certificate, now).state == "revoked":
            label = f"{certificate.exporter_name} → {certificate.end_user_name}"
            cases.link_certificate(session, case, certificate.number, label, actor=by, now=now)
    return case
