"""An officer reads how the lists stand and what became of each file; a supervisor loads a newer one."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts import people, registration
from portal.accounts.models import User
from portal.accounts.passwords import Cost
from portal.app import create_app
from portal.audit import Actor
from portal.audit.models import AuditEvent
from portal.config import Settings
from portal.db import Base, utc_now
from portal.screening import advice, history, lists
from portal.screening.models import EditionState, ListEdition
from tests.renewed import renewed_list
from tests.screening.conftest import DATA
from tests.screening.test_renew import united_nations

BY = Actor.system("test")
DAY = utc_now().date().isoformat()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Flask]:
    """An authority with two people and the shipped list, and nothing else."""
    settings = Settings(instance=tmp_path, public_address="http://127.0.0.1:8000")
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    Base.metadata.create_all(app.extensions["portal_engine"])
    with app.extensions["portal_sessions"]() as session:
        home = registration.create_authority(
            session, name="Authority", name_en="Authority", country="CN", now=utc_now(), actor=BY
        )
        for role in ("officer", "supervisor"):
            people.add(
                session, home, email=f"{role}@authority.example", name=role, position=role, roles=[role],
                password="glass river under moss", language="en", now=utc_now(), actor=BY,
                cost=Cost(passes=1, memory=8, lanes=1),
            )  # fmt: skip
        lists.load_shipped(session, actor=BY, now=utc_now() - timedelta(days=1))
        session.commit()
    yield app
    app.extensions["portal_engine"].dispose()


def enter(office: Flask, role: str) -> FlaskClient:
    client = office.test_client()
    with office.extensions["portal_sessions"]() as session, client.session_transaction() as cookie:
        person = session.scalars(select(User).where(User.email == f"{role}@authority.example")).one()
        cookie["_user_id"], cookie["_fresh"], cookie["signed_in_at"] = person.get_id(), True, utc_now().timestamp()
    return client


@pytest.fixture
def supervisor(office: Flask) -> FlaskClient:
    return enter(office, "supervisor")


def load(client: FlaskClient, source: str, *files: tuple[str, bytes]) -> TestResponse:
    sent = [(io.BytesIO(body), name) for name, body in files]
    return client.post(f"/authority/lists/{source}/load", data={"files": sent}, content_type="multipart/form-data")


def editions(office: Flask, source: str) -> list[tuple[str, int]]:
    with office.extensions["portal_sessions"]() as session:
        return [(one.state, one.entry_count) for one in session.scalars(history.attempts(source))]


def test_a_newer_file_is_loaded_told_of_and_put_down_to_who_did_it(office: Flask, supervisor: FlaskClient) -> None:
    assert load(supervisor, "un", ("un.xml", united_nations(range(100), day=DAY))).status_code == 303
    assert load(supervisor, "un", ("un.xml", united_nations(range(5, 110), day=DAY))).status_code == 303
    page = enter(office, "officer").get("/authority/lists/un?lang=en").text
    assert "10 added, 5 removed, 0 changed" in page
    assert page.index("In use") < page.index("Replaced by a later one")
    assert page.count(">supervisor</td>") == 2
    with office.extensions["portal_sessions"]() as session:
        told = session.scalars(select(AuditEvent).where(AuditEvent.verb == "list.imported").order_by(AuditEvent.at))
        assert [event.actor_name for event in told][1:] == ["supervisor", "supervisor"]


def test_a_file_that_is_refused_changes_nothing_and_stays_in_the_history(
    office: Flask, supervisor: FlaskClient
) -> None:
    load(supervisor, "un", ("un.xml", united_nations(range(100), day=DAY)))
    answer = load(supervisor, "un", ("un.xml", united_nations(range(50), day=DAY)))
    assert answer.status_code == 422
    assert "shrank by more than a tenth: 50 entries where the last edition has 100" in answer.text
    assert editions(office, "un") == [(EditionState.REFUSED, 0), (EditionState.CURRENT, 100)]
    for address in ("/authority/lists", "/authority/lists/un"):
        page = supervisor.get(f"{address}?lang=en").text
        assert "was refused, and this edition stays" in page
        assert "shrank by more than a tenth" in page
    chinese = supervisor.get("/authority/lists/un?lang=zh").text
    assert "un.xml：条目减少超过十分之一：现有50条，上一版本为100条" in chinese
    assert "shrank" not in chinese
    assert "Lists that need attention" in supervisor.get("/authority/?lang=en").text


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ((), "Choose a file"),
        ((("un.xml", b""),), "un.xml"),
        ((("../../etc/passwd", b"x"),), "not XML"),
        ((("名单.xml", b"x"),), "Latin letters"),
        ((("a" * 150 + ".xml", b"x"),), "Latin letters"),
        ((("un.xml", b"<html>no</html>"),), "the root is"),
        (tuple((f"{at}.xml", b"x") for at in range(9)), "one list only"),
    ],
)
def test_what_is_no_file_of_the_list_is_said_so_beside_the_field(
    office: Flask, supervisor: FlaskClient, files: tuple[tuple[str, bytes], ...], says: str
) -> None:
    answer = load(supervisor, "un", *files)
    assert answer.status_code == 422
    assert says in answer.text
    assert EditionState.CURRENT not in [state for state, _ in editions(office, "un")]


def test_a_file_beyond_the_limit_is_not_taken(office: Flask, supervisor: FlaskClient) -> None:
    office.config["MAX_CONTENT_LENGTH"] = 10_000
    assert load(supervisor, "un", ("un.xml", united_nations(range(100), day=DAY))).status_code == 413
    assert editions(office, "un") == []


def test_a_list_of_several_files_is_loaded_from_all_of_them(
    office: Flask, supervisor: FlaskClient, tmp_path: Path
) -> None:
    (folder := tmp_path / "files").mkdir()
    csv = renewed_list(folder)
    both = [(path.name, path.read_bytes()) for path in (csv.with_suffix(".yaml"), csv)]
    assert load(supervisor, "cn", both[1]).status_code == 422
    assert load(supervisor, "cn", *both).status_code == 303
    ofac = [(path.name, path.read_bytes()) for path in sorted((DATA / "ofac").glob("[as][dl][dnt]*.csv"))]
    three = [one for one in ofac if one[0] in ("add.csv", "alt.csv", "sdn.csv")]
    assert load(supervisor, "ofac-sdn", *three).status_code == 303
    assert editions(office, "ofac-sdn") == [(EditionState.CURRENT, 20)]


def test_who_may_do_what(office: Flask, supervisor: FlaskClient) -> None:
    officer = enter(office, "officer")
    assert officer.get("/authority/lists/un").status_code == 200
    assert "/authority/lists/un/load" not in officer.get("/authority/lists/un").text
    assert load(officer, "un", ("un.xml", united_nations(range(9), day=DAY))).status_code == 403
    for address in ("/authority/lists/nope", "/authority/lists/nope/load", "/authority/lists/restricted/load"):
        assert supervisor.get(address).status_code == 404
    assert supervisor.get("/authority/lists/restricted").status_code == 200


def test_the_page_says_from_when_china_s_list_is_too_old_and_what_to_do(office: Flask, supervisor: FlaskClient) -> None:
    with office.extensions["portal_sessions"]() as session:
        shipped = session.scalars(select(ListEdition).where(ListEdition.source == "cn")).one()
        assert shipped.published is not None
        for days, says in ((100, ""), (150, "Too old from 2027-02-19"), (181, "Too old since 2027-02-19")):
            now = utc_now().replace(year=2026, month=8, day=22) + timedelta(days=days)
            told = " ".join(line.en for line in advice.of(lists.status(session, "cn", now)))
            assert says in told
            assert ("Read the ministry’s announcements since 2026-08-22" in told) == bool(says)
            assert ("every case is referred" in told) == bool(says)
    page = supervisor.get("/authority/lists/cn?lang=en").text
    assert "19 Feb 2027" in page
    assert "facts_until" in supervisor.get("/authority/lists/cn/load?lang=en").text
    assert "facts_until" in supervisor.get("/authority/lists/cn/load?lang=zh").text
