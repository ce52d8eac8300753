"""What all pages of the workspace share: who may use them, whose shipment it is, and how a refusal is answered."""

import uuid
from collections.abc import Callable
from typing import Any, cast

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts.models import Role, User
from portal.shipments import find
from portal.shipments.forms.entry import EntryForm
from portal.shipments.models import Document, GoodsLine, Party, Shipment
from portal.shipments.states import Deed, NotEntitled, ShipmentChanged, ShipmentRefused, State, after
from portal.web import access, errors, session
from portal.web.forms import Form
from portal.web.requests import language
from portal.web.session import db_session

readers = access.roles("preparer", "compliance_officer", "administrator")
writers = access.roles("preparer", "compliance_officer")
preparers = access.roles("preparer")
officers = access.roles("compliance_officer")


def me() -> User:
    """The person of the request, as the database session holds them."""
    return cast("User", current_user._get_current_object())


def own(shipment_id: uuid.UUID) -> Shipment:
    """The shipment, when it is of the person's organisation; any other is answered with 404."""
    return find.find(db_session, shipment_id, current_user.organisation_id) or abort(404)


def editable(shipment_id: uuid.UUID) -> Shipment:
    """The same, when it may be changed in its state. Raises ``IllegalTransition``."""
    return ready_for(shipment_id, Deed.EDIT)


def ready_for(shipment_id: uuid.UUID, deed: Deed) -> Shipment:
    """The same, when its state allows the deed. Raises ``IllegalTransition``."""
    shipment = own(shipment_id)
    after(State(shipment.state), deed)
    return shipment


def line_of(shipment: Shipment, line_id: uuid.UUID) -> GoodsLine:
    """A goods line of the shipment, else 404."""
    return find.goods_line(shipment, line_id) or abort(404)


def party_of(shipment: Shipment, party_id: uuid.UUID) -> Party:
    """A party of the shipment, else 404."""
    return find.party(shipment, party_id) or abort(404)


def document_of(shipment: Shipment, document_id: uuid.UUID) -> Document:
    """A document of the shipment, else 404."""
    return find.document(shipment, document_id) or abort(404)


def answer(template: str, form: Form | None = None, status: int = 0, **values: Any) -> ResponseReturnValue:
    """The page: 409 when its form met a change by somebody else, 422 when something in it is wrong."""
    code = status or 200
    if not status and form is not None:
        if getattr(form, "conflict", False):
            code = 409
        elif form.errors or form.form_errors:
            code = 422
    values.setdefault("warns_officer", me().has_role(Role.COMPLIANCE_OFFICER))
    return render_template(template, form=form, **values), code


def kept(form: EntryForm, on_file: Any, save: Callable[[], object]) -> bool:
    """Save what the form holds, unless somebody has changed the same thing since it was opened.

    Then nothing is saved, nothing typed is lost, and the form tells of it; posted again it is saved. ``on_file`` is
    ``None`` for something new.
    """
    if on_file is None or form.meets(on_file):
        try:
            save()
            return True
        except ShipmentChanged:
            form.collide(on_file)
        except NotEntitled:
            raise
        except ShipmentRefused as refused_:
            session.undo()
            form.form_errors = [refused_.reason[language()]]
    return False


def refused(error: ShipmentRefused) -> ResponseReturnValue:
    """What cannot be done to a shipment as it stands, and why: nothing of the request is kept."""
    session.undo()
    if isinstance(error, NotEntitled):
        return errors.page(403, error.reason[language()])
    changed = isinstance(error, ShipmentChanged)
    return render_template("shipments/refused.html", reason=error.reason[language()], changed=changed), 409
