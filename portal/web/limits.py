"""Rate limits by address or by a machine's token, shared between processes when the storage is Redis."""

from flask import Flask
from flask_limiter import Limiter

from portal.config import Settings
from portal.web import machines

limiter = Limiter(key_func=machines.caller, headers_enabled=True, strategy="moving-window")


def install(app: Flask, settings: Settings) -> None:
    """Switch the limits on, counting where the settings say."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.rate_limit_storage
    app.config.setdefault("RATELIMIT_ENABLED", True)
    limiter.init_app(app)
