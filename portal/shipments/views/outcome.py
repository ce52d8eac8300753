"""What came of a shipment: the decision with its reasons, the file behind it, and the certificate's files."""

import uuid

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from portal import audit
from portal.certificates import issue, keys, pack, status
from portal.shipments import conduct
from portal.shipments.states import Deed, State, allowed
from portal.shipments.views import answering, blueprint
from portal.shipments.views.answering import answer, own
from portal.shipments.views.documents import handed_out
from portal.web import requests
from portal.web.requests import now
from portal.web.session import db_session

MEDIA_TYPES = {"pdf": "application/pdf", "json": "application/vc+ld+json", "png": "image/png", "zip": pack.MEDIA_TYPE}


@blueprint.get("/<uuid:shipment_id>/decision")
@answering.readers
def decision(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """The newest decision: why, what happens next, and what would lower the risk."""
    found = own(shipment_id)
    made = found.decision or abort(404)
    certificate = conduct.certificate(db_session, found)
    return answer(
        "shipments/decision.html",
        shipment=found,
        decision=made,
        result=made.assessment.result,
        certificate=certificate,
        newer=conduct.newer(db_session, certificate) if certificate else None,
        worth=status.current(db_session, certificate, now()) if certificate else None,
        amends=Deed.AMEND in allowed(State(found.state)),
    )


@blueprint.get("/<uuid:shipment_id>/file")
@answering.readers
def file(shipment_id: uuid.UUID) -> ResponseReturnValue:
    """Everything on file about the shipment, for reading."""
    return render_template("shipments/file.html", shipment=own(shipment_id))


@blueprint.get("/<uuid:shipment_id>/certificate.<any(pdf, json, png, zip):kind>")
@answering.readers
def certificate_file(shipment_id: uuid.UUID, kind: str) -> ResponseReturnValue:
    """The signed PDF, the credential, the seal as a picture, or all of it as one pack for the customs file."""
    found = own(shipment_id)
    certificate = conduct.certificate(db_session, found) or abort(404)
    audit.record(
        db_session, actor=requests.actor(), verb="document.downloaded", subject=f"certificate:{certificate.number}",
        now=now(), details={"kind": kind}, organisation_id=found.organisation_id,
    )  # fmt: skip
    if kind == "zip":
        issuer = keys.open_issuer(requests.settings(), now=now())
        data = pack.make(db_session, certificate, issuer=issuer, now=now())
    else:
        data = issue.files(certificate)[kind]
    return handed_out(data, MEDIA_TYPES[kind], f"{certificate.number}.{kind}")
