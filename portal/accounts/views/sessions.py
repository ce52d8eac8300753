"""When a session begins and ends: idle time, absolute time, and the epoch that ends all sessions at once."""

import uuid
from urllib.parse import urlsplit

from flask import Flask, flash, request, session, url_for
from flask_babel import gettext
from flask_login import LoginManager, current_user, login_user

from portal.accounts import passwords
from portal.accounts.models import User
from portal.web import requests
from portal.web.session import db_session

SIGNED_IN_AT = "signed_in_at"
HALF_WAY = "password_given"


def load(identity: str) -> User | None:
    """The person of a session, unless it is too old, the person was shut out, or the epoch was raised."""
    key, _, epoch = identity.partition(":")
    began = session.get(SIGNED_IN_AT)
    if not isinstance(began, int | float):
        return None
    if not 0 <= requests.now().timestamp() - began + 1 <= requests.settings().session_absolute_seconds:
        return None
    try:
        user = db_session.get(User, uuid.UUID(key))
    except ValueError:
        return None
    return user if user is not None and user.active and str(user.session_epoch) == epoch else None


def begin(user: User) -> None:
    """Start a session from nothing, so that one planted before signing in is worth nothing after it."""
    end()
    session[SIGNED_IN_AT] = requests.now().timestamp()
    login_user(user)


def wait_for_code(user: User) -> None:
    """Remember, in a session of its own, that the password was right and a code is still to come."""
    end()
    session[HALF_WAY] = {"identity": user.get_id(), "at": requests.now().timestamp()}


def end() -> None:
    """Forget everything but the language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def own_path(target: str | None) -> str:
    """``target`` when it is a path of this site, else the home page: never another site, scheme or host."""
    home = url_for("web.home")
    if not target or len(target) > 2000 or not target.startswith("/") or target.startswith("//"):
        return home
    if "\\" in target or any(ord(c) <= 32 or ord(c) == 127 for c in target):
        return home
    parts = urlsplit(target)
    return home if parts.scheme or parts.netloc else target


def install(app: Flask) -> None:
    """Set Flask-Login up, and let idle and over-old sessions end."""
    app.config.setdefault("PASSWORD_COST", passwords.STRONG)
    manager = LoginManager(app)
    manager.login_view = "accounts.sign_in"
    # Its "basic" protection only marks a session as stale when the address changes, which nothing here asks.
    manager.session_protection = None
    manager.user_loader(load)

    @app.before_request
    def tend() -> None:
        if "_user_id" not in session or request.endpoint in (None, "static"):
            return
        if current_user.is_authenticated:
            # The cookie's own time stamp is what the idle time counts from.
            session.modified = True
            return
        end()
        flash(gettext("Your session has ended. Sign in to go on."), "info")
