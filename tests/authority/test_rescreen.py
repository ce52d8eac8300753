"""A change of a list reaches every live certificate that it touches, once, and no other."""

import email
import email.policy
import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import wiring
from portal.audit import Actor
from portal.audit.models import AuditEvent
from portal.authority import cases, consequences, hits, rescreen
from portal.authority.models import Because, Case, CaseHit, CaseState, EventKind, LinkKind, Outcome
from portal.certificates import status
from portal.config import Settings
from portal.db import open_engine, session_factory
from portal.jobs.models import Job
from portal.jobs.registry import Work
from portal.jobs.worker import Worker
from portal.screening import adjudicate, lists, restricted
from portal.screening.models import Verdict
from portal.screening.parties import PartyNames
from portal.shipments.models import Shipment
from portal.shipments.states import State
from tests.authority import filed
from tests.screening.conftest import DATA

OFFICER, SECOND = Actor("user", "1", "陈昊"), Actor("user", "2", "周岚")
LISTED = "Tundra Optics Trading LLC"


class Office:
    """An installation with its worker, on a clock that tests put forward."""

    def __init__(self, work: Work, worker: Worker, session: Session, now: datetime, folder: Path) -> None:
        self.work, self.worker, self.session, self.now, self.folder = work, worker, session, now, folder

    def clock(self) -> datetime:
        return self.now

    def do(self) -> None:
        """Commit, have the worker do everything, and read afresh."""
        self.session.commit()
        assert self.worker.do_all() == 0
        self.session.expire_all()

    def restrict(self, *names: str, country: str = "RU") -> object:
        return restricted.add(
            self.session, names=names, country=country, reason="diversion", actor=OFFICER, now=self.now
        ).id

    def mails(self) -> list[email.message.EmailMessage]:
        read = email.policy.default
        paths = sorted((self.folder / "mail").glob("*.eml"))
        return [email.message_from_bytes(path.read_bytes(), policy=read) for path in paths]  # type: ignore[misc]

    def cases(self) -> list[Case]:
        return list(self.session.scalars(select(Case).order_by(Case.number)))

    def verbs(self, prefix: str) -> list[str]:
        chosen = select(AuditEvent.verb).where(AuditEvent.verb.startswith(prefix))
        return list(self.session.scalars(chosen.order_by(AuditEvent.sequence)))


@pytest.fixture
def office(database_url: str, tmp_path: Path, now: datetime) -> Iterator[Office]:
    wiring.connect()
    engine = open_engine(database_url)
    made: Office

    settings = Settings(instance=tmp_path, public_address="https://portal.example")
    work = Work(settings, session_factory(engine), lambda: made.clock())
    worker = Worker(work)
    with session_factory(engine)() as session:
        made = Office(work, worker, session, now, tmp_path)
        lists.load_shipped(session, actor=OFFICER, now=now)
        made.do()
        yield made
    worker.close()
    engine.dispose()


def kinds(case: Case) -> list[str]:
    return [event.kind for event in case.events]


def test_a_new_entry_suspends_opens_a_case_and_tells_the_exporter(office: Office) -> None:
    by = filed.exporter(office.session, office.now)
    by.language = "zh"
    hit = filed.certified(office.session, by, [("Tundra Optic Trading", "RU"), ("Jenoptik AG", "DE")], office.now)
    safe = filed.certified(office.session, by, [("Jenoptik AG", "DE")], office.now)
    office.restrict(LISTED, "苔原光学贸易有限公司")
    office.do()
    assert filed.state(office.session, hit, office.now) == "suspended"
    assert filed.state(office.session, safe, office.now) == "valid"
    worth = status.current(office.session, hit, office.now)
    assert worth.reason_code == "new-list-match"
    assert "Tundra Optic Trading" in worth.reason
    assert "限制名单" in worth.reason
    (case,) = office.cases()
    assert (case.because, case.state, case.title) == (Because.HIT, CaseState.OPEN, LISTED)
    assert kinds(case) == [EventKind.OPENED, EventKind.HIT, EventKind.SUSPENDED]
    assert {link.kind for link in case.links} == set(LinkKind)
    assert [one.strength for one in case.hits] == ["match"]
    (mail,) = office.mails()
    assert mail["To"] == by.email
    body = mail.get_content()
    assert hit.number in mail["Subject"]
    assert f"https://portal.example/shipments/{hit.subject_id}/suspension" in body
    assert "中止" in body
    assert "Tundra" not in body + mail["Subject"]
    assert office.verbs("certificate.") == ["certificate.suspended"]
    assert office.verbs("case.") == ["case.opened", "case.hit", "case.suspended"]


def test_done_twice_it_is_done_once(office: Office) -> None:
    """The job runs again at once, by its second look, and once more from the start."""
    by = filed.exporter(office.session, office.now)
    filed.certified(office.session, by, [(LISTED, "RU"), ("Tundra Optics Trading", "RU")], office.now)
    office.restrict(LISTED)
    office.do()
    office.now += rescreen.AGAIN
    office.do()
    for job in office.session.scalars(select(Job)):
        if job.kind == rescreen.KIND:
            consequences.handle(office.work, job.payload)
    office.do()
    (case,) = office.cases()
    assert kinds(case) == [EventKind.OPENED, EventKind.HIT, EventKind.SUSPENDED, EventKind.HIT]
    assert len(office.mails()) == 1
    assert office.verbs("certificate.") == ["certificate.suspended"]


def test_a_certificate_issued_while_the_list_changed_is_found_by_the_second_look(office: Office) -> None:
    by = filed.exporter(office.session, office.now)
    office.restrict(LISTED)
    office.do()
    late = filed.certified(office.session, by, [(LISTED, "RU")], office.now)
    office.do()
    assert filed.state(office.session, late, office.now) == "valid"
    office.now += rescreen.AGAIN
    office.do()
    assert filed.state(office.session, late, office.now) == "suspended"


def test_a_possible_match_waits_for_a_person(office: Office) -> None:
    by = filed.exporter(office.session, office.now)
    near = filed.certified(office.session, by, [("Tundra Optics Research", "DE")], office.now)
    office.restrict(LISTED)
    office.do()
    (case,) = office.cases()
    assert [one.strength for one in case.hits] == ["possible"]
    assert kinds(case) == [EventKind.OPENED, EventKind.HIT]
    assert filed.state(office.session, near, office.now) == "valid"
    assert office.mails() == []
    assert cases.number_to_judge(office.session) == 1
    waiting = office.session.scalars(hits.queue(office.now.date())).all()
    assert [(row.pair, row.name) for row in waiting] == [(case.hits[0].pair, "Tundra Optics Research")]


def test_an_open_shipment_gets_a_note_and_a_draft_none(office: Office) -> None:
    by = filed.exporter(office.session, office.now)
    referred = filed.shipment(office.session, by, [(LISTED, "RU")], office.now, State.REFERRED)
    filed.shipment(office.session, by, [(LISTED, "RU")], office.now, State.DRAFT)
    filed.shipment(office.session, by, [(LISTED, "RU")], office.now, State.REFUSED)
    office.restrict(LISTED)
    office.do()
    (case,) = office.cases()
    assert [one.shipment_id for one in case.hits] == [referred.id]
    assert cases.about(office.session, LinkKind.SHIPMENT, str(referred.id)) == [case]
    assert office.verbs("shipment.") == []  # the exporter reads its shipment's history
    assert office.session.get_one(Shipment, referred.id).state == State.REFERRED


def test_certificates_that_are_over_are_left_alone(office: Office) -> None:
    by = filed.exporter(office.session, office.now)
    revoked = filed.certified(office.session, by, [(LISTED, "RU")], office.now)
    status.revoke(office.session, revoked, reason_code="false-statement", reason="x", actor=OFFICER, now=office.now)
    expired = filed.certified(office.session, by, [(LISTED, "RU")], office.now)
    expired.valid_until = office.now.date() - timedelta(days=1)
    office.restrict(LISTED)
    office.do()
    assert office.cases() == []


def test_a_suspended_certificate_joins_the_case_and_is_not_told_again(office: Office) -> None:
    by = filed.exporter(office.session, office.now)
    held = filed.certified(office.session, by, [(LISTED, "RU")], office.now)
    status.suspend(office.session, held, reason_code="under-review", reason="x", actor=OFFICER, now=office.now)
    office.restrict(LISTED)
    office.do()
    (case,) = office.cases()
    assert kinds(case) == [EventKind.OPENED, EventKind.HIT]
    assert status.current(office.session, held, office.now).reason_code == "under-review"
    assert office.mails() == []


def test_what_leaves_the_list_is_noted_and_never_reinstated(office: Office) -> None:
    by = filed.exporter(office.session, office.now)
    held = filed.certified(office.session, by, [(LISTED, "RU")], office.now)
    entry = office.restrict(LISTED)
    office.do()
    restricted.remove(office.session, entry, reason="settled", actor=OFFICER, now=office.now)  # type: ignore[arg-type]
    office.do()
    office.now += rescreen.AGAIN
    office.do()
    (case,) = office.cases()
    assert kinds(case)[-1] == EventKind.WITHDRAWN
    assert kinds(case).count(EventKind.WITHDRAWN) == 1
    assert case.state == CaseState.OPEN
    assert filed.state(office.session, held, office.now) == "suspended"


def test_after_a_case_is_closed_the_same_finding_stays_quiet_and_a_new_one_opens_another(office: Office) -> None:
    supervisor = filed.authority(office.session, office.now, "supervisor")
    by = filed.exporter(office.session, office.now)
    held = filed.certified(office.session, by, [(LISTED, "RU")], office.now)
    office.restrict(LISTED)
    office.do()
    (case,) = office.cases()
    cases.close(office.session, case, Outcome.UNFOUNDED, "Another firm", by=supervisor, now=office.now)
    status.reinstate(office.session, held, reason_code="review-closed", reason="x", actor=OFFICER, now=office.now)
    office.now += rescreen.AGAIN
    office.do()
    assert len(office.cases()) == 1
    assert filed.state(office.session, held, office.now) == "valid"
    office.restrict("Tundra Optics", LISTED)
    office.do()
    assert [one.state for one in office.cases()] == [CaseState.CLOSED, CaseState.OPEN]
    assert filed.state(office.session, held, office.now) == "suspended"


def test_what_two_people_found_to_be_another_party_stays_away(office: Office) -> None:
    by = filed.exporter(office.session, office.now)
    held = filed.certified(office.session, by, [(LISTED, "DE")], office.now)
    entry = office.restrict(LISTED, country="DE")
    (finding,) = rescreen.everything(office.session, office.now.date())
    judged = adjudicate.propose(
        office.session, finding.hit, PartyNames("", (LISTED,), "DE"), verdict=Verdict.DIFFERENT, reason="another firm",
        evidence="register",
        expires=date(2026, 12, 24), actor=OFFICER, now=office.now,
    )  # fmt: skip
    adjudicate.decide(office.session, judged.id, actor=SECOND, now=office.now)
    office.do()
    assert entry is not None
    assert office.cases() == []
    assert filed.state(office.session, held, office.now) == "valid"


def test_a_new_edition_of_a_file_and_one_that_replaced_it_before_the_job_ran(office: Office, tmp_path: Path) -> None:
    """The change of an edition that was itself replaced counts as far as the present one still says it."""
    by = filed.exporter(office.session, office.now)
    filed.certified(office.session, by, [("Karakum Precision Alloys", "TM")], office.now)
    lists.import_list(office.session, "ofac-sdn", DATA / "ofac" / "sdn.csv", actor=OFFICER, now=office.now)
    lists.import_list(office.session, "ofac-sdn", DATA / "ofac-newer" / "sdn.csv", actor=OFFICER, now=office.now)
    expected = {one.mark for one in rescreen.everything(office.session, office.now.date())}
    office.do()
    assert set(office.session.scalars(select(CaseHit.mark))) == expected
    shutil.rmtree(tmp_path / "mail", ignore_errors=True)
    assert office.verbs("certificate.") == []  # a list that only informs suspends nothing
