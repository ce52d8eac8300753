"""The lists that are screened against: how each stands, what became of each file, and a newer file."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.authority import list_files
from portal.authority.forms.lists import ListFileForm
from portal.authority.views import blueprint, staff
from portal.screening import advice, history, lists
from portal.screening.sources import sources
from portal.web import access
from portal.web.paging import page_of
from portal.web.requests import actor, language, now, settings
from portal.web.session import db_session


@blueprint.get("/lists", endpoint="lists")
@staff
def list_editions() -> ResponseReturnValue:
    """Which editions of which lists are screened against, how old they are, what they lack, and what helps."""
    shown = lists.show(db_session, now())
    known = {each.source for each in shown}
    return render_template(
        "authority/lists.html",
        lists=shown,
        advice={each.source: told for each in shown if (told := advice.of(each))},
        others=[source for name, source in sources().items() if name not in known],
        coverage=lists.shipped_coverage(db_session),
    )


@blueprint.get("/lists/<source>")
@staff
def list_history(source: str) -> ResponseReturnValue:
    """One list: how it stands, and every edition, refusal and failed update, newest first."""
    known = sources().get(source) or abort(404)
    status = lists.status(db_session, source, now())
    return render_template(
        "authority/list_history.html",
        source=known,
        list=status,
        advice=advice.of(status),
        loadable=list_files.loadable(source),
        page=page_of(db_session, history.attempts(source)),
        told=history.told,
    )


@blueprint.route("/lists/<source>/load", methods=["GET", "POST"])
@access.roles("supervisor")
def list_load(source: str) -> ResponseReturnValue:
    """Take in a newer file; a supervisor's deed. What is refused changes nothing, and stays in the list's history."""
    known = sources().get(source)
    if known is None or not list_files.loadable(source):
        abort(404)
    form = ListFileForm()
    if form.validate_on_submit():
        files = [(file.filename or "", file.stream) for file in form.given()]
        try:
            edition = list_files.take(db_session, source, files, actor=actor(), now=now())
        except list_files.ListRefused as refused:
            form.files.errors = [gettext("The file was refused: %(reason)s", reason=refused.refusal.told[language()])]
        else:
            flash(gettext("Edition %(edition)s is screened against from now on.", edition=edition.edition), "success")
            return redirect(url_for(".list_history", source=source), 303)
    limit = settings().upload_limit // (1024 * 1024)
    status = lists.status(db_session, source, now())
    page = render_template(
        "authority/list_load.html", form=form, source=known, list=status, how=advice.how(status), limit=limit
    )
    return page, 422 if form.is_submitted() else 200
