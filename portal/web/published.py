"""Files that are the same for everybody, so that any cache may keep them: they know no cookie and no language."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "same_for_everybody"


def same_for_everybody(view: View) -> View:
    """Say of a view that its answer depends on nothing but its address and the moment."""
    setattr(view, ATTRIBUTE, True)
    return view


def asked_for(response: Response) -> bool:
    """Whether a response is such a file; a refusal is in the reader's language, and so is none."""
    view = current_app.view_functions.get(request.endpoint or "")
    return response.status_code < 400 and bool(getattr(view, ATTRIBUTE, False))


class _Sessions(SecureCookieSessionInterface):
    """Flask's sessions, but that such a file neither sets the cookie nor says that it depends on it."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not asked_for(response):
            super().save_session(app, session, response)


def install(app: Flask) -> None:
    """Keep the session cookie away from such files, static ones among them."""
    app.session_interface = _Sessions()
    same_for_everybody(app.view_functions["static"])
