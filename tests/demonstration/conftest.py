"""The demonstration in an installation that no test changes."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from portal.db import open_engine, session_factory
from tests.conftest import Loaded


@pytest.fixture(scope="module")
def loaded(demonstration: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """A copy of it."""
    folder = tmp_path_factory.mktemp("demonstration") / "instance"
    shutil.copytree(demonstration.folder, folder)
    return replace(demonstration, folder=folder)


@pytest.fixture
def filled(loaded: Loaded) -> Iterator[Session]:
    """A session on the demonstration; what a test changes is rolled back."""
    engine = open_engine(loaded.settings.database)
    with session_factory(engine)() as session:
        yield session
        session.rollback()
    engine.dispose()
