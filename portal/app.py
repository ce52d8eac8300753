"""The application: the only module that knows every room."""

import importlib
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_babel import get_locale
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import wiring
from portal.accounts import machines as credentials
from portal.certificates.signer import KeyRefused, SigningFailed
from portal.config import SOURCE_ROOT, Settings
from portal.db import open_engine, session_factory
from portal.guidance import topics
from portal.questionnaires import model
from portal.screening import opening
from portal.web import (
    access,
    assets,
    errors,
    filters,
    headers,
    language,
    limits,
    machines,
    published,
    requests,
    session,
)
from portal.web.fields import field_parts, in_language, problems
from portal.web.navigation import navigation
from portal.web.status import status_look

ROOMS = ("accounts", "controls", "shipments", "authority", "verification", "guidance", "web")


class NotSetUp(RuntimeError):
    """Something that set-up makes is not there; the message names the command that makes it."""


def _folder(name: str) -> Path:
    inside = Path(__file__).resolve().parent / f"_{name}"
    return inside if inside.is_dir() else SOURCE_ROOT / name


def create_app(settings: Settings | None = None, **config: Any) -> Flask:
    """Build the application from settings (by default those of the environment).

    ``config`` overrides Flask's own configuration, for tests. Raises ``NotSetUp`` when fetched styles are missing.
    """
    settings = settings or Settings()
    wiring.connect()
    opening.keep_in(settings.indexes)
    static = _folder("static")
    missing = assets.missing(static)
    if missing:
        raise NotSetUp(f"static/vendor lacks {', '.join(missing)}; run 'make setup' or 'portal assets build'")
    app = Flask(
        "portal",
        instance_path=str(settings.instance),
        template_folder=str(_folder("templates")),
        static_folder=str(static),
    )
    _configure(app, settings, config)
    _prepare_templates(app)
    filters.install(app)
    engine = open_engine(settings.database)
    app.extensions["portal_engine"] = engine
    headers.install(app)
    published.install(app)
    session.install(app, session_factory(engine))
    CSRFProtect(app)
    for room in ROOMS:
        if importlib.util.find_spec(f"portal.{room}.views"):
            views = importlib.import_module(f"portal.{room}.views")
            app.register_blueprint(views.blueprint)
            if hasattr(views, "install"):
                views.install(app)
    app.extensions["guidance_topics"] = topics.topics(model.load(*each) for each in model.published())
    language.install(app)
    machines.install(app, credentials.known, credentials.count)
    limits.install(app, settings)
    errors.install(app)
    errors.not_issued(app, (SigningFailed, KeyRefused))
    access.guard(app)
    return app


def _configure(app: Flask, settings: Settings, config: dict[str, Any]) -> None:
    secure = settings.public_address.startswith("https://")
    app.extensions["portal_settings"] = settings
    app.config.update(
        SECRET_KEY=settings.session_key,
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=settings.session_idle_seconds,
        MAX_CONTENT_LENGTH=settings.upload_limit + 2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=settings.upload_limit + 1024 * 1024,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=secure,
    )
    app.config.update(config)
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]


def _prepare_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    loaders = [app.jinja_env.loader or app.create_global_jinja_loader()]
    loaders.append(PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}))
    app.jinja_env.loader = ChoiceLoader(loaders)

    app.jinja_env.globals.update(
        field_parts=field_parts,
        problems=problems,
        in_language=in_language,
        navigation=navigation,
        status_look=status_look,
    )

    @app.context_processor
    def shared() -> dict[str, Any]:
        chinese = (locale := get_locale()) is not None and locale.language == "zh"
        return {
            "language": "zh" if chinese else "en",
            "html_lang": "zh-Hans" if chinese else "en",
            "settings": requests.settings(),
            "now": requests.now(),
            "rooms": frozenset(current_app.blueprints),
        }
