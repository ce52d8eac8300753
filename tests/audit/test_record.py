"""The audit chain holds, and shows every kind of meddling."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import Actor, check, record
from portal.audit.models import AuditEvent
from portal.db import open_engine, session_factory, transaction

ACTOR = Actor("user", "u1", "Li Wei")


def _fill(session: Session, now: datetime) -> None:
    for number in range(5):
        record(session, actor=ACTOR, verb="thing.made", subject=f"thing:{number}", now=now, details={"数": number})
    session.commit()


def test_untouched_chain_holds(session: Session, now: datetime) -> None:
    assert check(session) is None
    _fill(session, now)
    session.expire_all()
    assert check(session) is None


@pytest.mark.parametrize(
    ("statement", "sequence", "reason"),
    [
        ("UPDATE audit_event SET verb = 'thing.unmade' WHERE sequence = 3", 3, "was changed"),
        ("UPDATE audit_event SET actor_name = 'Nobody' WHERE sequence = 1", 1, "was changed"),
        ("DELETE FROM audit_event WHERE sequence = 2", 3, "does not follow"),
        ("DELETE FROM audit_event WHERE sequence = 5", 4, "is not the end"),
        ("DELETE FROM audit_head", 5, "has no head"),
    ],
)
def test_meddling_shows(session: Session, now: datetime, statement: str, sequence: int, reason: str) -> None:
    _fill(session, now)
    session.execute(text(statement))
    session.commit()
    session.expire_all()
    found = check(session)
    assert found is not None
    assert found.sequence == sequence
    assert reason in found.reason


def test_chain_holds_when_many_write_at_once(database_url: str, now: datetime) -> None:
    engine = open_engine(database_url)
    factory = session_factory(engine)
    with transaction(factory) as first:
        record(first, actor=ACTOR, verb="thing.made", subject="thing:first", now=now)

    def write(number: int) -> None:
        with transaction(factory) as own:
            record(own, actor=ACTOR, verb="thing.made", subject=f"thing:{number}", now=now)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(30)))
    with factory() as looking:
        assert check(looking) is None
        assert looking.query(AuditEvent).count() == 31
    engine.dispose()


def test_event_falls_with_its_change(session: Session, now: datetime) -> None:
    _fill(session, now)
    record(session, actor=ACTOR, verb="thing.made", subject="thing:x", now=now)
    session.rollback()
    assert check(session) is None
