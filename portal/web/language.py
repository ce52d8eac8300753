"""Choose the language of a page, and keep every room's catalogue compiled."""

import uuid
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, request, session
from flask_babel import Babel
from flask_login import current_user

PORTAL = Path(__file__).resolve().parent.parent
LOCALES = {"en": "en", "zh": "zh_Hans"}


def catalogues() -> list[Path]:
    """Every room's Chinese catalogue."""
    return sorted(PORTAL.glob("*/translations/zh_Hans/LC_MESSAGES/messages.po"))


def compile_catalogues() -> list[Path]:
    """Compile catalogues whose source is newer than what was compiled from it."""
    made = []
    for source in catalogues():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale="zh_Hans", abort_invalid=True)
        # A name of its own: several processes may start at once, and each compiles what it finds wanting.
        unfinished = target.with_name(f"{target.stem}.{uuid.uuid4().hex}.new")
        with unfinished.open("wb") as file:
            write_mo(file, catalogue)
        unfinished.replace(target)
        made.append(target)
    return made


def select_locale() -> str:
    """What was chosen by ``?lang=`` wins; then the person's own choice; then what the browser asks for."""
    for chosen in (request.args.get("lang", ""), session.get("language", "")):
        if chosen in LOCALES:
            return LOCALES[chosen]
    if current_user.is_authenticated and current_user.language in LOCALES:
        return LOCALES[current_user.language]
    best = request.accept_languages.best_match(["en", "zh", "zh-CN", "zh-Hans", "zh-SG"], default="en")
    return LOCALES["zh" if str(best).startswith("zh") else "en"]


def install(app: Flask) -> None:
    """Set Flask-Babel up with the catalogues of all rooms."""
    compile_catalogues()
    folders = ";".join(str(path.parents[2]) for path in catalogues())
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = folders or str(PORTAL / "web" / "translations")
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    Babel(app, locale_selector=select_locale)

    @app.before_request
    def remember() -> None:
        # Before the view, since a view that only leads elsewhere asks for no language.
        asked = request.args.get("lang", "")
        if asked in LOCALES:
            session["language"] = asked
