"""The exporter's page of a suspended certificate: why, what now, and an answer to the authority."""

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from portal.authority import suspension
from portal.authority.forms.cases import AnswerForm
from portal.authority.views.cases import me
from portal.certificates import status
from portal.shipments import conduct, find
from portal.web import access
from portal.web.requests import language, now
from portal.web.session import db_session

blueprint = Blueprint("answers", __name__, url_prefix="/shipments")


@blueprint.route("/<uuid:shipment_id>/suspension", methods=["GET", "POST"])
@access.roles("preparer", "compliance_officer", "administrator")
def page(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """Why the certificate is suspended, what was answered, and a further answer."""
    shipment = find.find(db_session, shipment_id, current_user.organisation_id) or abort(404)
    certificate = conduct.certificate(db_session, shipment) or abort(404)
    worth = status.current(db_session, certificate, now())
    past = [event for event in status.history(db_session, certificate) if event.state == "suspended"]
    if not past:
        abort(404)
    answers_for_it = me().has_role("preparer", "compliance_officer")
    if request.method == "POST" and not answers_for_it:
        abort(403)
    form = AnswerForm() if worth.state == "suspended" and answers_for_it else None
    if form is not None and form.validate_on_submit():
        suspension.answer(db_session, certificate, form.text.data or "", form.documents.data or "", by=me(), now=now())
        flash(gettext("Your answer is with the authority."), "success")
        return redirect(url_for(".page", shipment_id=shipment.id), 303)
    shown = render_template(
        "authority/suspension.html", form=form, shipment=shipment, certificate=certificate, worth=worth, event=past[-1],
        answers=suspension.answers(db_session, certificate), reason=suspension.reason(past[-1], language()),
    )  # fmt: skip
    return shown, 422 if form is not None and form.is_submitted() else 200
