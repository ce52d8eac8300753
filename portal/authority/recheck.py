"""When measures change, goods of live certificates are judged again; what is stricter by now is put before people.

A certificate that was issued under milder measures is never left looking fine: it is flagged with the goods, the
measure and the day from which it holds, in the case of that measure. The portal itself takes no certificate away for
that; an officer decides.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit, jobs
from portal.audit.models import AuditEvent
from portal.authority import cases
from portal.authority.models import Because, EventKind, LinkKind
from portal.certificates import status
from portal.certificates.models import Certificate
from portal.controls import events, overlay, reach
from portal.controls.events import MeasuresChanged
from portal.controls.judge import GoodsItem, judge, match_all
from portal.controls.measures import MeasureSet
from portal.jobs.registry import Work
from portal.shipments import reclassify
from portal.shipments.facts import goods_item
from portal.shipments.models import Shipment
from portal.shipments.reclassify import Stricter
from portal.text import Text

KIND = "recheck-goods"
FLAGGED = "certificate.flagged"
SHOWN = 50  # of the flagged certificates, how many the overview lists
LONGEST_TOPIC = 140
_TITLE = "{measures}: 有效证书所载货物现判定更严 / goods of live certificates are judged more strictly"
PORTAL = audit.Actor.system("portal")


def wire() -> None:
    """Hear of every approved change of measures, and do the job that follows from it."""
    events.subscribe(on_measures_changed)
    jobs.register(KIND, handle)


def on_measures_changed(session: Session, event: MeasuresChanged) -> None:
    """Leave the work for a worker, in the transaction of the approval."""
    numbers = sorted({measure.number for measure in reach.changed(event.before, event.after)})
    jobs.post(session, KIND, {"numbers": numbers}, now=event.at)


def due(session: Session, since: date, on: date, now: datetime) -> None:
    """Leave the work for measures that came to stand otherwise in the days after ``since`` up to ``on``."""
    rules = overlay.current(session, now)
    numbers = [one.number for one in rules.measures if one.standing(since) != one.standing(on)]
    if numbers:
        jobs.post(session, KIND, {"numbers": numbers}, now=now, key=f"{KIND}:{on.isoformat()}")


def handle(work: Work, payload: Mapping[str, Any]) -> None:
    """The job: it may run twice, what is flagged already is passed over."""
    with work.transaction() as session:
        run(session, payload["numbers"], work.now())


def run(session: Session, numbers: Collection[str], now: datetime) -> int:
    """Judge the goods again that the measures named can touch; the number of goods lines that are newly flagged.

    Empty ``numbers``: all measures, as after a new release or when a day has come from which one holds again.
    """
    rules = overlay.current(session, now)
    found: dict[str, list[Stricter]] = {}
    for number, stricter in _stricter(session, rules, numbers, now.date()):
        found.setdefault(number, []).append(stricter)
    return sum(_flag(session, number, some, now) for number, some in found.items())


def _stricter(
    session: Session, rules: MeasureSet, numbers: Collection[str], today: date
) -> Iterator[tuple[str, Stricter]]:
    chosen = tuple(one for one in rules.measures if not numbers or one.number in numbers)
    can, days = reach.of(chosen, rules), reach.turns(chosen, today)
    known: dict[tuple[GoodsItem, str], tuple[tuple[date, str], ...]] = {}
    said: tuple[str, dict[int, str]] = ("", {})
    for line in reclassify.lines(session, reclassify.of_certificates(today)):
        alike = line.item, line.destination
        if alike not in known:
            hit = can.may(*alike)
            matched = match_all(line.item, rules) if hit else {}
            known[alike] = tuple((day, reclassify.standing(judge(*alike, day, rules, matched))) for day in days if hit)
        if not known[alike]:
            continue
        if said[0] != line.name:
            said = line.name, certified(session, line.name)
        before = said[1].get(line.line, "not_controlled")
        for day, after in known[alike]:
            if reclassify.RANK[after] > reclassify.RANK[before] and (line.until is None or day <= line.until):
                yield line.name, reclassify.stricter(line.line, line.goods, alike, before, rules, day)
                break


def certified(session: Session, number: str) -> dict[int, str]:
    """How the goods were judged when a certificate was issued, by line number, as the certificate says."""
    found = session.scalars(select(Certificate.statement).where(Certificate.number == number)).one()
    return {goods["line"]: goods["control_state"] for goods in json.loads(found)["goods"]}


def _flag(session: Session, number: str, some: list[Stricter], now: datetime) -> int:
    """Leave an audit event for each line that was not flagged so before, and a word in the case of its measure."""
    certificate = session.scalars(select(Certificate).where(Certificate.number == number)).one()
    before = session.scalars(
        select(AuditEvent).where(AuditEvent.subject == f"certificate:{number}", AuditEvent.verb == FLAGGED)
    ).all()
    known = {(event.details["line"], event.details["now"], event.details["from"]) for event in before}
    fresh = [one for one in some if (str(one.line), one.after, one.since.isoformat()) not in known]
    for one in fresh:
        audit.record(
            session, actor=PORTAL, verb=FLAGGED, subject=f"certificate:{number}", now=now,
            details={
                "line": str(one.line), "goods": one.goods, "certified": one.before, "now": one.after,
                "from": one.since.isoformat(), "measures": ", ".join(one.measures),
                "why": one.why.en, "why_zh": one.why.zh,
            },
            organisation_id=certificate.organisation_id,
        )  # fmt: skip
        _file(session, certificate, one, now)
    return len(fresh)


def _file(session: Session, certificate: Certificate, one: Stricter, now: datetime) -> None:
    """Put a flagged line into the case of what is stricter now, opened with the first of them."""
    measures = ", ".join(one.measures)
    topic = f"measure:{measures}"[:LONGEST_TOPIC]
    case = cases.of_topic(session, topic) or cases.open_case(
        session, title=_TITLE.format(measures=measures), because=Because.MEASURE, topic=topic, actor=PORTAL, now=now
    )
    label = f"{certificate.exporter_name} → {certificate.end_user_name}"
    cases.link(session, case, LinkKind.CERTIFICATE, certificate.number, label, now)
    told = f"{certificate.number}\n{one.why.en}\n{one.why.zh}"
    cases.add(session, case, EventKind.NOTE, actor=PORTAL, now=now, text=told)


def ahead(session: Session, number: str, on: date) -> list[Text]:
    """What was flagged of a certificate for days to come, in words."""
    chosen = select(AuditEvent).where(AuditEvent.subject == f"certificate:{number}", AuditEvent.verb == FLAGGED)
    found = [event.details for event in session.scalars(chosen.order_by(AuditEvent.sequence))]
    return [Text(one["why"], one["why_zh"]) for one in found if one["from"] > on.isoformat()]


def flagged(session: Session, now: datetime) -> list[tuple[Certificate, AuditEvent]]:
    """The flagged certificates that are still valid, the latest flagged first: each needs an officer's decision."""
    chosen = select(AuditEvent).where(AuditEvent.verb == FLAGGED).order_by(AuditEvent.sequence.desc())
    found: dict[str, tuple[Certificate, AuditEvent]] = {}
    for event in session.scalars(chosen.execution_options(yield_per=SHOWN)):
        number = event.subject.partition(":")[2]
        if number in found:
            continue
        certificate = status.find(session, number)
        if certificate is not None and status.current(session, certificate, now).state == "valid":
            found[number] = certificate, event
        if len(found) == SHOWN:
            break
    return list(found.values())


def since_issue(session: Session, certificate: Certificate, now: datetime) -> tuple[Stricter, ...]:
    """The goods of a certificate that are judged more strictly today than when it was issued, flagged or not."""
    shipment = session.get(Shipment, certificate.subject_id)
    if shipment is None:
        return ()
    said, rules, on = certified(session, certificate.number), overlay.current(session, now), now.date()
    found = (
        reclassify.stricter(line.line, line.name, (goods_item(line), shipment.destination), said[line.line], rules, on)
        for line in shipment.goods
        if line.line in said
    )
    return tuple(one for one in found if reclassify.RANK[one.after] > reclassify.RANK[one.before])
