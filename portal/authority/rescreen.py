"""When a list changes, screen again what the change can touch, and act on what is found.

A match on a list that binds the exporter suspends the certificate; a possible one waits for a person's judgement. Both
go into the case of the list entry. What was known when the certificate was issued, or was found before, is not told
twice, so all of this may run twice. An entry that leaves a list is only noted: people reinstate, never the portal.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import jobs
from portal.authority.live import Live, Use, live
from portal.screening import adjudicate, lists, rescreen
from portal.screening.events import ListChanged
from portal.screening.match import Hit, Screener
from portal.screening.models import Adjudication, AdjudicationState, EditionState, ListEdition, ListEntry, Verdict
from portal.screening.rescreen import PartyHits
from portal.screening.score import policy
from portal.shipments.models import Assessment

KIND = "rescreen"
AGAIN = timedelta(minutes=15)  # by then a certificate that was being issued during the change is on file


@dataclass(frozen=True, slots=True)
class Finding:
    """A party of a live certificate or open shipment on a list: where it is used, the hit, and whether it is sure.

    ``sure``: the score says so, or two people did. ``mark`` is the same whenever the same is found again.
    """

    use: Use
    hit: Hit
    sure: bool
    mark: str

    @property
    def topic(self) -> str:
        return topic(self.hit.source, self.hit.entry)

    @property
    def suspends(self) -> bool:
        """Whether it takes the certificate's worth away: a sure hit on a list that binds."""
        return self.sure and self.hit.status == "listed" and (self.hit.binding or self.hit.effect == "prohibited")


@dataclass(frozen=True, slots=True)
class Found:
    """What a change of a list comes to: findings to act on, and entries that no longer stand as they did.

    ``gone`` are the numbers of entries that have left the list, ``weaker`` those that are suspended or stopped, each
    with how it stands.
    """

    source: str
    edition: str
    findings: tuple[Finding, ...]
    gone: tuple[str, ...]
    weaker: tuple[tuple[str, str], ...]


def topic(source: str, entry: str) -> str:
    """What a case about a list entry is known by."""
    return f"{source}:{entry}"


def on_list_changed(session: Session, event: ListChanged) -> None:
    """Write the job down with the change itself, and a second look for certificates that were being issued."""
    jobs.post(session, KIND, payload(event), now=event.at)
    jobs.post(session, KIND, payload(event), now=event.at, due=event.at + AGAIN)


def payload(event: ListChanged) -> dict[str, Any]:
    """A change as a job keeps it; ``read`` reads it again."""
    return {
        "source": event.source,
        "edition": str(event.edition_id),
        "previous": str(event.previous_id) if event.previous_id else None,
        "kind": event.kind,
        "entries": [str(entry) for entry in event.entry_ids],
        "at": event.at.isoformat(),
    }


def read(kept: Mapping[str, Any]) -> ListChanged:
    """The change that a job was written down for."""
    return ListChanged(
        source=kept["source"],
        edition_id=uuid.UUID(kept["edition"]),
        previous_id=uuid.UUID(kept["previous"]) if kept["previous"] else None,
        kind=kept["kind"],
        entry_ids=tuple(uuid.UUID(entry) for entry in kept["entries"]),
        at=datetime.fromisoformat(kept["at"]),
    )


def find(session: Session, change: ListChanged, on: date) -> Found:
    """What a change of a list means for live certificates and open shipments on a day. Reads only."""
    edition = session.get(ListEdition, change.edition_id)
    if edition is None:
        return Found(change.source, "", (), (), ())
    difference = rescreen.difference(session, change)
    gone = difference.withdrawn
    entries: Sequence[uuid.UUID] = difference.entries
    if edition.state != EditionState.CURRENT:
        edition, entries, gone = _by_now(session, edition, entries, gone)
    if change.kind == "removed":
        gone = tuple(session.scalars(select(ListEntry.uid).where(ListEntry.id.in_(entries))))
        entries = ()
    hits: tuple[PartyHits, ...] = ()
    known = None
    if entries:
        known = live(session, on, Screener.open(session))
        now_current = ListChanged(change.source, edition.id, None, "edition", tuple(entries), change.at)
        hits = rescreen.changed(session, now_current, known.indexes, on)
    findings = judge(session, known, hits, on) if known else ()
    weaker = {(hit.entry, hit.status) for one in hits for hit in one.hits if hit.status != "listed"}
    return Found(change.source, edition.edition, findings, gone, tuple(sorted(weaker)))


def everything(session: Session, on: date) -> tuple[Finding, ...]:
    """The findings of screening every live party against every list: what ``find`` must come to, change by change."""
    screener = Screener.open(session)
    known = live(session, on, screener)
    found = []
    for party in known.parties():
        if hits := screener.screen(party.names, party.country, on, party.identifiers, party.reached).hits:
            found.append(PartyHits(party, hits))
    return judge(session, known, found, on)


def judge(session: Session, known: Live, found: Iterable[PartyHits], on: date) -> tuple[Finding, ...]:
    """The findings that some hits come to: without entries that stopped, what two people found to be another party,
    and what was known as well when the certificate was issued.
    """
    found = list(found)
    hits = [hit for one in found for hit in one.hits if hit.strength != "history"]
    standing, lapsed = _standing(session, hits, on), _lapsed(session, hits, on)
    contents = _contents(session, hits)
    findings = []
    for one in found:
        for hit in one.hits:
            verdict = standing.get(hit.key)
            if hit.strength == "history" or verdict == Verdict.DIFFERENT:
                continue
            sure = hit.strength == "match" or verdict == Verdict.SAME
            for use in known.uses(one.party.id):
                parts = (use.certificate or str(use.shipment_id), use.subject, hit.key, contents.get(hit.entry_id, ""))
                text = "\x1f".join((*parts, str(sure), hit.status, lapsed.get(hit.key, "")))
                findings.append(Finding(use, hit, sure, hashlib.sha256(text.encode()).hexdigest()))
    return tuple(_new(session, findings, lapsed))


def _by_now(
    session: Session, edition: ListEdition, entries: Sequence[uuid.UUID], gone: tuple[str, ...]
) -> tuple[ListEdition, Sequence[uuid.UUID], tuple[str, ...]]:
    """A change of an edition that is itself replaced by now: what it said of each entry, as the present one has it."""
    present = next((one for one in lists.current(session) if one.source == edition.source), None)
    if present is None:
        return edition, (), gone
    at_once = rescreen.CHUNK
    uids: list[str] = []
    for at in range(0, len(entries), at_once):
        some = select(ListEntry.uid).where(ListEntry.id.in_(entries[at : at + at_once]))
        uids.extend(session.scalars(some))
    standing: dict[str, uuid.UUID] = {}
    wanted = [*uids, *gone]
    for at in range(0, len(wanted), at_once):
        named = ListEntry.uid.in_(wanted[at : at + at_once])
        here = select(ListEntry.uid, ListEntry.id).where(ListEntry.edition_id == present.id, named)
        standing.update(dict(session.execute(here).all()))
    return present, [standing[uid] for uid in uids if uid in standing], tuple(u for u in gone if u not in standing)


def _standing(session: Session, hits: Sequence[Hit], on: date) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for at in range(0, len(hits), rescreen.CHUNK):
        some = adjudicate.standing(session, hits[at : at + rescreen.CHUNK], on)
        found.update({pair: Verdict(one.verdict) for pair, one in some.items()})
    return found


def _lapsed(session: Session, hits: Sequence[Hit], on: date) -> dict[str, str]:
    """The judgement that last lapsed of each pair: what it kept away is new once more."""
    found: dict[str, str] = {}
    pairs = [hit.key for hit in hits]
    for at in range(0, len(pairs), rescreen.CHUNK):
        chosen = (
            select(Adjudication.pair, Adjudication.id)
            .where(Adjudication.pair.in_(pairs[at : at + rescreen.CHUNK]), Adjudication.expires < on)
            .where(Adjudication.state == AdjudicationState.DECIDED)
            .order_by(Adjudication.decided_at, Adjudication.id)
        )
        found.update({pair: str(identity) for pair, identity in session.execute(chosen)})
    return found


def _contents(session: Session, hits: Sequence[Hit]) -> dict[uuid.UUID, str]:
    found: dict[uuid.UUID, str] = {}
    entries = sorted({hit.entry_id for hit in hits})
    for at in range(0, len(entries), rescreen.CHUNK):
        chosen = select(ListEntry.id, ListEntry.content).where(ListEntry.id.in_(entries[at : at + rescreen.CHUNK]))
        found.update(dict(session.execute(chosen).all()))
    return found


def _new(session: Session, findings: Sequence[Finding], lapsed: Mapping[str, str]) -> list[Finding]:
    """Without those that the shipment's own assessment knew as well, unless it relied on a judgement since lapsed."""
    shipments = sorted({finding.use.shipment_id for finding in findings})
    known: dict[tuple[uuid.UUID, str], list[dict[str, Any]]] = defaultdict(list)
    for at in range(0, len(shipments), rescreen.CHUNK):
        some = shipments[at : at + rescreen.CHUNK]
        chosen = select(Assessment).where(Assessment.shipment_id.in_(some)).order_by(Assessment.made_at)
        newest = {stored.shipment_id: stored for stored in session.scalars(chosen)}
        for identity, stored in newest.items():
            for party in stored.facts["parties"]:
                known[identity, party["id"]] += party["hits"]
    return [
        one for one in findings if one.hit.key in lapsed or not _knew(known[one.use.shipment_id, one.use.subject], one)
    ]


def _knew(hits: Iterable[Mapping[str, Any]], finding: Finding) -> bool:
    for hit in hits:
        same = (hit["source"], hit["entry"]) == (finding.hit.source, finding.hit.entry)
        as_sure = not finding.sure or float(hit["score"]) >= policy().match
        if same and hit["status"] == finding.hit.status and as_sure and hit.get("adjudicated") != "different":
            return True
    return False
