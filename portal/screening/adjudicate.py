"""Judge a hit: is the party the one on the list? Two people, a reason, evidence, and a last day.

A pair that was judged stays judged until that day, or until either side's data change: the names, country and
identifiers of the party, and everything that the list says of the entry. A judgement never hides a hit; it is shown
with it. How long one may hold is policy (``data/adjudication.yaml``).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.screening import sides
from portal.screening.match import Hit, ScreeningResult, State, state_of
from portal.screening.models import Adjudication, AdjudicationState, ListEntry, Verdict
from portal.screening.parties import PartyNames
from portal.text import Text

POLICY = Path(__file__).with_name("data") / "adjudication.yaml"


class AdjudicationRefused(ValueError):
    """A judgement that was not taken; ``text`` says why, for the page."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Policy:
    """The longest term of a judgement, when its end is near, and over which times and from how many judged pairs on
    the rate of false alerts is told.
    """

    version: str
    longest: timedelta
    soon: timedelta
    windows: tuple[timedelta, ...]
    enough: int


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

    def judgements(self) -> dict[str, Adjudication]:
        """The judgements that hold, by ``Hit.key``."""
        return {one.hit.key: one.adjudication for one in (*self.different, *self.same)}


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A judgement that was made of a hit and holds no longer, and why."""

    adjudication: Adjudication
    why: Text


@cache
def policy() -> Policy:
    """Read ``data/adjudication.yaml`` once."""
    data = yaml.safe_load(POLICY.read_text(encoding="utf-8"))
    return Policy(
        version=data["version"],
        longest=timedelta(days=data["longest_days"]),
        soon=timedelta(days=data["soon_days"]),
        windows=tuple(timedelta(days=days) for days in data["windows_days"]),
        enough=data["enough"],
    )


def propose(
    session: Session,
    hit: Hit,
    party: PartyNames,
    *,
    verdict: Verdict,
    reason: str,
    evidence: str,
    expires: date,
    actor: audit.Actor,
    now: datetime,
) -> Adjudication:
    """The first person's judgement of a hit of ``party``; it holds once a second person decides it.

    ``evidence`` says what was looked at (a document, a register, a number). Raises ``AdjudicationRefused`` without a
    reason or evidence, for a last day that is past or too far away, and where the pair is before someone.
    """
    if not reason.strip() or not evidence.strip():
        raise AdjudicationRefused(Text("A judgement needs a reason and evidence.", "认定须说明理由和依据。"))
    if not now.date() < expires <= now.date() + policy().longest:
        limit = policy().longest.days
        raise AdjudicationRefused(
            Text(
                f"A judgement holds for {limit} days at most, and not until a day that is past.",
                f"认定有效期最长{limit}天，且终止日期不得早于明日。",
            )
        )
    if waiting(session, hit.key) is not None:
        raise AdjudicationRefused(Text("This hit is already before a second person.", "该匹配项已提交另一人复核。"))
    entry = session.get(ListEntry, hit.entry_id)
    found = Adjudication(
        pair=hit.key,
        source=hit.source,
        entry=hit.entry,
        content=entry.content if entry else "",
        sides=sides.seen(party, entry),
        listed=hit.listed[:500],
        party=hit.matched[:500],
        score=hit.score,
        verdict=verdict,
        reason=reason.strip(),
        evidence=evidence.strip(),
        expires=expires,
        state=AdjudicationState.PROPOSED,
        proposed_by=actor.id,
        proposed_name=actor.name[:200],
        proposed_at=now,
    )
    session.add(found)
    session.flush()
    _record(session, found, "adjudication.proposed", actor, now)
    return found


def decide(session: Session, adjudication_id: uuid.UUID, *, actor: audit.Actor, now: datetime) -> Adjudication:
    """A second person agrees. Raises ``AdjudicationRefused`` for the same person, where nothing is proposed, and for
    a judgement whose last day went by while it waited.
    """
    found = _open(session, adjudication_id, actor)
    if found.expires < now.date():
        raise AdjudicationRefused(
            Text("Its last day went by while it waited. Turn it down.", "该认定在等待复核期间已过期，请予退回。")
        )
    found.state = AdjudicationState.DECIDED
    _sign(found, actor, now)
    session.flush()
    _record(session, found, "adjudication.decided", actor, now)
    return found


def reject(
    session: Session, adjudication_id: uuid.UUID, *, reason: str, actor: audit.Actor, now: datetime
) -> Adjudication:
    """A second person does not agree, with a reason; the hit is open again."""
    if not reason.strip():
        raise AdjudicationRefused(Text("A judgement that is turned down needs a reason.", "退回认定须说明理由。"))
    found = _open(session, adjudication_id, actor)
    found.state, found.rejection = AdjudicationState.REJECTED, reason.strip()
    _sign(found, actor, now)
    session.flush()
    _record(session, found, "adjudication.rejected", actor, now)
    return found


def waiting(session: Session, pair: str) -> Adjudication | None:
    """The judgement of a pair that waits for a second person."""
    chosen = select(Adjudication).where(Adjudication.pair == pair, Adjudication.state == AdjudicationState.PROPOSED)
    return session.scalars(chosen).one_or_none()


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
    present = _contents(session, hits)
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


def lapsed(session: Session, hits: Sequence[Hit], party: PartyNames, on: date) -> dict[str, Lapsed]:
    """Of open hits of a party, the latest judgement that was made of it and holds no longer, by ``Hit.key``.

    A judgement is of this party when they have a name in common; that is said only of the same entry.
    """
    if not hits:
        return {}
    chosen = select(Adjudication).where(
        Adjudication.source.in_({hit.source for hit in hits}),
        Adjudication.entry.in_({hit.entry for hit in hits}),
        Adjudication.state == AdjudicationState.DECIDED,
    )
    earlier = list(session.scalars(chosen.order_by(Adjudication.decided_at, Adjudication.id)))
    present, known = _contents(session, hits), sides.of_party(party)
    found = {}
    for hit in hits:
        for one in earlier:
            same_entry = (one.source, one.entry) == (hit.source, hit.entry)
            if same_entry and (one.pair == hit.key or sides.share_a_name(one.sides["party"], known)):
                found[hit.key] = Lapsed(one, _why(one, known, present[hit.key], on))
    return found


def _why(one: Adjudication, party: dict[str, object], content: str, on: date) -> Text:
    if one.expires < on:
        return Text(f"it ended on {one.expires}", f"已于{one.expires}到期")
    if not sides.same_party(one.sides["party"], party):
        return Text("the party’s data have changed since", "参与方信息其后已变更")
    if one.content != content:
        return Text("the list says something else of the entry since", "名单条目内容其后已变更")
    return Text("what was compared has changed since", "所比对的信息其后已变更")


def _contents(session: Session, hits: Sequence[Hit]) -> dict[str, str]:
    """What the list says now of the entry of each hit, as a digest, by ``Hit.key``."""
    entries = select(ListEntry.id, ListEntry.content).where(ListEntry.id.in_([hit.entry_id for hit in hits]))
    contents = dict(session.execute(entries).all())
    return {hit.key: contents.get(hit.entry_id, "") for hit in hits}


def _open(session: Session, adjudication_id: uuid.UUID, actor: audit.Actor) -> Adjudication:
    """A proposed judgement, locked, that someone other than its author may decide."""
    chosen = select(Adjudication).where(Adjudication.id == adjudication_id).with_for_update()
    found = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
    if found is None or found.state != AdjudicationState.PROPOSED:
        raise AdjudicationRefused(Text("No such judgement waits for a second person.", "没有等待复核的此项认定。"))
    if found.proposed_by == actor.id:
        raise AdjudicationRefused(
            Text("A second person has to decide: you made this proposal.", "须由另一人复核：该认定由您提出。")
        )
    return found


def _sign(found: Adjudication, actor: audit.Actor, now: datetime) -> None:
    found.decided_by, found.decided_name, found.decided_at = actor.id, actor.name[:200], now


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
