"""The transparency log for anybody to follow: C2SP tlog-tiles under ``/log/``, and a page that says what it is."""

import re

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from portal.certificates.log import append, tiles
from portal.certificates.log.note import SignedCheckpoint
from portal.certificates.log.tiles import WIDTH, DatabaseTiles, TileMissing
from portal.verification.views import opened
from portal.web import access
from portal.web.limits import limiter
from portal.web.published import same_for_everybody
from portal.web.requests import now, settings
from portal.web.session import db_session

blueprint = Blueprint("log", __name__, url_prefix="/log")
# A monitor that follows the log reads many tiles at once, each of which it needs only once.
RATE = "1200 per minute"
_PLACE = re.compile(r"((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LEVEL = re.compile(r"[0-9]|[1-5][0-9]|6[0-3]")
_MOST = 2**48  # tiles: more entries than will ever be, and fewer than a database can count
_FOR_EVER = "public, max-age=31536000, immutable"


@blueprint.get("/")
@access.public
@limiter.limit(RATE)
def index() -> ResponseReturnValue:
    """What the log is, how it stands, and how anybody audits it."""
    register = opened.register()
    log = register.issuer.trusted.logs[-1]
    note = SignedCheckpoint.parse(append.published(db_session, register.issuer.log, now=now()))
    return render_template("verification/log.html", log=log, head=note.checkpoint, address=settings().public_address)


@blueprint.get("/checkpoint")
@access.public
@same_for_everybody
@limiter.limit(RATE)
def checkpoint() -> ResponseReturnValue:
    """The newest signed checkpoint."""
    text = append.published(db_session, opened.register().issuer.log, now=now())
    return _served(text.encode("utf-8"), "text/plain; charset=utf-8", "public, max-age=2")


@blueprint.get("/tile/<level>/<path:place>")
@access.public
@same_for_everybody
@limiter.limit(RATE)
def tile(level: str, place: str) -> ResponseReturnValue:
    """Hashes of a level of the tree, or (``entries``) the entries themselves: digests and times of issue, no more."""
    match = _PLACE.fullmatch(place)
    if match is None:
        abort(404)
    number = int(match.group(1).replace("x", "").replace("/", ""))
    width = int(match.group(2) or WIDTH)
    if number >= _MOST or tiles.path(number) != match.group(1) or (match.group(2) and width >= WIDTH):
        abort(404)
    stored = DatabaseTiles(db_session)
    try:
        if level == "entries":
            data = stored.bundle(number, width)
        elif _LEVEL.fullmatch(level):
            data = stored.tile(int(level), number, width)
        else:
            abort(404)
    except TileMissing:
        abort(404)
    return _served(data, "application/octet-stream", _FOR_EVER)


def _served(body: bytes, media_type: str, caching: str) -> Response:
    answer = make_response(body)
    answer.content_type = media_type
    answer.headers["Cache-Control"] = caching
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
