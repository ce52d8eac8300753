"""The register asked over a real connection: only signed, fresh answers from the address in the trust file count."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal import audit
from portal.certificates import number, status, tokens
from portal.certificates.keys import Issuer
from portal.certificates.trust import TrustRoot
from portal.verification.sources import HttpStatus, NotRegistered, StatusUnavailable
from tests.certificates.samples import NOW
from tests.certificates.test_status import OFFICER, registered

pytestmark = pytest.mark.network


class Register:
    """A web server on the loopback interface that answers what a test tells it to."""

    def __init__(self) -> None:
        self.answer: Callable[[str], tuple[int, bytes]] = lambda path: (500, b"")
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                code, body = outer.answer(self.path)
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", outer.address + "elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/verify/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def register() -> Iterator[Register]:
    made = Register()
    yield made
    made.close()


@pytest.fixture
def here(trust: TrustRoot, register: Register) -> TrustRoot:
    """The trust file with the test server's address in it."""
    return TrustRoot((replace(trust.issuers[0], status_address=register.address),))


def asked(here: TrustRoot, name: str) -> Any:
    return HttpStatus(here, timeout=2).ask(here.issuers[0], name, now=NOW)


def refused(here: TrustRoot, name: str) -> str:
    with pytest.raises(StatusUnavailable) as error:
        asked(here, name)
    return error.value.key


def told(value: Any, code: int = 200) -> Callable[[str], tuple[int, bytes]]:
    return lambda path: (code, json.dumps(value).encode("utf-8"))


def test_the_answer_of_the_register_counts(
    session: Session, issuer: Issuer, register: Register, here: TrustRoot
) -> None:
    certificate = registered(session, issuer)
    register.answer = told(status.answer(session, certificate.number, issuer=issuer, now=NOW))
    answer = asked(here, certificate.number)
    assert (answer.state, answer.as_of, answer.digest) == ("valid", NOW, certificate.digest)
    assert register.asked == [f"/verify/{certificate.number}?format=json"]
    status.revoke(session, certificate, reason_code="court-order", reason="x", actor=OFFICER, now=NOW)
    register.answer = told(status.answer(session, certificate.number, issuer=issuer, now=NOW))
    answer = asked(here, certificate.number)
    assert (answer.state, answer.since) == ("revoked", NOW)
    assert answer.reason == status.reasons()["court-order"].text


def test_only_the_register_itself_can_say_that_it_knows_nothing(
    session: Session, issuer: Issuer, register: Register, here: TrustRoot
) -> None:
    name = number.compose(2026, 5)
    register.answer = told(status.answer(session, name, issuer=issuer, now=NOW), 404)
    with pytest.raises(NotRegistered):
        asked(here, name)
    register.answer = lambda path: (404, b"<html>Not found</html>")
    assert refused(here, name) == "status-unreachable"
    register.answer = told({"state": "not_registered"}, 404)
    assert refused(here, name) == "status-untrusted"


def test_what_is_not_signed_for_this_certificate_is_no_answer(
    session: Session, issuer: Issuer, register: Register, here: TrustRoot, world: Any
) -> None:
    one, other = (registered(session, issuer, count) for count in (1, 2))
    genuine = status.answer(session, one.number, issuer=issuer, now=NOW)
    forged = status.answer(session, one.number, issuer=world.mallory, now=NOW)
    for value in (
        {**genuine, "token": None},
        {name: genuine[name] for name in genuine if name != "token"},
        forged,
        {**genuine, "token": forged["token"]},
        {**genuine, "token": genuine["token"][:-4] + "AAAA"},
        status.answer(session, other.number, issuer=issuer, now=NOW),
        {**genuine, "token": signed(issuer, state="excellent")},
        {**genuine, "token": signed(issuer, iss="did:web:another")},
        {**genuine, "token": signed(issuer, iat="now")},
        {**genuine, "token": signed(issuer, exp=2**50)},
        [],
        "valid",
    ):
        register.answer = told(value)
        assert refused(here, one.number) == "status-untrusted", value


def signed(issuer: Issuer, **changes: Any) -> str:
    """An answer for the first number with members exchanged, signed by the issuer itself."""
    moment = int(NOW.timestamp())
    facts = {"iss": issuer.id, "iat": moment, "exp": moment + 60, "number": number.compose(2026, 1), "state": "valid"}
    return tokens.sign({**facts, **changes}, signer=issuer.seal, typ=status.ANSWER_TYPE)


def test_an_old_answer_is_no_answer(session: Session, issuer: Issuer, register: Register, here: TrustRoot) -> None:
    certificate = registered(session, issuer)
    for given, key in ((NOW - timedelta(hours=1), "status-stale"), (NOW + timedelta(hours=1), "status-untrusted")):
        register.answer = told(status.answer(session, certificate.number, issuer=issuer, now=given))
        assert refused(here, certificate.number) == key


def test_a_key_that_is_no_longer_in_use_says_nothing_about_status(
    session: Session, issuer: Issuer, register: Register, here: TrustRoot
) -> None:
    certificate = registered(session, issuer)
    register.answer = told(status.answer(session, certificate.number, issuer=issuer, now=NOW))
    ended = replace(here.issuers[0], keys=tuple(replace(key, ends=NOW) for key in here.issuers[0].keys))
    assert refused(TrustRoot((ended,)), certificate.number) == "status-untrusted"


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (500, b"{}"),
        (302, b""),
        (200, b"no json"),
        (200, b'{"token": "a", "token": "b"}'),
        (200, b'{"token": 1.5}'),
        (200, b"[" * 10_000),
        (200, b'{"token":"' + b"a" * 300_000 + b'"}'),
        (200, b""),
    ],
    ids=["failed", "led elsewhere", "no json", "twice", "float", "nested", "too long", "nothing"],
)
def test_a_register_that_talks_nonsense_is_unreachable(
    register: Register, here: TrustRoot, code: int, body: bytes
) -> None:
    register.answer = lambda path: (code, body)
    assert refused(here, number.compose(2026, 1)) == "status-unreachable"
    assert len(register.asked) == 1


def test_a_register_that_is_not_there_is_unreachable(here: TrustRoot, register: Register) -> None:
    free = Register()
    free.close()
    gone = TrustRoot((replace(here.issuers[0], status_address=free.address),))
    assert refused(gone, number.compose(2026, 1)) == "status-unreachable"


@pytest.mark.parametrize("address", ["http://portal.example/verify/", "http://10.0.0.1/verify/", "file:///etc/verify/"])
def test_plain_connections_to_other_machines_are_not_made(trust: TrustRoot, address: str) -> None:
    elsewhere = TrustRoot((replace(trust.issuers[0], status_address=address),))
    assert refused(elsewhere, number.compose(2026, 1)) == "status-no-source"


def test_the_officer_who_acts_is_kept_but_not_told(session: Session, issuer: Issuer) -> None:
    certificate = registered(session, issuer)
    actor = audit.Actor("user", "7", "Officer Secret")
    status.suspend(session, certificate, reason_code="under-review", reason="Inner words", actor=actor, now=NOW)
    answer = json.dumps(status.answer(session, certificate.number, issuer=issuer, now=NOW))
    assert "Secret" not in answer
    assert "Inner" not in answer
