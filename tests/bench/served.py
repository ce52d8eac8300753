"""(f) The interface for machines against a bare Flask route, in one server and over one kept connection."""

import base64
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any

from flask import Flask, request
from waitress import create_server

from portal.app import create_app
from portal.certificates import issue
from tests.bench.farm import Row, a_second, duel, milliseconds
from tests.bench.world import World
from tests.certificates.samples import issue_one
from tests.serving import running

PLACE = "/api/v1/verifications"
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def rows(world: World, *, quick: bool) -> Iterator[Row]:
    """A number, a seal and a PDF are asked about; the bare route reads the same JSON and answers yes."""
    with world.sessions() as session:
        made = issue_one(session, world.issuer, world.settings)
        session.commit()
        number, seal, pdf = made.number, issue.seal_text(made), issue.files(made)["pdf"]
    app = create_app(world.settings, TESTING=True, RATELIMIT_ENABLED=False)
    questions = (
        ("a certificate's number", {"text": number}, "the register is asked, and its own record verified"),
        ("a seal's text", {"text": seal}, "the seal is verified, then the register asked for the status"),
        (
            f"a PDF of {len(pdf) / 1000:.0f} kB",
            {"file": base64.b64encode(pdf).decode()},
            "the whole of (b), and base64",
        ),
    )
    with _served(app) as connection:
        for name, asked, means in questions:
            body = json.dumps(asked).encode()
            assert _asked(connection, PLACE, body)["number"] == number
            found = duel(
                lambda body=body: _asked(connection, PLACE, body),
                lambda body=body: _asked(connection, "/bare", body),
                rounds=3 if quick else 40,
                batch=2 if quick else 5,
                warm_up=2,
            )
            yield Row(
                f"(f) POST {PLACE} with {name}, over one kept connection",
                f"{milliseconds(found.mine)}, {a_second(found.mine)} on one core",
                f"a bare Flask route in the same waitress: {milliseconds(found.other)}, {a_second(found.other)}",
                found.ratio,
                means,
            )
    app.extensions["portal_engine"].dispose()


def _bare() -> Flask:
    bare = Flask("bare")

    @bare.post("/bare")
    def told() -> dict[str, object]:
        return {"answer": "yes", "members": len(request.get_json())}

    return bare


@contextmanager
def _served(app: Flask) -> Iterator[HTTPConnection]:
    """Both applications behind one waitress in this process, and a connection to it."""
    logging.getLogger("waitress").setLevel(logging.ERROR)
    bare = _bare()

    def either(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        return (bare if environ["PATH_INFO"] == "/bare" else app)(environ, start)

    server = create_server(either, host="127.0.0.1", port=0, threads=2)
    with running(server), closing(HTTPConnection("127.0.0.1", server.effective_port)) as connection:
        yield connection


def _asked(connection: HTTPConnection, place: str, body: bytes) -> Any:
    connection.request("POST", place, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    data = answer.read()
    assert answer.status == 200, data[:300]
    return json.loads(data)
