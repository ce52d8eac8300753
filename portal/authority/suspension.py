"""What an exporter sees of the case behind a suspension: why, and what it has answered itself. Nothing else of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.audit import Actor
from portal.authority import cases
from portal.authority.models import Because, Case, CaseEvent, CaseState, EventKind, LinkKind
from portal.certificates.models import Certificate, CertificateEvent
from portal.text import Language


def answer(
    session: Session, certificate: Certificate, text: str, documents: str, *, by: User, now: datetime
) -> CaseEvent:
    """Put an exporter's answer into every case on its certificate that is not closed; opens one where there is none.

    Gives the line in the first of them.
    """
    actor = Actor("user", str(by.id), by.name)
    open_ones = [
        case
        for case in cases.about(session, LinkKind.CERTIFICATE, certificate.number)
        if case.state != CaseState.CLOSED
    ] or [_opened(session, certificate, now)]
    details = {
        "certificate": certificate.number,
        "organisation": str(by.organisation_id),
        "documents": [line.strip() for line in documents.splitlines() if line.strip()],
    }
    lines = [
        cases.add(session, case, EventKind.ANSWER, actor=actor, now=now, text=text, details=details)
        for case in open_ones
    ]
    return lines[0]


def answers(session: Session, certificate: Certificate) -> Sequence[CaseEvent]:
    """What the exporter has answered about a certificate so far, the oldest first, each answer once."""
    found = [case.id for case in cases.about(session, LinkKind.CERTIFICATE, certificate.number)]
    chosen = select(CaseEvent).where(CaseEvent.case_id.in_(found), CaseEvent.kind == EventKind.ANSWER)
    given: dict[tuple[datetime, str], CaseEvent] = {}
    for event in session.scalars(chosen.order_by(CaseEvent.at, CaseEvent.id)):
        if event.details.get("certificate") == certificate.number:
            given.setdefault((event.at, event.text), event)
    return list(given.values())


def reason(event: CertificateEvent, language: Language) -> str:
    """Why a certificate was suspended; the portal's own reasons are kept in both languages, a line each."""
    lines = event.reason.splitlines()
    if event.actor_kind == "system" and len(lines) == 2:
        return lines[1] if language == "zh" else lines[0]
    return event.reason


def _opened(session: Session, certificate: Certificate, now: datetime) -> Case:
    """A case for an answer to a suspension that an officer made without one."""
    label = f"{certificate.exporter_name} → {certificate.end_user_name}"
    portal = Actor.system("portal")
    case = cases.open_case(session, title=label, because=Because.OFFICER, actor=portal, now=now)
    cases.link(session, case, LinkKind.CERTIFICATE, certificate.number, label, now)
    return case
