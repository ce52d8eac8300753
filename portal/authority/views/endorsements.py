"""Endorsements at ports: record one, take in what a port recorded without a network, and rule on alarms."""

import json
import uuid
from typing import Any, cast

from flask import Blueprint, abort, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from markupsafe import Markup

from portal.accounts import machines as credentials
from portal.accounts.models import AUTHORITY_ROLES, MachineCredential
from portal.authority import batches, endorse, registry
from portal.authority.batches import Item
from portal.authority.endorse import EndorsementRefused, Presented
from portal.authority.endorsement_models import AlarmKind, Endorsement, EndorsementAlarm
from portal.authority.forms.endorsements import STANDS, EndorseForm, RulingForm, UploadForm, endorse_form
from portal.authority.standing import Finding
from portal.authority.views import blueprint, staff
from portal.authority.views.certificates import certificate_or_404
from portal.certificates import status, strict_json
from portal.certificates.models import Certificate
from portal.db import new_id
from portal.verification.views import api
from portal.web import access, machines, problems
from portal.web.limits import limiter
from portal.web.paging import page_of
from portal.web.requests import actor, language, now
from portal.web.session import db_session

machine = Blueprint("endorsements", __name__, url_prefix="/api/v1")
machine.register_error_handler(api.RequestRefused, api.refused)
MAX_FILE = 4 * 1024 * 1024
KINDS = {
    AlarmKind.EXCESS: lazy_gettext("More than was left of the certificate"),
    AlarmKind.SAME_DECLARATION: lazy_gettext("One declaration was recorded twice"),
    AlarmKind.ALTERED: lazy_gettext("One record has two different contents"),
    AlarmKind.NOT_IN_FORCE: lazy_gettext("The certificate was not in force at that moment"),
}
blueprint.add_app_template_filter(lambda kind: KINDS[kind], "alarm_kind")


@blueprint.route("/certificates/<number>/endorse", methods=["GET", "POST"])
@staff
def endorse_certificate(number: str) -> ResponseReturnValue:
    """Record that a certificate is presented here and now: declaration, place, quantity of each line."""
    found = certificate_or_404(number)
    form = endorse_form(endorse.left(db_session, found), language())
    if form.validate_on_submit() and (identity := form.identity()):
        try:
            _record(found, form, identity)
        except EndorsementRefused as refused:
            form.refuse(refused.field, refused.text, language())
        else:
            flash(gettext("Recorded. The quantity was counted down."), "success")
            return redirect(url_for(".certificate", number=found.number), 303)
    if form.identity() is None:
        form.reference.data = str(new_id())
    lines = [field for field in form if field.name.startswith("line_")]
    page = render_template("authority/endorse.html", form=form, lines=lines, certificate=found)
    return page, 422 if form.is_submitted() else 200


def _record(certificate: Certificate, form: EndorseForm, identity: uuid.UUID) -> None:
    units = {line.number: line.unit for line in endorse.left(db_session, certificate)}
    typed = {number: (form[f"line_{number}"].data or "0", unit) for number, unit in units.items()}
    found = Presented(
        reference=identity,
        number=certificate.number,
        declaration=form.declaration.data or "",
        place=form.place.data or "",
        at=now(),
        quantities=typed,
        officer=current_user.name,
        device=form.device.data or "",
    )
    if not endorse.is_known(db_session, found.reference):
        endorse.check_now(db_session, found, now())
        endorse.record(db_session, found, by=current_user, actor=actor(), now=now())


@blueprint.get("/endorsements")
@staff
def endorsements() -> ResponseReturnValue:
    """The alarms on which nobody has ruled, and the way in for what a port recorded without a network."""
    alarms = page_of(db_session, endorse.open_alarms(db_session))
    return render_template("authority/endorsements.html", page=alarms, form=UploadForm())


@blueprint.post("/endorsements")
@staff
def upload_endorsements() -> ResponseReturnValue:
    """Take in the file of a device that had no network. Sent again, it changes nothing."""
    form, items = UploadForm(), None
    if form.validate_on_submit():
        try:
            batch = _read_file(form)
        except ValueError as error:
            form.file.errors = [gettext("The file cannot be read: %(reason)s", reason=str(error))]
        else:
            items = batches.take_in(db_session, batch["items"], by=current_user, actor=actor(), now=now())
    alarms = page_of(db_session, endorse.open_alarms(db_session))
    page = render_template("authority/endorsements.html", page=alarms, form=form, items=items)
    return page, 422 if items is None else 200


def _read_file(form: UploadForm) -> dict[str, Any]:
    given = form.given()
    data = given.stream.read(MAX_FILE + 1) if given is not None else b""
    found: dict[str, Any] = strict_json.loads(data, max_bytes=MAX_FILE)
    faults = list(api.faults("EndorsementBatch", found))
    if faults:
        raise ValueError(f"{faults[0][0] or '/'}: {faults[0][1]}")
    return found


@blueprint.route("/endorsements/<uuid:alarm_id>", methods=["GET", "POST"])
@staff
def endorsement_alarm(alarm_id: uuid.UUID) -> ResponseReturnValue:
    """An alarm with both sides before the officer, who rules on it."""
    alarm = db_session.get(EndorsementAlarm, alarm_id) or abort(404)
    certificate = alarm.endorsement.certificate
    finding = _finding(alarm)
    form = RulingForm().offer(finding)
    problem = ""
    if form.validate_on_submit():
        withdrawn = None if form.ruling.data == STANDS else db_session.get(Endorsement, uuid.UUID(form.ruling.data))
        try:
            endorse.rule(db_session, alarm, form.reason.data or "", withdrawn=withdrawn, actor=actor(), now=now())
        except EndorsementRefused as refused:
            problem = refused.text[language()]
        else:
            flash(gettext("The ruling is on file."), "success")
            return redirect(url_for(".certificate", number=certificate.number), 303)
    else:
        subject, owner = f"certificate:{certificate.number}", certificate.organisation_id
        registry.looked_at(db_session, subject, actor=actor(), now=now(), organisation_id=owner)
    page = render_template(
        "authority/alarm.html", form=form, alarm=alarm, certificate=certificate, problem=problem,
        sides=(finding.endorsement, *finding.others), lines=endorse.left(db_session, certificate),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _finding(alarm: EndorsementAlarm) -> Finding:
    """The finding behind an alarm; where a ruling on another has taken its ground away, its endorsement alone."""
    of = endorse.findings(db_session, alarm.endorsement.certificate)
    alone = Finding(alarm.endorsement, AlarmKind(alarm.kind), ())
    return next((one for one in of if one.endorsement.id == alarm.endorsement_id and one.kind == alarm.kind), alone)


def beside(number: str) -> str:
    """What an officer sees of a certificate that is verified, below the verdicts; nothing for anybody else."""
    if not (current_user.is_authenticated and current_user.has_role(*AUTHORITY_ROLES)):
        return ""
    certificate = registry.find(db_session, number)
    if certificate is None:
        return ""
    subject, owner = f"certificate:{certificate.number}", certificate.organisation_id
    registry.looked_at(db_session, subject, actor=actor(), now=now(), organisation_id=owner)
    return Markup(  # noqa: S704 - what the template has made, with everything in it escaped
        render_template(
            "authority/beside.html", certificate=certificate, presented=endorse.endorsements(db_session, certificate),
            left=endorse.left(db_session, certificate), worth=status.current(db_session, certificate, now()),
        )
    )  # fmt: skip


@machine.post("/endorsements")
@access.machine_or_roles(machines.ENDORSE, *AUTHORITY_ROLES)
@limiter.limit(machines.rate(api.RATE))
def upload() -> ResponseReturnValue:
    """The same for machines: a batch, each item of which is taken in, known already, or refused with a problem."""
    asked = api.body("EndorsementBatch")
    machines.counts_as(len(asked["items"]))
    items = batches.take_in(db_session, asked["items"], **_sender(), now=now())
    answer = make_response(json.dumps({"items": [_told(item) for item in items]}, ensure_ascii=False))
    answer.content_type = "application/json"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _sender() -> dict[str, Any]:
    """Who answers for a batch: the person who has signed in, or the officer whose device or program sends it."""
    device = cast("MachineCredential | None", machines.calling())
    if device is None:
        return {"by": current_user, "actor": actor()}
    return {"by": device.responsible, "actor": credentials.as_actor(device), "device": device}


def _told(item: Item) -> dict[str, Any]:
    if item.outcome is None or item.refused is not None:
        fault = item.refused.text[language()] if item.refused else ""
        return {
            "id": item.id,
            "outcome": "refused",
            "problem": problems.told("invalid-request", [(item.pointer, fault)]),
        }
    return {
        "id": item.id,
        "outcome": item.word,
        "left": [
            {"line": line.number, "value": format(line.left, "f"), "unit": line.unit} for line in item.outcome.left
        ],
        "conflicts": [
            {"kind": str(finding.kind), "with": [_side(one) for one in finding.others]}
            for finding in item.outcome.findings
        ],
    }


def _side(one: Endorsement) -> dict[str, Any]:
    return {
        "id": str(one.reference), "declaration": one.declaration, "place": one.place,
        "at": one.at.strftime("%Y-%m-%dT%H:%M:%SZ"), "quantities": one.quantities, "device": one.device,
    }  # fmt: skip
