"""Revisions of a shipment: amend a certified one, and find the certificate of each."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import User
from portal.certificates import status as statuses
from portal.certificates.models import Certificate
from portal.shipments import answers
from portal.shipments.change import changing, person, subject
from portal.shipments.models import Document, GoodsLine, Party, Shipment
from portal.shipments.states import Deed, ShipmentChanged, ShipmentRefused, State, after
from portal.text import Text

_COPIED = (
    "reference", "contract_number", "contract_date", "incoterm", "departure", "departure_port", "transit",
    "destination", "mode", "planned_on", "licence_number", "licence_issuer", "licence_valid_until", "licence_scope",
    "licence_quantity_left", "licence_unit",
)  # fmt: skip


def certificate(session: Session, shipment: Shipment) -> Certificate | None:
    """The certificate of this revision, if there is one."""
    return session.scalars(select(Certificate).where(Certificate.subject_id == shipment.id)).one_or_none()


def superseded(session: Session, shipment: Shipment) -> str | None:
    """The number of the certificate that this revision supersedes, if there is one."""
    previous = shipment.previous
    found = certificate(session, previous) if previous is not None else None
    return found.number if found else None


def newer(session: Session, found: Certificate) -> Certificate | None:
    """The certificate that superseded this one: of a later revision of the same shipment."""
    later = select(Certificate).join(Shipment, Shipment.id == Certificate.subject_id)
    return session.scalars(later.where(Shipment.previous_id == found.subject_id)).one_or_none()


def amend(session: Session, shipment: Shipment, *, by: User, now: datetime, version: int | None = None) -> Shipment:
    """A new draft revision of a certified shipment, with its goods, parties, documents and answers.

    The old certificate stays valid until the new revision is certified, which supersedes it.
    """
    after(State(shipment.state), Deed.AMEND)
    _check_amendable(session, shipment, now)
    with changing(session, shipment, Deed.AMEND, "shipment.amended", by=by, now=now, version=version):
        newer = _next_revision(session, shipment, by, now)
    items = _copy_items(session, shipment, newer)
    answers.copy(session, shipment, newer, items, by=by, now=now)
    audit.record(
        session,
        actor=person(by),
        verb="shipment.created",
        subject=subject(newer.id),
        now=now,
        details={"reference": newer.reference, "revision": newer.revision, "amends": str(shipment.id)},
        organisation_id=newer.organisation_id,
    )
    return newer


def successor(session: Session, shipment: Shipment) -> Shipment | None:
    """The newer revision that amends this one, unless it was withdrawn or refused."""
    given_up = (State.WITHDRAWN, State.REFUSED)
    chosen = select(Shipment).where(Shipment.previous_id == shipment.id, Shipment.state.not_in(given_up))
    return session.scalars(chosen.order_by(Shipment.revision.desc()).limit(1)).first()


def _check_amendable(session: Session, shipment: Shipment, now: datetime) -> None:
    if successor(session, shipment) is not None:
        raise ShipmentRefused(
            Text("This shipment is already being amended or was amended.", "该货物批次正在变更或已经变更。")
        )
    found = certificate(session, shipment)
    if found is not None and statuses.current(session, found, now).state in ("suspended", "revoked"):
        raise ShipmentRefused(
            Text(
                "Its certificate is suspended or revoked, so it cannot be amended. Make a new shipment.",
                "其证书已被暂停或撤销，不能变更，请新建货物批次。",
            )
        )


def _next_revision(session: Session, shipment: Shipment, by: User, now: datetime) -> Shipment:
    same = (Shipment.organisation_id == shipment.organisation_id, Shipment.reference == shipment.reference)
    newest = max(session.scalars(select(Shipment.revision).where(*same)))
    newer = Shipment(
        organisation_id=shipment.organisation_id,
        previous_id=shipment.id,
        revision=newest + 1,
        state=State.DRAFT,
        created_by=by.id,
        created_at=now,
        updated_at=now,
        editors=[str(by.id)],
        **{name: getattr(shipment, name) for name in _COPIED},
    )
    session.add(newer)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise ShipmentChanged from None
    return newer


def _copy_items(session: Session, shipment: Shipment, newer: Shipment) -> dict[uuid.UUID, uuid.UUID]:
    """Copy what counts, and tell which new id stands for which old one."""
    copies: dict[uuid.UUID, uuid.UUID] = {}
    rows: list[tuple[type[GoodsLine] | type[Party], Sequence[GoodsLine | Party]]] = [
        (GoodsLine, shipment.goods),
        (Party, shipment.parties),
    ]
    for model, items in rows:
        for item in items:
            copy = model(**_columns(item, newer))
            session.add(copy)
            session.flush()
            copies[item.id] = copy.id
    for document in shipment.documents:
        owners = {
            "party_id": copies.get(document.party_id) if document.party_id else None,
            "goods_id": copies.get(document.goods_id) if document.goods_id else None,
        }
        session.add(Document(**{**_columns(document, newer), **owners}))
    session.flush()
    session.expire(newer, ["all_goods", "all_parties", "all_documents"])
    return copies


def _columns(item: GoodsLine | Party | Document, newer: Shipment) -> dict[str, object]:
    names = [column.key for column in type(item).__table__.columns if column.key != "id"]
    return {**{name: getattr(item, name) for name in names}, "shipment_id": newer.id}
