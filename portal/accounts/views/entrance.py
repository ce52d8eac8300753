"""Signing in and out, registering, and the way back in for who forgot the password."""

from contextlib import suppress

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from flask_wtf import FlaskForm

from portal.accounts import (
    addresses,
    authentication,
    letters,
    links,
    passwords,
    people,
    registration,
    reset,
    second_factor,
)
from portal.accounts.forms import AddressForm, NewPasswordForm, RegistrationForm, SignInForm, refuse, weak
from portal.accounts.models import RegistrationLink, User
from portal.accounts.views import blueprint, ceremonies, post, sessions
from portal.mail import MailNotSent
from portal.web import access, requests
from portal.web.limits import limiter
from portal.web.session import db_session


def cost() -> passwords.Cost:
    """What hashing a password costs in this application."""
    found: passwords.Cost = current_app.config["PASSWORD_COST"]
    return found


def typed_address() -> str:
    """The account that a rate limit counts for, however its address is written."""
    typed = request.form.get("email", "")[:400]
    with suppress(addresses.WrongAddress):
        typed = addresses.normalise(typed)
    return "account:" + links.digest(typed)


def failed(response: object) -> bool:
    """Only attempts that failed count against an account."""
    return getattr(response, "status_code", 0) == 422


@blueprint.route("/sign-in", methods=["GET", "POST"])
@access.public
@limiter.limit("20/minute;200/hour", methods=["POST"])
@limiter.limit("10/15 minutes", key_func=typed_address, methods=["POST"], deduct_when=failed)
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail address and password."""
    form = SignInForm()
    target = sessions.own_path(request.args.get("next"))
    if request.method != "POST" and current_user.is_authenticated:
        return redirect(target, 303)
    if form.validate_on_submit():
        user = authentication.authenticate(
            db_session, form.email.data or "", form.password.data or "", requests.now(), cost=cost()
        )
        if user is not None and second_factor.is_on(user):
            sessions.wait_for_code(user)
            return redirect(url_for("accounts.sign_in_code", next=target), 303)
        if user is not None:
            return enter(user, target)
        refuse(form.password, gettext("The e-mail address or the password is not right"))
    return answer("accounts/sign_in.html", form, asked=ceremonies.asking("sign-in", ceremonies.ANYBODY))


def enter(user: User, target: str, means: str = "") -> ResponseReturnValue:
    """Begin the session of somebody who has proved who they are, if need be by a second factor."""
    authentication.record_sign_in(db_session, user, now=requests.now(), second_factor=means)
    sessions.begin(user)
    return redirect(target, 303)


@blueprint.post("/sign-out")
@access.public
def sign_out() -> ResponseReturnValue:
    """End this session, and every other one of the person."""
    if current_user.is_authenticated:
        person = current_user._get_current_object()
        people.end_sessions(db_session, person, actor=requests.actor(), now=requests.now(), verb="person.signed_out")
    sessions.end()
    flash(gettext("You have signed out."), "success")
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.route("/register", methods=["GET", "POST"])
@access.public
@limiter.limit("10/minute;40/hour", methods=["POST"])
@limiter.limit("5/hour", key_func=typed_address, methods=["POST"])
def register() -> ResponseReturnValue:
    """Ask for an e-mail address, and send it the link that registration goes on with."""
    form = AddressForm()
    if not form.validate_on_submit():
        return answer("accounts/register_address.html", form)
    token = registration.begin(db_session, form.address, now=requests.now())
    shown = ""
    if token is None:
        owner = people.by_address(db_session, form.address)
        here, forgotten = post.address_of("accounts.sign_in"), post.address_of("accounts.forgotten_password")
        letter = letters.registration_of_known(
            form.address, owner.language if owner else requests.language(), here, forgotten
        )
    else:
        shown = post.address_of("accounts.register_organisation", token=token)
        letter = letters.registration(form.address, requests.language(), shown)
    return _post_link(letter, form, shown)


def _post_link(letter: letters.Letter, form: AddressForm, shown: str) -> ResponseReturnValue:
    try:
        post.send(letter)
    except MailNotSent:
        refuse(form.email, gettext("The mail could not be sent. Try again in a few minutes"))
        return answer("accounts/register_address.html", form, status=503)
    return render_template(
        "accounts/register_sent.html", address=form.address, shown=shown if post.shows_mail() else ""
    )


@blueprint.route("/register/<token>", methods=["GET", "POST"])
@access.public
@limiter.limit("20/minute", methods=["POST"])
def register_organisation(token: str) -> ResponseReturnValue:
    """Take the organisation and its first person from somebody whose address is proved."""
    link = registration.find_link(db_session, token, now=requests.now())
    if link is None:
        return render_template("accounts/link_ended.html", again=url_for("accounts.register")), 410
    form = RegistrationForm(country="CN") if request.method == "GET" else RegistrationForm()
    if form.validate_on_submit() and (user := _register(form, link)):
        flash(gettext("%(name)s is registered.", name=user.organisation.name), "success")
        return enter(user, url_for("accounts.organisation"))
    return answer("accounts/register.html", form, address=link.email)


def _register(form: RegistrationForm, link: RegistrationLink) -> User | None:
    names = ("name", "name_en", "country", "identifier", "address", "person", "position", "password")
    given = {name: form[name].data for name in names}
    now = requests.now()
    try:
        user = registration.register(
            db_session, **given, email=link.email, language=requests.language(), now=now, cost=cost()
        )
    except registration.AlreadyRegistered:
        refuse(
            form.identifier,
            gettext("This organisation is already registered. Ask its administrator for an invitation"),
        )
        return None
    except people.AddressTaken:
        refuse(form.name, gettext("An account with your e-mail address exists already. Sign in instead"))
        return None
    except passwords.WeakPassword as error:
        weak(form.password, error)
        return None
    registration.use_link(db_session, link, now=now)
    return user


@blueprint.route("/password/forgotten", methods=["GET", "POST"])
@access.public
@limiter.limit("5/minute;20/hour", methods=["POST"])
@limiter.limit("5/hour", key_func=typed_address, methods=["POST"])
def forgotten_password() -> ResponseReturnValue:
    """Send a link for a new password; the answer is the same whether the address has an account or not."""
    form = AddressForm()
    if not form.validate_on_submit():
        return answer("accounts/forgotten.html", form)
    begun = reset.begin(db_session, form.address, now=requests.now())
    if begun is not None:
        user, token = begun
        link = post.address_of("accounts.reset_password", token=token)
        post.send_after_answer(letters.password_reset(user.email, user.language, link))
    return render_template("accounts/forgotten_sent.html", address=form.address, in_files=post.shows_mail())


@blueprint.route("/password/reset/<token>", methods=["GET", "POST"])
@access.public
@limiter.limit("20/minute", methods=["POST"])
def reset_password(token: str) -> ResponseReturnValue:
    """Take a new password from somebody who has the mailed link."""
    found = reset.find(db_session, token, now=requests.now())
    form = NewPasswordForm()
    if found is not None and form.validate_on_submit():
        try:
            if reset.finish(db_session, found, form.password.data or "", now=requests.now(), cost=cost()):
                return _after_reset(found.user)
            found = None
        except passwords.WeakPassword as error:
            weak(form.password, error)
    if found is None:
        return render_template("accounts/link_ended.html", again=url_for("accounts.forgotten_password")), 410
    return answer("accounts/reset.html", form, address=found.user.email)


def _after_reset(user: User) -> ResponseReturnValue:
    session.clear()
    forgotten = post.address_of("accounts.forgotten_password")
    post.send_after_answer(letters.password_changed(user.email, user.language, forgotten))
    flash(gettext("Your password is set. Sign in with it."), "success")
    return redirect(url_for("accounts.sign_in"), 303)


def answer(template: str, form: FlaskForm, status: int = 0, **values: object) -> ResponseReturnValue:
    """The page with its form: 422 when something in it is wrong."""
    code = status or (422 if form.errors else 200)
    return render_template(template, form=form, **values), code
