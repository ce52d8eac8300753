"""Fixtures that every room's tests share: real databases, a fixed moment, an application, signed-in clients."""

import fcntl
import json
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, User
from portal.accounts.passwords import Cost
from portal.app import create_app
from portal.audit import Actor
from portal.certificates import page
from portal.config import Settings
from portal.db import open_engine, session_factory, transaction, utc_now
from portal.demonstration import load
from portal.migrate import migrate
from portal.screening import lists
from tests import databases
from tests.compiled import CompiledOnce
from tests.laid_out import LaidOutOnce
from tests.renewed import renewed_list

CHEAP = Cost(passes=1, memory=8, lanes=1)
# Every application in the process compiles the same templates: once is enough.
Flask.jinja_options = {"bytecode_cache": CompiledOnce()}


# What takes long begins first, so that the workers end together. Two that need the demonstration do not begin at once.
LONG = (
    "pages", "attacks", "pages-zh", "world", "browser/test_journey.py", "browser/test_workspace.py", "cli", "bench",
    "demonstration/test_load.py", "authority/test_pages.py",
)  # fmt: skip
TOGETHER = ("attacks", "cli", "bench", "verification")
WORLD = ("web/test_every_url.py", "web/test_headers.py", "authority/test_hits.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first."""
    items.sort(key=lambda item: LONG.index(group) if (group := group_of(item.nodeid)) in LONG else len(LONG))


def group_of(nodeid: str) -> str:
    """The tests that one worker does together: those of a file, or of rooms that share what is slow to make."""
    path, _, name = nodeid.removeprefix("tests/").partition("::")
    if path == "browser/test_pages.py":
        return "pages-zh" if name == "test_every_page[zh]" else "pages"
    room = path.partition("/")[0]
    return "world" if path in WORLD else room if room in TOGETHER else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Groups by address: xdist 3.8 adds the marks of groups to a name that pytest 9.2 no longer reads."""
    from xdist.scheduler import LoadScopeScheduling

    class Grouped(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return Grouped(config, log)


@pytest.fixture(scope="session")
def postgres_available() -> bool:
    """Whether PostgreSQL answers. Under CI it must: a silent skip would hide half of the tests."""
    answers = databases.postgres_answers()
    if not answers and os.environ.get("CI"):
        pytest.fail("PostgreSQL does not answer under CI; .ci/run must start it", pytrace=False)
    return answers


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table and no row, to be copied."""
    return databases.make_sqlite(tmp_path_factory.mktemp("template") / "empty.sqlite3")


@pytest.fixture(scope="session")
def schemas() -> Iterator[databases.Schemas]:
    """Schemas of PostgreSQL for one test after the other."""
    lent = databases.Schemas()
    yield lent
    lent.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of each kind, with every table and no row."""
    if request.param == "sqlite":
        yield databases.copied(request.getfixturevalue("sqlite_template"), tmp_path)
        return
    if not request.getfixturevalue("postgres_available"):
        pytest.skip("PostgreSQL does not answer here; set PORTAL_TEST_POSTGRES")
    schemas: databases.Schemas = request.getfixturevalue("schemas")
    url = schemas.take()
    yield url
    schemas.give_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of each kind without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bare.sqlite3'}"
    if not request.getfixturevalue("postgres_available"):
        pytest.skip("PostgreSQL does not answer here; set PORTAL_TEST_POSTGRES")
    return str(request.getfixturevalue("schemas").bare())


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a database with every table and no row."""
    engine = open_engine(database_url)
    with session_factory(engine)() as session:
        yield session
        session.rollback()
    engine.dispose()


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Names that no other test uses."""
    return lambda stem: f"{stem}-{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True)
class Loaded:
    """A loaded demonstration: its instance folder, when it was loaded, and what loading it gave and said."""

    folder: Path
    now: datetime
    lines: tuple[str, ...]
    said: tuple[str, ...]

    @property
    def settings(self) -> Settings:
        return Settings(instance=self.folder, public_address="http://127.0.0.1:8000", demonstration=True)

    @property
    def password(self) -> str:
        return self.lines[-1].split()[-1]


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The demonstration, loaded once for all workers. Copy its folder before changing anything."""
    common = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        common = common.parent
    told, folder = common / "demonstration.json", common / "demonstration"
    with (common / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            settings = Settings(instance=folder, public_address="http://127.0.0.1:8000", demonstration=True)
            told.write_text(json.dumps(_load_demonstration(settings)), encoding="utf-8")
    found = json.loads(told.read_text(encoding="utf-8"))
    return Loaded(folder, datetime.fromisoformat(found["now"]), tuple(found["lines"]), tuple(found["said"]))


def _load_demonstration(settings: Settings) -> dict[str, Any]:
    settings.instance.mkdir(parents=True)
    engine = open_engine(settings.database)
    migrate(engine)
    said: list[str] = []
    now = utc_now()
    with transaction(session_factory(engine)) as session:
        seen = now - load.MONTH
        lists.import_list(
            session, "cn", renewed_list(settings.instance, seen.date()), actor=Actor.command("tests"), now=seen
        )
        lines = load.load(session, settings=settings, once=False, now=now, say=said.append, cost=CHEAP)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return {"now": now.isoformat(), "lines": lines, "said": said}


@pytest.fixture(scope="session")
def laid_out_once() -> LaidOutOnce:
    return LaidOutOnce()


@pytest.fixture
def one_page(laid_out_once: LaidOutOnce, monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates are issued and signed, and all of them show the page of the first."""
    monkeypatch.setattr(page, "_fitted", laid_out_once)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation of its own, with cheap defaults and no environment."""
    return Settings(instance=tmp_path / "instance", public_address="http://127.0.0.1:8000")


@pytest.fixture
def app(settings: Settings, sqlite_template: Path) -> Iterator[Flask]:
    """The whole application on an SQLite database with every table and no row."""
    settings.instance.mkdir(parents=True, exist_ok=True)
    databases.copy_sqlite(sqlite_template, settings.database)
    application = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    application.config["PROPAGATE_FAILURES"] = True
    yield application
    application.extensions["portal_engine"].dispose()


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
