"""Find shipments. Every query is bounded by the organisation: another one's shipment is as if it did not exist."""

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEvent
from portal.shipments.change import subject
from portal.shipments.models import Document, GoodsLine, Party, Shipment
from portal.shipments.states import State


def find(session: Session, shipment_id: uuid.UUID, organisation_id: uuid.UUID) -> Shipment | None:
    """The organisation's shipment with this id, else ``None``."""
    chosen = select(Shipment).where(Shipment.id == shipment_id, Shipment.organisation_id == organisation_id)
    return session.scalars(chosen).one_or_none()


def of_organisation(organisation_id: uuid.UUID, *, state: str = "", text: str = "") -> Select[Shipment]:
    """The organisation's shipments, newest change first, for a list with pages.

    ``state`` keeps one state only, ``text`` those whose reference, contract number or party's name holds it.
    """
    chosen = select(Shipment).where(Shipment.organisation_id == organisation_id)
    if state in list(State):
        chosen = chosen.where(Shipment.state == state)
    words = text.strip()[:100]
    if words:
        named = (
            select(Party.id)
            .where(Party.shipment_id == Shipment.id, Party.removed_at.is_(None))
            .where(
                or_(Party.name.icontains(words, autoescape=True), Party.name_native.contains(words, autoescape=True))
            )
        )
        chosen = chosen.where(
            or_(
                Shipment.reference.icontains(words, autoescape=True),
                Shipment.contract_number.icontains(words, autoescape=True),
                named.exists(),
            )
        )
    return chosen.order_by(Shipment.updated_at.desc(), Shipment.id.desc())


def counts(session: Session, organisation_id: uuid.UUID) -> dict[State, int]:
    """How many shipments of the organisation stand in each state."""
    chosen = (
        select(Shipment.state, func.count()).where(Shipment.organisation_id == organisation_id).group_by(Shipment.state)
    )
    found = {State(state): number for state, number in session.execute(chosen)}
    return {state: found.get(state, 0) for state in State}


def goods_line(shipment: Shipment, line_id: uuid.UUID) -> GoodsLine | None:
    """The shipment's goods line with this id, unless it was removed."""
    return next((line for line in shipment.goods if line.id == line_id), None)


def party(shipment: Shipment, party_id: uuid.UUID) -> Party | None:
    """The shipment's party with this id, unless it was removed."""
    return next((party for party in shipment.parties if party.id == party_id), None)


def document(shipment: Shipment, document_id: uuid.UUID) -> Document | None:
    """The shipment's document with this id, unless it was removed."""
    return next((document for document in shipment.documents if document.id == document_id), None)


def revisions(session: Session, shipment: Shipment) -> Sequence[Shipment]:
    """Every revision of the shipment, the oldest first."""
    same = (Shipment.organisation_id == shipment.organisation_id, Shipment.reference == shipment.reference)
    return session.scalars(select(Shipment).where(*same).order_by(Shipment.revision)).all()


def history(session: Session, shipment: Shipment) -> Sequence[AuditEvent]:
    """Everything that was done to the shipment, the oldest first."""
    chosen = select(AuditEvent).where(AuditEvent.subject == subject(shipment.id))
    return session.scalars(chosen.order_by(AuditEvent.sequence)).all()
