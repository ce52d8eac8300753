"""The demonstration, loaded once at a fixed moment into an installation of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import Base, open_engine, session_factory
from portal.demonstration import load

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Loaded:
    """An installation with the demonstration in it."""

    settings: Settings
    lines: tuple[str, ...]
    said: tuple[str, ...]
    password: str


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder: Path = tmp_path_factory.mktemp("demonstration")
    settings = Settings(instance=folder / "instance", public_address="http://127.0.0.1:8000", demonstration=True)
    settings.instance.mkdir()
    engine = open_engine(settings.database)
    Base.metadata.create_all(engine)
    said: list[str] = []
    with session_factory(engine)() as session:
        lines = load.load(session, settings=settings, once=False, now=NOW, say=said.append)
        session.commit()
    engine.dispose()
    return Loaded(settings, tuple(lines), tuple(said), lines[-1].split()[-1])


@pytest.fixture
def filled(loaded: Loaded) -> Iterator[Session]:
    """A session on the demonstration; what a test changes is rolled back."""
    engine = open_engine(loaded.settings.database)
    with session_factory(engine)() as session:
        yield session
        session.rollback()
    engine.dispose()
