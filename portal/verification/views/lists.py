"""The status lists for anybody to fetch: a file each, the same for everybody, so that any cache may serve it."""

from flask import Blueprint, Response, abort, make_response, request
from flask.typing import ResponseReturnValue

from portal.certificates.statuslist import form, publish
from portal.verification.views import opened
from portal.web import access
from portal.web.limits import limiter
from portal.web.published import same_for_everybody
from portal.web.requests import now
from portal.web.session import db_session

blueprint = Blueprint("status_lists", __name__, url_prefix=form.FOLDER.rstrip("/"))
# Whoever brings every list to a place without a network asks for many at once.
RATE = "1200 per minute"


@blueprint.get("/index.json")
@access.public
@same_for_everybody
@limiter.limit(RATE)
def index() -> ResponseReturnValue:
    """Which lists hold certificates that are still in term."""
    living = publish.living(db_session, opened.register().issuer.id, now().date())
    answer = make_response(form.directory(living))
    answer.add_etag()
    return _served(answer, "application/json").make_conditional(request)


@blueprint.get("/<int:number>/<purpose>.jwt")
@access.public
@same_for_everybody
@limiter.limit(RATE)
def status_list(number: int, purpose: str) -> ResponseReturnValue:
    """The newest signed edition of a list (W3C Bitstring Status List v1.0, secured as ``vc+jwt``)."""
    wanted = form.purpose_of(purpose)
    if wanted is None or number > form.LARGEST_NUMBER:
        abort(404)
    issuer = opened.register().issuer
    found = publish.published(db_session, number, wanted, issuer=issuer, now=now())
    if found is None:
        abort(404)
    answer = make_response(found.token)
    answer.set_etag(found.digest)
    answer.last_modified = found.begins
    return _served(answer, f"application/{form.JWT_TYPE}").make_conditional(request)


def _served(answer: Response, media_type: str) -> Response:
    answer.content_type = media_type
    answer.headers["Cache-Control"] = f"public, max-age={int(form.KEPT.total_seconds())}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
