"""The job that keeps the published status lists up to date: after every change, and before they grow old."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal import jobs
from portal.certificates import keys
from portal.certificates.statuslist import publish
from portal.jobs.models import Job, JobState
from portal.jobs.registry import Work

KIND = "status-lists"


def clock(session: Session, now: datetime) -> None:
    """Write the job down when a list is out of date and the job does not wait already; the worker calls this often."""
    if not publish.outdated(session, now):
        return
    if not session.scalar(select(exists().where(Job.kind == KIND, Job.state == JobState.WAITING))):
        jobs.post(session, KIND, {}, now=now)


def handle(work: Work, _: Mapping[str, Any]) -> None:
    """Make what is out of date anew, a list at a time. A second run finds nothing left to do."""
    now = work.now()
    issuer = keys.open_issuer(work.settings, now=now)
    with work.transaction() as session:
        numbers = publish.outdated(session, now)
    for number in numbers:
        with work.transaction() as session:
            publish.make(session, number, issuer=issuer, now=now)
