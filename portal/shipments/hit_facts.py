"""From a shipment to what screening says of each of its parties, with the judgements that hold, as facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.risk.facts import HitFact, JudgementFact, PartFact, ParticularFact, PartyFact
from portal.screening import adjudicate
from portal.screening.adjudicate import Lapsed, Settled
from portal.screening.match import Hit, Screener, ScreeningResult
from portal.screening.models import Adjudication, Verdict
from portal.screening.parties import PartyNames
from portal.shipments.models import Shipment
from portal.shipments.screened import subjects


@dataclass(frozen=True, slots=True)
class Screened:
    """One name-bearing thing that was screened: a party, one of its owners, or the exporter itself.

    ``settled`` is the result with the judgements that hold; ``lapsed`` has those that hold no longer, by ``Hit.key``.
    """

    roles: tuple[str, ...]
    name: str
    party: PartyNames
    result: ScreeningResult
    settled: Settled
    lapsed: dict[str, Lapsed]

    @property
    def id(self) -> str:
        return self.party.id

    @property
    def country(self) -> str:
        return self.party.country


def screen(session: Session, shipment: Shipment, on: date) -> tuple[Screened, ...]:
    """All that is to be screened in the shipment, against every list, with what has been judged of the hits."""
    screener = Screener.open(session)
    found = []
    for subject in subjects(shipment):
        party = subject.party
        result = screener.screen(party.names, party.country, on, party.identifiers, party.reached)
        settled = adjudicate.settle(session, result, on)
        lapsed = adjudicate.lapsed(session, settled.open, party, on)
        found.append(Screened(subject.roles, subject.name, party, result, settled, lapsed))
    return tuple(found)


def party_facts(screened: Screened) -> Iterator[PartyFact]:
    """What was screened as facts, once for each role; a hit found to be another party stays among the hits."""
    judged = screened.settled.judgements()
    hits = tuple(_hit(hit, judged.get(hit.key), screened.lapsed.get(hit.key)) for hit in screened.result.hits)
    for role in screened.roles:
        yield PartyFact(screened.id, role, screened.name, screened.country, screened.settled.state, hits)


def _hit(hit: Hit, judged: Adjudication | None, lapsed: Lapsed | None) -> HitFact:
    return HitFact(
        source=hit.source,
        entry=hit.entry,
        name=hit.listed,
        matched=hit.matched,
        score=hit.score,
        status=hit.status,
        binding=hit.binding,
        effect=hit.effect,
        program=hit.program,
        why=hit.why.en,
        adjudicated=Verdict(judged.verdict).value if judged else "",
        why_zh=hit.why.zh,
        strength=hit.strength,
        pair=hit.key,
        listed_country=hit.country,
        identifier=hit.identifier,
        by_name=hit.by_name,
        parts=tuple(PartFact(each.party, each.listed, each.similarity, each.weight, each.kind) for each in hit.parts),
        particulars=tuple(
            ParticularFact(each.kind, each.party, each.listed, each.agrees, each.weight) for each in hit.particulars
        ),
        judgement=_judgement(judged) if judged else None,
        lapsed=lapsed.why.en if lapsed else "",
        lapsed_zh=lapsed.why.zh if lapsed else "",
    )


def _judgement(judged: Adjudication) -> JudgementFact:
    if judged.decided_at is None:
        raise ValueError("a judgement that nobody decided holds for nothing")
    return JudgementFact(
        id=str(judged.id),
        verdict=Verdict(judged.verdict).value,
        reason=judged.reason,
        proposed_by=judged.proposed_name,
        decided_by=judged.decided_name,
        decided_on=judged.decided_at.date(),
        expires=judged.expires,
        content=judged.content,
    )
