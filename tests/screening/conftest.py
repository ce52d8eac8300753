"""Lists for the screening tests: small files of our own in the published formats."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.audit import Actor
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
