"""Machines that call with a token in place of a session (RFC 6750): who calls, what it may do, how often.

Which tokens are good is told by the room that keeps them (``install``); here is only what the protocol asks for.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from flask import Flask, Response, g, request
from flask_limiter.util import get_remote_address
from sqlalchemy.orm import Session

from portal.web import problems
from portal.web.requests import now
from portal.web.session import db_session

VERIFY, STATUS, ENDORSE, PACK = "verify", "status", "endorse", "pack"
REALM = 'Bearer realm="due-diligence-portal"'


class Machine(Protocol):
    """Who calls: ``scopes`` is what it may do, ``per_minute`` how many requests it is allowed."""

    id: Any
    scopes: Any
    per_minute: Any


Known = Callable[[Session, str, datetime], Machine | None]
Count = Callable[[Session, uuid.UUID, str, int, datetime], None]


def install(app: Flask, known: Known, count: Count) -> None:
    """Have tokens looked up by ``known`` before anything else is asked, and what they did counted by ``count``."""

    @app.before_request
    def look_up() -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and problems.for_machines():
            g.machine = known(db_session, token.strip(), now())

    @app.after_request
    def counted(response: Response) -> Response:
        if "machine_scope" in g and response.status_code < 400:
            count(db_session, g.machine.id, g.machine_scope, g.get("machine_weight", 1), now())
        return response


def shown() -> bool:
    """Whether the request shows a token, good or not."""
    return "machine" in g


def calling() -> Machine | None:
    """The machine that calls with a token that covers the view; nobody where a person or the public does."""
    machine: Machine | None = g.machine if "machine_scope" in g else None
    return machine


def judge(scope: str) -> Response | None:
    """Whether the token that is shown covers a scope: nothing when it does, else the refusal."""
    if g.machine is None:
        return _refusal("bad-credential", f'{REALM}, error="invalid_token"')
    if scope not in g.machine.scopes:
        return _refusal("wrong-scope", f'{REALM}, error="insufficient_scope", scope="{scope}"')
    g.machine_scope = scope
    return None


def unknown() -> Response:
    """The refusal of a caller that shows neither a token nor a session."""
    return _refusal("no-credential", REALM)


def counts_as(number: int) -> None:
    """Say that this request did so many things at once."""
    g.machine_weight = number


def caller() -> str:
    """Whose requests are counted together: a machine's by its token, wherever it calls from, others' by address."""
    machine: Machine | None = g.get("machine")
    return f"machine:{machine.id}" if machine is not None else get_remote_address()


def rate(public: str, *, each: int = 1) -> Callable[[], str]:
    """The rate of a view: a machine's own, of which a request takes ``each``, and ``public`` for everybody else."""

    def found() -> str:
        machine: Machine | None = g.get("machine")
        return f"{max(1, machine.per_minute // each)} per minute" if machine is not None else public

    return found


def _refusal(name: str, challenge: str) -> Response:
    response = problems.answer(name)
    response.headers["WWW-Authenticate"] = challenge
    return response
