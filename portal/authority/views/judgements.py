"""Judgements of hits: those on file, and a second person's decision."""

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal.authority import hits
from portal.authority.forms.hits import DecideForm, JudgementsForm
from portal.authority.views import blueprint, staff
from portal.screening import adjudicate
from portal.screening.models import Adjudication
from portal.web.paging import page_of
from portal.web.requests import actor, language, now
from portal.web.session import db_session
from portal.web.status import status_look


@blueprint.get("/judgements")
@staff
def judgements() -> ResponseReturnValue:
    """Judgements by party, listed name or reason, and those that end soon."""
    form = JudgementsForm(request.args)
    looks = (SelectChoice(state, status_look(state).word) for state in hits.STATES)
    form.state.choices = [SelectChoice("", gettext("Any")), *looks]
    found = page_of(db_session, hits.judgements(now().date(), form.q.data or "", form.state.data or ""))
    worth = hits.worth(db_session, found.items, now().date())
    return render_template("authority/judgements.html", form=form, page=found, worth=worth)


@blueprint.route("/judgements/<uuid:judgement_id>", methods=["GET", "POST"])
@staff
def judgement(judgement_id: uuid.UUID) -> ResponseReturnValue:
    """One judgement with what was known of both sides; a second person agrees or turns it down."""
    found = db_session.get(Adjudication, judgement_id) or abort(404)
    own = found.proposed_by == str(current_user.id)
    form, problem = DecideForm(), ""
    if own and form.is_submitted():
        abort(403)
    if form.validate_on_submit():
        try:
            if form.answer.data == "agree":
                adjudicate.decide(db_session, found.id, actor=actor(), now=now())
            else:
                adjudicate.reject(db_session, found.id, reason=form.reason.data or "", actor=actor(), now=now())
        except adjudicate.AdjudicationRefused as refused:
            problem = refused.text[language()]
        else:
            flash(gettext("Your decision is on file."), "success")
            return redirect(url_for(".judgement", judgement_id=found.id), 303)
    worth = hits.worth(db_session, [found], now().date())[str(found.id)]
    page = render_template(
        "authority/judgement.html",
        judgement=found,
        worth=worth,
        form=form,
        problem=problem,
        own=own,
        met=hits.with_pair(db_session, found.pair),
    )
    return page, 422 if form.is_submitted() else 200
