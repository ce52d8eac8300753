"""What the demonstration's ports recorded: goods let pass in parts, used up, and once beyond what was left."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import people
from portal.accounts.models import User
from portal.authority import endorse
from portal.certificates.models import Certificate
from portal.db import new_id
from portal.demonstration.cases import read
from portal.demonstration.steps import DemonstrationRefused, Step
from portal.shipments import conduct
from portal.shipments.models import Shipment


def work(session: Session, ports: Mapping[str, User], now: datetime) -> Iterator[Iterator[Step]]:
    """The steps of ``data/presented.yaml``. ``ports`` are the officers by their addresses."""
    for row in read("presented"):
        yield _presented(session, row, ports[row["by"]], now)


def _presented(session: Session, row: dict[str, Any], by: User, now: datetime) -> Iterator[Step]:
    at = now - timedelta(days=row["days"])
    arrived = at + timedelta(days=row.get("late", 0))
    yield arrived, lambda: _record(session, row, by, at, arrived)


def _record(session: Session, row: dict[str, Any], by: User, at: datetime, now: datetime) -> None:
    certificate = _certificate(session, row["shipment"], at)
    found = endorse.Presented(
        reference=new_id(),
        number=certificate.number,
        declaration=row["declaration"],
        place=row["place"],
        at=at,
        quantities={line: (quantity, "KGM") for line, quantity in row["quantities"].items()},
        officer=by.name,
        device=row.get("device", ""),
    )
    endorse.record(session, found, by=by, actor=people.as_actor(by), now=now)


def _certificate(session: Session, reference: str, at: datetime) -> Certificate:
    """The certificate of a shipment that the goods carried at that moment: that of its newest revision with one."""
    chosen = select(Shipment).where(Shipment.reference == reference).order_by(Shipment.revision.desc())
    for shipment in session.scalars(chosen):
        certificate = conduct.certificate(session, shipment)
        if certificate is not None and certificate.issued_at <= at:
            return certificate
    raise DemonstrationRefused(f"{reference} had no certificate to present")
