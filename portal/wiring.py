"""Connect the rooms: what happens below is heard above, and every kind of job has someone who does it.

The application and the command line both call ``connect`` before they touch a database; it may be called again.
"""

from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from portal import jobs
from portal.authority import alarms, consequences, nightly, recheck, rescreen, status_lists, tell
from portal.controls import preview
from portal.screening import events
from portal.shipments import handing_over, reclassify


def clock(session: Session, now: datetime) -> None:
    """What the worker writes down by the calendar, and where something has grown old."""
    nightly.clock(session, now)
    status_lists.clock(session, now)


@cache
def connect() -> None:
    """Subscribe the rooms to each other's events and name who does which job."""
    events.subscribe(rescreen.on_list_changed)
    jobs.register(rescreen.KIND, consequences.handle)
    jobs.register(nightly.KIND, nightly.handle)
    jobs.register(consequences.TELL, tell.handle)
    jobs.register(tell.ONE, tell.handle_one)
    jobs.register(status_lists.KIND, status_lists.handle)
    handing_over.wire()
    reclassify.wire()
    recheck.wire()
    preview.wire()
    alarms.wire()
