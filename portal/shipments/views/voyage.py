"""Contract, route and export licence of a shipment."""

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.shipments import edit, entries
from portal.shipments.forms.parties import MORE
from portal.shipments.forms.voyage import ContractForm, LicenceForm, RouteForm, route_form
from portal.shipments.models import Shipment
from portal.shipments.views import answering, blueprint
from portal.shipments.views.answering import answer, editable, kept, me
from portal.text import Text
from portal.web.requests import now
from portal.web.session import db_session


@blueprint.route("/<uuid:shipment_id>/contract", methods=["GET", "POST"])
@answering.writers
def contract(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """The contract that the goods are sold under."""
    found = editable(shipment_id)
    on_file = {"number": found.contract_number, "date": found.contract_date, "incoterm": found.incoterm}
    form = ContractForm(data=on_file)
    form.opened(on_file)
    if (
        form.is_submitted()
        and (entry := form.entry(entries.Contract, on=now().date()))
        and kept(form, on_file, lambda: edit.set_contract(db_session, found, entry, by=me(), now=now()))
    ):
        return _onward(found)
    return answer("shipments/contract.html", form, shipment=found)


@blueprint.route("/<uuid:shipment_id>/route", methods=["GET", "POST"])
@answering.writers
def route(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """The way of the goods."""
    found = editable(shipment_id)
    names = ("departure", "departure_port", "transit", "destination", "mode", "planned_on")
    on_file: dict[str, Any] = {name: getattr(found, name) for name in names}
    form = route_form(on_file | ({} if found.departure else {"departure": found.organisation.country}))
    form.opened(on_file)
    if form.is_submitted() and MORE not in request.form and _route_kept(form, found, on_file):
        return _onward(found)
    return answer("shipments/route.html", form, shipment=found)


def _route_kept(form: RouteForm, found: Shipment, on_file: dict[str, Any]) -> bool:
    entry = form.entry(entries.Route, on=now().date())
    return entry is not None and kept(
        form, on_file, lambda: edit.set_route(db_session, found, entry, by=me(), now=now())
    )


@blueprint.route("/<uuid:shipment_id>/licence", methods=["GET", "POST"])
@answering.writers
def licence(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """The export licence, where there is one."""
    found = editable(shipment_id)
    on_file = _licence(found)
    form = LicenceForm(data=on_file | ({"held": "yes"} if found.licence_number else {}))
    form.opened(on_file)
    if form.is_submitted():
        ready, entry = _licence_entry(form)
        if ready and kept(form, on_file, lambda: edit.set_licence(db_session, found, entry, by=me(), now=now())):
            flash(
                gettext("The licence is recorded.") if entry else gettext("No export licence is recorded."), "success"
            )
            return _onward(found)
    return answer("shipments/licence.html", form, shipment=found)


def _licence(found: Shipment) -> dict[str, Any]:
    return {
        "number": found.licence_number,
        "issued_by": found.licence_issuer,
        "valid_until": found.licence_valid_until,
        "scope": found.licence_scope or None,
        "quantity_left": format(found.licence_quantity_left, "f") if found.licence_quantity_left is not None else "",
        "unit": found.licence_unit,
    }


def _licence_entry(form: LicenceForm) -> tuple[bool, entries.Licence | None]:
    """Whether the form can be saved, and the licence, ``None`` when it is said that there is none."""
    if form.held.data == "no":
        return True, None
    if form.held.data != "yes":
        form.validate()
        form.refuse("held", Text("This is missing.", "此项缺失。"))
        return False, None
    entry = form.entry(entries.Licence, on=now().date())
    return entry is not None, entry


def _onward(found: Shipment) -> ResponseReturnValue:
    return redirect(url_for(".shipment", shipment_id=found.id), 303)
