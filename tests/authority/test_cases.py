"""Cases: a timeline that only grows, notes that only some agencies read, and deeds that only fit some states."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.people import as_actor
from portal.audit.models import AuditEvent
from portal.authority import cases, suspension
from portal.authority.cases import CaseRefused
from portal.authority.models import Agency, Because, Case, CaseState, EventKind, LinkKind, Outcome
from portal.config import Settings
from portal.shipments import documents
from portal.shipments.states import DocumentRefused
from tests.authority import filed
from tests.authority.filed import BY


@pytest.fixture
def chief(session: Session, now: datetime) -> User:
    return filed.authority(session, now, "supervisor")


def opened(session: Session, now: datetime, title: str = "Goods seen elsewhere", topic: str = "") -> Case:
    return cases.open_case(session, title=title, because=Because.REPORT, topic=topic, actor=BY, now=now)


def test_numbers_follow_one_another(session: Session, now: datetime) -> None:
    numbers = [opened(session, now).number for _ in range(3)]
    assert numbers == ["CASE-2026-000001", "CASE-2026-000002", "CASE-2026-000003"]
    assert opened(session, now.replace(year=2027)).number == "CASE-2027-000001"


def test_the_way_of_a_case(session: Session, chief: User, now: datetime) -> None:
    case = opened(session, now)
    cases.assign(session, case, agency=Agency.CUSTOMS, assignee=chief, actor=as_actor(chief), now=now)
    cases.wait(session, case, "for the laboratory", actor=BY, now=now)
    cases.resume(session, case, "it has come", actor=BY, now=now)
    cases.close(session, case, Outcome.REMEDIED, "put right", by=chief, now=now)
    cases.reopen(session, case, "not put right", by=chief, now=now)
    session.commit()
    session.refresh(case)
    assert (case.state, case.agency, case.assignee) == (CaseState.OPEN, Agency.CUSTOMS, chief)
    assert (case.outcome, case.closed_at) == (None, None)
    expected = ["opened", "assigned", "waiting", "resumed", "closed", "reopened"]
    assert [event.kind for event in case.events] == expected
    assert [event.sequence for event in case.events] == list(range(1, 7))
    verbs = session.scalars(select(AuditEvent.verb).order_by(AuditEvent.sequence)).all()
    assert verbs == [f"case.{kind}" for kind in expected]


@pytest.mark.parametrize("state", list(CaseState))
def test_a_deed_that_does_not_fit_the_state_is_refused(
    session: Session, chief: User, now: datetime, state: CaseState
) -> None:
    case = opened(session, now)
    if state is CaseState.WAITING:
        cases.wait(session, case, "x", actor=BY, now=now)
    elif state is CaseState.CLOSED:
        cases.close(session, case, Outcome.UNFOUNDED, "x", by=chief, now=now)
    deeds: dict[str, tuple[Callable[[], None], set[CaseState]]] = {
        "wait": (lambda: cases.wait(session, case, "x", actor=BY, now=now), {CaseState.OPEN}),
        "resume": (lambda: cases.resume(session, case, "x", actor=BY, now=now), {CaseState.WAITING}),
        "link": (
            lambda: cases.link_certificate(session, case, "N", "label", actor=BY, now=now),
            {CaseState.OPEN, CaseState.WAITING},
        ),
        "assign": (
            lambda: cases.assign(session, case, agency=Agency.POLICE, assignee=None, actor=BY, now=now),
            {CaseState.OPEN, CaseState.WAITING},
        ),
        "reopen": (lambda: cases.reopen(session, case, "x", by=chief, now=now), {CaseState.CLOSED}),
    }
    session.commit()
    for deed, (act, fitting) in deeds.items():
        if state in fitting:
            act()
        else:
            with pytest.raises(CaseRefused):
                act()
        session.rollback()
        session.refresh(case)
        assert case.state == state, deed


def test_only_a_supervisor_closes_and_only_staff_is_put_in_charge(session: Session, now: datetime) -> None:
    officer, exporter = filed.authority(session, now, "officer"), filed.exporter(session, now)
    case = opened(session, now)
    with pytest.raises(CaseRefused):
        cases.close(session, case, Outcome.UNFOUNDED, "x", by=officer, now=now)
    with pytest.raises(CaseRefused):
        cases.assign(session, case, agency=Agency.COMMERCE, assignee=exporter, actor=BY, now=now)
    officer.active = False
    with pytest.raises(CaseRefused):
        cases.assign(session, case, agency=Agency.COMMERCE, assignee=officer, actor=BY, now=now)


def test_a_note_is_read_by_the_agencies_it_is_for(session: Session, now: datetime) -> None:
    case = opened(session, now)
    cases.note(session, case, "for all", actor=BY, now=now)
    cases.note(session, case, "in confidence", agencies=[Agency.POLICE, Agency.CUSTOMS], actor=BY, now=now)
    said = {agency: [event.text for event in cases.readable(case, agency) if event.text] for agency in Agency}
    assert said[Agency.POLICE] == said[Agency.CUSTOMS] == ["in confidence", "for all"]
    assert said[Agency.COMMERCE] == ["for all"]
    details = session.scalars(select(AuditEvent.details).where(AuditEvent.verb == "case.note")).all()
    assert "in confidence" not in str(details)


def test_an_agency_is_that_of_the_authority(session: Session, now: datetime) -> None:
    assert cases.agency_of(filed.authority(session, now, agency="police")) == Agency.POLICE
    assert cases.agency_of(filed.authority(session, now)) == Agency.COMMERCE


def test_one_open_case_a_list_entry(session: Session, chief: User, now: datetime) -> None:
    old = opened(session, now, topic="cn:1")
    cases.close(session, old, Outcome.UNFOUNDED, "x", by=chief, now=now)
    newer = opened(session, now, topic="cn:1")
    assert cases.of_topic(session, "cn:1") == newer
    with pytest.raises(CaseRefused, match=newer.number):
        cases.reopen(session, old, "x", by=chief, now=now)


def test_search(session: Session, now: datetime) -> None:
    one, two = opened(session, now, "Magnets 100%"), opened(session, now + timedelta(hours=1), "Antimony")
    cases.link(session, one, LinkKind.CERTIFICATE, "DDC-2026-0000001-X", "云南锗光 → Jena", now)
    cases.wait(session, two, "x", actor=BY, now=now + timedelta(hours=1))

    def found(*asked: str) -> list[Case]:
        return list(session.scalars(cases.search(*asked)))

    assert found() == [two, one]
    assert found("云南锗光") == found("0000001-x") == found("00%") == found("", "open") == [one]
    assert found("", "waiting", "commerce", "report") == [two]
    assert found("_") == found("", "", "police") == found("x" * 5000) == []
    assert found("", "no-such-state") == [two, one]


def test_an_answer_lands_in_the_case_and_is_all_that_the_exporter_sees(session: Session, now: datetime) -> None:
    by = filed.exporter(session, now)
    certificate = filed.certified(session, by, [("Jenoptik AG", "DE")], now)
    case = opened(session, now)
    cases.link_certificate(session, case, certificate.number, "x", actor=BY, now=now)
    cases.note(session, case, "a secret", actor=BY, now=now)
    suspension.answer(session, certificate, "The goods are with us", "Letter 1\n\n Letter 2 ", by=by, now=now)
    (answer,) = suspension.answers(session, certificate)
    assert (answer.kind, answer.text) == (EventKind.ANSWER, "The goods are with us")
    assert answer.details["documents"] == ["Letter 1", "Letter 2"]
    assert case.events[-1] == answer
    other = filed.certified(session, filed.exporter(session, now, "Another"), [("Jenoptik AG", "DE")], now)
    cases.link_certificate(session, case, other.number, "x", actor=BY, now=now)
    assert suspension.answers(session, other) == []


def test_files_of_an_answer_are_proved_kept_once_and_named_in_the_case(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    by, settings = filed.exporter(session, now), Settings(instance=tmp_path)
    certificate = filed.certified(session, by, [("Jenoptik AG", "DE")], now)
    case = opened(session, now)
    cases.link_certificate(session, case, certificate.number, "x", actor=BY, now=now)
    line = suspension.answer(
        session, certificate, "See", "", by=by, now=now, files=[(b"Delivery note 7", "../note.txt")], settings=settings
    )
    (told,) = line.details["files"]
    assert (told["filename"], told["size"]) == ("note.txt", 15)
    found = suspension.file_in(session, case, uuid.UUID(told["id"]))
    assert found is not None
    assert found == suspension.file_of(session, certificate, found.id)
    assert documents.read(found, settings) == b"Delivery note 7"
    other = filed.certified(session, filed.exporter(session, now, "Another"), [("Jenoptik AG", "DE")], now)
    assert suspension.file_of(session, other, found.id) is None
    assert suspension.file_in(session, opened(session, now), found.id) is None


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([(b"fine", "note.txt"), (b"MZ\x90\x00", "virus.exe")], "virus.exe: Only PDF"),
        ([(b"%PDF-1.7 broken", "a.pdf")], "a.pdf: "),
        ([(b"%PDF-1.7", "a.txt")], "its name does not end in .pdf"),
        ([(b"x", f"{at}.txt") for at in range(11)], "At most 10 files"),
    ],
)
def test_a_file_that_is_not_taken_takes_the_answer_with_it(
    session: Session, now: datetime, tmp_path: Path, files: list[tuple[bytes, str]], says: str
) -> None:
    by = filed.exporter(session, now)
    certificate = filed.certified(session, by, [("Jenoptik AG", "DE")], now)
    with pytest.raises(DocumentRefused, match=says):
        suspension.answer(
            session, certificate, "See", "", by=by, now=now, files=files, settings=Settings(instance=tmp_path)
        )
    assert suspension.answers(session, certificate) == []
    assert not (tmp_path / "documents").exists()


def test_an_answer_opens_a_case_where_an_officer_suspended_without_one(
    session: Session, chief: User, now: datetime
) -> None:
    by = filed.exporter(session, now)
    certificate = filed.certified(session, by, [("Jenoptik AG", "DE")], now)
    suspension.answer(session, certificate, "What is wrong?", "", by=by, now=now)
    suspension.answer(session, certificate, "Still here", "", by=by, now=now + timedelta(hours=1))
    (case,) = cases.about(session, LinkKind.CERTIFICATE, certificate.number)
    assert [event.text for event in suspension.answers(session, certificate)] == ["What is wrong?", "Still here"]
    cases.close(session, case, Outcome.UNFOUNDED, "x", by=chief, now=now)
    assert len(suspension.answers(session, certificate)) == 2
