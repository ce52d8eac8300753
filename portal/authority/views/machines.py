"""Programs and port devices of the authority: who they are, what they may do, and their tokens."""

import uuid
from datetime import timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from portal.accounts import machines as credentials
from portal.accounts import people
from portal.accounts.models import MachineCredential
from portal.authority.forms.machines import SCOPE_WORDS, MachineForm, RotateForm
from portal.authority.views import blueprint, staff
from portal.web import access
from portal.web.requests import now
from portal.web.session import db_session

SHOWN = timedelta(days=30)
blueprint.add_app_template_filter(lambda scope: SCOPE_WORDS.get(scope, scope), "scope_words")


def own(credential_id: uuid.UUID) -> MachineCredential:
    """A credential of one's own authority, else 404."""
    return credentials.find(db_session, current_user.organisation_id, credential_id) or abort(404)


@blueprint.get("/machines", endpoint="machines")
@staff
def list_machines() -> ResponseReturnValue:
    """Every program and device of the authority, and how it stands."""
    return render_template("authority/machines.html", machines=credentials.of(db_session, current_user.organisation_id))


@blueprint.get("/machines/<uuid:credential_id>")
@staff
def machine(credential_id: uuid.UUID) -> ResponseReturnValue:
    """One of them: what it may do, who answers for it, and what it did lately."""
    found = own(credential_id)
    uses = credentials.uses(db_session, found, (now() - SHOWN).date())
    return render_template("authority/machine.html", machine=found, uses=uses)


@blueprint.route("/machines/new", methods=["GET", "POST"])
@access.roles("supervisor")
def new_machine() -> ResponseReturnValue:
    """Make one; its token is shown on this answer and never again."""
    officers = [one for one in people.of(db_session, current_user.organisation_id) if one.active]
    form = MachineForm().offer(officers)
    if not form.validate_on_submit():
        return render_template("authority/machine_new.html", form=form), 422 if form.is_submitted() else 200
    made, token = credentials.make(db_session, form.wanted(officers, now()), by=current_user, now=now())
    return _shown_once(made, token)


@blueprint.route("/machines/<uuid:credential_id>/rotate", methods=["GET", "POST"])
@access.roles("supervisor")
def rotate_machine(credential_id: uuid.UUID) -> ResponseReturnValue:
    """A new token for the same machine, while the old one may work on for a while."""
    found, form = own(credential_id), RotateForm()
    if not found.good(now()):
        abort(409)
    if not form.validate_on_submit():
        page = render_template("authority/machine_rotate.html", form=form, machine=found)
        return page, 422 if form.is_submitted() else 200
    return _shown_once(*credentials.rotate(db_session, found, grace=form.grace(), by=current_user, now=now()))


@blueprint.post("/machines/<uuid:credential_id>/revoke")
@access.roles("supervisor")
def revoke_machine(credential_id: uuid.UUID) -> ResponseReturnValue:
    """End its token at once."""
    found = own(credential_id)
    credentials.revoke(db_session, found, by=current_user, now=now())
    flash(gettext("The token of %(name)s opens nothing any more.", name=found.name), "success")
    return redirect(url_for(".machine", credential_id=found.id), 303)


def _shown_once(made: MachineCredential, token: str) -> ResponseReturnValue:
    return render_template("authority/machine_made.html", machine=made, token=token)
