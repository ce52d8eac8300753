"""Hits that wait to be judged, the pairs that were, and what an officer needs to see of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.screening import adjudicate, sides
from portal.screening.models import Adjudication, AdjudicationState, EditionState, ListEdition, ListEntry
from portal.screening.parties import PartyNames
from portal.shipments.models import Party, PartyHit, Shipment
from portal.shipments.states import State

# What was decided or referred is the authority's to see; a draft is the exporter's own.
LONGEST_SEARCH = 200  # characters; SQLite refuses patterns of tens of thousands
OPEN_TO_AUTHORITY = (State.CERTIFIED, State.REFERRED, State.REFUSED)
Worth = Literal["proposed", "standing", "ends_soon", "ended", "outdated", "turned_down"]
STATES: tuple[Worth, ...] = ("proposed", "standing", "ends_soon", "ended", "turned_down")


@dataclass(frozen=True, slots=True)
class PartySide:
    """What is on file of the party of a hit. ``of`` names the party that an owner or ship belongs to."""

    known: PartyNames
    address: str
    contacts: tuple[str, ...]
    of: str


def queue(on: date, q: str = "", only: str = "") -> Select[PartyHit]:
    """One hit for each pair that nobody has judged for this day, those of referred shipments first, then the oldest.

    ``only`` is "proposed" for those that wait for a second person, "new" for those that nobody has taken up.
    """
    met = _waiting(PartyHit, on)
    other = aliased(PartyHit)
    first = ~exists().where(other.pair == PartyHit.pair, other.id < PartyHit.id, *_seen(other))
    chosen = select(PartyHit).join(Shipment, Shipment.id == PartyHit.shipment_id).where(first, *met)
    if q.strip():
        words = q.strip()[:LONGEST_SEARCH]
        fields = (PartyHit.name, PartyHit.listed)
        chosen = chosen.where(or_(*(each.icontains(words, autoescape=True) for each in fields)))
    proposed = exists().where(Adjudication.pair == PartyHit.pair, Adjudication.state == AdjudicationState.PROPOSED)
    if only in ("proposed", "new"):
        chosen = chosen.where(proposed if only == "proposed" else ~proposed)
    return chosen.order_by(case((Shipment.state == State.REFERRED, 0), else_=1), PartyHit.met_at, PartyHit.id)


def waiting(session: Session, on: date) -> int:
    """How many pairs wait to be judged."""
    counted = select(func.count(PartyHit.pair.distinct()))
    return session.scalar(counted.where(*_waiting(PartyHit, on))) or 0


def find(session: Session, shipment: Shipment, pair: str) -> PartyHit | None:
    """The hit of a shipment that the authority may look into."""
    if shipment.state not in OPEN_TO_AUTHORITY:
        return None
    return next((row for row in shipment.hits if row.pair == pair and row.gone_at is None), None)


def with_pair(session: Session, pair: str) -> Sequence[PartyHit]:
    """Every hit of a pair that the authority may look into, the newest first."""
    chosen = select(PartyHit).where(PartyHit.pair == pair, *_seen(PartyHit))
    return session.scalars(chosen.order_by(PartyHit.met_at.desc(), PartyHit.id)).all()


def proposals(session: Session, rows: Iterable[PartyHit]) -> dict[str, Adjudication]:
    """The judgements of these hits that wait for a second person, by pair."""
    pairs = [row.pair for row in rows]
    chosen = select(Adjudication).where(Adjudication.pair.in_(pairs), Adjudication.state == AdjudicationState.PROPOSED)
    return {one.pair: one for one in session.scalars(chosen)}


def side_of(session: Session, row: PartyHit, known: PartyNames) -> PartySide:
    """What is on file of the party of a hit, beyond the names that were compared."""
    home = row.shipment.organisation
    if row.subject == str(home.id):
        return PartySide(known, home.address, (), "")
    party = next((each for each in row.shipment.all_parties if str(each.id) == row.subject.partition(":")[0]), None)
    if party is None:
        return PartySide(known, "", (), "")
    if ":" in row.subject:
        return PartySide(known, "", (), party.name)
    return PartySide(known, party.address, _contacts(party), "")


def earlier(session: Session, row: PartyHit, known: PartyNames) -> list[Adjudication]:
    """Judgements of this pair and of the same entry with a party of one of these names, the newest first."""
    chosen = select(Adjudication).where(Adjudication.source == row.source, Adjudication.entry == row.entry)
    party = sides.of_party(known)
    return [
        one
        for one in session.scalars(chosen.order_by(Adjudication.proposed_at.desc(), Adjudication.id))
        if one.pair == row.pair or sides.share_a_name(one.sides["party"], party)
    ]


def judgements(on: date, q: str = "", state: str = "") -> Select[Adjudication]:
    """Judgements, those that end soonest first among those that hold, else the newest first."""
    chosen = select(Adjudication)
    if q.strip():
        words = q.strip()[:LONGEST_SEARCH]
        fields = (Adjudication.party, Adjudication.listed, Adjudication.reason, Adjudication.source)
        chosen = chosen.where(or_(*(each.icontains(words, autoescape=True) for each in fields)))
    decided = Adjudication.state == AdjudicationState.DECIDED
    wanted: dict[str, ColumnElement[bool]] = {
        "proposed": Adjudication.state == AdjudicationState.PROPOSED,
        "standing": and_(decided, Adjudication.expires >= on),
        "ends_soon": and_(decided, Adjudication.expires >= on, Adjudication.expires <= on + adjudicate.policy().soon),
        "ended": and_(decided, Adjudication.expires < on),
        "turned_down": Adjudication.state == AdjudicationState.REJECTED,
    }
    if state in wanted:
        chosen = chosen.where(wanted[state])
    if state in ("standing", "ends_soon"):
        return chosen.order_by(Adjudication.expires, Adjudication.id)
    return chosen.order_by(Adjudication.proposed_at.desc(), Adjudication.id)


def worth(session: Session, rows: Sequence[Adjudication], on: date) -> dict[str, Worth]:
    """What each judgement is worth on a day, by its id as text."""
    uids = {one.entry for one in rows}
    chosen = (
        select(ListEdition.source, ListEntry.uid, ListEntry.content)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .where(ListEdition.state == EditionState.CURRENT, ListEntry.uid.in_(uids))
    )
    contents = {(source, uid): content for source, uid, content in session.execute(chosen)}
    return {str(one.id): _worth(one, contents.get((one.source, one.entry)), on) for one in rows}


def _worth(one: Adjudication, content: str | None, on: date) -> Worth:
    if one.state == AdjudicationState.PROPOSED:
        return "proposed"
    if one.state == AdjudicationState.REJECTED:
        return "turned_down"
    if one.expires < on:
        return "ended"
    if one.content != content:
        return "outdated"
    return "ends_soon" if one.expires <= on + adjudicate.policy().soon else "standing"


def _seen(hit: type[PartyHit]) -> tuple[ColumnElement[bool], ...]:
    """The hits that the authority may look into and that still are."""
    shipments = select(Shipment.id).where(Shipment.state.in_(OPEN_TO_AUTHORITY))
    return hit.gone_at.is_(None), hit.strength != "history", hit.shipment_id.in_(shipments)


def _waiting(hit: type[PartyHit], on: date) -> tuple[ColumnElement[bool], ...]:
    content = (
        select(ListEntry.content)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .where(ListEdition.state == EditionState.CURRENT, ListEdition.source == hit.source, ListEntry.uid == hit.entry)
        .correlate(hit)
        .scalar_subquery()
    )
    judged = exists().where(
        Adjudication.pair == hit.pair,
        Adjudication.state == AdjudicationState.DECIDED,
        Adjudication.expires >= on,
        Adjudication.content == content,
    )
    return (*_seen(hit), ~judged)


def _contacts(party: Party) -> tuple[str, ...]:
    return tuple(each for each in (party.phone, party.email, party.website) if each)
