"""The audit trail."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal import audit
from portal.authority import overview, subjects
from portal.authority.views import blueprint
from portal.web import access
from portal.web.paging import page_of
from portal.web.session import db_session


@blueprint.get("/audit")
@access.roles("supervisor")
def trail() -> ResponseReturnValue:
    """Who did what, newest first, and whether the chain of events holds."""
    subject = request.args.get("subject", "")[:200]
    found = page_of(db_session, overview.trail(subject), size=50)
    checked = audit.check(db_session) if request.args.get("check") == "yes" else None
    return render_template(
        "authority/trail.html", page=found, subject=subject, subjects=subjects.named(db_session, found.items),
        asked=request.args.get("check") == "yes", broken=checked,
    )  # fmt: skip
