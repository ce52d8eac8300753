"""The hits of a shipment's parties: found again by their pair, kept with the newest assessment, explained by the
exporter. An explanation is evidence for the authority; it clears nothing by itself.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import User
from portal.config import Settings
from portal.risk.facts import plain
from portal.screening.match import Hit
from portal.shipments import documents, hit_facts, inspection
from portal.shipments.change import check_person, person, subject
from portal.shipments.hit_facts import Screened
from portal.shipments.models import HitExplanation, PartyHit, Shipment
from portal.shipments.states import Deed, IllegalTransition, ShipmentRefused, State
from portal.text import Text

# A certificate has been issued, or the shipment is given up: there is nothing left to explain.
EXPLAINED_IN = (State.DRAFT, State.SUBMITTED, State.REFERRED, State.REFUSED)
MOST = 20


def keep(session: Session, shipment: Shipment, screened: Sequence[Screened], now: datetime) -> None:
    """Keep the hits of an assessment that has just been stored, and date those that it no longer met."""
    known = {(row.subject, row.source, row.entry): row for row in shipment.hits}
    met = set()
    for each in screened:
        for hit in each.result.hits:
            place = (each.id, hit.source, hit.entry)
            met.add(place)
            if place in known:
                _screened(known[place], each, hit)
            else:
                shipment.hits.append(_screened(PartyHit(met_at=now), each, hit))
    for place, row in known.items():
        if place not in met and row.gone_at is None:
            row.gone_at = now
    session.flush()


def meet(
    session: Session, shipment: Shipment, hit: Hit, *, subject: str, name: str, roles: Sequence[str], now: datetime
) -> PartyHit:
    """Keep one hit that a change of a list brought about, between two assessments."""
    row = next((r for r in shipment.hits if (r.subject, r.source, r.entry) == (subject, hit.source, hit.entry)), None)
    if row is None:
        row = PartyHit(met_at=now)
        shipment.hits.append(row)
    row.subject, row.name, row.roles = subject, name[:500], list(roles)
    _describe(row, hit)
    session.flush()
    return row


def find(shipment: Shipment, pair: str) -> PartyHit | None:
    """The kept hit of a pair."""
    return next((row for row in shipment.hits if row.pair == pair and row.gone_at is None), None)


def live(session: Session, shipment: Shipment, pair: str, on: date) -> tuple[Screened, Hit] | None:
    """The pair as screening meets it on a day; ``None`` when it does not."""
    return next(
        (
            (each, hit)
            for each in hit_facts.screen(session, shipment, on)
            for hit in each.result.hits
            if hit.key == pair
        ),
        None,
    )


def shown(screened: Sequence[Screened]) -> list[dict[str, Any]]:
    """What was screened as the JSON values of facts, for pages that show a screening that is not stored."""
    return [plain(asdict(fact)) for each in screened for fact in hit_facts.party_facts(each)]


def explain(
    session: Session,
    shipment: Shipment,
    pair: str,
    text: str,
    *,
    by: User,
    now: datetime,
    settings: Settings,
    file: tuple[bytes, str] | None = None,
) -> HitExplanation:
    """Say why a hit is another party; ``file`` is (bytes, name) of a document that shows it.

    Raises ``NotEntitled`` for somebody else's shipment, ``ShipmentRefused`` where nothing can be explained any more
    or the hit is none, and ``DocumentRefused`` for a file that is not taken; nothing is stored then.
    """
    check_person(shipment.organisation_id, Deed.EDIT, by)
    if shipment.state not in EXPLAINED_IN:
        raise IllegalTransition(State(shipment.state), Deed.EDIT)
    row = find(shipment, pair) or _met(session, shipment, pair, now)
    if len(row.explanations) >= MOST:
        raise ShipmentRefused(Text(f"At most {MOST} explanations of one hit.", f"每个匹配项最多{MOST}条说明。"))
    said = HitExplanation(text=text.strip(), by=by.id, at=now)
    if file:
        _attach(said, *file, settings)
    row.explanations.append(said)
    session.flush()
    details = {"pair": row.pair, "source": row.source, "entry": row.entry, "text": said.text, "sha256": said.sha256}
    audit.record(
        session, actor=person(by), verb="hit.explained", subject=subject(shipment.id), now=now, details=details,
        organisation_id=shipment.organisation_id,
    )  # fmt: skip
    return said


def explanation(session: Session, shipment: Shipment, explanation_id: uuid.UUID) -> HitExplanation | None:
    """One explanation of this shipment that has a file."""
    chosen = select(HitExplanation).join(PartyHit).where(HitExplanation.id == explanation_id)
    return session.scalars(chosen.where(PartyHit.shipment_id == shipment.id, HitExplanation.stored != "")).one_or_none()


def explained(shipment: Shipment) -> Iterator[tuple[PartyHit, HitExplanation]]:
    """Every explanation of the shipment with its hit, the oldest first."""
    pairs = [(row, said) for row in shipment.hits for said in row.explanations]
    yield from sorted(pairs, key=lambda each: each[1].at)


def _met(session: Session, shipment: Shipment, pair: str, now: datetime) -> PartyHit:
    found = live(session, shipment, pair, now.date())
    if found is None:
        raise ShipmentRefused(Text("This hit is there no longer.", "该匹配项已不存在。"))
    screened, hit = found
    known = (screened.id, hit.source, hit.entry)
    row = next((each for each in shipment.hits if (each.subject, each.source, each.entry) == known), None)
    if row is None:
        row = PartyHit(met_at=now)
        shipment.hits.append(row)
    return _screened(row, screened, hit)


def _screened(row: PartyHit, screened: Screened, hit: Hit) -> PartyHit:
    row.subject, row.name, row.roles, row.country = (
        screened.id, screened.name[:500], list(screened.roles), screened.country,
    )  # fmt: skip
    return _describe(row, hit)


def _describe(row: PartyHit, hit: Hit) -> PartyHit:
    row.pair, row.source, row.entry, row.listed = hit.key, hit.source, hit.entry, hit.listed[:500]
    row.score, row.strength, row.binding, row.gone_at = hit.score, hit.strength, hit.binding, None
    return row


def _attach(said: HitExplanation, data: bytes, filename: str, settings: Settings) -> None:
    found = inspection.inspect(data, filename, limit=settings.upload_limit)
    said.filename, said.media_type, said.size = inspection.safe_name(filename, found), found.media_type, len(data)
    said.sha256, said.stored = documents.put(data, settings)
