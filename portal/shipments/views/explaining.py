"""A hit of the shipment as its exporter sees it, and what the exporter says of it."""

import uuid
from typing import Any

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from portal import audit
from portal.shipments import documents as filed
from portal.shipments import hits
from portal.shipments.change import subject
from portal.shipments.forms.deeds import ExplanationForm
from portal.shipments.models import Shipment
from portal.shipments.states import DocumentRefused
from portal.shipments.views import answering, blueprint
from portal.shipments.views.answering import answer, me, own
from portal.shipments.views.documents import handed_out
from portal.web import requests, session
from portal.web.requests import language, now
from portal.web.session import db_session


@blueprint.route("/<uuid:shipment_id>/hits/<string(length=32):pair>", methods=["GET", "POST"])
@answering.writers
def hit(shipment_id: uuid.UUID, pair: str) -> ResponseReturnValue:
    """One hit with its explained score; the exporter may say why it is another party. Only the authority clears it."""
    found = own(shipment_id)
    party, met = _known(found, pair) or abort(404)
    form = ExplanationForm()
    may = found.state in hits.EXPLAINED_IN
    if may and form.validate_on_submit() and _explained(form, found, pair):
        flash(gettext("Your explanation is on file. The authority reads it with the hit."), "success")
        return redirect(url_for(".hit", shipment_id=found.id, pair=pair), 303)
    limit = requests.settings().upload_limit // (1024 * 1024)
    return answer(
        "shipments/hit.html", form, status=409 if form.is_submitted() and not may else 0, shipment=found, party=party,
        hit=met, may_explain=may, row=hits.find(found, pair), limit=limit, warns_officer=False,
    )  # fmt: skip


def _known(found: Shipment, pair: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The hit as the newest assessment met it, else as screening meets it now."""
    if found.assessment is not None:
        for party in found.assessment.facts["parties"]:
            for met in party["hits"]:
                if met["pair"] == pair:
                    return party, met
    live = hits.live(db_session, found, pair, now().date())
    if live is None:
        return None
    (party, *_) = hits.shown([live[0]])
    return party, next(each for each in party["hits"] if each["pair"] == pair)


def _explained(form: ExplanationForm, found: Shipment, pair: str) -> bool:
    file: FileStorage | None = form.file.data
    given = (file.read(), file.filename) if file and file.filename else None
    try:
        hits.explain(
            db_session, found, pair, form.text.data or "", by=me(), now=now(), settings=requests.settings(), file=given
        )
    except DocumentRefused as refused:
        session.undo()
        form.file.errors = [refused.reason[language()]]
        return False
    return True


@blueprint.get("/<uuid:shipment_id>/explanations/<uuid:explanation_id>")
@answering.readers
def explanation_file(shipment_id: uuid.UUID, explanation_id: uuid.UUID) -> ResponseReturnValue:
    """The file of an explanation as it was uploaded; each look is recorded."""
    found = own(shipment_id)
    chosen = hits.explanation(db_session, found, explanation_id) or abort(404)
    audit.record(
        db_session, actor=requests.actor(), verb="shipment.document_downloaded", subject=subject(found.id), now=now(),
        details={"sha256": chosen.sha256, "explanation": str(chosen.id)}, organisation_id=found.organisation_id,
    )  # fmt: skip
    return handed_out(filed.read(chosen, requests.settings()), chosen.media_type, chosen.filename)
