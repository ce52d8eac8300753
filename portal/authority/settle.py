"""Settle what was referred: certify, refuse, or give it back to the exporter."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import User
from portal.certificates.keys import Issuer
from portal.config import Settings
from portal.shipments import conduct
from portal.shipments.models import Document, Shipment
from portal.shipments.states import State

# An authority looks into what was decided or referred; a draft is the exporter's own.
OPEN_TO_AUTHORITY = (State.CERTIFIED, State.REFERRED, State.REFUSED)


def referred(session: Session, shipment_id: uuid.UUID) -> Shipment | None:
    """The shipment, when it waits for the authority."""
    return session.scalars(
        select(Shipment).where(Shipment.id == shipment_id, Shipment.state == State.REFERRED)
    ).one_or_none()


def document(session: Session, shipment_id: uuid.UUID, document_id: uuid.UUID) -> Document | None:
    """A document of a decided or referred shipment."""
    found = select(Document).join(Shipment).where(Document.id == document_id, Shipment.id == shipment_id)
    return session.scalars(found.where(Shipment.state.in_(OPEN_TO_AUTHORITY))).one_or_none()


def settle(
    session: Session,
    shipment: Shipment,
    outcome: str,
    reason: str,
    *,
    by: User,
    now: datetime,
    issuer: Issuer,
    settings: Settings,
) -> None:
    """Carry out what an officer decides; ``outcome`` is certify, refuse or return.

    Raises ``ShipmentRefused`` when the shipment is no longer referred, or no certificate can be issued for it.
    """
    if outcome == "certify":
        conduct.certify_referral(session, shipment, reason, by=by, now=now, issuer=issuer, settings=settings)
    elif outcome == "refuse":
        conduct.refuse_referral(session, shipment, reason, by=by, now=now)
    else:
        conduct.return_referral(session, shipment, reason, by=by, now=now)


def looked_at(session: Session, shipment: Shipment, *, actor: audit.Actor, now: datetime) -> None:
    """Leave an audit event: an officer opened the file of a referral."""
    audit.record(
        session,
        actor=actor,
        verb="file.opened",
        subject=f"shipment:{shipment.id}",
        now=now,
        organisation_id=shipment.organisation_id,
    )
