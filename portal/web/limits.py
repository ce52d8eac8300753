"""Rate limits by address, shared between processes when the storage is Redis."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from portal.config import Settings

limiter = Limiter(key_func=get_remote_address, headers_enabled=True, strategy="moving-window")


def install(app: Flask, settings: Settings) -> None:
    """Switch the limits on, counting where the settings say."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.rate_limit_storage
    app.config.setdefault("RATELIMIT_ENABLED", True)
    limiter.init_app(app)
