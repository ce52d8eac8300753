"""Problem details for machines (RFC 9457): what went wrong, by a stable type."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml
from flask import Response, make_response, request

from portal.text import Text
from portal.web.requests import language

PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"
_BY_STATUS = {
    400: "bad-request", 401: "no-credential", 403: "not-allowed", 404: "not-found", 405: "wrong-method",
    413: "too-large", 415: "wrong-media-type", 429: "too-many-requests", 503: "not-available",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """A type of problem; its name is the last part of its address and never changes."""

    name: str
    status: int
    title: Text
    detail: Text

    @property
    def address(self) -> str:
        """The problem's type: an address that tells what it means."""
        return f"{PREFIX}v1/problems/{self.name}"


@cache
def problems() -> dict[str, Problem]:
    """Every type of problem by its name."""
    entries = yaml.safe_load(resources.files("portal.web").joinpath("problems.yaml").read_text("utf-8"))["problems"]
    return {
        name: Problem(name, e["status"], Text.read(e["title"]), Text.read(e["detail"])) for name, e in entries.items()
    }


def told(name: str, errors: Sequence[tuple[str, str]] = (), detail: str = "") -> dict[str, Any]:
    """A problem's members; ``errors`` are pairs of a JSON pointer (RFC 6901) into the request and what is wrong."""
    found = problems()[name]
    facts: dict[str, Any] = {
        "type": found.address,
        "title": found.title[language()],
        "status": found.status,
        "detail": detail or found.detail[language()],
    }
    if errors:
        facts["errors"] = [{"pointer": pointer, "detail": what} for pointer, what in errors]
    return facts


def answer(name: str, errors: Sequence[tuple[str, str]] = (), detail: str = "") -> Response:
    """The whole answer for a problem."""
    facts = told(name, errors, detail)
    response = make_response(json.dumps(facts, ensure_ascii=False), facts["status"])
    response.content_type = MEDIA_TYPE
    response.headers["Cache-Control"] = "no-store"
    return response


def for_machines() -> bool:
    """Whether the request came to an address for machines, which get no page."""
    return request.path.startswith(PREFIX)


def of_status(code: int) -> Response:
    """The problem for an HTTP status that something else raised."""
    return answer(_BY_STATUS.get(code, "failed"))
