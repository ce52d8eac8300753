"""The authority's editor of measures: draft, difference, a second person's decision."""

import json
import uuid
from collections.abc import Sequence
from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select

from portal.accounts.models import User
from portal.controls import catalogue, change, overlay, preview
from portal.controls.change import NoPreview
from portal.controls.forms import ChangeForm, DecisionForm, change_form
from portal.controls.forms.measure import EXAMPLE, NewMeasureForm, new_measure_form
from portal.controls.models import ChangeKind, MeasureChange
from portal.controls.overlay import Change, ChangeRefused, NotAllowed
from portal.controls.views import blueprint, on_file
from portal.web import access
from portal.web.requests import language, now
from portal.web.session import db_session

staff = access.roles("officer", "supervisor")


def change_or_404(change_id: uuid.UUID) -> MeasureChange:
    """A change by its id; 404 when there is none."""
    return change.find(db_session, change_id) or abort(404)


@blueprint.get("/changes")
@staff
def changes() -> ResponseReturnValue:
    """What waits for somebody, and what no longer fits the measures that ship with the portal."""
    return render_template(
        "controls/changes.html", waiting=change.open_changes(db_session), unfit=overlay.unfit(db_session, now()),
        people=_people(change.open_changes(db_session)),
    )  # fmt: skip


@blueprint.route("/measures/<name>/change", methods=["GET", "POST"])
@staff
def draft_change(name: str) -> ResponseReturnValue:
    """Draft a change of one measure; it has no effect until a second person approves it."""
    measure = catalogue.find(on_file(), name) or abort(404)
    others = [one.number for one in on_file().measures if one.number != measure.number]
    form, problem = change_form(others, language()), ""
    if form.validate_on_submit():
        try:
            row = change.draft(
                db_session, _typed(form, measure.number), reason=form.reason.data or "", by=_person(), now=now()
            )
        except ChangeRefused as error:
            problem = error.why[language()]
        else:
            return redirect(url_for(".one_change", change_id=row.id), 303)
    page = render_template("controls/change_form.html", form=form, measure=measure, problem=problem)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/changes/new", methods=["GET", "POST"])
@staff
def new_measure() -> ResponseReturnValue:
    """Draft a measure that is not on file, row by row; what is wrong is told beside its field, and nothing is lost.

    ``?from=`` names a new measure that came to nothing, to draft it again.
    """
    form, problem, status = new_measure_form(), "", 200
    if not form.is_submitted():
        _draft_again(form)
    elif not form.press(request.form.get("do", "")):
        status = 422
        if form.validate() and form.whole():
            try:
                row = change.draft(db_session, form.change(), reason=form.reason.data or "", by=_person(), now=now())
                return redirect(url_for(".one_change", change_id=row.id), 303)
            except ChangeRefused as error:
                problem = error.why[language()]
    return render_template("controls/new_measure.html", form=form, problem=problem, example=EXAMPLE), status


def _draft_again(form: NewMeasureForm) -> None:
    try:
        row = change.find(db_session, uuid.UUID(request.args.get("from", "")))
    except ValueError:
        return
    if row is not None and row.content:
        form.fill(json.loads(row.content))
        form.reason.data = row.reason


@blueprint.get("/changes/<uuid:change_id>")
@staff
def one_change(change_id: uuid.UUID) -> ResponseReturnValue:
    """A change with its difference, what it would touch, and what the reader may do with it."""
    return _change_page(change_or_404(change_id), DecisionForm(formdata=None))


@blueprint.post("/changes/<uuid:change_id>/<any(propose, withdraw, approve, reject, count):deed>")
@staff
def decide_change(change_id: uuid.UUID, deed: str) -> ResponseReturnValue:
    """Propose, withdraw, approve or reject; or have it worked out anew what the change would touch."""
    row, form = change_or_404(change_id), DecisionForm()
    if not form.validate():
        return _change_page(row, form)
    try:
        _carry_out(row, deed, form)
    except NotAllowed:
        abort(403)
    except NoPreview as error:
        form.unseen.errors = [error.why[language()]]
        return _change_page(row, form)
    except ChangeRefused as error:
        return _change_page(row, form, error.why[language()])
    flash(_told(deed), "success")
    return redirect(url_for(".one_change", change_id=row.id), 303)


def _told(deed: str) -> str:
    told: dict[str, str] = {
        "propose": gettext("The change waits for a supervisor who did not draft it."),
        "withdraw": gettext("The change was withdrawn."),
        "approve": gettext("The change holds from now on."),
        "reject": gettext("The change was rejected."),
        "count": gettext("It is being worked out what the change would touch."),
    }
    return told[deed]


def _carry_out(row: MeasureChange, deed: str, form: DecisionForm) -> None:
    if deed == "reject":
        change.reject(db_session, row, reason=form.reason.data or "", by=_person(), now=now())
    elif deed == "approve":
        change.approve(db_session, row, by=_person(), now=now(), unseen=form.unseen.data or "")
    else:
        plain = {"propose": change.propose, "withdraw": change.withdraw, "count": change.count_again}[deed]
        plain(db_session, row, by=_person(), now=now())


def _change_page(row: MeasureChange, form: DecisionForm, problem: str = "") -> ResponseReturnValue:
    difference, unfit = None, ""
    if row.state in ("draft", "proposed"):
        try:
            difference = change.difference(db_session, overlay.plain(row), now())
        except ChangeRefused as error:
            unfit = error.why[language()]
    mine = row.drafted_by == current_user.id
    page = render_template(
        "controls/change.html", change=row, form=form, problem=problem, difference=difference, unfit=unfit, mine=mine,
        may_decide=not mine and current_user.has_role("supervisor"), people=_people([row]),
        preview=preview.of(db_session, row, now()),
    )  # fmt: skip
    return page, 422 if problem or form.errors else 200


def _typed(form: ChangeForm, number: str) -> Change:
    return Change(
        number=number,
        kind=ChangeKind(form.kind.data),
        effective=form.effective.data or date.min,
        until=form.until.data,
        announcement=form.announcement.data or "",
        successor=form.successor.data or "",
        source=form.source.data or "",
        mark=form.mark.data or "",
    )


def _person() -> User:
    return db_session.get_one(User, current_user.id)


def _people(rows: Sequence[MeasureChange]) -> dict[uuid.UUID, str]:
    """Names of who drafted and who decided."""
    ids = {one for row in rows for one in (row.drafted_by, row.decided_by) if one is not None}
    return {person.id: person.name for person in db_session.scalars(select(User).where(User.id.in_(ids)))}
