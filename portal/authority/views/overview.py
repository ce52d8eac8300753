"""The first page of the authority: numbers, what waits, what happened lately."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.authority import overview
from portal.authority.views import blueprint, staff
from portal.web.requests import now
from portal.web.session import db_session


@blueprint.get("/")
@staff
def index() -> ResponseReturnValue:
    """Numbers, what waits, and what happened lately."""
    return render_template("authority/index.html", overview=overview.overview(db_session, now()))
