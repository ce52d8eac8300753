"""What follows from a change of a list: cases, suspensions, and word to the exporter.

Each list entry is dealt with in a transaction of its own. A finding that is in a case already is passed over, so a job
that is done twice makes one case, one suspension and one mail.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit, jobs
from portal.authority import cases, rescreen
from portal.authority.models import Because, Case, CaseHit, EventKind, LinkKind
from portal.authority.rescreen import Finding, Found, topic
from portal.certificates import status
from portal.jobs.registry import Work
from portal.screening.sources import sources
from portal.shipments import hits
from portal.shipments.models import Shipment
from portal.text import Text

PORTAL = audit.Actor.system("portal")
REASON = "new-list-match"
TELL = "tell-suspended"
_REASON = Text(
    "A party of this shipment, {party}, now appears on a list: {list}. {why}",
    "本批货物的参与方“{party}”现已列入名单：{list}。{why}",
)


def handle(work: Work, payload: Mapping[str, Any]) -> None:
    """The job of a changed list: read and compare in one transaction, then act entry by entry in short ones."""
    now = work.now()
    with work.transaction() as session:
        found = rescreen.find(session, rescreen.read(payload), now.date())
    carry_out(work, found, now)


def carry_out(work: Work, found: Found, now: datetime) -> None:
    """Act on everything that was found, each list entry by itself."""
    for some in by_entry(found):
        with work.transaction() as session:
            act(session, some, now)
    standing = [(uid, "stopped") for uid in found.gone] + list(found.weaker)
    if standing:
        with work.transaction() as session:
            for uid, how in standing:
                _note_standing(session, topic(found.source, uid), found.edition, how, now)


def by_entry(found: Found) -> list[list[Finding]]:
    """The findings of each list entry together."""
    by_topic: dict[str, list[Finding]] = defaultdict(list)
    for finding in found.findings:
        by_topic[finding.topic].append(finding)
    return list(by_topic.values())


def act(session: Session, findings: Iterable[Finding], now: datetime) -> Case | None:
    """Put the new ones among the findings of one list entry into its case, and suspend what has to be.

    Gives the case, or ``None`` where all was known.
    """
    some = list(findings)
    marks = [finding.mark for finding in some]
    known = set(session.scalars(select(CaseHit.mark).where(CaseHit.mark.in_(marks))))
    fresh = [finding for finding in some if finding.mark not in known]
    if not fresh:
        return None
    case = cases.of_topic(session, fresh[0].topic) or cases.open_case(
        session, title=fresh[0].hit.listed, because=Because.HIT, topic=fresh[0].topic, actor=PORTAL, now=now
    )
    hit = fresh[0].hit
    cases.link(session, case, LinkKind.ENTRY, fresh[0].topic, hit.listed, now)
    for finding in fresh:
        _put(session, case, finding, now)
    return case


def _put(session: Session, case: Case, finding: Finding, now: datetime) -> None:
    use, hit = finding.use, finding.hit
    strength = "match" if finding.sure else "possible"
    session.add(
        CaseHit(
            case_id=case.id, mark=finding.mark, shipment_id=use.shipment_id, certificate=use.certificate,
            party=use.name[:300], roles=list(use.roles), pair=hit.key, source=hit.source, entry=hit.entry,
            edition=hit.edition, listed=hit.listed, score=hit.score, strength=strength, status=hit.status,
            why=hit.why.to_json(), found_at=now,
        )
    )  # fmt: skip
    session.flush()
    session.expire(case, ["hits"])
    shipment = session.get_one(Shipment, use.shipment_id)
    hits.meet(session, shipment, hit, subject=use.subject, name=use.name, roles=use.roles, now=now)
    cases.link(session, case, LinkKind.PARTY, use.subject, use.name, now)
    cases.link(session, case, LinkKind.SHIPMENT, str(shipment.id), shipment.reference, now)
    if use.certificate:
        label = f"{shipment.organisation.name} → {_end_user(shipment)}"
        cases.link(session, case, LinkKind.CERTIFICATE, use.certificate, label, now)
    told = {
        "party": use.name, "strength": strength, "source": hit.source, "entry": hit.entry, "edition": hit.edition,
        "certificate": use.certificate, "shipment": shipment.reference, "score": hit.score,
    }  # fmt: skip
    cases.add(session, case, EventKind.HIT, actor=PORTAL, now=now, details=told)
    if finding.suspends and use.certificate:
        _suspend(session, case, finding, now)


def _suspend(session: Session, case: Case, finding: Finding, now: datetime) -> None:
    certificate = status.find(session, finding.use.certificate)
    if certificate is None or status.current(session, certificate, now).state != "valid":
        return
    source = sources().get(finding.hit.source)
    title = source.title if source else Text(finding.hit.source, finding.hit.source)
    words = _REASON.filled(party=finding.use.name, list=title, why=finding.hit.why)
    status.suspend(
        session, certificate, reason_code=REASON, reason=f"{words.en}\n{words.zh}"[:2000], actor=PORTAL, now=now
    )
    cases.add(session, case, EventKind.SUSPENDED, actor=PORTAL, now=now, details={"certificate": certificate.number})
    event = status.history(session, certificate)[-1]
    jobs.post(session, TELL, {"event": str(event.id)}, now=now, key=f"{TELL}:{event.id}")


def _note_standing(session: Session, of: str, edition: str, how: str, now: datetime) -> None:
    """Tell in the case that the list no longer names the entry ("stopped") or has suspended it, once for each turn."""
    case = cases.of_topic(session, of)
    if case is None:
        return
    telling = (EventKind.HIT, EventKind.STANDING, EventKind.WITHDRAWN)
    last = next((event for event in reversed(case.events) if event.kind in telling), None)
    if last is None or last.details.get("standing") != how:
        kind = EventKind.WITHDRAWN if how == "stopped" else EventKind.STANDING
        cases.add(session, case, kind, actor=PORTAL, now=now, details={"edition": edition, "standing": how})


def _end_user(shipment: Shipment) -> str:
    return next((party.name for party in shipment.parties if "end_user" in party.roles), "")
