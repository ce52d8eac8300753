"""The demonstration's judgements of hits: explained by an exporter, proposed by an officer, decided by another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import people
from portal.accounts.models import User
from portal.certificates.keys import Issuer
from portal.config import Settings
from portal.demonstration.cases import read
from portal.demonstration.steps import DemonstrationRefused, Step
from portal.screening import adjudicate
from portal.screening.models import Adjudication, Verdict
from portal.shipments import conduct, hits
from portal.shipments.models import PartyHit
from portal.shipments.states import State


@dataclass(frozen=True, slots=True)
class Bench:
    """Who judges, and what a settled referral needs."""

    officer: User
    supervisor: User
    issuer: Issuer
    settings: Settings


def work(session: Session, bench: Bench, now: datetime) -> Iterator[Iterator[Step]]:
    """The steps of each judgement of ``data/judgements.yaml``."""
    for row in read("judgements"):
        yield _judged(session, row, bench, now)


def _judged(session: Session, row: dict[str, Any], bench: Bench, now: datetime) -> Iterator[Step]:
    """``days`` before the load it is proposed, a day later decided, a day after that the referral is settled."""
    begun = now - timedelta(days=row["days"], hours=3)
    made: list[Adjudication] = []
    if "explained" in row:
        said = begun - timedelta(hours=6)
        yield said, lambda: _explain(session, row, bench, said)
    yield begun, lambda: made.append(_propose(session, row, bench, begun, now))
    if row.get("decided"):
        decided, deciding = begun + timedelta(days=1), people.as_actor(bench.supervisor)
        yield decided, lambda: _decide(session, made[-1], deciding, decided)
    if "settled" in row:
        settled = begun + timedelta(days=2)
        yield settled, lambda: _settle(session, row, bench, settled)


def _explain(session: Session, row: dict[str, Any], bench: Bench, now: datetime) -> None:
    met = _met(session, row)
    by = session.get_one(User, met.shipment.created_by)
    hits.explain(session, met.shipment, met.pair, row["explained"], by=by, now=now, settings=bench.settings)


def _propose(session: Session, row: dict[str, Any], bench: Bench, now: datetime, loaded: datetime) -> Adjudication:
    met = _met(session, row)
    found = hits.live(session, met.shipment, met.pair, now.date())
    if found is None:
        raise DemonstrationRefused(f"{met.name} no longer meets {met.listed}")
    screened, hit = found
    return adjudicate.propose(
        session, hit, screened.party, verdict=Verdict(row["verdict"]), reason=row["reason"], evidence=row["evidence"],
        expires=(loaded + timedelta(days=row["until"])).date(), actor=people.as_actor(bench.officer), now=now,
    )  # fmt: skip


def _decide(session: Session, made: Adjudication, by: Any, now: datetime) -> None:
    adjudicate.decide(session, made.id, actor=by, now=now)


def _settle(session: Session, row: dict[str, Any], bench: Bench, now: datetime) -> None:
    shipment = _met(session, row).shipment
    conduct.certify_referral(
        session, shipment, row["settled"], by=bench.supervisor, now=now, issuer=bench.issuer, settings=bench.settings
    )


def _met(session: Session, row: dict[str, Any]) -> PartyHit:
    """The first hit of the row's buyer on its list, in a shipment that the authority may look into."""
    name = read("world")["buyers"][row["buyer"]]["name"]
    chosen = select(PartyHit).where(PartyHit.name == name, PartyHit.source == row["list"], PartyHit.gone_at.is_(None))
    for met in session.scalars(chosen.order_by(PartyHit.met_at, PartyHit.entry)):
        if met.shipment.state in (State.REFERRED, State.REFUSED) and met.entry.startswith(row.get("entry", "")):
            return met
    raise DemonstrationRefused(f"{name} meets nothing on {row['list']}")
