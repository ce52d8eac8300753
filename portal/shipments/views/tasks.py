"""The task list of a draft: what there is to do, how far it is, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext, ngettext

from portal import countries
from portal.controls import overlay
from portal.questionnaires.path import Path
from portal.shipments import answers
from portal.shipments.completeness import Missing, missing
from portal.shipments.facts import classify
from portal.shipments.models import Shipment
from portal.web.requests import language, now
from portal.web.session import db_session

FEW = 40  # goods lines that are judged for the list; each takes some milliseconds, and their own page judges all
# Where each thing that is missing is made good.
PLACES = {
    "contract": "shipments.contract",
    "route": "shipments.route",
    "goods": "shipments.goods",
    "parties": "shipments.parties",
}


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the list. ``status`` is a status word of the look; ``optional`` ones may stay undone."""

    title: str
    href: str
    status: str
    hint: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks under one heading."""

    title: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing, with the page that asks for it."""

    text: str
    href: str


def gaps(shipment: Shipment) -> tuple[Gap, ...]:
    """Everything that is missing, with links."""
    return tuple(_gap(shipment, each) for each in missing(db_session, shipment, now()))


def _gap(shipment: Shipment, each: Missing) -> Gap:
    if each.place in PLACES:
        href = url_for(PLACES[each.place], shipment_id=shipment.id)
    else:
        href = url_for("shipments.questionnaire", shipment_id=shipment.id, name=each.place)
    return Gap(each.text[language()], href)


def groups(shipment: Shipment) -> tuple[Group, ...]:
    """The whole list."""
    return (
        Group(
            gettext("Describe the shipment"),
            (_contract(shipment), _route(shipment), _goods(shipment), _parties(shipment)),
        ),
        Group(gettext("Answer the questions"), tuple(_questions(shipment, each) for each in _paths(shipment))),
        Group(gettext("Add what you hold"), (_licence(shipment), _documents(shipment))),
    )


def _contract(shipment: Shipment) -> Task:
    href = url_for("shipments.contract", shipment_id=shipment.id)
    done = bool(shipment.contract_number and shipment.contract_date)
    return Task(gettext("Contract"), href, "complete" if done else "not_started", shipment.contract_number)


def _route(shipment: Shipment) -> Task:
    href = url_for("shipments.route", shipment_id=shipment.id)
    if not shipment.destination:
        return Task(gettext("Route"), href, "not_started")
    ends = {
        "start": countries.name(shipment.departure)[language()],
        "end": countries.name(shipment.destination)[language()],
    }
    return Task(gettext("Route"), href, "complete", gettext("%(start)s to %(end)s", **ends))


def _goods(shipment: Shipment) -> Task:
    href = url_for("shipments.goods", shipment_id=shipment.id)
    lines = shipment.goods
    if not lines:
        return Task(gettext("Goods"), href, "not_started")
    hint = ngettext("%(num)d line", "%(num)d lines", len(lines))
    if len(lines) > FEW:
        return Task(gettext("Goods"), href, "complete", hint)
    on, measures = now().date(), overlay.current(db_session, now())
    listed = sum(classify(line, shipment.destination, on, measures).state != "not_controlled" for line in lines)
    if listed:
        hint += " · " + gettext("%(count)s controlled or to be reviewed", count=listed)
    return Task(gettext("Goods"), href, "complete", hint)


def _parties(shipment: Shipment) -> Task:
    href = url_for("shipments.parties", shipment_id=shipment.id)
    parties = shipment.parties
    if not parties:
        return Task(gettext("Parties"), href, "not_started")
    roles = {role for party in parties for role in party.roles}
    whole = "end_user" in roles and bool(roles & {"consignee", "ultimate_consignee"})
    hint = ngettext("%(num)d party", "%(num)d parties", len(parties))
    return Task(gettext("Parties"), href, "complete" if whole else "in_progress", hint)


def _paths(shipment: Shipment) -> Sequence[answers.Answered]:
    return answers.both(db_session, shipment, now())


def _questions(shipment: Shipment, each: answers.Answered) -> Task:
    href = url_for("shipments.questionnaire", shipment_id=shipment.id, name=each.questionnaire.id)
    done = sum(page.status == "complete" for page in each.path.pages)
    hint = gettext("%(done)s of %(all)s pages", done=done, all=len(each.path.pages))
    title = each.questionnaire.title[language()]
    return Task(gettext("Questions: %(title)s", title=title), href, status_of(each.path), hint)


def status_of(path: Path) -> str:
    """One word for a whole questionnaire."""
    if path.complete:
        return "complete"
    statuses = {page.status for page in path.pages}
    if "has_errors" in statuses:
        return "has_errors"
    return "not_started" if statuses == {"not_started"} else "in_progress"


def _licence(shipment: Shipment) -> Task:
    href = url_for("shipments.licence", shipment_id=shipment.id)
    title = gettext("Export licence")
    if shipment.licence_number:
        return Task(title, href, "complete", shipment.licence_number)
    return Task(title, href, "not_started", gettext("If one has been granted"), optional=True)


def _documents(shipment: Shipment) -> Task:
    href = url_for("shipments.documents", shipment_id=shipment.id)
    count = len(shipment.documents)
    if not count:
        return Task(gettext("Documents"), href, "not_started", gettext("Evidence can lower the risk"), optional=True)
    return Task(gettext("Documents"), href, "complete", ngettext("%(num)d document", "%(num)d documents", count))
