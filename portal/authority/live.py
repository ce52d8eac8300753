"""Everybody who is in a live certificate or an open shipment, indexed by name once and kept while nothing changes.

A certificate is live while it is valid or suspended and its term has not ended; a shipment is open from submission
until it is decided, and while it is referred. The same party in many shipments is indexed once.
"""

import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import Organisation
from portal.audit.models import AuditEvent
from portal.certificates.models import Certificate, CertificateEvent
from portal.screening.parties import PartyIndex, PartyNames
from portal.shipments.models import Shipment
from portal.shipments.screened import subjects
from portal.shipments.states import State

ENDED = ("revoked", "superseded", "used_up")  # a certificate never comes back from these
OPEN = (State.SUBMITTED, State.ATTESTED, State.REFERRED)
AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Use:
    """A party in one shipment: under which id and name, in which roles, and the certificate's number ("" for none)."""

    shipment_id: uuid.UUID
    certificate: str
    subject: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Live:
    """The index of all live parties, and where each of them (by ``PartyNames.id``) is used."""

    indexes: tuple[PartyIndex, ...]
    uses: dict[str, tuple[Use, ...]]


_lock = threading.Lock()
_kept: dict[str, tuple[tuple[Any, ...], Live]] = {}


def live(session: Session, on: date, weight: Callable[[str], float]) -> Live:
    """The live parties on a day: those of the last call in this process, where nothing has changed since."""
    where, stamp = str(session.get_bind().url), _stamp(session, on)  # type: ignore[union-attr]  # an engine's
    with _lock:
        known = _kept.get(where)
        if known is not None and known[0] == stamp:
            return known[1]
        parties, uses = _gather(session, on)
        found = Live((PartyIndex(parties, weight),), uses)
        _kept.clear()  # one database a process; another one's parties would only take up memory
        _kept[where] = (stamp, found)
        return found


def shipments(on: date) -> Any:
    """Every shipment with a live certificate or still open, with the number of its certificate (or nothing)."""
    event = CertificateEvent
    stands = ~exists().where(event.certificate_id == Certificate.id, event.state.in_(ENDED))
    joined = (Certificate.subject_id == Shipment.id) & (Certificate.valid_until >= on) & stands
    chosen = select(Shipment, Certificate.number).outerjoin(Certificate, joined)
    return chosen.where(or_(Certificate.id.is_not(None), Shipment.state.in_(OPEN)))


def _gather(session: Session, on: date) -> tuple[list[PartyNames], dict[str, tuple[Use, ...]]]:
    uses: dict[PartyNames, list[Use]] = defaultdict(list)
    for party, use in _each(session, on):
        uses[party].append(use)
    parties = [replace(party, id=str(number)) for number, party in enumerate(uses)]
    return parties, {str(number): tuple(found) for number, found in enumerate(uses.values())}


def _each(session: Session, on: date) -> Iterator[tuple[PartyNames, Use]]:
    chosen = shipments(on).options(selectinload(Shipment.all_parties), joinedload(Shipment.organisation))
    rows = session.execute(chosen.execution_options(yield_per=AT_A_TIME))
    for shipment, number in rows:
        for subject in subjects(shipment):
            party = subject.party
            yield replace(party, id=""), Use(shipment.id, number or "", party.id, subject.name, subject.roles)


def _stamp(session: Session, on: date) -> tuple[Any, ...]:
    """What changes whenever the live parties may have changed."""
    counted = select(func.count(), func.max(Certificate.issued_at)).where(Certificate.valid_until >= on)
    open_ones = select(func.count(), func.sum(Shipment.version)).where(Shipment.state.in_(OPEN))
    ended = select(func.count()).where(CertificateEvent.state.in_(ENDED))
    homes = select(func.count()).select_from(Organisation)
    renamed = select(func.max(AuditEvent.sequence)).where(AuditEvent.verb == "organisation.described")
    asked = (counted, open_ones, ended, homes, renamed)
    # Counts alone would take a database that was put back from a copy for the one before it.
    newest = (
        session.scalar(select(Certificate.id).order_by(Certificate.issued_at.desc(), Certificate.id.desc()).limit(1)),
        session.scalar(select(Shipment.id).where(Shipment.state.in_(OPEN)).order_by(Shipment.id.desc()).limit(1)),
    )
    return (on, newest, *(tuple(session.execute(one).one()) for one in asked))
