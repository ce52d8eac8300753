"""What a view needs to know of the request: who acts, when, and in which language."""

from datetime import datetime

from flask import current_app, g
from flask_babel import get_locale
from flask_login import current_user

from portal.audit import Actor
from portal.config import Settings
from portal.db import utc_now
from portal.text import Language


def actor() -> Actor:
    """The signed-in person, else an unnamed member of the public."""
    if current_user.is_authenticated:
        return Actor("user", str(current_user.id), current_user.name)
    return Actor("public", "", "")


def now() -> datetime:
    """The moment of the request, the same for everything that it does."""
    if "now" not in g:
        g.now = utc_now()
    moment: datetime = g.now
    return moment


def language() -> Language:
    """The language of the page: ``en`` or ``zh``."""
    locale = get_locale()
    return "zh" if locale is not None and locale.language == "zh" else "en"


def settings() -> Settings:
    """The application's settings."""
    found: Settings = current_app.extensions["portal_settings"]
    return found
