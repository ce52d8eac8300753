"""Fixtures that every room's tests share: real databases, a fixed moment, an application, signed-in clients."""

import fcntl
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, User
from portal.app import create_app
from portal.audit import Actor
from portal.config import Settings
from portal.db import Base, open_engine, session_factory, transaction, utc_now
from portal.demonstration import load
from portal.migrate import migrate
from portal.screening import lists
from tests.renewed import renewed_list

POSTGRES = os.environ.get("PORTAL_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


def _psycopg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _postgres_answers() -> bool:
    engine = create_engine(_psycopg(POSTGRES), connect_args={"connect_timeout": 2})
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def postgres_available() -> bool:
    """Whether PostgreSQL answers. Under CI it must: a silent skip would hide half of the tests."""
    answers = _postgres_answers()
    if not answers and os.environ.get("CI"):
        pytest.fail("PostgreSQL does not answer under CI; .ci/run must start it", pytrace=False)
    return answers


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.sqlite3'}"
        return
    if not request.getfixturevalue("postgres_available"):
        pytest.skip("PostgreSQL does not answer here; set PORTAL_TEST_POSTGRES")
    schema = f"t{uuid.uuid4().hex}"
    engine = create_engine(_psycopg(POSTGRES))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a fresh database with every table that the test's imports brought in."""
    engine = open_engine(database_url)
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        yield session
        session.rollback()
    engine.dispose()


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Names that no other test uses."""
    return lambda stem: f"{stem}-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder of a loaded demonstration, made once for all workers. Copy it before changing anything."""
    common = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        common = common.parent
    folder = common / "demonstration"
    with (common / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "portal.sqlite3").exists():
            unfinished = common / "demonstration.unfinished"
            _load_demonstration(Settings(instance=unfinished, public_address="http://127.0.0.1:8000"))
            unfinished.rename(folder)
    return folder


def _load_demonstration(settings: Settings) -> None:
    settings.instance.mkdir(parents=True)
    engine = open_engine(settings.database)
    migrate(engine)
    with transaction(session_factory(engine)) as session:
        by, seen = Actor.command("tests"), utc_now() - load.MONTH
        lists.import_list(session, "cn", renewed_list(settings.instance, seen.date()), actor=by, now=seen)
        load.load(session, settings=settings, once=False, now=utc_now(), say=lambda _: None)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation of its own, with cheap defaults and no environment."""
    return Settings(instance=tmp_path / "instance", public_address="http://127.0.0.1:8000")


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application on an empty SQLite database with all tables."""
    settings.instance.mkdir(parents=True, exist_ok=True)
    application = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    application.config["PROPAGATE_FAILURES"] = True
    engine = application.extensions["portal_engine"]
    Base.metadata.create_all(engine)
    yield application
    engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def database(app: Flask) -> Iterator[Session]:
    """A session on the application's own database, to prepare and to look; commit before calling the client."""
    with app.extensions["portal_sessions"]() as session:
        yield session


@pytest.fixture
def people(database: Session, now: datetime) -> Callable[..., User]:
    """Make a person: ``people("preparer")`` in the first exporter, ``people("officer", organisation=…)`` elsewhere."""
    made: dict[str, Organisation] = {}

    def make(*roles: str, organisation: Organisation | None = None) -> User:
        kind = "authority" if set(roles) & {"officer", "supervisor"} else "exporter"
        home = organisation or made.get(kind)
        if home is None:
            home = Organisation(kind=kind, name=f"{kind} {uuid.uuid4().hex[:6]}", country="CN", created_at=now)
            database.add(home)
            made.setdefault(kind, home)
        user = User(
            organisation=home,
            email=f"{uuid.uuid4().hex[:8]}@example.org",
            name=f"{' '.join(roles) or 'nobody'} person",
            position="Manager",
            role_names=list(roles),
            password_hash="!",
            created_at=now,
        )
        database.add(user)
        database.commit()
        return user

    return make


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[[User], FlaskClient]:
    """The client with a person signed in, as the sign-in page would leave it."""

    def enter(user: User) -> FlaskClient:
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["_user_id"] = user.get_id()
            cookie["_fresh"] = True
            cookie["signed_in_at"] = utc_now().timestamp()
        return client

    return enter
