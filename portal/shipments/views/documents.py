"""The documents of a shipment: filed, handed out again, taken out."""

import uuid

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal import audit
from portal.shipments import documents as filed
from portal.shipments import vocabulary
from portal.shipments.change import subject
from portal.shipments.forms.deeds import DocumentForm
from portal.shipments.models import Document, GoodsLine, Party, Shipment
from portal.shipments.states import Deed, DocumentRefused, State, allowed
from portal.shipments.views import answering, blueprint
from portal.shipments.views.answering import answer, document_of, editable, me, own
from portal.web import requests, session
from portal.web.requests import language, now
from portal.web.session import db_session


@blueprint.get("/<uuid:shipment_id>/documents")
@answering.readers
def documents(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """All documents of the shipment."""
    found = own(shipment_id)
    return answer("shipments/documents.html", shipment=found, open=Deed.EDIT in allowed(State(found.state)))


@blueprint.route("/<uuid:shipment_id>/documents/add", methods=["GET", "POST"])
@answering.writers
def add_document(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """Take a file in, judged by its bytes."""
    found = editable(shipment_id)
    form = DocumentForm()
    form.belongs_to.choices = _owners(found)
    if form.validate_on_submit() and (document := _kept(form, found)):
        flash(gettext("%(name)s is filed.", name=document.filename), "success")
        return redirect(url_for(".documents", shipment_id=found.id), 303)
    limit = requests.settings().upload_limit // (1024 * 1024)
    return answer("shipments/document.html", form, shipment=found, limit=limit)


def _kept(form: DocumentForm, found: Shipment) -> Document | None:
    file: FileStorage | None = form.file.data
    if form.kind.data not in vocabulary.document_kinds():
        form.kind.errors = [gettext("Choose what the document is")]
    known = [value for value, *_rest in form.belongs_to.iter_choices()]
    if (form.belongs_to.data or "") not in known:
        form.belongs_to.errors = [gettext("Choose one of those that are offered")]
    if not file or not file.filename:
        form.file.errors = [gettext("Choose a file")]
    if form.errors or file is None:
        return None
    party, goods = _owner(found, form.belongs_to.data or "")
    try:
        return filed.keep(
            db_session, found, data=file.read(), filename=file.filename or "", kind=form.kind.data, by=me(),
            now=now(), settings=requests.settings(), party=party, goods=goods,
        )  # fmt: skip
    except DocumentRefused as refused:
        session.undo()
        form.file.errors = [refused.reason[language()]]
        return None


def _owners(found: Shipment) -> list[SelectChoice]:
    """The whole shipment, each party and each goods line as choices."""
    return [
        SelectChoice("", gettext("The whole shipment")),
        *(SelectChoice(f"party:{party.id}", party.name) for party in found.parties),
        *(SelectChoice(f"goods:{line.id}", f"{line.line}. {line.name}") for line in found.goods),
    ]


def _owner(found: Shipment, chosen: str) -> tuple[Party | None, GoodsLine | None]:
    kind, _, identifier = chosen.partition(":")
    party = next((each for each in found.parties if kind == "party" and str(each.id) == identifier), None)
    goods = next((each for each in found.goods if kind == "goods" and str(each.id) == identifier), None)
    return party, goods


@blueprint.get("/<uuid:shipment_id>/documents/<uuid:document_id>/file")
@answering.readers
def document(shipment_id: uuid.UUID, document_id: uuid.UUID) -> ResponseReturnValue:
    """The file as it was uploaded, never shown inside the site; each look is recorded."""
    found = own(shipment_id)
    chosen = document_of(found, document_id)
    audit.record(
        db_session, actor=requests.actor(), verb="shipment.document_downloaded", subject=subject(found.id), now=now(),
        details={"sha256": chosen.sha256, "document": str(chosen.id)}, organisation_id=found.organisation_id,
    )  # fmt: skip
    return handed_out(filed.read(chosen, requests.settings()), chosen.media_type, chosen.filename)


def handed_out(data: bytes, media_type: str, filename: str) -> Response:
    """A file to be saved, under its name in any script (RFC 6266)."""
    response = Response(data, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


@blueprint.route("/<uuid:shipment_id>/documents/<uuid:document_id>/remove", methods=["GET", "POST"])
@answering.writers
def remove_document(shipment_id: uuid.UUID, document_id: uuid.UUID) -> ResponseReturnValue:
    """Take a document out, after asking once."""
    found = editable(shipment_id)
    chosen = document_of(found, document_id)
    if request.method == "POST":
        filed.remove(db_session, chosen, by=me(), now=now())
        flash(gettext("%(name)s is removed.", name=chosen.filename), "success")
        return redirect(url_for(".documents", shipment_id=found.id), 303)
    back = url_for(".documents", shipment_id=found.id)
    loses = gettext("It no longer counts as evidence. Its bytes stay on file for as long as records are kept.")
    return answer("shipments/remove.html", shipment=found, name=chosen.filename, back_href=back, loses=loses)
