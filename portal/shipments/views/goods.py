"""The goods lines of a shipment, and what the control measures say of each."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.controls import overlay
from portal.shipments import edit, entries, vocabulary
from portal.shipments.facts import classify
from portal.shipments.forms.goods import GoodsForm
from portal.shipments.models import GoodsLine, Shipment
from portal.shipments.states import Deed, State, allowed
from portal.shipments.views import answering, blueprint
from portal.shipments.views.answering import answer, editable, kept, line_of, me, own
from portal.web.requests import now
from portal.web.session import db_session

TAKEN = ("element", "chemical_form", "purity", "particle_size", "hs_code", "control_code")
LONGEST_TAKEN = 200


@blueprint.get("/<uuid:shipment_id>/goods")
@answering.readers
def goods(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """All goods lines with what the measures say of them."""
    found = own(shipment_id)
    on, measures = now().date(), overlay.current(db_session, now())
    judged = [(line, classify(line, found.destination, on, measures)) for line in found.goods]
    return answer("shipments/goods.html", shipment=found, judged=judged, open=Deed.EDIT in allowed(State(found.state)))


@blueprint.route("/<uuid:shipment_id>/goods/add", methods=["GET", "POST"])
@answering.writers
def add_goods(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """Add a goods line."""
    found = editable(shipment_id)
    form = GoodsForm(data={"origin": found.organisation.country, "unit": "KGM", **_taken()})
    made: list[GoodsLine] = []
    if (
        form.is_submitted()
        and (entry := form.entry(entries.GoodsEntry, on=now().date()))
        and kept(form, None, lambda: made.append(edit.add_goods(db_session, found, entry, by=me(), now=now())))
    ):
        return _told(found, made[0])
    return answer("shipments/goods_line.html", form, shipment=found, line=None, taken=bool(_taken()))


@blueprint.route("/<uuid:shipment_id>/goods/<uuid:line_id>", methods=["GET", "POST"])
@answering.writers
def change_goods(shipment_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """Change a goods line."""
    found = editable(shipment_id)
    line = line_of(found, line_id)
    on_file = edit.goods_entry(line)
    form = GoodsForm(data={**on_file, **_taken()})
    form.opened(on_file)
    if (
        form.is_submitted()
        and (entry := form.entry(entries.GoodsEntry, on=now().date()))
        and kept(form, on_file, lambda: edit.change_goods(db_session, line, entry, by=me(), now=now()))
    ):
        return _told(found, line)
    return answer("shipments/goods_line.html", form, shipment=found, line=line, taken=bool(_taken()))


def _taken() -> dict[str, str]:
    """What the classification assistant hands over in the address, to be seen in the form and saved by a person."""
    if request.method != "GET" or "taken" not in request.args:
        return {}
    given = {name: request.args.get(name, "")[:LONGEST_TAKEN].strip() for name in TAKEN}
    if given["element"] not in vocabulary.elements():
        del given["element"]
    return {name: value for name, value in given.items() if value}


def _told(found: Shipment, line: GoodsLine) -> ResponseReturnValue:
    return redirect(url_for(".goods_control", shipment_id=found.id, line_id=line.id), 303)


@blueprint.get("/<uuid:shipment_id>/goods/<uuid:line_id>/control")
@answering.readers
def goods_control(shipment_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """What the control measures on file say of one line, and what follows from it."""
    found = own(shipment_id)
    line = line_of(found, line_id)
    judgement = classify(line, found.destination, now().date(), overlay.current(db_session, now()))
    return render_template("shipments/goods_control.html", shipment=found, line=line, judgement=judgement)


@blueprint.route("/<uuid:shipment_id>/goods/<uuid:line_id>/remove", methods=["GET", "POST"])
@answering.writers
def remove_goods(shipment_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """Take a goods line out, after asking once."""
    found = editable(shipment_id)
    line = line_of(found, line_id)
    if request.method == "POST":
        edit.remove_goods(db_session, line, by=me(), now=now())
        flash(gettext("%(name)s is removed.", name=line.name), "success")
        return redirect(url_for(".goods", shipment_id=found.id), 303)
    back = url_for(".goods", shipment_id=found.id)
    loses = gettext("The answers that were given for this line no longer count.")
    return answer("shipments/remove.html", shipment=found, name=line.name, back_href=back, loses=loses)
