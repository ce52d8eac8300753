"""The second factor: asked at sign-in, switched on and off on one's own account."""

import uuid

import segno
from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts import passkeys, passwords, second_factor
from portal.accounts.forms import CodeForm, PresentPasswordForm, SwitchOnForm, refuse
from portal.accounts.models import User
from portal.accounts.passkeys import PasskeyRefused
from portal.accounts.views import blueprint, ceremonies, sessions
from portal.accounts.views.account import own_key, signed_in_person
from portal.accounts.views.entrance import answer, cost, enter, failed
from portal.web import access, requests
from portal.web.limits import limiter
from portal.web.session import db_session

WAIT_SECONDS = 300
SECRET = "totp_secret"  # noqa: S105 - the name of a session key


def half_way() -> User | None:
    """The person who has given the right password and not yet a code, for five minutes."""
    kept = session.get(sessions.HALF_WAY)
    if not isinstance(kept, dict) or not 0 <= requests.now().timestamp() - kept.get("at", 0) <= WAIT_SECONDS:
        return None
    key, _, epoch = str(kept.get("identity", "")).partition(":")
    user = db_session.get(User, uuid.UUID(key))
    return user if user and user.active and str(user.session_epoch) == epoch else None


def half_way_key() -> str:
    """The account that wrong codes count for."""
    kept = session.get(sessions.HALF_WAY)
    return f"code:{kept.get('identity')}" if isinstance(kept, dict) else "code:nobody"


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@access.public
@limiter.limit("5/15 minutes", key_func=half_way_key, methods=["POST"], deduct_when=failed)
def sign_in_code() -> ResponseReturnValue:
    """Ask for a one-time or recovery code after the password."""
    user = half_way()
    if user is None:
        return redirect(url_for("accounts.sign_in", next=request.args.get("next")), 303)
    form, target = CodeForm(), sessions.own_path(request.args.get("next"))
    if form.is_submitted() and form.passkey.data:
        if _passkey_answers(form, user):
            return enter(user, target, "passkey")
        form.validate()
        form.code.errors = [gettext("The passkey was not accepted. Try again, or enter a code")]
    elif form.validate_on_submit():
        key = requests.settings().session_key
        means = second_factor.check(db_session, user, form.code.data or "", key=key, now=requests.now())
        if means is not None:
            if means == "recovery":
                left = len(user.recovery_digests)
                flash(gettext("A recovery code was used. %(left)s are left.", left=left), "info")
            return enter(user, target, means)
        refuse(form.code, gettext("This code is not right, or was used already"))
    asked = ceremonies.asking("second-factor", user.get_id(), user) if user.passkeys else None
    return answer("accounts/sign_in_code.html", form, asked=asked, person=user)


def _passkey_answers(form: CodeForm, user: User) -> bool:
    """Whether a passkey of the person has answered this page."""
    try:
        ceremonies.proven("second-factor", user.get_id(), form.ceremony.data or "", form.passkey.data or "", user)
    except PasskeyRefused:
        passkeys.record_refusal(db_session, user, now=requests.now())
        return False
    return True


@blueprint.route("/account/second-factor", methods=["GET", "POST"])
@access.signed_in
@limiter.limit("10/15 minutes", key_func=own_key, methods=["POST"])
def account_second_factor() -> ResponseReturnValue:
    """Switch one's own second factor on: scan, then prove it with a code and the password."""
    person = signed_in_person()
    if person.totp_secret:
        return redirect(url_for("accounts.account"), 303)
    form, secret = SwitchOnForm(), session.setdefault(SECRET, second_factor.new_secret())
    if form.validate_on_submit() and (codes := _switch_on(form, person, secret)):
        session.pop(SECRET)
        return render_template("accounts/recovery_codes.html", codes=codes)
    uri = second_factor.enrolment_address(person, secret, gettext("Due-diligence portal"))
    picture = segno.make(uri, error="m").svg_data_uri(scale=5, border=4)
    return answer("accounts/second_factor.html", form, secret=secret, picture=picture)


def _switch_on(form: SwitchOnForm, person: User, secret: str) -> list[str]:
    if not passwords.fits(form.present.data or "", person.password_hash, cost()):
        refuse(form.present, gettext("This is not your present password"))
        return []
    key, now = requests.settings().session_key, requests.now()
    try:
        return second_factor.switch_on(db_session, person, secret, form.code.data or "", key=key, now=now)
    except second_factor.WrongCode:
        refuse(form.code, gettext("This code is not right. Check the phone’s clock and try the next code"))
        return []


@blueprint.route("/account/second-factor/off", methods=["GET", "POST"])
@access.signed_in
@limiter.limit("10/15 minutes", key_func=own_key, methods=["POST"])
def account_second_factor_off() -> ResponseReturnValue:
    """Switch one's own second factor off, with the password."""
    person, form = signed_in_person(), PresentPasswordForm()
    if form.validate_on_submit():
        if passwords.fits(form.present.data or "", person.password_hash, cost()):
            second_factor.switch_off(db_session, person, actor=requests.actor(), now=requests.now())
            flash(gettext("The second factor is switched off."), "success")
            return redirect(url_for("accounts.account"), 303)
        refuse(form.present, gettext("This is not your present password"))
    return answer("accounts/second_factor_off.html", form, person=person)
