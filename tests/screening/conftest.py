"""Lists for the screening tests: small files of our own in the published formats."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.audit import Actor
from portal.db import Base, open_engine, session_factory
from portal.screening import lists

DATA = Path(__file__).with_name("data")
ACTOR = Actor.command("test")


@pytest.fixture
def shipped(session: Session, now: datetime) -> Session:
    """A session with the shipped list of China's announcements and the authority's own, still empty."""
    lists.load_shipped(session, actor=ACTOR, now=now)
    return session


@pytest.fixture
def screened(shipped: Session, now: datetime) -> Session:
    """As ``shipped``, with a small list in OFAC's format."""
    lists.import_list(shipped, "ofac-sdn", DATA / "ofac" / "sdn.csv", actor=ACTOR, now=now)
    return shipped


@pytest.fixture(scope="session")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The same lists, loaded once for all tests that only read."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('lists') / 'reading.sqlite3'}")
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        lists.load_shipped(session, actor=ACTOR, now=datetime(2026, 11, 24, tzinfo=UTC))
        lists.import_list(
            session, "ofac-sdn", DATA / "ofac" / "sdn.csv", actor=ACTOR, now=datetime(2026, 11, 24, tzinfo=UTC)
        )
        session.commit()
        yield session
    engine.dispose()
