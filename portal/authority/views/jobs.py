"""Work that was given up: what it was, why it failed, and having it tried again."""

import uuid

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import jobs
from portal.authority.views import blueprint, staff
from portal.web import access
from portal.web.paging import page_of
from portal.web.requests import actor, now
from portal.web.session import db_session


@blueprint.get("/jobs", endpoint="jobs")
@staff
def list_jobs() -> ResponseReturnValue:
    """How the work behind the pages stands."""
    found = page_of(db_session, jobs.failed())
    return render_template("authority/jobs.html", page=found, standing=jobs.standing(db_session, now()))


@blueprint.post("/jobs/<uuid:job_id>/retry")
@access.roles("supervisor")
def retry_job(job_id: uuid.UUID) -> ResponseReturnValue:
    """Have a job that was given up tried again."""
    if not jobs.retry(db_session, job_id, actor=actor(), now=now()):
        abort(404)
    flash(gettext("The job is tried again."), "success")
    return redirect(url_for(".jobs"), 303)
