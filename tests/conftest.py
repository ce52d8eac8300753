"""Fixtures that every room's tests share: real databases, a fixed moment, an application, signed-in clients."""

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.db import Base, open_engine, session_factory

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
