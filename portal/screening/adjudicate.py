"""Judge a hit: is the party the one on the list? Two people, a reason, evidence, and a last day.

A pair that was judged stays judged until that day, or until either side's data change: the names and country of the
party, and everything that the list says of the entry. A judgement never hides a hit; it is shown with it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import audit
from portal.screening.match import Hit, ScreeningResult, State, state_of
from portal.screening.models import Adjudication, AdjudicationState, ListEntry, Verdict

LONGEST = timedelta(days=366)  # this portal's policy: no judgement outlives a year without being looked at again


class AdjudicationRefused(ValueError):
    """A judgement that was not taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A hit with the judgement that holds for it."""

    hit: Hit
    adjudication: Adjudication


@dataclass(frozen=True, slots=True)
class Settled:
    """A screening with its judgements: hits still open, those found to be another party, and those confirmed.

    ``state`` is that of the screening without the hits found to be another party; a confirmed one is a "match".
    """

    state: State
    open: tuple[Hit, ...]
    different: tuple[Judged, ...]
    same: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class FalseAlerts:
    """Of the pairs decided in a time, how many were another party. ``rate`` is 0 to 1, ``None`` without decisions."""

    decided: int
    different: int

    @property
    def rate(self) -> float | None:
        return self.different / self.decided if self.decided else None


def propose(
    session: Session,
    hit: Hit,
    *,
    verdict: Verdict,
    reason: str,
    evidence: str,
    expires: date,
    actor: audit.Actor,
    now: datetime,
) -> Adjudication:
    """The first person's judgement of a hit; it holds once a second person decides it.

    ``evidence`` says what was looked at (a document, a register, a number). Raises ``AdjudicationRefused`` without a
    reason or evidence, for a last day that is past or more than a year away, and where the pair is before someone.
    """
    if not reason.strip() or not evidence.strip():
        raise AdjudicationRefused("a judgement needs a reason and evidence")
    if not now.date() < expires <= now.date() + LONGEST:
        raise AdjudicationRefused("a judgement holds for a year at most, and not until a day that is past")
    if _proposed(session, hit.key) is not None:
        raise AdjudicationRefused("this hit is already before a second person")
    entry = session.get(ListEntry, hit.entry_id)
    found = Adjudication(
        pair=hit.key,
        source=hit.source,
        entry=hit.entry,
        content=entry.content if entry else "",
        listed=hit.listed[:500],
        party=hit.matched[:500],
        score=hit.score,
        verdict=verdict,
        reason=reason.strip(),
        evidence=evidence.strip(),
        expires=expires,
        state=AdjudicationState.PROPOSED,
        proposed_by=actor.id,
        proposed_at=now,
    )
    session.add(found)
    session.flush()
    _record(session, found, "adjudication.proposed", actor, now)
    return found


def decide(session: Session, adjudication_id: uuid.UUID, *, actor: audit.Actor, now: datetime) -> Adjudication:
    """A second person agrees. Raises ``AdjudicationRefused`` for the same person, or where nothing is proposed."""
    found = _open(session, adjudication_id, actor)
    found.state = AdjudicationState.DECIDED
    found.decided_by, found.decided_at = actor.id, now
    session.flush()
    _record(session, found, "adjudication.decided", actor, now)
    return found


def reject(
    session: Session, adjudication_id: uuid.UUID, *, reason: str, actor: audit.Actor, now: datetime
) -> Adjudication:
    """A second person does not agree, with a reason; the hit is open again."""
    if not reason.strip():
        raise AdjudicationRefused("a judgement that is turned down needs a reason")
    found = _open(session, adjudication_id, actor)
    found.state, found.rejection = AdjudicationState.REJECTED, reason.strip()
    found.decided_by, found.decided_at = actor.id, now
    session.flush()
    _record(session, found, "adjudication.rejected", actor, now)
    return found


def standing(session: Session, hits: Sequence[Hit], on: date) -> dict[str, Adjudication]:
    """The judgements that hold on a day for some hits, by ``Hit.key``; the latest where there are several."""
    if not hits:
        return {}
    chosen = (
        select(Adjudication)
        .where(Adjudication.pair.in_([hit.key for hit in hits]), Adjudication.state == AdjudicationState.DECIDED)
        .where(Adjudication.expires >= on)
        .order_by(Adjudication.decided_at, Adjudication.id)
    )
    entries = select(ListEntry.id, ListEntry.content).where(ListEntry.id.in_([hit.entry_id for hit in hits]))
    contents = dict(session.execute(entries).all())
    present = {hit.key: contents.get(hit.entry_id, "") for hit in hits}
    return {found.pair: found for found in session.scalars(chosen) if found.content == present[found.pair]}


def settle(session: Session, result: ScreeningResult, on: date) -> Settled:
    """A screening with the judgements that hold on the day."""
    known = standing(session, result.hits, on)
    judged = [Judged(hit, known[hit.key]) for hit in result.hits if hit.key in known]
    different = tuple(one for one in judged if one.adjudication.verdict == Verdict.DIFFERENT)
    same = tuple(one for one in judged if one.adjudication.verdict == Verdict.SAME)
    cleared = {one.hit.key for one in different}
    state = state_of([hit for hit in result.hits if hit.key not in cleared], result.lists)
    if same and state == "possible" and any(one.hit.strength != "history" for one in same):
        state = "match"
    return Settled(state, tuple(hit for hit in result.hits if hit.key not in known), different, same)


def false_alerts(session: Session, since: datetime, until: datetime) -> FalseAlerts:
    """The measured rate of false alerts among the pairs decided from ``since`` on and before ``until``."""
    counted = select(Adjudication.verdict, func.count()).where(
        Adjudication.state == AdjudicationState.DECIDED,
        Adjudication.decided_at >= since,
        Adjudication.decided_at < until,
    )
    counts = dict(session.execute(counted.group_by(Adjudication.verdict)).all())
    return FalseAlerts(sum(counts.values()), counts.get(Verdict.DIFFERENT, 0))


def _proposed(session: Session, pair: str) -> Adjudication | None:
    chosen = select(Adjudication).where(Adjudication.pair == pair, Adjudication.state == AdjudicationState.PROPOSED)
    return session.scalars(chosen).one_or_none()


def _open(session: Session, adjudication_id: uuid.UUID, actor: audit.Actor) -> Adjudication:
    """A proposed judgement, locked, that someone other than its author may decide."""
    chosen = select(Adjudication).where(Adjudication.id == adjudication_id).with_for_update()
    found = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
    if found is None or found.state != AdjudicationState.PROPOSED:
        raise AdjudicationRefused("no such judgement waits for a second person")
    if found.proposed_by == actor.id:
        raise AdjudicationRefused("a second person has to decide")
    return found


def _record(session: Session, found: Adjudication, verb: str, actor: audit.Actor, now: datetime) -> None:
    details = {
        "pair": found.pair,
        "source": found.source,
        "entry": found.entry,
        "party": found.party,
        "listed": found.listed,
        "verdict": str(found.verdict),
        "reason": found.rejection or found.reason,
        "evidence": found.evidence,
        "expires": found.expires.isoformat(),
    }
    audit.record(session, actor=actor, verb=verb, subject=f"adjudication:{found.id}", now=now, details=details)
