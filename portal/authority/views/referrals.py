"""Referred shipments: the queue, the file, its settlement, its documents."""

import uuid
from io import BytesIO

from flask import abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from portal.authority import cases, overview, registry, settle
from portal.authority.forms.referrals import SettleForm
from portal.authority.models import LinkKind
from portal.authority.views import blueprint, staff
from portal.certificates import keys
from portal.shipments import documents
from portal.shipments.states import ShipmentRefused
from portal.web.paging import page_of
from portal.web.requests import actor, language, now, settings
from portal.web.session import db_session


@blueprint.get("/referrals")
@staff
def referrals() -> ResponseReturnValue:
    """Shipments that wait for the authority, the longest waiting first."""
    return render_template("authority/referrals.html", page=page_of(db_session, overview.referrals()))


@blueprint.route("/referrals/<uuid:shipment_id>", methods=["GET", "POST"])
@staff
def referral(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """The file of a referred shipment, and its settlement. Each look is recorded."""
    shipment = settle.referred(db_session, shipment_id) or abort(404)
    form, problem = SettleForm(), ""
    if form.validate_on_submit():
        issuer = keys.open_issuer(settings(), now=now())
        try:
            settle.settle(
                db_session, shipment, form.outcome.data, form.reason.data or "",
                by=current_user, now=now(), issuer=issuer, settings=settings(),
            )  # fmt: skip
        except ShipmentRefused as refused:
            problem = refused.reason[language()]
        else:
            flash(gettext("The referral is settled. The exporter sees your reason."), "success")
            return redirect(url_for(".referrals"), 303)
    elif not form.is_submitted():
        settle.looked_at(db_session, shipment, actor=actor(), now=now())
    found = cases.about(db_session, LinkKind.SHIPMENT, str(shipment.id))
    page = render_template("authority/referral.html", form=form, shipment=shipment, problem=problem, cases=found)
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/shipments/<uuid:shipment_id>/documents/<uuid:document_id>")
@staff
def document(shipment_id: uuid.UUID, document_id: uuid.UUID) -> ResponseReturnValue:
    """A document of a file that the authority may look into; each look is recorded."""
    found = settle.document(db_session, shipment_id, document_id) or abort(404)
    data = documents.read(found, settings())
    registry.looked_at(db_session, f"document:{found.id}", actor=actor(), now=now())
    return send_file(
        BytesIO(data), mimetype=found.media_type, as_attachment=True, download_name=found.filename, max_age=0
    )
