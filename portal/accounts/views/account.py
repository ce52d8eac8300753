"""A person's own account."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.accounts.views import blueprint
from portal.web import access


@blueprint.get("/account")
@access.signed_in
def account() -> ResponseReturnValue:
    """What the portal knows of the person who is signed in."""
    return render_template("accounts/account.html")
