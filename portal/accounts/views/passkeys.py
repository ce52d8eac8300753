"""Passkeys: one's own, and signing in with one alone."""

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts import passkeys, passwords, second_factor
from portal.accounts.forms import PasskeyForm, PasskeyNameForm, PresentPasswordForm, refuse
from portal.accounts.models import Passkey, User
from portal.accounts.views import blueprint, sessions
from portal.accounts.views.account import own_key, signed_in_person
from portal.accounts.views.ceremonies import ANYBODY, elsewhere, proven, site
from portal.accounts.views.entrance import answer, cost, enter, failed
from portal.web import access, requests
from portal.web.limits import limiter
from portal.web.session import db_session


@blueprint.post("/sign-in/passkey")
@access.public
@limiter.limit("20/minute;200/hour")
def sign_in_passkey() -> ResponseReturnValue:
    """Sign in with a passkey alone: it is something that the person has, and it has verified the person."""
    form, target = PasskeyForm(), sessions.own_path(request.args.get("next"))
    try:
        if not form.validate_on_submit():
            raise passkeys.PasskeyRefused("no valid form")
        found = proven("sign-in", ANYBODY, form.ceremony.data or "", form.passkey.data or "")
    except passkeys.PasskeyRefused:
        passkeys.record_refusal(db_session, None, now=requests.now())
        flash(gettext("That passkey does not open an account here. Try again, or sign in with your password."), "error")
        return redirect(url_for("accounts.sign_in", next=target), 303)
    return enter(found.passkey.user, target, "passkey")


@blueprint.get("/account/passkeys")
@access.signed_in
def account_passkeys() -> ResponseReturnValue:
    """One's own passkeys."""
    return render_template("accounts/passkeys.html", passkeys=signed_in_person().passkeys)


@blueprint.route("/account/passkeys/add", methods=["GET", "POST"])
@access.signed_in
@limiter.limit("10/15 minutes", key_func=own_key, methods=["POST"], deduct_when=failed)
def add_passkey() -> ResponseReturnValue:
    """Ask for a name and the password, and then for the passkey itself."""
    form, person = PasskeyNameForm(), signed_in_person()
    if not form.validate_on_submit():
        return answer("accounts/passkey_add.html", form, elsewhere=elsewhere())
    if not passwords.fits(form.present.data or "", person.password_hash, cost()):
        refuse(form.present, gettext("This is not your present password"))
        return answer("accounts/passkey_add.html", form, elsewhere=elsewhere())
    name = form.name.data or ""
    begun = passkeys.begin("register", _subject(person, name), key=requests.settings().session_key, now=requests.now())
    options = passkeys.creation_options(person, begun.nonce, site(), gettext("Due-diligence portal"))
    asked = {"ceremony": begun.token, "options": options, "elsewhere": elsewhere()}
    return render_template("accounts/passkey_create.html", name=name, asked=asked)


@blueprint.post("/account/passkeys/new")
@access.signed_in
def keep_passkey() -> ResponseReturnValue:
    """Keep the passkey that the browser has made."""
    form, person = PasskeyForm(), signed_in_person()
    name, key, now = form.name.data or "", requests.settings().session_key, requests.now()
    try:
        if not form.validate_on_submit():
            raise passkeys.PasskeyRefused("no valid form")
        nonce = passkeys.resume("register", _subject(person, name), form.ceremony.data or "", key=key, now=now)
        passkeys.register(db_session, person, name, form.passkey.data or "", challenge=nonce, party=site(), now=now)
    except passkeys.TooMany:
        flash(gettext("You have as many passkeys as one person may have. Remove one first."), "error")
        return redirect(url_for("accounts.account_passkeys"), 303)
    except passkeys.PasskeyRefused:
        flash(gettext("The passkey was not registered. Try again, or use another device."), "error")
        return redirect(url_for("accounts.add_passkey"), 303)
    flash(gettext("The passkey “%(name)s” is registered.", name=name), "success")
    if codes := second_factor.new_recovery_codes(person):
        return render_template("accounts/recovery_codes.html", codes=codes)
    return redirect(url_for("accounts.account_passkeys"), 303)


@blueprint.route("/account/passkeys/<uuid:passkey_id>/remove", methods=["GET", "POST"])
@access.signed_in
@limiter.limit("10/15 minutes", key_func=own_key, methods=["POST"], deduct_when=failed)
def remove_passkey(passkey_id: uuid.UUID) -> ResponseReturnValue:
    """Remove one's own passkey, with the password."""
    person, form = signed_in_person(), PresentPasswordForm()
    found = passkeys.find(person, passkey_id) or abort(404)
    if form.validate_on_submit():
        if passwords.fits(form.present.data or "", person.password_hash, cost()):
            return _removed(found)
        refuse(form.present, gettext("This is not your present password"))
    return answer("accounts/passkey_remove.html", form, passkey=found)


def _removed(found: Passkey) -> ResponseReturnValue:
    second_factor.remove_passkey(db_session, found, actor=requests.actor(), now=requests.now())
    flash(gettext("The passkey “%(name)s” is removed.", name=found.name), "success")
    return redirect(url_for("accounts.account_passkeys"), 303)


def _subject(person: User, name: str) -> str:
    return f"{person.id} {name}"
