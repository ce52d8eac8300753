"""What falls due by the calendar: each day's work is written down once and touches what that day changes."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import Actor
from portal.authority import nightly, rescreen
from portal.authority.models import CaseHit
from portal.jobs.models import Job
from portal.screening import adjudicate, lists, restricted
from portal.screening.models import ListEntry, ListInterval, Standing, Verdict
from portal.screening.parties import PartyNames
from tests.authority import filed
from tests.authority.test_rescreen import LISTED, OFFICER, SECOND, Office, office

__all__ = ["office"]
DAY = timedelta(days=1)


def days(session: Session, since: date, on: date, now: datetime) -> dict[str, int]:
    return {f"{change.source} {what}": len(change.entry_ids) for change, what in nightly.due(session, since, on, now)}


def test_the_day_is_written_down_once(office: Office) -> None:
    for _ in range(3):
        nightly.clock(office.session, office.now)
    office.now += DAY
    nightly.clock(office.session, office.now)
    found = select(Job.payload).where(Job.kind == nightly.KIND).order_by(Job.created_at)
    assert [one["on"] for one in office.session.scalars(found)] == ["2026-11-24", "2026-11-25"]


def test_days_without_a_worker_are_made_up_for(office: Office) -> None:
    today = office.now.date()
    assert nightly.last(office.session, today) == today - DAY
    nightly.clock(office.session, office.now)
    office.do()
    assert nightly.last(office.session, today + 5 * DAY) == today


def test_a_judgement_that_lapses_brings_the_hit_back(office: Office) -> None:
    by = filed.exporter(office.session, office.now)
    held = filed.certified(office.session, by, [(LISTED, "DE")], office.now)
    office.restrict(LISTED, country="DE")
    (finding,) = rescreen.everything(office.session, office.now.date())
    judged = adjudicate.propose(
        office.session, finding.hit, PartyNames("", (LISTED,), "DE"), verdict=Verdict.DIFFERENT, reason="another firm",
        evidence="register",
        expires=office.now.date() + 2 * DAY, actor=OFFICER, now=office.now,
    )  # fmt: skip
    adjudicate.decide(office.session, judged.id, actor=SECOND, now=office.now)
    for expected in ("valid", "valid", "valid", "suspended"):
        nightly.clock(office.session, office.now)
        office.do()
        assert filed.state(office.session, held, office.now) == expected
        office.now += DAY


def test_a_listing_that_begins_on_a_day_is_found_on_that_day(office: Office) -> None:
    """A list may announce today what holds from next week."""
    by = filed.exporter(office.session, office.now)
    held = filed.certified(office.session, by, [(LISTED, "RU")], office.now)
    entry = restricted.add(office.session, names=[LISTED], country="RU", reason="x", actor=OFFICER, now=office.now)
    interval = office.session.scalars(select(ListInterval).where(ListInterval.entry_id == entry.id)).one()
    interval.since = office.now.date() + 3 * DAY
    for expected in ("valid", "valid", "valid", "suspended"):
        nightly.clock(office.session, office.now)
        office.do()
        assert filed.state(office.session, held, office.now) == expected
        office.now += DAY


def test_a_suspension_of_a_listing_that_ends_makes_it_count_again(office: Office) -> None:
    by = filed.exporter(office.session, office.now)
    held = filed.certified(office.session, by, [(LISTED, "RU")], office.now)
    entry = restricted.add(office.session, names=[LISTED], country="RU", reason="x", actor=OFFICER, now=office.now)
    today = office.now.date()
    office.session.add(
        ListInterval(
            entry_id=entry.id, position=1, standing=Standing.SUSPENDED, since=today, until=today + DAY,
            announcement="",
        )
    )  # fmt: skip
    for expected in ("valid", "valid", "suspended"):
        nightly.clock(office.session, office.now)
        office.do()
        assert filed.state(office.session, held, office.now) == expected
        office.now += DAY
    strengths = office.session.scalars(select(CaseHit.strength).order_by(CaseHit.found_at)).all()
    assert strengths == ["possible", "match"]


def test_a_list_that_ages_is_screened_again_as_a_whole_once(session: Session, now: datetime) -> None:
    edition = lists.load_shipped(session, actor=Actor.system("tests"), now=now)
    assert edition is not None or session.scalars(select(ListEntry.id)).first()
    status = next(one for one in lists.show(session, now) if one.source == "cn")
    assert status.published is not None
    first_stale = next(
        day
        for day in (now.date() + number * DAY for number in range(0, 400))
        if next(one for one in lists.show(session, datetime.combine(day, now.timetz())) if one.source == "cn").state
        == "stale"
    )
    assert "cn stale" in days(session, first_stale - DAY, first_stale, now)
    assert "cn stale" not in days(session, first_stale, first_stale + DAY, now)
