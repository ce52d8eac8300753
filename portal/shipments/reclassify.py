"""Goods that were judged once, judged again because the measures have changed or time has passed.

Of the goods of live certificates and open shipments only those are judged again that the change can touch. A
certificate is live while it is valid or suspended and its term has not ended; a shipment is open from its submission
until it is decided, and while it is referred.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import Select, exists, null, select
from sqlalchemy.orm import Session

from portal.certificates.models import Certificate, CertificateEvent
from portal.controls import catalogue, events, reach
from portal.controls.events import Effect
from portal.controls.judge import GoodsItem, Judgement, judge, match_all
from portal.controls.measures import MeasureSet, cited, day_text
from portal.shipments.facts import goods_item
from portal.shipments.models import GoodsLine, Shipment
from portal.shipments.states import State
from portal.text import Text

ENDED = ("revoked", "superseded", "used_up")  # a certificate never comes back from these
OPEN = (State.SUBMITTED, State.ATTESTED, State.REFERRED)
NAMED = 5  # of those that a change would touch, how many the preview names
RANK = {"not_controlled": 0, "review": 1, "controlled": 2, "prohibited": 3}
STATES = {
    "not_controlled": Text("not found to be controlled", "未查到管制"),
    "review": Text("to be reviewed", "待复核"),
    "controlled": Text("controlled", "受管制"),
    "prohibited": Text("barred from the destination", "对该目的地不予许可"),
}
CERTIFICATES = Text("Live certificates that would change", "将受影响的有效证书")
SHIPMENTS = Text("Open shipments that would change", "将受影响的在办货物批次")
TOUCHED = Text(
    "{name}, line {line} ({goods}): {before} → {after} from {day}",
    "{name}第{line}项（{goods}）：自{day}起{before} → {after}",
)


@dataclass(frozen=True, slots=True)
class Line:
    """A goods line of a live certificate or an open shipment, by the certificate's number or the shipment's reference.

    ``item`` is the goods as they are judged, ``until`` the last day of the certificate.
    """

    name: str
    shipment_id: uuid.UUID
    line: int
    goods: str
    item: GoodsItem
    destination: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Touched:
    """A line that is judged otherwise from a day on. ``measures`` are those that make the difference."""

    line: Line
    day: date
    before: str
    after: str
    measures: tuple[str, ...]

    @property
    def stricter(self) -> bool:
        return RANK[self.after] > RANK[self.before]

    @property
    def told(self) -> Text:
        """The line in words, for a list."""
        one = self.line
        return TOUCHED.filled(
            name=one.name, line=one.line, goods=one.goods, before=STATES[self.before], after=STATES[self.after],
            day=day_text(self.day),
        )  # fmt: skip


def of_certificates(on: date) -> Select[str, GoodsLine, str, date | None]:
    """The goods lines of certificates that are live on a day."""
    ended = exists().where(CertificateEvent.certificate_id == Certificate.id, CertificateEvent.state.in_(ENDED))
    chosen = select(Certificate.number, GoodsLine, Shipment.destination, Certificate.valid_until)
    chosen = chosen.join(Shipment, Shipment.id == GoodsLine.shipment_id)
    chosen = chosen.join(Certificate, Certificate.subject_id == Shipment.id)
    chosen = chosen.where(GoodsLine.removed_at.is_(None), Certificate.valid_until >= on, ~ended)
    return chosen.order_by(Certificate.number, GoodsLine.line)


def of_shipments() -> Select[str, GoodsLine, str, date | None]:
    """The goods lines of shipments that wait for a decision."""
    chosen = select(Shipment.reference, GoodsLine, Shipment.destination, null())
    chosen = chosen.join(Shipment, Shipment.id == GoodsLine.shipment_id)
    chosen = chosen.where(GoodsLine.removed_at.is_(None), Shipment.state.in_(OPEN))
    return chosen.order_by(Shipment.reference, Shipment.id, GoodsLine.line)


def lines(session: Session, chosen: Select[str, GoodsLine, str, date | None]) -> Iterator[Line]:
    """The lines of a selection, one by one; a few hundred at a time."""
    for name, row, destination, until in session.execute(chosen.execution_options(yield_per=500)):
        yield Line(name, row.shipment_id, row.line, row.name, goods_item(row), destination, until)


def touched(found: Iterator[Line], before: MeasureSet, after: MeasureSet, today: date) -> Iterator[Touched]:
    """The lines that two sets of measures judge otherwise, today or on the first later day on which they do.

    Lines alike are judged once.
    """
    when, can = reach.days(before, after, today), reach.of(reach.changed(before, after), after)
    known: dict[tuple[GoodsItem, str], tuple[tuple[date, str, str, tuple[str, ...]], ...]] = {}
    for line in found:
        alike = line.item, line.destination
        if alike not in known:
            hit = bool(when) and can.may(*alike)
            known[alike] = tuple(_differences(*alike, before, after, when)) if hit else ()
        first = next((one for one in known[alike] if line.until is None or one[0] <= line.until), None)
        if first is not None:
            yield Touched(line, *first)


def _differences(
    item: GoodsItem, destination: str, before: MeasureSet, after: MeasureSet, when: Sequence[date]
) -> Iterator[tuple[date, str, str, tuple[str, ...]]]:
    # Matching takes most of the time, and the same items are matched alike whatever the day and the intervals.
    matched = match_all(item, after)
    by_number = {measure.number: matches for measure, matches in matched.items()}
    known = {measure.number: measure.items for measure in after.measures}
    same = all(known.get(measure.number) == measure.items for measure in before.measures)
    earlier = (
        {measure: by_number[measure.number] for measure in before.measures if measure.number in by_number}
        if same
        else match_all(item, before)
    )
    for day in when:
        old = judge(item, destination, day, before, earlier)
        new = judge(item, destination, day, after, matched)
        if standing(old) != standing(new):
            yield day, standing(old), standing(new), acting(new) or acting(old)


def standing(judgement: Judgement) -> str:
    """What a judgement comes to, with the bar from a destination as the strictest."""
    return "prohibited" if judgement.prohibited else judgement.state


def acting(judgement: Judgement) -> tuple[str, ...]:
    """The numbers of the measures that make goods controlled or to be reviewed."""
    wanted = ("controlled",) if judgement.state == "controlled" else ("review",)
    return tuple(one.number for one in judgement.measures if one.state in wanted or one.prohibited)


def preview(of: str, session: Session, before: MeasureSet, after: MeasureSet, now: datetime) -> Effect:
    """What a change would touch among ``of`` ("certificates" or "shipments"), for the editor of measures."""
    chosen = of_certificates(now.date()) if of == "certificates" else of_shipments()
    found = list(touched(lines(session, chosen), before, after, now.date()))
    names = {one.line.name for one in found}
    kind = CERTIFICATES if of == "certificates" else SHIPMENTS
    return Effect(kind, len(names), tuple(one.told for one in found[:NAMED]))


def wire() -> None:
    """Have the editor of measures show what a change would touch."""
    for of in ("certificates", "shipments"):
        events.preview_with(partial(preview, of))


@dataclass(frozen=True, slots=True)
class Stricter:
    """Goods as they were judged when they were certified and as they are judged since a later day, and why."""

    line: int
    goods: str
    before: str
    after: str
    since: date
    measures: tuple[str, ...]
    why: Text


WHY = Text(
    "Line {line}, {goods}: {after} since {day} under {measures}. When the certificate was issued: {before}.",
    "第{line}项“{goods}”：自{day}起依据{measures}{after}。出具证书时：{before}。",
)


def stricter(
    line: int, goods: str, judged: tuple[GoodsItem, str], before: str, measures: MeasureSet, on: date
) -> Stricter:
    """How goods for a destination (``judged``) stand on a day beside what was certified."""
    judgement = judge(*judged, on, measures)
    numbers, after = acting(judgement), standing(judgement)
    begun = [
        stretch.since
        for measure in measures.measures
        if measure.number in numbers
        for stretch in catalogue.line_of_time(measure, on)
        if stretch.now
    ]
    since = max(begun, default=on)
    named = [cited(number) for number in numbers]
    why = WHY.filled(
        line=line,
        goods=goods,
        before=STATES[before],
        after=STATES[after],
        measures=Text(", ".join(one.en for one in named), "、".join(one.zh for one in named)),
        day=day_text(since),
    )
    return Stricter(line, goods, before, after, since, numbers, why)
