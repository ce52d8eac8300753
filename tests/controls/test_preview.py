"""What a change would touch: worked out by a worker, never taken for nothing where it is missing or stale."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.config import Settings
from portal.controls import change, events, overlay, preview
from portal.controls.models import MeasureChange
from portal.controls.overlay import Change
from portal.db import utc_now
from portal.jobs.models import Job
from portal.jobs.registry import Work
from portal.text import Text
from tests.controls.samples import approve, compared
from tests.controls.test_editor import EXTENSION, draft
from tests.controls.test_views import words

SignIn = Callable[[User], FlaskClient]
People = Callable[..., User]


@pytest.fixture(autouse=True)
def fourteen() -> Iterator[None]:
    """The rooms above say that fourteen things would change."""
    end = events.preview_with(lambda *_: events.Effect(Text("Lights", "灯"), 14, (Text("DDC-1", "DDC-1"),)))
    yield
    end()


def work_off(database: Session, now: datetime) -> int:
    """What a worker does with the counts that were asked for."""
    database.commit()
    work = Work(Settings(), sessionmaker(database.get_bind(), expire_on_commit=False), lambda: now)
    waiting = database.scalars(select(Job).where(Job.kind == preview.KIND, Job.state == "waiting")).all()
    for job in waiting:
        preview.handle(work, job.payload)
    database.expire_all()
    return len(waiting)


def only(database: Session) -> MeasureChange:
    return database.scalars(select(MeasureChange)).one()


def test_the_page_waits_for_the_count_then_tells_it_with_time_and_edition(
    client: FlaskClient, people: People, sign_in: SignIn, database: Session
) -> None:
    address = draft(sign_in(people("officer")), "2025-57", **EXTENSION)
    assert "Being worked out since" in words(client.get(address).text)
    assert "14" not in words(client.get(address).text).partition("What it would touch")[2]
    client.post(f"{address}/count")
    assert work_off(database, utc_now()) == 1, "one that is on its way is not asked for twice"
    page = words(client.get(address + "?lang=zh").text)
    assert "灯： 14 DDC-1 …" in page
    assert f"依据{overlay.current(database, utc_now()).version}版管制措施" in page


def test_nobody_approves_blindly_without_saying_so(
    client: FlaskClient, people: People, sign_in: SignIn, database: Session
) -> None:
    address = draft(sign_in(people("officer")), "2025-57", **EXTENSION)
    client.post(f"{address}/propose")
    client = sign_in(people("supervisor"))
    refused = client.post(f"{address}/approve")
    assert refused.status_code == 422
    assert 'id="unseen-error"' in refused.text
    assert client.post(f"{address}/approve", data={"unseen": "No worker today"}).status_code == 303
    told = database.scalars(select(AuditEvent).where(AuditEvent.verb == "measure.approved")).one().details
    assert (told["effect"], told["reason"]) == ("not available", "No worker today")


def test_with_a_fresh_count_no_word_is_needed_and_the_record_keeps_it(
    client: FlaskClient, people: People, sign_in: SignIn, database: Session
) -> None:
    address = draft(sign_in(people("officer")), "2025-57", **EXTENSION)
    client.post(f"{address}/propose")
    work_off(database, utc_now())
    client = sign_in(people("supervisor"))
    assert 'name="unseen"' not in client.get(address).text
    assert client.post(f"{address}/approve").status_code == 303
    told = database.scalars(select(AuditEvent).where(AuditEvent.verb == "measure.approved")).one().details
    assert "Lights: 14" in told["effect"]
    assert told["effect_version"] == overlay.current(database, utc_now() - timedelta(days=1)).version


def test_a_count_goes_stale_with_the_measures_and_with_the_day(
    people: People, sign_in: SignIn, database: Session
) -> None:
    now = utc_now()
    draft(sign_in(people("officer")), "2025-57", **EXTENSION)
    row = only(database)
    assert preview.of(database, row, now).stale == preview.NEVER
    work_off(database, now)
    assert preview.of(database, only(database), now + timedelta(hours=23)).stale is None
    assert preview.of(database, only(database), now + preview.FRESH).stale == preview.AGED
    approve(database, compared("18/2025", now), now)
    stale = preview.of(database, row, now + timedelta(minutes=1)).stale
    assert stale is not None
    assert "changed since" in stale.en


def test_a_count_that_does_not_come_is_told_and_can_be_asked_for_again(
    people: People, sign_in: SignIn, database: Session
) -> None:
    draft(sign_in(people("officer")), "2025-57", **EXTENSION)
    row, later = only(database), utc_now() + preview.PATIENCE
    assert preview.of(database, row, later).late
    preview.ask(database, row, later)
    assert work_off(database, later) == 2
    assert not preview.of(database, only(database), later).waiting


def test_a_job_of_a_change_that_is_closed_or_no_longer_fits_does_nothing(
    people: People, sign_in: SignIn, database: Session
) -> None:
    officer = people("officer")
    client = sign_in(officer)
    address, now = draft(client, "2025-57", **EXTENSION), utc_now()
    again = Change(**{name: getattr(overlay.plain(only(database)), name) for name in Change.__dataclass_fields__})
    approve(database, again, now)
    row = database.scalars(select(MeasureChange).where(MeasureChange.drafted_by == officer.id)).one()
    work_off(database, now)
    assert preview.of(database, row, now).effects is None
    assert client.post(f"{address}/withdraw").status_code == 303
    database.expire_all()
    with pytest.raises(overlay.ChangeRefused):
        change.count_again(database, row, by=officer, now=now)
