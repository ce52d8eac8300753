"""The offline app: a page that installs, its service worker, and what it keeps on the device."""

import json
from pathlib import Path

from flask import Blueprint, Response, current_app, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from portal.verification import offline, presented
from portal.verification.forms import EvidenceForm
from portal.web import access, headers
from portal.web.language import LOCALES, catalogues
from portal.web.published import same_for_everybody

blueprint = Blueprint("offline", __name__, url_prefix="/verify/offline")
# The reader's WebAssembly runs in a worker, whose own policy says so: the page's stays as strict as every other's.
READER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
_SCRIPT = "text/javascript; charset=utf-8"
_TEMPLATES = (
    "verification/offline.html",
    "verification/evidence.html",
    "verification/camera.html",
    "verification/parts.html",
    "web/page.html",
    "web/fields.html",
    "web/parts.html",
)


@blueprint.get("/")
@access.public
def page() -> ResponseReturnValue:
    """The page. The service worker asks for it without a session, so that nobody's name is kept on the device."""
    form = EvidenceForm(formdata=None)
    response = make_response(render_template("verification/offline.html", form=form, wrong=presented.WRONG))
    response.headers["Permissions-Policy"] = headers.WITH_CAMERA
    return response


@blueprint.get("/worker.js")
@access.public
@same_for_everybody
def worker() -> ResponseReturnValue:
    """The service worker, in front of it what this version of the app is made of."""
    app = {
        "version": _version(),
        "home": url_for(".page"),
        "pages": {code: url_for(".page", lang=code) for code in LOCALES},
        "files": [
            *({"address": url_for("static", filename=one.name), "integrity": one.integrity} for one in _files()),
            {"address": url_for(".rules"), "integrity": offline.integrity(offline.rules())},
            {"address": url_for(".reader")},
        ],
    }
    return _served(f"const app = {json.dumps(app)};\n{_own('worker.js')}", _SCRIPT)


@blueprint.get("/reader.js")
@access.public
@same_for_everybody
def reader() -> ResponseReturnValue:
    """The worker that reads pictures, the only script of the portal that may run WebAssembly."""
    response = _served(_own("reader.js"), _SCRIPT)
    response.headers["Content-Security-Policy"] = READER_POLICY
    return response


@blueprint.get("/rules.json")
@access.public
@same_for_everybody
def rules() -> ResponseReturnValue:
    """Reasons, schemas and words that the app shares with the portal."""
    return _served(offline.rules(), "application/json")


@blueprint.get("/app-<any(en, zh):code>.webmanifest")
@access.public
@same_for_everybody
def manifest(code: str) -> ResponseReturnValue:
    """What the device shows of the app once it is installed (W3C Web Application Manifest)."""
    with force_locale(LOCALES[code]):
        told = {
            "id": url_for(".page"),
            "name": gettext("Verify certificates without a network"),
            "short_name": gettext("Verify"),
            "lang": "zh-Hans" if code == "zh" else "en",
            "start_url": url_for(".page", lang=code),
            "scope": url_for(".page"),
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0b5560",
            "icons": [
                {"src": url_for("static", filename="offline/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
                {"src": url_for("static", filename="offline/icon.png"), "sizes": "512x512", "type": "image/png"},
            ],
        }
    return _served(json.dumps(told, ensure_ascii=False), "application/manifest+json")


def _version() -> str:
    """The version changes with files, words and rules; the page's own come from templates and catalogues."""
    templates = Path(current_app.root_path) / (current_app.template_folder or "")
    parts = [*(templates / name for name in _TEMPLATES), *catalogues()]
    return offline.version(
        parts,
        [
            *(one.integrity for one in _files()),
            offline.integrity(offline.rules()),
            _own("reader.js"),
            _own("worker.js"),
        ],
    )


def _files() -> tuple[offline.AppFile, ...]:
    return offline.files(_static())


def _own(name: str) -> str:
    return (_static() / "offline" / name).read_text(encoding="utf-8")


def _static() -> Path:
    return Path(str(current_app.static_folder))


def _served(body: str | bytes, content_type: str) -> Response:
    """A file that the browser asks for anew each time; the service worker is what keeps it."""
    answer = make_response(body)
    answer.content_type = content_type
    answer.headers["Cache-Control"] = "no-cache"
    return answer
