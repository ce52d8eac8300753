"""The authority's own list of parties."""

import uuid

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import countries
from portal.authority.forms.restricted import RemovalForm, RestrictedForm
from portal.authority.views import blueprint, staff
from portal.screening import restricted
from portal.web import access
from portal.web.requests import actor, language, now
from portal.web.session import db_session


@blueprint.get("/restricted", endpoint="restricted")
@staff
def restricted_list() -> ResponseReturnValue:
    """The authority's own list of parties, those taken off too."""
    return render_template("authority/restricted.html", parties=restricted.entries(db_session, removed=True)[::-1])


@blueprint.route("/restricted/add", methods=["GET", "POST"])
@staff
def restricted_add() -> ResponseReturnValue:
    """Put a party on the restricted list from today."""
    form = RestrictedForm().offer(countries.choices(language()))
    if form.validate_on_submit():
        restricted.add(
            db_session, names=form.name_list(), country=form.country.data, reason=form.reason.data or "",
            actor=actor(), now=now(),
        )  # fmt: skip
        flash(gettext("The party is on the restricted list. It is screened against from now on."), "success")
        return redirect(url_for(".restricted"), 303)
    page = render_template("authority/restricted_add.html", form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/restricted/<uuid:entry_id>/remove", methods=["GET", "POST"])
@access.roles("supervisor")
def restricted_remove(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Take a party off the list; a supervisor's deed, with a reason."""
    party = next((one for one in restricted.entries(db_session) if one.id == entry_id), None) or abort(404)
    form = RemovalForm()
    if form.validate_on_submit():
        restricted.remove(db_session, entry_id, reason=form.reason.data or "", actor=actor(), now=now())
        flash(gettext("The party is off the restricted list. Its record stays on file."), "success")
        return redirect(url_for(".restricted"), 303)
    page = render_template("authority/restricted_remove.html", form=form, party=party)
    return page, 422 if form.is_submitted() else 200
