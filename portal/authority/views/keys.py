"""The register of keys: which signs what, from when to when, and what to do when one may be in other hands."""

import uuid

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import current_user

from portal.authority import key_reports
from portal.authority.forms.keys import CONFIRM, KeyDecisionForm, KeyReportForm
from portal.authority.key_reports import ReportRefused
from portal.authority.models import KeyReport
from portal.authority.views import blueprint, staff
from portal.certificates import compromise, keys, signer, status
from portal.certificates.log.note import ED25519
from portal.certificates.trust import TrustedIssuer, TrustedKey
from portal.web import access
from portal.web.paging import page_of
from portal.web.requests import actor, language, now, settings
from portal.web.session import db_session

USES = {"documents": lazy_gettext("PDF documents"), "seal": lazy_gettext("Seals, credentials and status lists")}
blueprint.add_app_template_filter(lambda use: USES[use], "key_use")
blueprint.add_app_template_filter(lambda key: signer.algorithm_of(key.public_key).name, "key_algorithm")
blueprint.add_app_template_filter(lambda one: "Ed25519" if one.key.kind == ED25519 else "ML-DSA-44", "log_algorithm")
supervisors = access.roles("supervisor")


def register() -> TrustedIssuer:
    """The register of keys, without opening a key; 404 where there is none."""
    try:
        return compromise.opened_register(settings())
    except signer.KeyRefused:
        abort(404)


def found(thumbprint: str) -> tuple[TrustedIssuer, tuple[TrustedKey, ...]]:
    """A key in each of its uses, by its whole thumbprint, else 404."""
    issuer = register()
    same = tuple(key for key in issuer.keys if key.thumbprint == thumbprint)
    return issuer, same or abort(404)


@blueprint.get("/keys", endpoint="keys")
@staff
def list_keys() -> ResponseReturnValue:
    """Every key that the issuer and its log ever had, and how to change one."""
    shown = register()
    return render_template(
        "authority/keys.html", issuer=shown, waiting=key_reports.waiting(db_session),
        outside=bool(settings().issuer_key.get_secret_value()),
    )  # fmt: skip


@blueprint.post("/keys")
@supervisors
def rotate_keys() -> ResponseReturnValue:
    """New keys for the TEST issuer; what the old ones signed stays valid."""
    try:
        keys.rotate(settings(), now=now())
    except signer.KeyRefused:
        abort(409)
    key_reports.rotated(db_session, register(), actor=actor(), now=now())
    flash(gettext("New keys sign from now on. Pass on the new trust file."), "success")
    return redirect(url_for(".keys"), 303)


@blueprint.get("/keys/<thumbprint>")
@staff
def key(thumbprint: str) -> ResponseReturnValue:
    """One key, what was reported of it, and the certificates that this casts doubt on."""
    issuer, uses = found(thumbprint)
    page = page_of(db_session, compromise.in_doubt(issuer, uses))
    worth = {one.id: status.current(db_session, one, now()) for one in page.items}
    return render_template(
        "authority/key.html", issuer=issuer, key=uses[0], uses=uses, page=page, worth=worth,
        reports=key_reports.reports(db_session, thumbprint),
    )  # fmt: skip


@blueprint.route("/keys/<thumbprint>/report", methods=["GET", "POST"])
@supervisors
def report_key(thumbprint: str) -> ResponseReturnValue:
    """Report that a key may be in other hands; another supervisor confirms."""
    _, uses = found(thumbprint)
    form = KeyReportForm()
    if form.validate_on_submit() and (since := form.moment()) is not None:
        try:
            key_reports.propose(
                db_session, uses[0], since=since, reason=form.reason.data or "", by=current_user, now=now()
            )
        except ReportRefused as refused:
            form.since.errors = [refused.text[language()]]
        else:
            flash(gettext("Reported. Another supervisor decides."), "success")
            return redirect(url_for(".key", thumbprint=thumbprint), 303)
    page = render_template("authority/key_report.html", form=form, key=uses[0])
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/keys/reports/<uuid:report_id>", methods=["GET", "POST"])
@supervisors
def decide_key(report_id: uuid.UUID) -> ResponseReturnValue:
    """Confirm a report, or turn it down."""
    report = db_session.get(KeyReport, report_id) or abort(404)
    form, problem = KeyDecisionForm(), ""
    if form.validate_on_submit():
        try:
            _decide(report, form)
        except ReportRefused as refused:
            problem = refused.text[language()]
        else:
            return redirect(url_for(".key", thumbprint=report.thumbprint), 303)
    page = render_template("authority/key_decision.html", form=form, report=report, problem=problem)
    return page, 422 if form.is_submitted() else 200


def _decide(report: KeyReport, form: KeyDecisionForm) -> None:
    if form.decision.data == CONFIRM:
        key_reports.confirm(db_session, settings(), report, by=current_user, now=now())
        flash(gettext("The key is marked. Pass on the new trust file now."), "success")
    else:
        key_reports.reject(db_session, report, form.answer.data or "", by=current_user, now=now())
        flash(gettext("The report was turned down."), "success")
