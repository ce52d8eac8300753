"""One change of a shipment: who may make it, in which state, based on which version; always with an audit event."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from portal import audit
from portal.accounts.models import Role, User
from portal.shipments.models import Shipment
from portal.shipments.states import Deed, NotEntitled, ShipmentChanged, State, after
from portal.text import Text

ROLES: dict[Deed, tuple[Role, ...]] = {
    Deed.EDIT: (Role.PREPARER, Role.COMPLIANCE_OFFICER),
    Deed.SUBMIT: (Role.PREPARER,),
    Deed.RETURN: (Role.COMPLIANCE_OFFICER,),
    Deed.ATTEST: (Role.COMPLIANCE_OFFICER,),
    Deed.WITHDRAW: (Role.PREPARER, Role.COMPLIANCE_OFFICER),
    Deed.AMEND: (Role.PREPARER, Role.COMPLIANCE_OFFICER),
}
_NO_ROLE = Text("You do not have the role that this needs.", "您没有进行此项操作所需的角色。")
OF_AUTHORITY = (Role.OFFICER, Role.SUPERVISOR)


def person(user: User) -> audit.Actor:
    """The person as the audit record names it."""
    return audit.Actor("user", str(user.id), user.name)


def subject(shipment_id: uuid.UUID) -> str:
    """A shipment as the audit record names it."""
    return f"shipment:{shipment_id}"


def check_person(organisation_id: uuid.UUID, deed: Deed, by: User) -> None:
    """Raise ``NotEntitled`` unless the person is of this organisation and holds a role that may do this."""
    if by.organisation_id != organisation_id or not by.has_role(*ROLES.get(deed, ())):
        raise NotEntitled(_NO_ROLE)


def check_officer(by: User) -> None:
    """Raise ``NotEntitled`` unless the person is an officer of an authority."""
    if by.organisation.kind != "authority" or not by.has_role(*OF_AUTHORITY):
        raise NotEntitled(_NO_ROLE)


@contextmanager
def changing(
    session: Session,
    shipment: Shipment,
    deed: Deed,
    verb: str,
    *,
    by: User,
    now: datetime,
    version: int | None = None,
    authority: bool = False,
    details: Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """Make the changes of the block as one change of the shipment.

    Before the block person, version and state are checked and nothing is touched when one is wrong; ``version`` is
    the one that the person saw, ``authority`` says that an officer of an authority acts. After it everything is
    written with an audit event ``verb``. Raises ``NotEntitled``, ``IllegalTransition``, or ``ShipmentChanged``, the
    last with the session's transaction rolled back when somebody else was quicker.
    """
    if authority:
        check_officer(by)
    else:
        check_person(shipment.organisation_id, deed, by)
    if version is not None and version != shipment.version:
        raise ShipmentChanged
    moved = _move(shipment, deed, by, now)
    try:
        yield
        session.flush()
    except StaleDataError:
        session.rollback()
        raise ShipmentChanged from None
    audit.record(
        session,
        actor=person(by),
        verb=verb,
        subject=subject(shipment.id),
        now=now,
        details={**moved, **(details or {}), "reference": shipment.reference, "revision": shipment.revision},
        organisation_id=shipment.organisation_id,
    )


def _move(shipment: Shipment, deed: Deed, by: User, now: datetime) -> dict[str, str]:
    """Bring the shipment into the state that the deed leads to, and tell from where to where it moved."""
    before, state = State(shipment.state), after(State(shipment.state), deed)
    shipment.state = state
    shipment.updated_at = now
    # The row must be written even when nothing in it differs, so that its version rises.
    flag_modified(shipment, "updated_at")
    if deed is Deed.EDIT and str(by.id) not in shipment.editors:
        shipment.editors = [*shipment.editors, str(by.id)]
    return {"from": before.value, "to": state.value} if state != before else {}
