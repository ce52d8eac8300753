"""Pages of the authority: registry, referrals, restricted list, lists, audit trail."""

import uuid
from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal import audit, countries
from portal.authority import forms, overview, registry, settle
from portal.certificates import issue, keys, status
from portal.certificates.models import Certificate
from portal.screening import lists, restricted
from portal.shipments import documents
from portal.shipments.models import Shipment
from portal.shipments.states import ShipmentRefused
from portal.web import access
from portal.web.paging import page_of
from portal.web.requests import actor, language, now, settings
from portal.web.session import db_session
from portal.web.status import status_look

blueprint = Blueprint("authority", __name__, url_prefix="/authority")
blueprint.add_app_template_filter(lambda code: registry.purpose_text(code)[language()], "purpose")
blueprint.add_app_template_filter(lambda code: registry.reason_text(code)[language()], "reason")
staff = access.roles("officer", "supervisor")


def certificate_or_404(number: str) -> Certificate:
    """The certificate with this number; 404 when there is none."""
    return registry.find(db_session, number) or abort(404)


@blueprint.get("/")
@staff
def index() -> ResponseReturnValue:
    """Numbers, what waits, and what happened lately."""
    return render_template("authority/index.html", overview=overview.overview(db_session, now()))


@blueprint.get("/certificates")
@staff
def certificates() -> ResponseReturnValue:
    """Search the registry by number, exporter, end user, destination and status."""
    form = forms.SearchForm(request.args)
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
    form = forms.ChangeForm().offer(registry.reasons_for(deed), language())
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
            flash(gettext("The status was changed. Verifiers see it from now on."), "success")
            return redirect(url_for(".certificate", number=found.number), 303)
    wrong = bool(problem) or form.is_submitted()
    page = render_template("authority/change.html", form=form, certificate=found, deed=deed, problem=problem)
    return page, 422 if wrong else 200


@blueprint.get("/referrals")
@staff
def referrals() -> ResponseReturnValue:
    """Shipments that wait for the authority, the longest waiting first."""
    return render_template("authority/referrals.html", page=page_of(db_session, overview.referrals()))


@blueprint.route("/referrals/<uuid:shipment_id>", methods=["GET", "POST"])
@staff
def referral(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """The file of a referred shipment, and its settlement. Each look is recorded."""
    shipment = settle.referred(db_session, shipment_id) or abort(404)
    form, problem = forms.SettleForm(), ""
    if form.validate_on_submit():
        issuer = keys.open_issuer(settings(), now=now())
        try:
            settle.settle(
                db_session, shipment, form.outcome.data, form.reason.data or "",
                by=current_user, now=now(), issuer=issuer, settings=settings(),
            )  # fmt: skip
        except ShipmentRefused as refused:
            problem = refused.reason[language()]
        else:
            flash(gettext("The referral is settled. The exporter sees your reason."), "success")
            return redirect(url_for(".referrals"), 303)
    elif not form.is_submitted():
        settle.looked_at(db_session, shipment, actor=actor(), now=now())
    page = render_template("authority/referral.html", form=form, shipment=shipment, problem=problem)
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/shipments/<uuid:shipment_id>/documents/<uuid:document_id>")
@staff
def document(shipment_id: uuid.UUID, document_id: uuid.UUID) -> ResponseReturnValue:
    """A document of a file that the authority may look into; each look is recorded."""
    found = settle.document(db_session, shipment_id, document_id) or abort(404)
    data = documents.read(found, settings())
    registry.looked_at(db_session, f"document:{found.id}", actor=actor(), now=now())
    return send_file(
        BytesIO(data), mimetype=found.media_type, as_attachment=True, download_name=found.filename, max_age=0
    )


@blueprint.get("/restricted", endpoint="restricted")
@staff
def restricted_list() -> ResponseReturnValue:
    """The authority's own list of parties, those taken off too."""
    return render_template("authority/restricted.html", parties=restricted.entries(db_session, removed=True)[::-1])


@blueprint.route("/restricted/add", methods=["GET", "POST"])
@staff
def restricted_add() -> ResponseReturnValue:
    """Put a party on the restricted list from today."""
    form = forms.RestrictedForm().offer(countries.choices(language()))
    if form.validate_on_submit():
        restricted.add(
            db_session, names=form.name_list(), country=form.country.data, reason=form.reason.data or "",
            actor=actor(), now=now(),
        )  # fmt: skip
        flash(gettext("The party is on the restricted list. It is screened against from now on."), "success")
        return redirect(url_for(".restricted"), 303)
    page = render_template("authority/restricted_add.html", form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/restricted/<uuid:entry_id>/remove", methods=["GET", "POST"])
@access.roles("supervisor")
def restricted_remove(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Take a party off the list; a supervisor's deed, with a reason."""
    party = next((one for one in restricted.entries(db_session) if one.id == entry_id), None) or abort(404)
    form = forms.RemovalForm()
    if form.validate_on_submit():
        restricted.remove(db_session, entry_id, reason=form.reason.data or "", actor=actor(), now=now())
        flash(gettext("The party is off the restricted list. Its record stays on file."), "success")
        return redirect(url_for(".restricted"), 303)
    page = render_template("authority/restricted_remove.html", form=form, party=party)
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/lists", endpoint="lists")
@staff
def list_editions() -> ResponseReturnValue:
    """Which editions of which lists are screened against, how old they are, and what they lack."""
    return render_template("authority/lists.html", lists=lists.show(db_session, now()), coverage=lists.coverage())


@blueprint.get("/audit")
@access.roles("supervisor")
def trail() -> ResponseReturnValue:
    """Who did what, newest first, and whether the chain of events holds."""
    subject = request.args.get("subject", "")[:200]
    found = page_of(db_session, overview.trail(subject), size=50)
    checked = audit.check(db_session) if request.args.get("check") == "yes" else None
    return render_template(
        "authority/trail.html", page=found, subject=subject, asked=request.args.get("check") == "yes", broken=checked
    )
