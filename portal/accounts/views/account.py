"""A person's own account."""

from typing import cast

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, refresh
from flask_login import current_user

from portal.accounts import authentication, letters, passwords, people
from portal.accounts.forms import ChangePasswordForm, PersonForm, refuse, role_words, weak
from portal.accounts.models import User
from portal.accounts.views import blueprint, post, sessions
from portal.accounts.views.entrance import answer, cost
from portal.web import access, requests
from portal.web.limits import limiter
from portal.web.session import db_session


def signed_in_person() -> User:
    """The person of the request, as the database session holds them."""
    return cast("User", current_user._get_current_object())


def own_key() -> str:
    """The account that a rate limit counts for, once somebody is signed in."""
    return f"person:{current_user.id}" if current_user.is_authenticated else "person:nobody"


@blueprint.get("/account")
@access.signed_in
def account() -> ResponseReturnValue:
    """What the portal knows of the person who is signed in."""
    return render_template("accounts/account.html", person=signed_in_person(), role_words=role_words)


@blueprint.route("/account/details", methods=["GET", "POST"])
@access.signed_in
def account_details() -> ResponseReturnValue:
    """Change one's own name, position and language."""
    person = signed_in_person()
    form = PersonForm(obj=person)
    if not form.validate_on_submit():
        return answer("accounts/account_details.html", form)
    people.describe(
        db_session,
        person,
        name=form.name.data or "",
        position=form.position.data or "",
        language=form.language.data,
        actor=requests.actor(),
        now=requests.now(),
    )
    session["language"] = person.language
    refresh()
    flash(gettext("Your details are changed."), "success")
    return redirect(url_for("accounts.account"), 303)


@blueprint.route("/account/password", methods=["GET", "POST"])
@access.signed_in
@limiter.limit("10/15 minutes", key_func=own_key, methods=["POST"])
def account_password() -> ResponseReturnValue:
    """Change one's own password; other sessions end, this one goes on."""
    form, person = ChangePasswordForm(), signed_in_person()
    if form.validate_on_submit():
        present, chosen, now = form.present.data or "", form.password.data or "", requests.now()
        try:
            authentication.change_password(db_session, person, present=present, password=chosen, now=now, cost=cost())
        except authentication.WrongPassword:
            refuse(form.present, gettext("This is not your present password"))
        except passwords.WeakPassword as error:
            weak(form.password, error)
    if not form.is_submitted() or form.errors:
        return answer("accounts/account_password.html", form)
    sessions.begin(person)
    forgotten = post.address_of("accounts.forgotten_password")
    post.send_after_answer(letters.password_changed(person.email, person.language, forgotten))
    flash(gettext("Your password is changed. Other devices have been signed out."), "success")
    return redirect(url_for("accounts.account"), 303)
