"""From a shipment to the facts that are judged: controls for each goods line, screening of each name, answers."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from portal.controls import overlay
from portal.controls.judge import GoodsItem, Judgement, judge
from portal.controls.measures import MeasureSet
from portal.risk.facts import Facts, GoodsFact, LicenceFact, ListFact, plain
from portal.screening import lists
from portal.screening.lists import ListStatus
from portal.shipments import answers, ownership, vocabulary
from portal.shipments.answers import Answered
from portal.shipments.hit_facts import Screened, party_facts, screen
from portal.shipments.models import GoodsLine, Shipment


@dataclass(frozen=True, slots=True)
class Ground:
    """The facts together with what they were made from, so that all of it can be shown and stored."""

    facts: Facts
    judgements: tuple[tuple[GoodsLine, Judgement], ...]
    screened: tuple[Screened, ...]
    lists: tuple[ListStatus, ...]
    answered: tuple[Answered, ...]


def build(session: Session, shipment: Shipment, now: datetime) -> Ground:
    """Everything that is known about the shipment at ``now``. Reads only; nothing is written."""
    on, measures = now.date(), overlay.current(session, now)
    judgements = tuple((line, classify(line, shipment.destination, on, measures)) for line in shipment.goods)
    screened = screen(session, shipment, on)
    status = lists.show(session, now)
    answered = answers.both(session, shipment, now)
    parties = tuple(fact for each in screened for fact in party_facts(each))
    facts = Facts(
        on=on,
        answers={name: value for each in answered for name, value in each.by_question().items()},
        goods=tuple(_goods(line, judgement) for line, judgement in judgements),
        parties=parties,
        lists=tuple(_list(each) for each in status),
        destination=shipment.destination,
        transit=tuple(shipment.transit),
        licence=_licence(shipment),
        documents=tuple(sorted({document.kind for document in shipment.documents})),
        ownership=ownership.facts(shipment, parties),
    )
    return Ground(facts, judgements, screened, status, answered)


def classify(line: GoodsLine, destination: str, on: date, measures: MeasureSet) -> Judgement:
    """Whether a goods line is controlled by the measures that hold (``overlay.current``)."""
    return judge(goods_item(line), destination, on, measures)


def goods_item(line: GoodsLine) -> GoodsItem:
    """A goods line as it is judged, by its English and Chinese names alike."""
    return GoodsItem(
        name=" · ".join(name for name in (line.name, line.name_zh) if name),
        element="" if line.element == "other" else line.element,
        chemical_form=line.chemical_form,
        purity=line.purity,
        particle_size=line.particle_size,
        hs_code=line.hs_code,
        control_code=line.control_code,
    )


def screening(session: Session, shipment: Shipment, now: datetime) -> dict[str, Any]:
    """What screening says of a shipment as it stands, as the JSON values of facts: its parties, and the lists."""
    screened = screen(session, shipment, now.date())
    return {
        "parties": [plain(asdict(fact)) for each in screened for fact in party_facts(each)],
        "lists": [plain(asdict(_list(each))) for each in lists.show(session, now)],
    }


# ---- one to one into facts


def _goods(line: GoodsLine, judgement: Judgement) -> GoodsFact:
    acting = [finding for finding in judgement.measures if finding.state in ("controlled", "review", "conditional")]
    return GoodsFact(
        line=line.line,
        name=line.name,
        element=line.element,
        chemical_form=line.chemical_form,
        hs_code=line.hs_code,
        control_code=line.control_code,
        control_state=judgement.state,
        control_measures=tuple(finding.number for finding in acting),
        quantity=line.quantity,
        unit=line.unit,
        value=line.value,
        currency=line.currency,
        prohibited_to_destination=judgement.prohibited,
        item=str(line.id),
    )


def _list(status: ListStatus) -> ListFact:
    return ListFact(
        source=status.source,
        edition=status.edition,
        published=status.published,
        age_days=status.age_days,
        state=status.state,
        binding=status.binding,
        incomplete=status.incomplete,
        entries=status.entries,
        required=status.required,
        tried="refused" if status.refused else "unreachable" if status.unreachable else "",
        tried_why=status.refused or status.unreachable,
    )


def _licence(shipment: Shipment) -> LicenceFact | None:
    if not shipment.licence_number:
        return None
    scope = shipment.licence_scope
    if scope == "yes" and _beyond_licence(shipment):
        scope = "no"
    return LicenceFact(
        number=shipment.licence_number,
        valid_until=shipment.licence_valid_until,
        scope=scope if scope in ("yes", "no") else "unknown",  # type: ignore[arg-type]  # narrowed by the test
    )


def _beyond_licence(shipment: Shipment) -> bool:
    """Whether the goods are more than what the licence still covers, where units allow to compare.

    All lines count, since which of them the licence is for is not recorded: the doubt is not the exporter's gain.
    """
    left, unit = shipment.licence_quantity_left, vocabulary.units().get(shipment.licence_unit)
    if left is None or unit is None:
        return False
    if unit.kilograms is not None:
        return sum((line.net_weight_kg for line in shipment.goods), Decimal(0)) > left * unit.kilograms
    same = [line.quantity for line in shipment.goods if line.unit == unit.code]
    return sum(same, Decimal(0)) > left
