"""The parties of a shipment."""

import uuid

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.shipments import edit, entries
from portal.shipments.forms.parties import MORE, PartyForm, party_form
from portal.shipments.models import Shipment
from portal.shipments.states import Deed, State, allowed
from portal.shipments.views import answering, blueprint
from portal.shipments.views.answering import answer, editable, kept, me, own, party_of
from portal.web.requests import now
from portal.web.session import db_session


@blueprint.get("/<uuid:shipment_id>/parties")
@answering.readers
def parties(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """All parties with their roles, and which are still missing."""
    found = own(shipment_id)
    roles = {role for party in found.parties for role in party.roles}
    return answer(
        "shipments/parties.html",
        shipment=found,
        lacks_end_user="end_user" not in roles,
        lacks_consignee=not roles & {"consignee", "ultimate_consignee"},
        open=Deed.EDIT in allowed(State(found.state)),
    )


@blueprint.route("/<uuid:shipment_id>/parties/add", methods=["GET", "POST"])
@answering.writers
def add_party(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """Add a party."""
    found = editable(shipment_id)
    form = party_form()
    if (
        (entry := _entry(form))
        and kept(form, None, lambda: edit.add_party(db_session, found, entry, by=me(), now=now()))
    ):  # fmt: skip
        return _back(found)
    return answer("shipments/party.html", form, shipment=found, party=None)


@blueprint.route("/<uuid:shipment_id>/parties/<uuid:party_id>", methods=["GET", "POST"])
@answering.writers
def change_party(shipment_id: uuid.UUID, party_id: uuid.UUID) -> ResponseReturnValue:
    """Change a party."""
    found = editable(shipment_id)
    party = party_of(found, party_id)
    on_file = edit.party_entry(party)
    form = party_form(on_file)
    form.opened(on_file)
    if (
        (entry := _entry(form))
        and kept(form, on_file, lambda: edit.change_party(db_session, party, entry, by=me(), now=now()))
    ):  # fmt: skip
        return _back(found)
    return answer("shipments/party.html", form, shipment=found, party=party)


def _entry(form: PartyForm) -> entries.PartyEntry | None:
    """What the form holds; nothing while another row for an owner is asked for."""
    if not form.is_submitted() or MORE in request.form:
        return None
    return form.entry(entries.PartyEntry, on=now().date())


def _back(found: Shipment) -> ResponseReturnValue:
    return redirect(url_for(".parties", shipment_id=found.id), 303)


@blueprint.route("/<uuid:shipment_id>/parties/<uuid:party_id>/remove", methods=["GET", "POST"])
@answering.writers
def remove_party(shipment_id: uuid.UUID, party_id: uuid.UUID) -> ResponseReturnValue:
    """Take a party out, after asking once."""
    found = editable(shipment_id)
    party = party_of(found, party_id)
    if request.method == "POST":
        edit.remove_party(db_session, party, by=me(), now=now())
        flash(gettext("%(name)s is removed.", name=party.name), "success")
        return _back(found)
    back = url_for(".parties", shipment_id=found.id)
    loses = gettext("It is no longer screened. Its record stays on file.")
    return answer("shipments/remove.html", shipment=found, name=party.name, back_href=back, loses=loses)
