"""The exporter's page of a suspended certificate: why, what now, and an answer to the authority."""

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from portal import audit
from portal.authority import suspension
from portal.authority.forms.cases import AnswerForm
from portal.authority.views.cases import me
from portal.certificates import status
from portal.certificates.models import Certificate
from portal.shipments import conduct, documents, find
from portal.shipments.states import DocumentRefused
from portal.shipments.views.documents import handed_out
from portal.web import access
from portal.web.requests import actor, language, now, settings
from portal.web.session import db_session, undo

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
    if form is not None and form.validate_on_submit() and _answered(form, certificate):
        flash(gettext("Your answer is with the authority."), "success")
        return redirect(url_for(".page", shipment_id=shipment.id), 303)
    shown = render_template(
        "authority/suspension.html", form=form, shipment=shipment, certificate=certificate, worth=worth, event=past[-1],
        answers=suspension.answers(db_session, certificate), reason=suspension.reason(past[-1], language()),
        limit=settings().upload_limit // (1024 * 1024), most=suspension.MOST_FILES,
    )  # fmt: skip
    return shown, 422 if form is not None and form.is_submitted() else 200


def _answered(form: AnswerForm, certificate: Certificate) -> bool:
    try:
        suspension.answer(
            db_session, certificate, form.text.data or "", form.documents.data or "", by=me(), now=now(),
            files=form.given(), settings=settings(),
        )  # fmt: skip
    except DocumentRefused as refused:
        undo()
        form.files.errors = [refused.reason[language()]]
        return False
    return True


@blueprint.get("/<uuid:shipment_id>/suspension/files/<uuid:file_id>")
@access.roles("preparer", "compliance_officer", "administrator")
def file(shipment_id: uuid.UUID, file_id: uuid.UUID) -> ResponseReturnValue:
    """A file of an own answer as it was uploaded; each look is recorded."""
    shipment = find.find(db_session, shipment_id, current_user.organisation_id) or abort(404)
    certificate = conduct.certificate(db_session, shipment) or abort(404)
    found = suspension.file_of(db_session, certificate, file_id) or abort(404)
    audit.record(
        db_session, actor=actor(), verb="shipment.document_downloaded", subject=f"shipment:{shipment.id}", now=now(),
        details={"sha256": found.sha256, "answer_file": str(found.id)}, organisation_id=shipment.organisation_id,
    )  # fmt: skip
    return handed_out(documents.read(found, settings()), found.media_type, found.filename)
