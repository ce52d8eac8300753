"""The log's public addresses, read by this portal's audit and by a library that is not ours."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from tlog_scales.backend import HttpBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from werkzeug.serving import make_server

from portal.certificates import issue, keys
from portal.certificates.models import Certificate, LogEntry
from portal.cli import main
from portal.config import Settings
from portal.db import utc_now
from tests.certificates.samples import ORGANISATION, draft


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation of its own for each test, with a log that has nothing in it."""
    return Settings(instance=tmp_path / "instance", public_address="http://127.0.0.1:8000")


@pytest.fixture
def certificate(app: Flask, database: Session, settings: Settings) -> Certificate:
    now = utc_now()
    made = issue.issue(
        database,
        draft(),
        issuer=keys.open_issuer(settings, now=now),
        settings=settings,
        organisation_id=ORGANISATION,
        subject_id=ORGANISATION,
        now=now,
    )
    database.commit()
    return made


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/log"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def trust_file(settings: Settings, tmp_path: Path) -> Path:
    path = tmp_path / "trust.json"
    issuer = keys.open_issuer(settings, now=utc_now())
    path.write_text(json.dumps(keys.trust(issuer, now=utc_now())), encoding="utf-8")
    return path


Check = Callable[..., tuple[int, str]]


@pytest.fixture
def check(site: str, trust_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """``portal log check`` from a place that has nothing but the address and the trust file."""
    monkeypatch.setenv("PORTAL_INSTANCE", str(tmp_path / "elsewhere"))

    def run(*arguments: object, url: str = site) -> tuple[int, str]:
        asked = ["log", "check", url, "--trust", str(trust_file), *map(str, arguments)]
        done = CliRunner().invoke(main, asked)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done.exit_code, done.output

    return run


def test_checkpoint_and_tiles_are_served_as_the_specification_says(
    certificate: Certificate, client: FlaskClient
) -> None:
    answer = client.get("/log/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=2"
    assert answer.text.startswith("127.0.0.1:8000/log\n1\n")
    for place, length in (("0/000.p/1", 32), ("entries/000.p/1", 42)):
        answer = client.get(f"/log/tile/{place}")
        assert (answer.status_code, answer.content_type) == (200, "application/octet-stream")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert len(answer.data) == length
    assert client.get("/log/tile/entries/000.p/1").data[-32:].hex() == certificate.digest


OTHER_PLACES = (
    "0/000", "0/000.p/2", "0/001.p/1", "1/000.p/1", "0/0", "0/000.p/0", "0/000.p/01", "0/000.p/256", "0/000.p/1/",
    "64/000.p/1", "00/000.p/1", "-1/000.p/1", "entry/000.p/1", "0/x000/000.p/1", "0/x001/x000.p/1", "0/../000.p/1",
    "0/٠٠٠.p/1", "0/999999999999999999999", "0/x999/x999/x999/x999/x999/x999/999",
)  # fmt: skip


def test_no_other_place_is_served(certificate: Certificate, client: FlaskClient) -> None:
    for place in OTHER_PLACES:
        assert client.get(f"/log/tile/{place}").status_code == 404, place


def test_a_log_without_entries_says_so(app: Flask, client: FlaskClient) -> None:
    assert client.get("/log/checkpoint").text.split("\n")[1] == "0"
    assert client.get("/log/tile/0/000.p/1").status_code == 404


@pytest.mark.network
def test_a_second_implementation_follows_the_log(certificate: Certificate, site: str, settings: Settings) -> None:
    reader = TilesReader(HttpBackend(site))
    checkpoint = reader.get_checkpoint()
    assert reader.calculate_root_hash() == checkpoint.root_hash
    assert reader.get_entry(0)[8:].hex() == certificate.digest
    for key in keys.open_issuer(settings, now=utc_now()).trusted.logs[0].keys:
        checkpoint.verify(Vkey.from_string(key.key.text))
    reader.backend.session.close()


@pytest.mark.network
def test_the_command_audits_from_outside_and_remembers(
    certificate: Certificate, check: Check, database: Session, tmp_path: Path
) -> None:
    code, told = check()
    assert (code, "Entries: 1;" in told) == (0, True), told
    (tmp_path / "proof").write_text(issue.log_proof(certificate), encoding="utf-8")
    assert check("--view", tmp_path / "proof")[0] == 0
    database.execute(update(LogEntry).values(digest=bytes(32)))
    database.commit()
    code, told = check("--language", "zh")
    assert (code, "条目" in told) == (1, True), told
    database.execute(delete(LogEntry))
    database.commit()
    code, told = check("--json")
    assert (code, json.loads(told)["findings"][0]["key"]) == (2, "tile-missing")


@pytest.mark.network
def test_the_command_tells_what_it_cannot_read(
    certificate: Certificate, check: Check, site: str, trust_file: Path, tmp_path: Path
) -> None:
    assert check(url=site + "/nothing")[0] == 2
    assert check(url="http://127.0.0.1:9/log")[0] == 2
    assert check(url="ftp://127.0.0.1/log")[0] == 2
    assert check("--instance")[0] == 2
    (tmp_path / "view").write_text("nothing", encoding="utf-8")
    assert check("--view", tmp_path / "view")[0] == 2
    facts = json.loads(trust_file.read_text(encoding="utf-8"))
    facts["issuers"][0]["logs"] = []
    trust_file.write_text(json.dumps(facts), encoding="utf-8")
    assert check()[0] == 1


def test_the_page_tells_what_the_log_is(certificate: Certificate, client: FlaskClient) -> None:
    for language, title in (("en", "Transparency log"), ("zh-CN", "公开日志")):
        answer = client.get("/log/", headers={"Accept-Language": language})
        assert answer.status_code == 200
        assert re.search(rf"<h1[^>]*>{title}</h1>", answer.text)
        assert "127.0.0.1:8000/log/checkpoint" in answer.text
        assert certificate.number not in answer.text
