"""The organisation of the person who is signed in, and its people."""

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from portal import countries
from portal.accounts import invitations, letters, people, registration, second_factor
from portal.accounts.forms import InvitationForm, OrganisationForm, RolesForm, refuse, role_words
from portal.accounts.models import Invitation, Organisation, Role, User
from portal.accounts.views import blueprint, post
from portal.accounts.views.account import own_key
from portal.accounts.views.entrance import answer
from portal.mail import MailNotSent
from portal.web import access, requests
from portal.web.limits import limiter
from portal.web.session import db_session

KEEPERS = (Role.ADMINISTRATOR, Role.SUPERVISOR)


def own_organisation() -> Organisation:
    """The organisation of the person who is signed in."""
    found: Organisation = current_user.organisation
    return found


def own_person(person_id: uuid.UUID) -> User:
    """A person of one's own organisation, else 404, so that nobody learns who exists elsewhere."""
    return people.find(db_session, current_user.organisation_id, person_id) or abort(404)


def own_invitation(invitation_id: uuid.UUID) -> Invitation:
    """An open invitation of one's own organisation, else 404."""
    return invitations.find_pending(db_session, current_user.organisation_id, invitation_id) or abort(404)


def back() -> ResponseReturnValue:
    """To the list of people."""
    return redirect(url_for("accounts.organisation"), 303)


@blueprint.get("/organisation")
@access.signed_in
def organisation() -> ResponseReturnValue:
    """Facts of the organisation, and who is in it."""
    own = own_organisation()
    return render_template(
        "accounts/organisation.html",
        organisation=own,
        country=countries.name(own.country)[requests.language()],
        people=people.of(db_session, own.id),
        invitations=invitations.pending(db_session, own.id),
        keeps=current_user.has_role(*KEEPERS),
        role_words=role_words,
        lacks_officer=own.kind == "exporter" and not _has_role(own, Role.COMPLIANCE_OFFICER),
    )


def _has_role(own: Organisation, role: Role) -> bool:
    return any(person.active and person.has_role(role) for person in people.of(db_session, own.id))


@blueprint.route("/organisation/details", methods=["GET", "POST"])
@access.roles(*KEEPERS)
def organisation_details() -> ResponseReturnValue:
    """Change the organisation's names and address."""
    own = own_organisation()
    form = OrganisationForm(obj=own)
    if not form.validate_on_submit():
        return answer("accounts/organisation_details.html", form)
    given = {name: form[name].data for name in ("name", "name_en", "address")}
    registration.describe(db_session, own, **given, actor=requests.actor(), now=requests.now())
    flash(gettext("The organisation’s details are changed."), "success")
    return back()


@blueprint.route("/organisation/people/invite", methods=["GET", "POST"])
@access.roles(*KEEPERS)
@limiter.limit("30/hour", key_func=own_key, methods=["POST"])
def invite() -> ResponseReturnValue:
    """Invite a person by e-mail, with roles."""
    own = own_organisation()
    form = InvitationForm(own.kind, language=requests.language() if request.method == "GET" else None)
    if form.validate_on_submit():
        try:
            invitation, token = invitations.invite(
                db_session,
                own,
                email=form.address,
                roles=form.roles.data or [],
                language=form.language.data,
                actor=requests.actor(),
                invited_by=current_user,
                now=requests.now(),
            )
            return _send(invitation, token)
        except invitations.AlreadyHere:
            refuse(form.email, gettext("This person is already in your organisation"))
    return answer("accounts/invite.html", form)


def _send(invitation: Invitation, token: str) -> ResponseReturnValue:
    name = invitation.organisation.name
    link = post.address_of("accounts.invitation", token=token)
    letter = letters.invitation(invitation.email, invitation.language, name, current_user.name, link)
    if invitations.is_known(db_session, invitation):
        letter = letters.invitation_of_known(invitation.email, invitation.language, name)
    try:
        kept = post.send(letter)
    except MailNotSent:
        flash(gettext("The invitation is kept, but its mail could not be sent. Send it again later."), "error")
        return back()
    if kept and post.shows_mail():
        flash(gettext("No mail server is set on this machine. The link of the invitation: %(link)s", link=link), "info")
    flash(gettext("The invitation to %(address)s has been sent.", address=invitation.email), "success")
    return back()


@blueprint.post("/organisation/people/invitations/<uuid:invitation_id>/resend")
@access.roles(*KEEPERS)
@limiter.limit("30/hour", key_func=own_key)
def resend_invitation(invitation_id: uuid.UUID) -> ResponseReturnValue:
    """Send an open invitation again, with a new link."""
    invitation = own_invitation(invitation_id)
    token = invitations.renew(db_session, invitation, actor=requests.actor(), now=requests.now())
    return _send(invitation, token)


@blueprint.post("/organisation/people/invitations/<uuid:invitation_id>/withdraw")
@access.roles(*KEEPERS)
def withdraw_invitation(invitation_id: uuid.UUID) -> ResponseReturnValue:
    """End an open invitation."""
    invitation = own_invitation(invitation_id)
    invitations.withdraw(db_session, invitation, actor=requests.actor(), now=requests.now())
    flash(gettext("The invitation to %(address)s is withdrawn.", address=invitation.email), "success")
    return back()


@blueprint.route("/organisation/people/<uuid:person_id>", methods=["GET", "POST"])
@access.roles(*KEEPERS)
def person(person_id: uuid.UUID) -> ResponseReturnValue:
    """Change the roles of a person."""
    found = own_person(person_id)
    form = RolesForm(found.organisation.kind, roles=found.role_names if request.method == "GET" else None)
    if form.validate_on_submit():
        try:
            people.change_roles(db_session, found, form.roles.data or [], actor=requests.actor(), now=requests.now())
            flash(gettext("The roles of %(name)s are changed.", name=found.name), "success")
            return back()
        except people.LastKeeper:
            refuse(form.roles, _last_keeper())
    return answer("accounts/person.html", form, person=found, role_words=role_words)


def _last_keeper() -> str:
    if own_organisation().kind == "authority":
        return str(gettext("This is the last supervisor. Make somebody else supervisor first"))
    return str(gettext("This is the last administrator. Make somebody else administrator first"))


@blueprint.post("/organisation/people/<uuid:person_id>/deactivate")
@access.roles(*KEEPERS)
def deactivate_person(person_id: uuid.UUID) -> ResponseReturnValue:
    """Shut a person out and end their sessions."""
    found = own_person(person_id)
    try:
        people.deactivate(db_session, found, actor=requests.actor(), now=requests.now())
    except people.LastKeeper:
        form = RolesForm(found.organisation.kind, roles=found.role_names)
        form.form_errors.append(_last_keeper())
        return answer("accounts/person.html", form, status=422, person=found, role_words=role_words)
    flash(gettext("%(name)s can no longer sign in.", name=found.name), "success")
    return back()


@blueprint.post("/organisation/people/<uuid:person_id>/second-factor/off")
@access.roles(*KEEPERS)
def person_second_factor_off(person_id: uuid.UUID) -> ResponseReturnValue:
    """Switch off the second factor of somebody who lost phone, passkeys and recovery codes, and end their sessions."""
    found = own_person(person_id)
    second_factor.switch_all_off(db_session, found, actor=requests.actor(), now=requests.now())
    people.end_sessions(db_session, found, actor=requests.actor(), now=requests.now(), verb="person.sessions_ended")
    flash(gettext("The second factor of %(name)s is switched off.", name=found.name), "success")
    return back()


@blueprint.post("/organisation/people/<uuid:person_id>/reactivate")
@access.roles(*KEEPERS)
def reactivate_person(person_id: uuid.UUID) -> ResponseReturnValue:
    """Let a person sign in again."""
    found = own_person(person_id)
    people.reactivate(db_session, found, actor=requests.actor(), now=requests.now())
    flash(gettext("%(name)s can sign in again.", name=found.name), "success")
    return back()
