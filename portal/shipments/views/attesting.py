"""The compliance officer's work: read the whole file, then attest it or return it with a reason."""

import uuid
from typing import Any

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from portal.accounts import authentication, passkeys
from portal.accounts.passkeys import PasskeyRefused
from portal.accounts.views import ceremonies
from portal.certificates import attested, keys
from portal.questionnaires.freeze import Incomplete
from portal.shipments import assess, conduct, signing
from portal.shipments.assess import Judged
from portal.shipments.attestation import wording
from portal.shipments.forms.deeds import LONGEST_PASSWORD, AttestForm, ReasonForm
from portal.shipments.models import Decision, Shipment
from portal.shipments.states import Deed, ShipmentChanged
from portal.shipments.views import answering, blueprint
from portal.shipments.views.answering import answer, me, ready_for
from portal.shipments.views.listing import may_attest
from portal.web import requests
from portal.web.limits import limiter
from portal.web.requests import now
from portal.web.session import db_session


def own_key() -> str:
    """The account that a rate limit counts for."""
    return f"attest:{current_user.get_id()}" if current_user.is_authenticated else "attest:nobody"


def failed(response: object) -> bool:
    """Only attempts that failed count."""
    return getattr(response, "status_code", 0) == 422


@blueprint.route("/<uuid:shipment_id>/attest", methods=["GET", "POST"])
@answering.officers
@limiter.limit("10/15 minutes", key_func=own_key, methods=["POST"], deduct_when=failed)
def attest(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """The whole file with a preview of the assessment, and the officer's word for it."""
    found = ready_for(shipment_id, Deed.ATTEST)
    form = AttestForm()
    if form.is_submitted() and may_attest(found) and _proved(form):
        try:
            decision = _attest(found, form)
        except ShipmentChanged:
            form.conflict = True
        except PasskeyRefused:
            passkeys.record_refusal(db_session, me(), now=now())
            form.passkey_refused = True
        else:
            flash(gettext("Attested and decided."), "success")
            return redirect(url_for(".decision", shipment_id=decision.shipment_id), 303)
    form.version.data = str(found.version)
    return _file(found, form)


def _proved(form: AttestForm) -> bool:
    """Whether the box is ticked, and the password is the officer's own where no passkey stands in its place."""
    if not form.validate():
        return False
    if form.passkey.data:
        return True
    password = (form.password.data or "")[:LONGEST_PASSWORD]
    cost = current_app.config["PASSWORD_COST"]
    user = authentication.authenticate(db_session, current_user.email, password, now(), cost=cost)
    if user is not None and user.id == current_user.id:
        return True
    form.password.errors = [gettext("This is not your password")]
    return False


def _attest(found: Shipment, form: AttestForm) -> Decision:
    settings = requests.settings()
    issuer = keys.open_issuer(settings, now=now())
    signed = None
    if form.passkey.data:
        key, token = settings.session_key, form.ceremony.data or ""
        nonce = passkeys.resume("attest", _subject(found), token, key=key, now=now())
        signed = signing.Signed(form.passkey.data, nonce, ceremonies.site())
    return conduct.attest(
        db_session, found, officer=me(), now=now(), issuer=issuer, settings=settings, signed=signed,
        version=form.seen_version,
    )  # fmt: skip


def _subject(found: Shipment) -> str:
    return f"{found.id} {current_user.id}"


def _asked(found: Shipment, judged: Judged) -> dict[str, Any] | None:
    """What the page needs to ask for the officer's passkey; nothing for one who has none or may not attest."""
    if not may_attest(found) or not me().passkeys:
        return None
    try:
        seen = signing.shown(found, judged, officer=me(), now=now())
    except Incomplete:
        return None
    begun = passkeys.begin("attest", _subject(found), key=requests.settings().session_key, now=now())
    challenge = attested.challenge(seen.digest, begun.nonce)
    options = passkeys.request_options(challenge, ceremonies.site(), me().passkeys)
    return {"ceremony": begun.token, "options": options, "elsewhere": ceremonies.elsewhere()}


def _file(found: Shipment, form: AttestForm) -> ResponseReturnValue:
    judged = assess.preview(db_session, found, now())
    return answer(
        "shipments/attest.html",
        form,
        status=409 if form.is_submitted() and not may_attest(found) else 422 if form.passkey_refused else 0,
        shipment=found,
        may_attest=may_attest(found),
        judged=judged,
        result=judged.assessment.to_json(),
        facts=judged.ground.facts.to_json(),
        frozen=_frozen(judged),
        wording=wording(),
        asked=_asked(found, judged),
        has_passkey=bool(me().passkeys),
    )


def _frozen(judged: Judged) -> list[dict[str, Any]]:
    try:
        return [each.frozen for each in judged.ground.answered]
    except Incomplete:
        return []


@blueprint.route("/<uuid:shipment_id>/return", methods=["GET", "POST"])
@answering.officers
def return_shipment(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """Give the shipment back to its preparer with a reason."""
    found = ready_for(shipment_id, Deed.RETURN)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            conduct.return_to_draft(
                db_session, found, form.reason.data or "", by=me(), now=now(), version=form.seen_version
            )
        except ShipmentChanged:
            form.conflict = True
        else:
            flash(gettext("The shipment is returned to its preparer."), "success")
            return redirect(url_for(".index"), 303)
    form.version.data = str(found.version)
    return answer("shipments/return.html", form, shipment=found)
