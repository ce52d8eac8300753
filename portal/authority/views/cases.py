"""Enforcement cases: the list, one case, and what may be done in it."""

import uuid
from typing import cast

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from portal.accounts.models import User
from portal.authority import cases, registry, suspension
from portal.authority.cases import CaseRefused
from portal.authority.forms import cases as forms
from portal.authority.models import Agency, Because, Case, LinkKind, Outcome
from portal.authority.views import blueprint, staff
from portal.certificates import status
from portal.screening.sources import sources
from portal.shipments import documents
from portal.shipments.views.documents import handed_out
from portal.web import access
from portal.web.forms import Form
from portal.web.paging import page_of
from portal.web.requests import actor, language, now, settings
from portal.web.session import db_session

REASONED = {"wait": cases.wait, "resume": cases.resume}


def me() -> User:
    """The officer of the request, as the database session holds them."""
    return cast("User", current_user._get_current_object())


def case_or_404(number: str) -> Case:
    """The case with this number; 404 when there is none."""
    return cases.find(db_session, number) or abort(404)


@blueprint.app_context_processor
def words() -> dict[str, object]:
    """The words of cases, for templates."""
    return {
        "case_words": {
            "agency": forms.AGENCIES,
            "because": forms.BECAUSE,
            "state": forms.STATES,
            "outcome": forms.OUTCOMES,
        },
        "list_title": lambda name: sources()[name].title[language()] if name in sources() else name,
    }


@blueprint.get("/cases", endpoint="cases")
@staff
def list_cases() -> ResponseReturnValue:
    """Search the cases by text, state, agency and reason."""
    form = forms.CaseSearchForm(request.args)
    asked = (form.q.data, form.state.data, form.agency.data, form.because.data)
    found = page_of(db_session, cases.search(*(value or "" for value in asked)))
    return render_template("authority/cases.html", form=form, page=found)


@blueprint.get("/cases/<number>", endpoint="case")
@staff
def one_case(number: str) -> ResponseReturnValue:
    """One case with its timeline, as far as the reader's agency may see it. Each look is recorded."""
    found = case_or_404(number)
    registry.looked_at(db_session, f"case:{found.number}", actor=actor(), now=now())
    linked = [each.reference for each in found.links if each.kind == LinkKind.CERTIFICATE]
    certificates = [one for reference in linked if (one := registry.find(db_session, reference))]
    worth = {one.number: status.current(db_session, one, now()).state for one in certificates}
    timeline = cases.readable(found, cases.agency_of(me()))
    return render_template(
        "authority/case.html", case=found, timeline=timeline, worth=worth, found=cases.alike(found),
        about=cases.linked(found),
    )  # fmt: skip


@blueprint.get("/cases/<number>/files/<uuid:file_id>")
@staff
def answer_file(number: str, file_id: uuid.UUID) -> ResponseReturnValue:
    """A file that an exporter attached to an answer in this case; each look is recorded."""
    case = case_or_404(number)
    found = suspension.file_in(db_session, case, file_id) or abort(404)
    registry.looked_at(db_session, f"case:{case.number}", actor=actor(), now=now())
    return handed_out(documents.read(found, settings()), found.media_type, found.filename)


@blueprint.route("/cases/open", methods=["GET", "POST"])
@staff
def open_case() -> ResponseReturnValue:
    """Open a case by hand, on a certificate or without one."""
    form = forms.OpenForm(certificate=request.args.get("certificate", "")[:30])
    if form.validate_on_submit():
        wanted = form.number()
        certificate = registry.find(db_session, wanted) if wanted else None
        if wanted and certificate is None:
            form.certificate.errors = [gettext("There is no certificate with this number")]
        else:
            case = cases.open_case(
                db_session, title=form.title.data or "", because=Because(form.because.data), text=form.text.data or "",
                agency=Agency(form.agency.data), actor=actor(), now=now(),
            )  # fmt: skip
            if certificate is not None:
                label = f"{certificate.exporter_name} → {certificate.end_user_name}"
                cases.link_certificate(db_session, case, certificate.number, label, actor=actor(), now=now())
            flash(gettext("The case is open."), "success")
            return redirect(url_for(".case", number=case.number), 303)
    page = render_template("authority/case_open.html", form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/cases/<number>/note", methods=["GET", "POST"])
@staff
def case_note(number: str) -> ResponseReturnValue:
    """Write a note, for all agencies or some."""
    case, form = case_or_404(number), forms.NoteForm()
    if form.validate_on_submit():
        readers = form.readers(cases.agency_of(me()))
        cases.note(db_session, case, form.text.data or "", agencies=readers, actor=actor(), now=now())
        return _done(case)
    return _page(case, form, "note")


@blueprint.route("/cases/<number>/link", methods=["GET", "POST"])
@staff
def case_link(number: str) -> ResponseReturnValue:
    """Link a certificate."""
    case, form, problem = case_or_404(number), forms.CertificateNumberForm(), ""
    if form.validate_on_submit():
        certificate = registry.find(db_session, form.number())
        if certificate is None:
            form.certificate.errors = [gettext("There is no certificate with this number")]
        else:
            label = f"{certificate.exporter_name} → {certificate.end_user_name}"
            try:
                cases.link_certificate(db_session, case, certificate.number, label, actor=actor(), now=now())
                return _done(case)
            except CaseRefused as refused:
                problem = refused.text[language()]
    return _page(case, form, "link", problem)


@blueprint.route("/cases/<number>/assign", methods=["GET", "POST"])
@staff
def case_assign(number: str) -> ResponseReturnValue:
    """Hand the case to an agency and a person."""
    case = case_or_404(number)
    people = cases.staff(db_session)
    form = forms.AssignForm(agency=case.agency, assignee=str(case.assignee_id or "")).offer(people)
    problem = ""
    if form.validate_on_submit():
        chosen = uuid.UUID(form.assignee.data) if form.assignee.data else None
        assignee = next((person for person in people if person.id == chosen), None)
        try:
            cases.assign(db_session, case, agency=Agency(form.agency.data), assignee=assignee, actor=actor(), now=now())
            return _done(case)
        except CaseRefused as refused:
            problem = refused.text[language()]
    return _page(case, form, "assign", problem)


@blueprint.route("/cases/<number>/<any(wait, resume):deed>", methods=["GET", "POST"])
@staff
def case_state(number: str, deed: str) -> ResponseReturnValue:
    """Have the case wait for somebody outside, or end the waiting."""
    case, form, problem = case_or_404(number), forms.ReasonForm(), ""
    if form.validate_on_submit():
        try:
            REASONED[deed](db_session, case, form.reason.data or "", actor=actor(), now=now())
            return _done(case)
        except CaseRefused as refused:
            problem = refused.text[language()]
    return _page(case, form, deed, problem)


@blueprint.route("/cases/<number>/close", methods=["GET", "POST"])
@access.roles("supervisor")
def case_close(number: str) -> ResponseReturnValue:
    """Close the case with its outcome."""
    case, form, problem = case_or_404(number), forms.CloseForm(), ""
    if form.validate_on_submit():
        try:
            cases.close(db_session, case, Outcome(form.outcome.data), form.reason.data or "", by=me(), now=now())
            return _done(case)
        except CaseRefused as refused:
            problem = refused.text[language()]
    return _page(case, form, "close", problem)


@blueprint.route("/cases/<number>/reopen", methods=["GET", "POST"])
@access.roles("supervisor")
def case_reopen(number: str) -> ResponseReturnValue:
    """Open a closed case again."""
    case, form, problem = case_or_404(number), forms.ReasonForm(), ""
    if form.validate_on_submit():
        try:
            cases.reopen(db_session, case, form.reason.data or "", by=me(), now=now())
            return _done(case)
        except CaseRefused as refused:
            problem = refused.text[language()]
    return _page(case, form, "reopen", problem)


def _done(case: Case) -> ResponseReturnValue:
    flash(gettext("The case was brought up to date."), "success")
    return redirect(url_for(".case", number=case.number), 303)


def _page(case: Case, form: Form, deed: str, problem: str = "") -> ResponseReturnValue:
    page = render_template("authority/case_deed.html", case=case, form=form, deed=deed, problem=problem)
    return page, 422 if form.is_submitted() else 200
