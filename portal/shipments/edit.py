"""Make a shipment and change what is in it, while it is a draft. Every function leaves an audit event.

``by`` is the person who does it, ``version`` the version of the shipment that the person saw (``None`` = not asked).
All raise ``NotEntitled``, ``IllegalTransition`` or ``ShipmentChanged``; see ``change.changing``.
"""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import User
from portal.shipments.change import changing, check_person, person, subject
from portal.shipments.entries import Contract, GoodsEntry, Licence, Owner, PartyEntry, Route
from portal.shipments.models import GoodsLine, Party, Shipment
from portal.shipments.states import Deed, ShipmentChanged, ShipmentRefused, State
from portal.text import Text

MAX_GOODS, MAX_PARTIES = 500, 100


def create(session: Session, *, organisation_id: uuid.UUID, reference: str, by: User, now: datetime) -> Shipment:
    """A new draft. A reference may be used again, as the next revision, once its shipment was withdrawn or refused.

    Raises ``ShipmentRefused`` while another shipment of the organisation stands under this reference.
    """
    check_person(organisation_id, Deed.EDIT, by)
    same = (Shipment.organisation_id == organisation_id, Shipment.reference == reference)
    newest = session.scalars(select(Shipment).where(*same).order_by(Shipment.revision.desc()).limit(1)).first()
    if newest is not None and newest.state not in (State.WITHDRAWN, State.REFUSED):
        raise ShipmentRefused(Text("There is already a shipment with this reference.", "已存在使用该编号的货物批次。"))
    shipment = Shipment(
        organisation_id=organisation_id,
        reference=reference,
        revision=newest.revision + 1 if newest else 1,
        state=State.DRAFT,
        created_by=by.id,
        created_at=now,
        updated_at=now,
        editors=[str(by.id)],
    )
    session.add(shipment)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise ShipmentChanged from None
    audit.record(
        session,
        actor=person(by),
        verb="shipment.created",
        subject=subject(shipment.id),
        now=now,
        details={"reference": reference, "revision": shipment.revision},
        organisation_id=organisation_id,
    )
    return shipment


def set_contract(
    session: Session, shipment: Shipment, contract: Contract, *, by: User, now: datetime, version: int | None = None
) -> None:
    """Put the contract in."""
    with changing(session, shipment, Deed.EDIT, "shipment.contract_changed", by=by, now=now, version=version):
        shipment.contract_number = contract.number
        shipment.contract_date = contract.date
        shipment.incoterm = contract.incoterm


def set_route(
    session: Session, shipment: Shipment, route: Route, *, by: User, now: datetime, version: int | None = None
) -> None:
    """Put the route in."""
    with changing(session, shipment, Deed.EDIT, "shipment.route_changed", by=by, now=now, version=version):
        shipment.departure = route.departure
        shipment.departure_port = route.departure_port
        shipment.transit = list(route.transit)
        shipment.destination = route.destination
        shipment.mode = route.mode
        shipment.planned_on = route.planned_on


def set_licence(
    session: Session,
    shipment: Shipment,
    licence: Licence | None,
    *,
    by: User,
    now: datetime,
    version: int | None = None,
) -> None:
    """Put the export licence in, or take it out with ``None``."""
    with changing(session, shipment, Deed.EDIT, "shipment.licence_changed", by=by, now=now, version=version):
        shipment.licence_number = licence.number if licence else ""
        shipment.licence_issuer = licence.issued_by if licence else ""
        shipment.licence_valid_until = licence.valid_until if licence else None
        shipment.licence_scope = licence.scope if licence else ""
        shipment.licence_quantity_left = licence.quantity_left if licence else None
        shipment.licence_unit = (licence.unit or "") if licence else ""


def add_goods(
    session: Session, shipment: Shipment, entry: GoodsEntry, *, by: User, now: datetime, version: int | None = None
) -> GoodsLine:
    """Add a goods line with the next number."""
    if len(shipment.goods) >= MAX_GOODS:
        raise ShipmentRefused(Text(f"At most {MAX_GOODS} goods lines.", f"最多{MAX_GOODS}项货物。"))
    with changing(session, shipment, Deed.EDIT, "shipment.goods_added", by=by, now=now, version=version):
        number = max((line.line for line in shipment.goods), default=0) + 1
        line = GoodsLine(shipment=shipment, line=number, **_goods_columns(entry))
        session.add(line)
    return line


def change_goods(
    session: Session, line: GoodsLine, entry: GoodsEntry, *, by: User, now: datetime, version: int | None = None
) -> None:
    """Change a goods line; its answers stay with it."""
    details = {"line": line.line}
    shipment = line.shipment
    with changing(
        session, shipment, Deed.EDIT, "shipment.goods_changed", by=by, now=now, version=version, details=details
    ):
        for name, value in _goods_columns(entry).items():
            setattr(line, name, value)


def remove_goods(session: Session, line: GoodsLine, *, by: User, now: datetime, version: int | None = None) -> None:
    """Take a goods line out; it stays on file, dated."""
    details = {"line": line.line}
    shipment = line.shipment
    with changing(
        session, shipment, Deed.EDIT, "shipment.goods_removed", by=by, now=now, version=version, details=details
    ):
        line.removed_at = now


def add_party(
    session: Session, shipment: Shipment, entry: PartyEntry, *, by: User, now: datetime, version: int | None = None
) -> Party:
    """Add a party."""
    if len(shipment.parties) >= MAX_PARTIES:
        raise ShipmentRefused(Text(f"At most {MAX_PARTIES} parties.", f"最多{MAX_PARTIES}个参与方。"))
    details = {"roles": list(entry.roles)}
    with changing(
        session, shipment, Deed.EDIT, "shipment.party_added", by=by, now=now, version=version, details=details
    ):
        position = max((party.position for party in shipment.all_parties), default=0) + 1
        party = Party(shipment=shipment, position=position, **_party_columns(entry))
        session.add(party)
    return party


def change_party(
    session: Session, party: Party, entry: PartyEntry, *, by: User, now: datetime, version: int | None = None
) -> None:
    """Change a party."""
    details = {"party": str(party.id), "roles": list(entry.roles)}
    shipment = party.shipment
    with changing(
        session, shipment, Deed.EDIT, "shipment.party_changed", by=by, now=now, version=version, details=details
    ):
        for name, value in _party_columns(entry).items():
            setattr(party, name, value)


def remove_party(session: Session, party: Party, *, by: User, now: datetime, version: int | None = None) -> None:
    """Take a party out; it stays on file, dated."""
    details = {"party": str(party.id), "roles": list(party.roles)}
    shipment = party.shipment
    with changing(
        session, shipment, Deed.EDIT, "shipment.party_removed", by=by, now=now, version=version, details=details
    ):
        party.removed_at = now


def goods_entry(line: GoodsLine) -> dict[str, Any]:
    """A goods line as plain values under the names of ``GoodsEntry``, to fill a form with."""
    return {name: _plain(getattr(line, name)) for name in GoodsEntry.model_fields}


def party_entry(party: Party) -> dict[str, Any]:
    """A party as plain values under the names of ``PartyEntry``, to fill a form with."""
    return {name: _plain(getattr(party, name)) for name in PartyEntry.model_fields}


def _plain(value: Any) -> Any:
    return format(value, "f") if isinstance(value, Decimal) else value


def _goods_columns(entry: GoodsEntry) -> dict[str, Any]:
    return {**entry.model_dump(), "net_weight_kg": entry.weight}


def _party_columns(entry: PartyEntry) -> dict[str, Any]:
    owners = [_owner(owner) for owner in entry.owners]
    return {**entry.model_dump(), "identifiers": entry.identifiers.given(), "owners": owners}


def _owner(owner: Owner) -> dict[str, Any]:
    """An owner as it is kept; what is not known stays out, so that a record from before has the same shape."""
    plain = owner.model_dump(exclude={"percent", "owners"})
    kept = {name: value for name, value in plain.items() if value or name in ("name", "country")}
    share = {"percent": format(owner.percent, "f") if owner.percent is not None else ""}
    return kept | share | ({"owners": [_owner(each) for each in owner.owners]} if owner.owners else {})
