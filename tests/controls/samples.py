"""Measures as they would be on file once a person had compared each with the official text, and unsuspended."""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, User
from portal.controls import change
from portal.controls.measures import Measure, MeasureSet, load
from portal.controls.models import ChangeKind
from portal.controls.overlay import Change

TODAY = date(2026, 11, 24)


def checked(on: date = TODAY) -> MeasureSet:
    """The shipped measures, compared with the official text ten days before a day."""
    day = on - timedelta(days=10)
    return replace(load(), measures=tuple(_confirmed(measure, day) for measure in load().measures))


def _confirmed(measure: Measure, day: date) -> Measure:
    suspensions = tuple(replace(suspension, after="in_force") for suspension in measure.suspensions)
    return replace(measure, checked=day, suspensions=suspensions)


def approve(session: Session, what: Change, now: datetime) -> None:
    """A change drafted by one person of the authority and approved by another."""
    home = Organisation(kind="authority", name="Authority", country="CN", created_at=now)
    drafter, decider = (
        User(
            organisation=home,
            email=f"{uuid.uuid4().hex}@example.org",
            name=role,
            role_names=[role],
            password_hash="!",
            created_at=now,
        )
        for role in ("officer", "supervisor")
    )
    session.add_all([home, drafter, decider])
    session.flush()
    row = change.draft(session, what, reason="test", by=drafter, now=now)
    change.propose(session, row, by=drafter, now=now)
    change.approve(session, row, by=decider, now=now, unseen="test")


def compared(number: str, now: datetime) -> Change:
    """Somebody compared the measure with the official text."""
    return Change(number, ChangeKind.CHECK, now.date(), None, "", "", "test text", "V")
