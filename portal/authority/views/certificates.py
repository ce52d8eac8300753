"""The registry of certificates, and changes of their status."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal.authority import cases, endorse, recheck, registry
from portal.authority.forms.certificates import ChangeForm, SearchForm
from portal.authority.models import LinkKind
from portal.authority.views import blueprint, staff
from portal.certificates import issue, status
from portal.certificates.models import Certificate
from portal.shipments.models import Shipment
from portal.web.paging import page_of
from portal.web.requests import actor, language, now
from portal.web.session import db_session
from portal.web.status import status_look


def certificate_or_404(number: str) -> Certificate:
    """The certificate with this number; 404 when there is none."""
    return registry.find(db_session, number) or abort(404)


@blueprint.get("/certificates")
@staff
def certificates() -> ResponseReturnValue:
    """Search the registry by number, exporter, end user, destination and status."""
    form = SearchForm(request.args)
    looks = (SelectChoice(state, status_look(state).word) for state in registry.STATES)
    form.state.choices = [SelectChoice("", gettext("Any")), *looks]
    found = page_of(db_session, registry.search(form.q.data or "", form.state.data or "", now()))
    worth = {one.id: status.current(db_session, one, now()) for one in found.items}
    return render_template("authority/certificates.html", form=form, page=found, worth=worth)


@blueprint.get("/certificates/<number>")
@staff
def certificate(number: str) -> ResponseReturnValue:
    """One certificate: its status and history, and the file behind it. Each look is recorded."""
    found = certificate_or_404(number)
    subject = f"certificate:{found.number}"
    registry.looked_at(db_session, subject, actor=actor(), now=now(), organisation_id=found.organisation_id)
    worth = status.current(db_session, found, now())
    return render_template(
        "authority/certificate.html",
        certificate=found,
        statement=registry.statement(found),
        status=worth,
        events=registry.history(db_session, found),
        changes=registry.possible_changes(worth.state),
        shipment=db_session.get(Shipment, found.subject_id),
        cases=cases.about(db_session, LinkKind.CERTIFICATE, found.number),
        stricter=recheck.since_issue(db_session, found, now()),
        ahead=recheck.ahead(db_session, found.number, now().date()),
        presented=endorse.endorsements(db_session, found),
        left=endorse.left(db_session, found),
    )


@blueprint.get("/certificates/<number>/certificate.pdf")
@staff
def certificate_file(number: str) -> ResponseReturnValue:
    """The signed PDF."""
    found = certificate_or_404(number)
    headers = {
        "Content-Type": "application/pdf",
        "Content-Disposition": f'attachment; filename="{found.number}.pdf"',
    }
    return issue.files(found)["pdf"], 200, headers


@blueprint.route("/certificates/<number>/<any(suspend, reinstate, revoke):deed>", methods=["GET", "POST"])
@staff
def change(number: str, deed: str) -> ResponseReturnValue:
    """Suspend, reinstate or revoke, with a reason code and words of one's own."""
    found = certificate_or_404(number)
    form = ChangeForm().offer(registry.reasons_for(deed), language())
    problem = ""
    if form.validate_on_submit():
        try:
            registry.change(
                db_session, found, deed, reason_code=form.reason_code.data, reason=form.reason.data or "",
                actor=actor(), now=now(),
            )  # fmt: skip
        except status.StatusError as error:
            problem = error.text[language()]
        else:
            endorse.settle(db_session, found, now())
            flash(gettext("The status was changed. Verifiers see it from now on."), "success")
            return redirect(url_for(".certificate", number=found.number), 303)
    wrong = bool(problem) or form.is_submitted()
    page = render_template("authority/change.html", form=form, certificate=found, deed=deed, problem=problem)
    return page, 422 if wrong else 200
