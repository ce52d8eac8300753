"""The first page of the authority: numbers, what waits, what happened lately."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.authority import overview, subjects
from portal.authority.views import blueprint, staff
from portal.web.requests import now
from portal.web.session import db_session


@blueprint.get("/")
@staff
def index() -> ResponseReturnValue:
    """Numbers, what waits, and what happened lately."""
    found = overview.overview(db_session, now())
    return render_template("authority/index.html", overview=found, subjects=subjects.named(db_session, found.recent))
