"""The end of the preparer's work: everything on one page, the declaration, submission; or withdrawal."""

import uuid

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.models import Role
from portal.questionnaires import summary
from portal.shipments import answers, conduct, facts
from portal.shipments.forms.deeds import ReasonForm, SubmitForm
from portal.shipments.models import Shipment
from portal.shipments.states import Deed, NotEntitled, ShipmentChanged
from portal.shipments.views import answering, blueprint, tasks
from portal.shipments.views.answering import answer, me, ready_for
from portal.text import Text
from portal.web.requests import language, now
from portal.web.session import db_session


@blueprint.route("/<uuid:shipment_id>/check", methods=["GET", "POST"])
@answering.writers
def check(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """Everything that was entered, what is missing, and the declaration with which it is submitted."""
    found = ready_for(shipment_id, Deed.SUBMIT)
    form = SubmitForm()
    if form.validate_on_submit():
        if not me().has_role(Role.PREPARER):
            raise NotEntitled(Text("Only a preparer submits a shipment.", "仅填报人可以提交货物批次。"))
        try:
            left = conduct.submit(db_session, found, by=me(), now=now(), version=form.seen_version)
        except ShipmentChanged:
            form.conflict = True
        else:
            if not left:
                flash(gettext("The shipment is submitted."), "success")
                return redirect(url_for(".shipment", shipment_id=found.id), 303)
            form.declared.errors = [gettext("The shipment cannot be submitted while something is missing")]
    form.version.data = str(found.version)
    screened = facts.screening(db_session, found, now())
    return answer(
        "shipments/check.html", form, shipment=found, gaps=tasks.gaps(found), answered=_rows(found), screened=screened
    )


def _rows(found: Shipment) -> list[tuple[answers.Answered, tuple[summary.PageRows, ...]]]:
    both = answers.both(db_session, found, now())
    return [(each, summary.rows(each.path, language(), typed=each.draft.typed)) for each in both]


@blueprint.route("/<uuid:shipment_id>/withdraw", methods=["GET", "POST"])
@answering.writers
def withdraw(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """Take the shipment back for good, with a reason."""
    found = ready_for(shipment_id, Deed.WITHDRAW)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            conduct.withdraw(db_session, found, form.reason.data or "", by=me(), now=now(), version=form.seen_version)
        except ShipmentChanged:
            form.conflict = True
        else:
            flash(gettext("The shipment is withdrawn."), "success")
            return redirect(url_for(".shipment", shipment_id=found.id), 303)
    form.version.data = str(found.version)
    return answer("shipments/withdraw.html", form, shipment=found)
