"""Pages that belong to no room: home, accessibility, privacy, health."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import text

from portal.web import access
from portal.web.session import db_session

blueprint = Blueprint("web", __name__)


@blueprint.get("/")
@access.public
def home() -> ResponseReturnValue:
    """What the portal is, for somebody who is not signed in; else the way to one's own work."""
    if current_user.is_authenticated:
        own = "shipments.index" if current_user.organisation.kind == "exporter" else "authority.index"
        if own in current_app.view_functions:
            return redirect(url_for(own))
    return render_template("web/home.html")


@blueprint.get("/accessibility")
@access.public
def accessibility() -> ResponseReturnValue:
    """What was done, and what is known to be missing, for people with disabilities."""
    return render_template("web/accessibility.html")


@blueprint.get("/privacy")
@access.public
def privacy() -> ResponseReturnValue:
    """Which data is kept, for whom, how long, and the one cookie."""
    return render_template("web/privacy.html")


@blueprint.get("/health")
@access.public
def health() -> ResponseReturnValue:
    """For a load balancer: answers when the database does."""
    db_session.execute(text("SELECT 1"))
    return {"status": "ok"}
