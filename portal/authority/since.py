"""Which shipments may have changed since a look at a database: found by when things happened, each by an index.

What was being written during the look is found by the next, as that begins a while before. Whether it is still the
same database, and not an older copy of it, is told by what was newest in it, which never goes away.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEvent
from portal.certificates.models import Certificate, CertificateEvent
from portal.shipments.models import Shipment
from portal.shipments.states import State

ENDED = ("revoked", "superseded", "used_up")  # a certificate never comes back from these
OPEN = (State.SUBMITTED, State.ATTESTED, State.REFERRED)
BEHIND = timedelta(hours=1)  # longer than anything takes to be written, and than clocks differ


@dataclass(frozen=True, slots=True)
class Seen:
    """What was newest on a look at ``on``: a shipment, a certificate, an ending of one, an audit event; each as the
    database has it, or nothing where there was none.
    """

    on: date
    shipment: tuple[Any, ...] | None
    certificate: tuple[Any, ...] | None
    ending: tuple[Any, ...] | None
    event: tuple[Any, ...] | None


def look(session: Session, on: date) -> Seen:
    """What is newest now."""

    def newest(*columns: Any, by: Any, where: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        found = session.execute(select(*columns).where(*where).order_by(by.desc()).limit(1)).first()
        return tuple(found) if found else None

    # State by state, as the index has them.
    endings = [
        newest(CertificateEvent.id, CertificateEvent.at, by=CertificateEvent.at, where=(CertificateEvent.state == one,))
        for one in ENDED
    ]
    return Seen(
        on,
        newest(Shipment.id, Shipment.version, Shipment.updated_at, by=Shipment.updated_at),
        newest(Certificate.id, Certificate.issued_at, by=Certificate.issued_at),
        max((one for one in endings if one), key=lambda one: one[-1], default=None),
        newest(AuditEvent.sequence, AuditEvent.digest, by=AuditEvent.sequence),
    )


def follows(session: Session, seen: Seen, on: date) -> bool:
    """Whether the database has gone on from what was seen."""
    if on < seen.on:
        return False
    if seen.shipment:
        version = session.scalar(select(Shipment.version).where(Shipment.id == seen.shipment[0]))
        if version is None or version < seen.shipment[1]:
            return False
    for known, table, column in (
        (seen.certificate, Certificate.issued_at, Certificate.id),
        (seen.ending, CertificateEvent.at, CertificateEvent.id),
        (seen.event, AuditEvent.digest, AuditEvent.sequence),
    ):
        if known and session.scalar(select(table).where(column == known[0])) != known[1]:
            return False
    return True


def changed(session: Session, seen: Seen, on: date) -> set[uuid.UUID]:
    """The shipments that may be live and were not, or the other way about, or have other parties."""
    found: set[uuid.UUID] = set()
    subject = select(Certificate.subject_id)
    ended = subject.join(CertificateEvent).where(CertificateEvent.state.in_(ENDED))
    found.update(session.scalars(_after(select(Shipment.id), Shipment.updated_at, seen.shipment, on)))
    found.update(session.scalars(_after(subject, Certificate.issued_at, seen.certificate, on)))
    found.update(session.scalars(_after(ended, CertificateEvent.at, seen.ending, on)))
    if on > seen.on:
        found.update(session.scalars(subject.where(Certificate.valid_until >= seen.on, Certificate.valid_until < on)))
    return found


def renamed(session: Session, seen: Seen) -> set[uuid.UUID]:
    """The shipments of exporters that were described anew."""
    described = select(AuditEvent.organisation_id).where(AuditEvent.verb == "organisation.described")
    if seen.event:
        described = described.where(AuditEvent.sequence > seen.event[0])
    homes = list(session.scalars(described.distinct()))
    return set(session.scalars(select(Shipment.id).where(Shipment.organisation_id.in_(homes)))) if homes else set()


def _after(chosen: Any, moment: Any, newest: tuple[Any, ...] | None, on: date) -> Any:
    if newest is None:
        return chosen
    # A clock that ran ahead must not hide what comes until then.
    today = datetime.combine(on + timedelta(days=1), time(), UTC)
    return chosen.where(moment >= min(newest[-1], today) - BEHIND)
