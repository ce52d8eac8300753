"""The lists that are screened against."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.authority.views import blueprint, staff
from portal.screening import lists
from portal.web.requests import now
from portal.web.session import db_session


@blueprint.get("/lists", endpoint="lists")
@staff
def list_editions() -> ResponseReturnValue:
    """Which editions of which lists are screened against, how old they are, and what they lack."""
    return render_template("authority/lists.html", lists=lists.show(db_session, now()), coverage=lists.coverage())
