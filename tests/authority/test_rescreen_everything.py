"""Nothing is missed: change by change comes to what screening everything again after each change comes to."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import wiring
from portal.audit import Actor
from portal.authority import consequences, rescreen
from portal.authority.models import CaseHit
from portal.certificates import status
from portal.certificates.models import Certificate
from portal.config import Settings
from portal.db import Base, open_engine, session_factory
from portal.jobs.registry import Work
from portal.jobs.worker import Worker
from portal.screening import lists, restricted
from tests.authority import filed
from tests.screening.conftest import DATA

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BY = Actor.system("tests")
NAMES = (
    "Tundra Optics Trading", "Tundra Optical Trading LLC", "苔原光学贸易有限公司", "Karakum Precision Alloys LLC",
    "Jenaer Optikwerk GmbH", "Oxbow Lines", "Iwan Petrow", "Jenoptik AG", "Tundra Bank",
)  # fmt: skip
COUNTRIES = ("RU", "DE", "TM")

parties = st.lists(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(COUNTRIES)), min_size=1, max_size=3),
    min_size=1,
    max_size=5,
)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("restrict"), st.sampled_from(NAMES), st.sampled_from(COUNTRIES)),
        st.tuples(st.just("release"), st.integers(0, 9), st.just("")),
        st.tuples(st.just("edition"), st.sampled_from(("ofac", "ofac-newer")), st.just("")),
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the lists that the portal ships, to be copied."""
    folder = tmp_path_factory.mktemp("base")
    engine = open_engine(f"sqlite:///{folder / 'base.sqlite3'}")
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        lists.load_shipped(session, actor=BY, now=NOW)
        session.commit()
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return folder / "base.sqlite3"


class Installation:
    """A copy of the database with a worker of its own."""

    def __init__(self, base: Path, folder: Path) -> None:
        for old in folder.glob("*"):
            old.unlink() if old.is_file() else None
        (folder / "portal.sqlite3").write_bytes(base.read_bytes())
        self.engine = open_engine(f"sqlite:///{folder / 'portal.sqlite3'}")
        self.work = Work(Settings(instance=folder), session_factory(self.engine), lambda: NOW)
        self.worker = Worker(self.work)

    def close(self) -> None:
        self.worker.close()
        self.engine.dispose()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wiring.connect()
    return tmp_path_factory.mktemp("drawn")


def act(session: Session, change: tuple[str, object, str]) -> None:
    kind, what, country = change
    if kind == "restrict":
        restricted.add(session, names=[str(what)], country=country, reason="drawn", actor=BY, now=NOW)
    elif kind == "release":
        listed = restricted.entries(session)
        if listed:
            restricted.remove(session, listed[int(str(what)) % len(listed)].id, reason="drawn", actor=BY, now=NOW)
    else:
        lists.import_list(session, "ofac-sdn", DATA / str(what) / "sdn.csv", actor=BY, now=NOW)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(drawn=parties, sequence=changes, at_once=st.booleans())
def test_change_by_change_is_everything_again(
    base: Path,
    folder: Path,
    drawn: list[list[tuple[str, str]]],
    sequence: list[tuple[str, object, str]],
    at_once: bool,
) -> None:
    """With the worker after each change, or only after all of them: what was screened out meanwhile is not owed."""
    made = Installation(base, folder)
    try:
        with session_factory(made.engine)() as session:
            by = filed.exporter(session, NOW)
            for some in drawn:
                filed.certified(session, by, some, NOW)
            before = {finding.mark for finding in rescreen.everything(session, NOW.date())}
            session.commit()
            owed: set[str] = set()
            to_suspend: set[str] = set()
            for number, change in enumerate(sequence):
                act(session, change)
                session.commit()
                if at_once and number + 1 < len(sequence):
                    continue
                for finding in rescreen.everything(session, NOW.date()):
                    if finding.mark not in before:
                        owed.add(finding.mark)
                        if finding.suspends:
                            to_suspend.add(finding.use.certificate)
                assert made.worker.do_all() == 0
                session.expire_all()
            assert set(session.scalars(select(CaseHit.mark))) - before == owed
            stands = {
                one.number: status.current(session, one, NOW).state for one in session.scalars(select(Certificate))
            }
            assert {number for number, state in stands.items() if state == "suspended"} == to_suspend
    finally:
        made.close()


def test_the_comparison_can_fail(base: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rescreening that does nothing is told apart from one that finds all."""
    made = Installation(base, folder)
    monkeypatch.setattr(consequences, "carry_out", lambda work, found, now: None)
    try:
        with session_factory(made.engine)() as session:
            filed.certified(session, filed.exporter(session, NOW), [(NAMES[0], "RU")], NOW)
            act(session, ("restrict", NAMES[0], "RU"))
            session.commit()
            assert made.worker.do_all() == 0
            assert rescreen.everything(session, NOW.date())
            assert session.scalars(select(CaseHit.mark)).all() == []
    finally:
        made.close()
