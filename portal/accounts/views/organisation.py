"""The organisation of the person who is signed in, and its people."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts import people
from portal.accounts.views import blueprint
from portal.web import access
from portal.web.session import db_session


@blueprint.get("/organisation")
@access.signed_in
def organisation() -> ResponseReturnValue:
    """Facts of the organisation, and who is in it."""
    own = current_user.organisation
    return render_template("accounts/organisation.html", organisation=own, people=people.of(db_session, own.id))
