"""A change of measures and the certificates that were issued before it: shown before approval, flagged after it."""

import json
import uuid
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from portal import audit
from portal.audit.models import AuditEvent
from portal.authority import overview, recheck
from portal.authority.models import Because, Case, CaseState, EventKind
from portal.certificates import status
from portal.certificates.models import Certificate
from portal.config import Settings
from portal.controls import preview
from portal.controls.models import ChangeKind
from portal.controls.overlay import Change
from portal.jobs import outbox
from portal.jobs.models import Job
from portal.jobs.registry import Work
from portal.shipments.models import Shipment
from portal.shipments.states import State
from portal.wiring import connect
from tests.controls.samples import approve
from tests.shipments.conftest import Firm, drafted, firm, lists_loaded, make_firm, shared_settings

__all__ = ["firm", "lists_loaded", "make_firm", "shared_settings"]

EXTENSION = Change("57/2025", ChangeKind.EXTENSION, date(2026, 11, 11), date(2027, 11, 10), "TEST 1", "", "test", "V")
RESUMPTION = replace(EXTENSION, kind=ChangeKind.RESUMPTION, effective=date(2026, 12, 1), until=None)
TODAY = replace(RESUMPTION, effective=date(2026, 11, 24))


def holmium(plain: dict[str, Any]) -> None:
    plain["goods"][0] |= {
        "name": "Holmium oxide powder", "name_zh": "氧化钬粉", "element": "other", "chemical_form": "Ho2O3",
        "purity": "99.9 %", "hs_code": "2846909690", "control_code": "1C909",
    }  # fmt: skip


@pytest.fixture
def shipment(session: Session, firm: Firm, now: datetime, shared_settings: Settings, lists_loaded: None) -> Shipment:
    """Holmium oxide, while its measure is suspended for one more year."""
    connect()
    approve(session, EXTENSION, now)
    return drafted(session, firm, now, shared_settings, change=holmium)


def certified(
    session: Session, shipment: Shipment, now: datetime, until: date = date(2027, 3, 1), state: str = "not_controlled"
) -> Certificate:
    """What is on file of a certificate, without its papers."""
    number = f"DDC-2026-{uuid.uuid4().hex[:7]}"
    certificate = Certificate(
        number=number, digest=uuid.uuid4().hex, organisation_id=shipment.organisation_id, subject_id=shipment.id,
        statement=json.dumps({"goods": [{"line": 1, "control_state": state}]}), issuer_id="test", test=True,
        purpose="shipment-uncontrolled", exporter_name="", end_user_name="", destination=shipment.destination,
        band="low", issued_at=now, valid_until=until,
        log_index=session.scalar(select(func.count()).select_from(Certificate)) or 0,
    )  # fmt: skip
    session.add(certificate)
    session.flush()
    session.add(status.first_event(certificate, actor=audit.Actor.system("test"), now=now))
    shipment.state = State.CERTIFIED
    session.flush()
    return certificate


def told(session: Session, what: Change, now: datetime) -> dict[str, tuple[int, list[str]]]:
    """What the editor's preview says that a change would touch."""
    return {
        effect.kind.en: (effect.count, [one.en for one in effect.examples])
        for effect in preview.count(session, what, now)[1]
    }


CERTIFICATES, SHIPMENTS = "Live certificates that would change", "Open shipments that would change"


def test_before_approval_the_editor_names_the_certificates_and_shipments(
    session: Session, shipment: Shipment, firm: Firm, now: datetime, shared_settings: Settings
) -> None:
    certificate = certified(session, shipment, now)
    certified(session, drafted(session, firm, now, shared_settings), now)  # of germanium: not touched
    waits = drafted(session, firm, now, shared_settings, change=holmium)
    waits.state = State.SUBMITTED
    session.flush()
    found = told(session, RESUMPTION, now)
    change_of_state = "(Holmium oxide powder): not found to be controlled → controlled from 1 Dec 2026"
    assert found[CERTIFICATES] == (1, [f"{certificate.number}, line 1 {change_of_state}"])
    assert found[SHIPMENTS] == (1, [f"{waits.reference}, line 1 {change_of_state}"])
    waits.state = State.DRAFT
    status.revoke(
        session, certificate, reason_code="false-statement", reason="x", actor=audit.Actor.system("test"), now=now
    )
    session.flush()
    found = told(session, RESUMPTION, now)
    assert (found[CERTIFICATES], found[SHIPMENTS]) == ((0, []), (0, []))


def test_a_certificate_that_ends_before_the_change_begins_is_not_touched(
    session: Session, shipment: Shipment, now: datetime
) -> None:
    certified(session, shipment, now, until=date(2026, 11, 30))
    assert told(session, RESUMPTION, now)[CERTIFICATES] == (0, [])
    assert told(session, TODAY, now)[CERTIFICATES][0] == 1


def run(session: Session, now: datetime) -> None:
    """Do the jobs of the outbox on the test's own database."""
    session.commit()
    work = Work(Settings(), sessionmaker(session.get_bind(), expire_on_commit=False), lambda: now)
    for job in session.scalars(select(Job).where(Job.kind == recheck.KIND, Job.state == "waiting")).all():
        recheck.handle(work, job.payload)
        outbox.finish(session, job.id, now)
    session.commit()


def test_after_approval_no_certificate_is_left_looking_fine(
    session: Session, shipment: Shipment, now: datetime
) -> None:
    certificate = certified(session, shipment, now)
    strict = certified(session, shipment, now, state="controlled")
    approve(session, TODAY, now)
    run(session, now)
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.verb == recheck.FLAGGED)).all()
    assert (event.subject, event.organisation_id) == (f"certificate:{certificate.number}", shipment.organisation_id)
    assert event.details["why"] == (
        "Line 1, Holmium oxide powder: controlled since 24 Nov 2026 under Announcement 57/2025. "
        "When the certificate was issued: not found to be controlled."
    )
    assert "自2026年11月24日起依据2025年第57号公告受管制" in event.details["why_zh"]
    assert [one.number for one, _ in overview.overview(session, now).flagged] == [certificate.number]
    (stricter,) = recheck.since_issue(session, certificate, now)
    assert stricter.why.en == event.details["why"]
    assert recheck.since_issue(session, strict, now) == ()
    assert recheck.run(session, [], now) == 0, "what is flagged already is passed over"
    officer = audit.Actor.system("test")
    status.suspend(session, certificate, reason_code="under-review", reason="x", actor=officer, now=now)
    assert overview.overview(session, now).flagged == []
    assert audit.check(session) is None


def test_a_change_that_lies_ahead_is_flagged_for_its_day(session: Session, shipment: Shipment, now: datetime) -> None:
    certificate = certified(session, shipment, now)
    approve(session, RESUMPTION, now)
    run(session, now)
    assert recheck.since_issue(session, certificate, now) == ()
    (ahead,) = recheck.ahead(session, certificate.number, now.date())
    assert "controlled since 1 Dec 2026" in ahead.en
    later = now.replace(month=12, day=1)
    assert recheck.ahead(session, certificate.number, later.date()) == []
    assert [one.after for one in recheck.since_issue(session, certificate, later)] == ["controlled"]


def test_a_suspension_that_ends_by_itself_is_found_by_the_daily_run(
    session: Session, shipment: Shipment, now: datetime
) -> None:
    certificate = certified(session, shipment, now, until=date(2028, 1, 1))
    assert recheck.run(session, ["18/2025"], now) == 0
    assert recheck.run(session, [], now) == 1, "flagged ahead, for the day after the suspension"
    later = now.replace(year=2027, month=11, day=11)
    assert recheck.run(session, [], later) == 0
    assert [one.after for one in recheck.since_issue(session, certificate, later)] == ["review"]


def test_the_nightly_job_has_the_goods_rechecked_when_a_measure_holds_again(
    session: Session, shipment: Shipment, now: datetime
) -> None:
    recheck.due(session, date(2026, 11, 11), date(2026, 11, 24), now)
    assert session.scalars(select(Job).where(Job.kind == recheck.KIND, Job.key.is_not(None))).all() == []
    for _ in range(2):
        recheck.due(session, date(2026, 11, 27), date(2026, 11, 28), now)
    (job,) = session.scalars(select(Job).where(Job.kind == recheck.KIND, Job.key.is_not(None))).all()
    assert job.payload == {"numbers": ["46/2024 ¶2", "72/2025"]}


def test_flags_of_one_measure_are_one_case(session: Session, shipment: Shipment, now: datetime) -> None:
    first, second = certified(session, shipment, now), certified(session, shipment, now)
    approve(session, TODAY, now)
    assert recheck.run(session, [], now) == 2
    (case,) = session.scalars(select(Case)).all()
    assert (case.because, case.state) == (Because.MEASURE, CaseState.OPEN)
    assert {link.reference for link in case.links} == {first.number, second.number}
    told = [event.text for event in case.events if event.kind == EventKind.NOTE]
    assert sorted(text.splitlines()[0] for text in told) == sorted([first.number, second.number])
    assert all("57/2025" in text or "18/2025" in text for text in told)
    assert recheck.run(session, [], now) == 0
    assert len(session.scalars(select(Case)).all()) == 1, "nothing is opened twice"


def test_a_new_case_is_opened_where_the_old_one_is_closed(session: Session, shipment: Shipment, now: datetime) -> None:
    certified(session, shipment, now)
    approve(session, TODAY, now)
    recheck.run(session, [], now)
    session.scalars(select(Case)).one().state = CaseState.CLOSED
    certified(session, shipment, now)
    assert recheck.run(session, [], now) == 1
    assert len(session.scalars(select(Case)).all()) == 2
