"""A process that serves has the index of every edition open before anybody asks, and gives up for no error."""

import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.db import Base, open_engine, session_factory
from portal.screening import lists, opening, warm
from portal.screening.models import ListEdition
from portal.screening.opening import Opened
from tests.screening.conftest import ACTOR, DATA

LONG = 20.0  # seconds after which nothing more will come


def test_indexes_are_opened_without_being_asked_for_and_again_for_every_edition(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'warm.sqlite3'}")
    Base.metadata.create_all(engine)
    sessions, fails, opened, seen = session_factory(engine), [True], threading.Event(), []
    open_indexes = opening.open_indexes

    def opening_them(session: Session, editions: Sequence[ListEdition]) -> tuple[Opened, ...]:
        if fails:
            fails.pop()
            raise OperationalError("select", {}, Exception("the database is away"))
        found = open_indexes(session, editions)
        if found and found not in seen:
            seen.append(found)
            opened.set()
        return found

    monkeypatch.setattr(opening, "open_indexes", opening_them)
    ended = warm.follow(sessions, pause=0.01)
    try:
        for folder in ("ofac", "ofac-newer"):
            with sessions() as session:
                lists.import_list(session, "ofac-sdn", DATA / folder / "sdn.csv", actor=ACTOR, now=now)
                session.commit()
            assert opened.wait(LONG), "nobody asked, and it is open"
            opened.clear()
        assert len(seen) == 2
        assert "could not be opened: OperationalError" in caplog.text
    finally:
        ended.set()
        next(one for one in threading.enumerate() if one.name == "indexes").join(LONG)
        engine.dispose()
