"""The pack of a certificate by machine, for the customs file."""

from typing import cast

from flask import Response, abort, make_response
from flask.typing import ResponseReturnValue

from portal.accounts import machines as credentials
from portal.accounts.models import AUTHORITY_ROLES, MachineCredential
from portal.authority import registry
from portal.authority.views.endorsements import machine
from portal.certificates import pack as packs
from portal.verification.views import opened
from portal.web import access, machines
from portal.web.limits import limiter
from portal.web.requests import actor, now
from portal.web.session import db_session

RATE = "30 per minute"


@machine.get("/certificates/<number>/pack")
@access.machine_or_roles(machines.PACK, *AUTHORITY_ROLES)
@limiter.limit(machines.rate(RATE))
def pack(number: str) -> ResponseReturnValue:
    """Everything of a certificate as one ZIP; each download is recorded."""
    found = registry.find(db_session, number) or abort(404)
    device = cast("MachineCredential | None", machines.calling())
    who = credentials.as_actor(device) if device is not None else actor()
    subject = f"certificate:{found.number}"
    registry.looked_at(db_session, subject, actor=who, now=now(), organisation_id=found.organisation_id)
    answer: Response = make_response(packs.make(db_session, found, issuer=opened.register().issuer, now=now()))
    answer.content_type = packs.MEDIA_TYPE
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.number}.zip"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
