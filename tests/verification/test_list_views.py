"""Status lists as they are served, and carried on a stick to where there is no network."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from portal import jobs
from portal.authority import status_lists
from portal.certificates import issue, keys, status
from portal.certificates.models import Certificate
from portal.cli import main
from portal.config import Settings
from portal.db import utc_now
from portal.jobs.models import Job
from portal.jobs.registry import Work
from portal.verification import fetch
from tests.certificates.samples import ORGANISATION, draft
from tests.certificates.test_status import OFFICER

LIST = "/.well-known/due-diligence/status/1/revocation.jwt"
DIRECTORY = "/.well-known/due-diligence/status/index.json"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation whose public address is that of the test server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Settings(instance=tmp_path / "instance", public_address=f"http://127.0.0.1:{port}")


@pytest.fixture
def certificate(app: Flask, database: Session, settings: Settings) -> Certificate:
    now = utc_now()
    made = issue.issue(
        database, draft(), issuer=keys.open_issuer(settings, now=now), settings=settings,
        organisation_id=ORGANISATION, subject_id=ORGANISATION, now=now,
    )  # fmt: skip
    database.commit()
    return made


@pytest.fixture
def site(app: Flask, settings: Settings) -> Iterator[str]:
    server = make_server("127.0.0.1", int(settings.public_address.rpartition(":")[2]), app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield settings.public_address
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """The command at a border post, with an instance folder of its own."""
    monkeypatch.setenv("PORTAL_INSTANCE", str(tmp_path / "post"))

    def call(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, [str(argument) for argument in arguments])
        return done.exit_code, done.output

    return call


def trust_file(settings: Settings) -> bytes:
    return json.dumps(keys.trust(keys.open_issuer(settings, now=utc_now()), now=utc_now())).encode()


def revoke(database: Session, certificate: Certificate) -> None:
    status.revoke(
        database,
        certificate,
        reason_code="court-order",
        reason="x",
        actor=OFFICER,
        now=utc_now(),
    )
    database.commit()


def test_a_list_is_the_same_file_for_everybody_until_something_changes(
    client: FlaskClient, database: Session, certificate: Certificate
) -> None:
    assert client.get(DIRECTORY).json == {
        "type": "due-diligence-status-lists", "lists": [1], "purposes": ["revocation", "suspension", "message"],
    }  # fmt: skip
    first = client.get(LIST)
    assert (first.status_code, first.content_type) == (200, "application/vc+jwt")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert client.get(LIST).data == first.data
    assert client.get(LIST, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    revoke(database, certificate)
    changed = client.get(LIST, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.data != first.data
    for missing in ("2/revocation", "0/revocation", "1/refresh", "99999999999999999999/message", "-1/revocation"):
        assert client.get(f"/.well-known/due-diligence/status/{missing}.jwt").status_code == 404


def test_the_job_makes_lists_anew_after_a_change_and_then_rests(
    app: Flask, database: Session, settings: Settings, certificate: Certificate
) -> None:
    work = Work(settings, app.extensions["portal_sessions"], utc_now)

    def due() -> int:
        status_lists.clock(database, utc_now())
        status_lists.clock(database, utc_now())
        waiting = database.query(Job).filter_by(kind=status_lists.KIND, state="waiting").all()
        for job in waiting:
            job.state = jobs.models.JobState.DONE
        database.commit()
        for _ in waiting:
            status_lists.handle(work, {})
            status_lists.handle(work, {})
        return len(waiting)

    assert (due(), due()) == (1, 0)
    revoke(database, certificate)
    assert (due(), due()) == (1, 0)


@pytest.mark.network
def test_lists_go_on_a_stick_to_a_place_without_a_network(
    site: str, portal: Callable[..., tuple[int, str]], database: Session, settings: Settings,
    certificate: Certificate, tmp_path: Path,
) -> None:  # fmt: skip
    trust, stick, paper = tmp_path / "trust.json", tmp_path / "stick", tmp_path / "certificate.json"
    trust.write_bytes(trust_file(settings))
    paper.write_bytes(issue.files(certificate)["json"])
    assert portal("verify", paper, "--trust", trust, "--offline")[0] == 2
    assert portal("status", "fetch", stick, "--trust", trust) == (0, "3 status lists\n")
    whole = json.loads((stick / fetch.ONE_FILE).read_text("utf-8"))
    assert (whole["trust"]["type"], len(whole["status_lists"])) == ("due-diligence-trust", 3)
    verifying = ("verify", paper, "--trust", stick / "trust.json", "--offline", "--status-list", stick)
    code, told = portal(*verifying)
    assert (code, "[300] Valid as of" in told) == (0, True)
    old = {path: path.read_bytes() for path in stick.rglob("*.jwt")}
    revoke(database, certificate)
    assert portal(*verifying)[0] == 0, "nobody has told this place yet"
    assert portal("status", "fetch", stick, "--trust", trust)[0] == 0
    code, told = portal(*verifying)
    assert (code, "[311] Revoked" in told) == (1, True)
    for path, data in old.items():
        path.write_bytes(data)
    code, told = portal(*verifying)
    assert (code, "[363]" in told) == (2, True), "an old stick is no way back"


@pytest.mark.network
def test_what_cannot_be_had_is_told_and_the_last_lists_stay(
    site: str, portal: Callable[..., tuple[int, str]], settings: Settings, certificate: Certificate, tmp_path: Path
) -> None:
    trust = tmp_path / "trust.json"
    trust.write_bytes(trust_file(settings))
    assert portal("status", "fetch", "--trust", trust)[0] == 0
    lists = tmp_path / "post" / "status-lists"
    before = {path: path.read_bytes() for path in lists.rglob("*.jwt")}
    assert len(before) == 3
    other = trust.read_text("utf-8").replace(settings.public_address, "http://127.0.0.1:9")
    trust.write_text(other, "utf-8")
    code, told = portal("status", "fetch", "--trust", trust)
    assert (code, "http://127.0.0.1:9/" in told) == (2, True)
    assert {path: path.read_bytes() for path in lists.rglob("*.jwt")} == before


def test_the_own_lists_are_written_for_a_static_server(
    client: FlaskClient, database: Session, settings: Settings, certificate: Certificate, tmp_path: Path
) -> None:
    issuer = keys.open_issuer(settings, now=utc_now())
    brought = list(fetch.write(database, tmp_path / "site", issuer=issuer, now=utc_now()))
    database.commit()
    assert [(one.address.endswith("t"), one.fault) for one in brought] == [(True, "")] * 3
    for address in (LIST, DIRECTORY):
        assert (tmp_path / "site" / address[1:]).read_bytes() == client.get(address).data
