"""How an invited person arrives."""

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts import invitations, passwords, people
from portal.accounts.forms import AcceptForm, refuse, role_words, weak
from portal.accounts.models import Invitation, User
from portal.accounts.views import blueprint
from portal.accounts.views.entrance import answer, cost, enter
from portal.web import access, requests
from portal.web.limits import limiter
from portal.web.session import db_session


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@access.public
@limiter.limit("20/minute", methods=["POST"])
def invitation(token: str) -> ResponseReturnValue:
    """Take name, position and password from an invited person, and sign them in."""
    found = invitations.find(db_session, token, now=requests.now())
    form = AcceptForm()
    if found is not None and form.validate_on_submit():
        try:
            if user := _accept(found, form):
                flash(gettext("Welcome. You now belong to %(name)s.", name=found.organisation.name), "success")
                return enter(user, url_for("web.home"))
        except invitations.InvitationEnded:
            found = None
    if found is None:
        return render_template("accounts/link_ended.html"), 410
    return answer("accounts/invitation.html", form, invitation=found, role_words=role_words)


def _accept(found: Invitation, form: AcceptForm) -> User | None:
    given = {name: form[name].data for name in ("name", "position", "password")}
    try:
        return invitations.accept(
            db_session, found, **given, language=requests.language(), now=requests.now(), cost=cost()
        )
    except passwords.WeakPassword as error:
        weak(form.password, error)
    except people.AddressTaken:
        refuse(form.name, gettext("An account with your e-mail address exists already. Sign in instead"))
    return None
