"""What an officer sees first: how many certificates stand how, what waits, and what happened lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from portal import jobs
from portal.audit.models import AuditEvent
from portal.authority import cases, hits, recheck, registry
from portal.authority.endorsement_models import EndorsementAlarm
from portal.certificates.models import Certificate
from portal.screening import advice, false_alerts, lists
from portal.screening.false_alerts import FalseAlerts
from portal.shipments.models import Shipment
from portal.shipments.states import State

RECENT = 12
FALSE_ALERTS = timedelta(days=90)
TOLD_OF = ("certificate.", "restricted.", "adjudication.")
TOLD = (
    "shipment.referred", "shipment.refused", "shipment.settled",
    "case.opened", "case.closed", "case.reopened", "case.answer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers and the latest events of the authority's first page."""

    certificates: registry.Counts
    referrals: int
    refused: int
    hits: int
    false_alerts: FalseAlerts
    lists_wanting: tuple[lists.ListStatus, ...]
    flagged: list[tuple[Certificate, AuditEvent]]
    recent: Sequence[AuditEvent]
    cases_open: int
    to_judge: int
    alarms: int
    work: jobs.Standing


def overview(session: Session, now: datetime) -> Overview:
    """Gather the first page."""
    latest = select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(RECENT)
    told = latest.where(or_(AuditEvent.verb.in_(TOLD), *(AuditEvent.verb.startswith(begin) for begin in TOLD_OF)))
    return Overview(
        certificates=registry.counts(session, now),
        referrals=_number(session, State.REFERRED),
        refused=_number(session, State.REFUSED),
        hits=hits.waiting(session, now.date()),
        false_alerts=false_alerts.false_alerts(session, now - FALSE_ALERTS, now + timedelta(seconds=1)),
        lists_wanting=tuple(status for status in lists.show(session, now) if advice.wanting(status)),
        flagged=recheck.flagged(session, now),
        recent=session.scalars(told).all(),
        cases_open=cases.number_open(session),
        to_judge=cases.number_to_judge(session),
        alarms=session.scalar(
            select(func.count()).select_from(EndorsementAlarm).where(EndorsementAlarm.ruling.is_(None))
        )
        or 0,
        work=jobs.standing(session, now),
    )


def referrals() -> Select[Shipment]:
    """Shipments that wait for the authority, the longest waiting first."""
    return select(Shipment).where(Shipment.state == State.REFERRED).order_by(Shipment.decided_at, Shipment.id)


def trail(subject: str) -> Select[AuditEvent]:
    """The audit events, newest first; of one subject, or of all when ``subject`` is empty."""
    found = select(AuditEvent).order_by(AuditEvent.sequence.desc())
    return found.where(AuditEvent.subject == subject) if subject else found


def _number(session: Session, state: State) -> int:
    return session.scalar(select(func.count()).select_from(Shipment).where(Shipment.state == state)) or 0
