"""What is still missing before a shipment can be submitted, each with the place where it is made good."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from portal.shipments import answers
from portal.shipments.models import Shipment
from portal.text import Text

Place = Literal["contract", "route", "goods", "parties", "end-use", "end-user"]
MAX_NAMED = 100  # parties by role that a certificate can name


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing. ``place`` names the page that asks for it."""

    place: Place
    text: Text


def missing(session: Session, shipment: Shipment, now: datetime) -> tuple[Missing, ...]:
    """Everything that is missing, in the order of the task list; empty when the shipment can be submitted."""
    return (*_entries(shipment), *_answers(session, shipment, now))


def _entries(shipment: Shipment) -> Iterator[Missing]:
    if not shipment.contract_number or shipment.contract_date is None:
        yield Missing("contract", Text("Enter the contract.", "请填写合同信息。"))
    if not (shipment.departure and shipment.destination and shipment.mode):
        yield Missing("route", Text("Enter the route.", "请填写运输路线。"))
    if not shipment.goods:
        yield Missing("goods", Text("Add at least one goods line.", "请至少添加一项货物。"))
    named = [role for party in shipment.parties for role in party.roles]
    if "end_user" not in named:
        yield Missing("parties", Text("Name the end user.", "请填写最终用户。"))
    if not {"consignee", "ultimate_consignee"} & set(named):
        yield Missing(
            "parties",
            Text("Name the consignee; it may be the end user.", "请填写收货人，可与最终用户为同一方。"),
        )
    if len(named) > MAX_NAMED:
        text = Text(f"At most {MAX_NAMED} roles over all parties.", f"所有参与方的角色合计最多{MAX_NAMED}个。")
        yield Missing("parties", text)


def _answers(session: Session, shipment: Shipment, now: datetime) -> Iterator[Missing]:
    for name in answers.QUESTIONNAIRES:
        each = answers.answered(session, shipment, name, now)
        if each.submission is not None and each.path.complete:
            continue
        left = len(each.path.missing)
        text = (
            Text(
                "Finish the questionnaire “{title}”: {left} answers are missing.",
                "请完成“{title}”问卷：还有{left}题未答。",
            )
            if left
            else Text("Correct the questionnaire “{title}”: answers do not fit.", "请更正“{title}”问卷：部分答复有误。")
        )
        place: Place = "end-use" if name == "end-use" else "end-user"
        yield Missing(place, text.filled(title=each.questionnaire.title, left=left))
