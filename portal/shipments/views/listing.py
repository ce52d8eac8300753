"""The list of shipments, a new one, and the page of one shipment."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from portal.accounts import people
from portal.accounts.models import Role
from portal.certificates import status
from portal.shipments import conduct, edit, find, revisions
from portal.shipments.attestation import check_two_people
from portal.shipments.forms.deeds import FilterForm, NewForm
from portal.shipments.models import Shipment
from portal.shipments.states import Deed, SamePerson, ShipmentRefused, State, allowed
from portal.shipments.views import answering, blueprint, tasks
from portal.shipments.views.answering import answer, me, own
from portal.web import session
from portal.web.paging import page_of
from portal.web.requests import language, now
from portal.web.session import db_session
from portal.web.status import status_look

WAITING = 20  # how many of those that wait for somebody stand above the list


@blueprint.get("/")
@answering.readers
def index() -> ResponseReturnValue:
    """What waits for the person first, then all shipments of the organisation, newest change first."""
    form = FilterForm(request.args)
    form.state.choices = [("", gettext("Any")), *((state.value, status_look(state).word) for state in State)]
    asked = {"state": form.state.data or "", "text": form.q.data or ""}
    found = page_of(db_session, _with_parties(find.of_organisation(current_user.organisation_id, **asked)))
    return render_template(
        "shipments/index.html",
        form=form,
        page=found,
        filtered=any(asked.values()),
        to_attest=_waiting(State.SUBMITTED) if me().has_role(Role.COMPLIANCE_OFFICER) else [],
        returned=_waiting(State.RETURNED) if me().has_role(Role.PREPARER) else [],
        may_attest=may_attest,
    )


def _waiting(state: State) -> list[Shipment]:
    chosen = _with_parties(find.of_organisation(current_user.organisation_id, state=state))
    return list(db_session.scalars(chosen.limit(WAITING)))


def _with_parties(chosen: Select[Shipment]) -> Select[Shipment]:
    return chosen.options(selectinload(Shipment.all_parties))


def may_attest(shipment: Shipment) -> bool:
    """Whether the person may attest this shipment as far as the rule of two people goes."""
    try:
        check_two_people(shipment, me())
    except SamePerson:
        return False
    return True


@blueprint.route("/new", methods=["GET", "POST"])
@answering.writers
def new() -> ResponseReturnValue:
    """Begin a shipment under the exporter's own reference."""
    form = NewForm()
    if form.validate_on_submit():
        try:
            made = edit.create(
                db_session,
                organisation_id=current_user.organisation_id,
                reference=form.reference.data or "",
                by=me(),
                now=now(),
            )
            return redirect(url_for(".shipment", shipment_id=made.id), 303)
        except ShipmentRefused as refused:
            session.undo()
            form.reference.errors = [refused.reason[language()]]
    return answer("shipments/new.html", form)


@blueprint.get("/<uuid:shipment_id>")
@answering.readers
def shipment(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """One shipment: its tasks while it is being prepared, else how it stands and what happens next."""
    found = own(shipment_id)
    deeds = allowed(State(found.state))
    if Deed.EDIT in deeds:
        return answer(
            "shipments/task_list.html",
            shipment=found,
            groups=tasks.groups(found),
            gaps=tasks.gaps(found),
            lacks_officer=not _other_officer(found),
        )
    certificate = conduct.certificate(db_session, found)
    return answer(
        "shipments/standing.html",
        shipment=found,
        worth=status.current(db_session, certificate, now()) if certificate else None,
        deeds=deeds,
        may_attest=may_attest(found),
        certificate=certificate,
        lacks_officer=not _other_officer(found),
        revisions=find.revisions(db_session, found),
        successor=revisions.successor(db_session, found),
    )


def _other_officer(found: Shipment) -> bool:
    """Whether anybody in the organisation may attest the shipment."""
    concerned = {*found.editors, str(found.submitted_by)}
    return any(
        person.active and person.has_role(Role.COMPLIANCE_OFFICER) and str(person.id) not in concerned
        for person in people.of(db_session, found.organisation_id)
    )


@blueprint.get("/<uuid:shipment_id>/history")
@answering.readers
def history(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """Everything that was done to the shipment, by whom and when."""
    found = own(shipment_id)
    events = find.history(db_session, found)
    return render_template(
        "shipments/history.html", shipment=found, events=events, revisions=find.revisions(db_session, found)
    )


@blueprint.route("/<uuid:shipment_id>/amend", methods=["GET", "POST"])
@answering.writers
def amend(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """Begin a new revision of a certified shipment."""
    found = answering.ready_for(shipment_id, Deed.AMEND)
    if request.method == "POST":
        newer = conduct.amend(db_session, found, by=me(), now=now())
        flash(
            gettext("This is a new revision. The certificate of the earlier one stays valid until it is certified."),
            "success",
        )
        return redirect(url_for(".shipment", shipment_id=newer.id), 303)
    return answer("shipments/amend.html", shipment=found)
