"""Response headers that keep a page to its own origin (OWASP ASVS 5.0, chapter 3)."""

from flask import Flask, Response, request
from flask_login import current_user

from portal.web import published

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# What of the device a page may use: nothing, but for the camera where codes are scanned.
FEATURES = "camera=(), geolocation=(), microphone=()"
WITH_CAMERA = FEATURES.replace("camera=()", "camera=(self)")


def install(app: Flask) -> None:
    """Put the headers on every answer; a view may have set a policy of its own."""

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if published.asked_for(response) else "same-origin"
        headers.setdefault("Permissions-Policy", FEATURES)
        if request.is_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if not published.asked_for(response) and current_user.is_authenticated:
            headers["Cache-Control"] = "no-store"
        return response
