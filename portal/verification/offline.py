"""The offline verifier: what a browser keeps so that it can verify with no network, and the data that it shares.

The browser's modules (``static/offline``) take the same steps as this room does; words, codes and schemas exist once,
here, and are handed to them as data.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from portal import countries
from portal.certificates import statement, wording
from portal.verification.reasons import reasons

# What the page loads of the portal's own and fetched files, under the folder of static files.
_PARTS = ("offline", "vendor/cborg", "vendor/json-schema", "vendor/noble", "vendor/zxing")
_SHARED = (
    "portal.js", "portal.css", "verification.css", "mark.svg", "vendor/govuk-frontend.js", "vendor/govuk-frontend.css",
)  # fmt: skip
# Served under addresses of their own: each with a header that the folder's files do not have.
_APART = ("offline/worker.js", "offline/reader.js")


@dataclass(frozen=True, slots=True)
class AppFile:
    """A file of the app: its name under the folder of static files, and its digest as browsers compare it (SRI)."""

    name: str
    integrity: str


def files(static: Path) -> tuple[AppFile, ...]:
    """Every file that the app is made of, read again only when one has changed."""
    names = [name for part in _PARTS for name in _below(static, part)] + list(_SHARED)
    wanted = sorted(name for name in names if name not in _APART)
    return tuple(AppFile(name, _integrity(*_stamp(static / name))) for name in wanted)


def version(parts: Iterable[Path], more: Iterable[str] = ()) -> str:
    """The name of a version of the app: the same as long as nothing of it has changed."""
    digests = [_integrity(*_stamp(path)) for path in sorted(parts)]
    return hashlib.sha256("\n".join([*digests, *more]).encode("utf-8")).hexdigest()[:16]


def integrity(data: bytes) -> str:
    """The digest of bytes in the form that browsers compare (W3C Subresource Integrity)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


@cache
def rules() -> bytes:
    """Reasons, schemas and words that a verifier needs, in both languages, as JSON."""
    told: dict[str, Any] = {
        "reasons": [
            {"code": one.code, "key": one.key, "answer": one.answer, "text": one.text.to_json()}
            for one in reasons().values()
        ],
        "methods": {method: text.to_json() for method, text in wording.METHODS.items()},
        "statement_schema": statement.schema(),
        "trust_schema": _trust_schema(),
        "roles": {role: text.to_json() for role, text in wording.ROLES.items()},
        "countries": {code: countries.name(code).to_json() for code, _ in countries.choices("en")},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _trust_schema() -> Any:
    return json.loads(resources.files("portal.certificates").joinpath("data/trust.schema.json").read_text("utf-8"))


def _below(static: Path, part: str) -> list[str]:
    found = (path for path in (static / part).rglob("*") if path.is_file())
    return [path.relative_to(static).as_posix() for path in found]


def _stamp(path: Path) -> tuple[Path, int, int]:
    found = path.stat()
    return path, found.st_mtime_ns, found.st_size


@cache
def _integrity(path: Path, _changed: int, _size: int) -> str:
    return integrity(path.read_bytes())
