"""Pages for what went wrong: what happened, and what to do next, in the reader's language."""

import logging
from collections.abc import Iterable

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal.web import problems, session

log = logging.getLogger(__name__)


def _words(code: int) -> tuple[str, str]:
    known = {
        400: (gettext("The request could not be read"), gettext("Go back, reload the page and try again.")),
        403: (
            gettext("You may not open this page"),
            gettext("Your roles do not cover it. If you need it, ask your administrator."),
        ),
        404: (
            gettext("Page not found"),
            gettext("Check the address. If you followed a link, the page may have moved or may not be yours to see."),
        ),
        405: (gettext("This page cannot be used that way"), gettext("Go back and use the buttons on the page.")),
        409: (
            gettext("Somebody else changed this first"),
            gettext("Go back, reload the page to see the change, and enter yours again."),
        ),
        413: (
            gettext("What you sent is too large"),
            gettext(
                "Nothing was saved. Go back: what you typed is still in the form. Shorten it or choose a smaller file."
            ),
        ),
        429: (gettext("Too many attempts"), gettext("Wait a minute, then try again.")),
        503: (gettext("The service is not available"), gettext("Try again in a few minutes.")),
    }
    return known.get(
        code, (gettext("Something went wrong"), gettext("It is our fault. Nothing was changed. Try again later."))
    )


def page(code: int, reason: str = "") -> ResponseReturnValue:
    """The error page for an HTTP status, with a reason of its own where there is one."""
    title, advice = _words(code)
    return render_template("web/error.html", code=code, heading=title, advice=advice, reason=reason), code


def not_issued(app: Flask, kinds: Iterable[type[Exception]]) -> None:
    """Answer failures of keys, of the time stamp or of the log with 503, and say what has become of the certificate."""

    def answer(error: Exception) -> ResponseReturnValue:
        session.undo()
        log.error("a service failed: %s", error, exc_info=error)
        if problems.for_machines():
            return problems.of_status(503)
        return page(
            503,
            gettext(
                "The certificate could not be signed or entered in the log. Nothing was issued and nothing is lost:"
                " send the form again later."
            ),
        )

    for kind in kinds:
        app.register_error_handler(kind, answer)


def install(app: Flask) -> None:
    """Answer every exception with a page, and undo the request's changes."""

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> ResponseReturnValue:
        session.undo()
        if problems.for_machines():
            return problems.answer("no-page-token")
        return page(400, gettext("The form was open for too long, or came from another site."))

    @app.errorhandler(StaleDataError)
    def stale(error: StaleDataError) -> ResponseReturnValue:
        session.undo()
        return page(409)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> ResponseReturnValue:
        session.undo()
        if error.response is not None or error.code is None or error.code < 400:
            return error
        if problems.for_machines():
            return problems.of_status(error.code)
        return page(error.code)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> ResponseReturnValue:
        session.undo()
        if app.config.get("PROPAGATE_FAILURES"):
            raise error
        log.exception("request failed")
        if problems.for_machines():
            return problems.answer("failed")
        return page(500)
