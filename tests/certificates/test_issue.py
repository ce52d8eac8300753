"""Issuing: a whole certificate or none, whatever happens on the way."""

import io
import json
import subprocess
import sys
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import audit
from portal.audit.models import AuditEvent
from portal.certificates import credential, issue, number, page, seal, shown, sign, signer, statement, status
from portal.certificates.keys import Issuer
from portal.certificates.log import append
from portal.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateFile,
    LogEntry,
    LogHead,
    NumberSequence,
)
from portal.certificates.statuslist import place
from portal.certificates.statuslist.form import Place
from portal.config import Settings
from portal.db import open_engine, session_factory
from tests.certificates.samples import NOW, ORGANISATION, Issued, draft, issue_one

TABLES = (Certificate, CertificateEvent, CertificateFile, NumberSequence, AuditEvent, LogEntry, LogHead)


def rows(session: Session) -> dict[str, int]:
    return {t.__tablename__: session.scalar(select(func.count()).select_from(t)) or 0 for t in TABLES}


def unsigned(pdf: bytes) -> bytes:
    """The page as it was drawn: the first revision, with the statement attached and nothing else."""
    return pdf[: pdf.index(b"%%EOF") + 6]


def test_a_certificate_is_whole(session: Session, issuer: Issuer, settings: Settings) -> None:
    made = issue_one(session, issuer, settings)
    session.commit()
    session.expire_all()
    found = session.scalars(select(Certificate)).one()
    assert found.number == number.compose(2026, 1)
    assert statement.read(found.statement.encode("utf-8")).digest == found.digest
    assert (found.exporter_name, found.end_user_name) == ("云南锗光科技有限公司", "Jenaer Optikwerk GmbH")
    assert (found.destination, found.band, found.test) == ("DE", "low", True)
    assert (found.issued_at, found.valid_until) == (NOW, date(2027, 5, 23))
    assert status.current(session, found, NOW).state == "valid"
    files = issue.files(found)
    assert sorted(files) == ["json", "pdf", "png"]
    assert files["pdf"].startswith(b"%PDF-")
    assert files["png"].startswith(b"\x89PNG")
    assert sign.attachments(files["pdf"]) == {
        "statement.json": found.statement.encode("utf-8"),
        "statement.tlog-proof": issue.log_proof(found).encode("utf-8"),
    }
    assert issue.seal_text(found).startswith("DDC1:")
    event = session.scalars(select(AuditEvent)).one()
    assert (event.verb, event.subject) == ("certificate.issued", f"certificate:{made.number}")
    assert event.details["digest"] == made.digest
    assert audit.check(session) is None


STEPS = [
    (number, "allocate"),
    (statement, "complete"),
    (append, "append"),
    (seal, "seal"),
    (page, "render"),
    (append, "cosigned"),
    (credential, "issue"),
    (sign, "sign"),
    (status, "first_event"),
    (audit, "record"),
]


@pytest.mark.parametrize(("module", "name"), STEPS, ids=[f"{m.__name__}.{n}" for m, n in STEPS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_breaks_on_the_way_leaves_nothing(
    session: Session,
    issuer: Issuer,
    settings: Settings,
    issued: Issued,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    when: str,
) -> None:
    real = getattr(module, name) if name != "sign" else lambda *arguments, **options: issued.pdf

    def breaks(*arguments: Any, **options: Any) -> Any:
        if when == "after":
            real(*arguments, **options)
        raise RuntimeError("the power failed")

    before, allocate = rows(session), place.allocate
    with monkeypatch.context() as patch:
        # The first certificate of a register is the same each time but for its place in the status lists, so its page
        # needs no drawing and signing anew.
        taken = json.loads(issued.statement)["status_list"]
        patch.setattr(place, "allocate", lambda *given: allocate(*given) and Place(**taken))
        patch.setattr(page, "render", lambda *arguments, **options: unsigned(issued.pdf))
        patch.setattr(sign, "sign", lambda *arguments, **options: issued.pdf)
        patch.setattr(shown, "codes", lambda pdf, *codes: codes)
        patch.setattr(module, name, breaks)
        with pytest.raises(RuntimeError, match="power"):
            issue_one(session, issuer, settings)
        session.rollback()
    assert rows(session) == before
    assert number.allocate(session, 2026) == number.compose(2026, 1)


DIES = """
import os, sys
from pathlib import Path
from portal import audit
from portal.certificates import keys
from portal.config import Settings
from portal.db import open_engine, session_factory
from tests.certificates.samples import NOW, issue_one
settings = Settings(instance=Path(sys.argv[1]))
audit.record = lambda *arguments, **options: os._exit(9)
with session_factory(open_engine(sys.argv[2]))() as session:
    issue_one(session, keys.open_issuer(settings, now=NOW), settings)
"""


def test_a_process_that_is_killed_at_the_last_step_leaves_nothing(
    database_url: str, issuer: Issuer, settings: Settings
) -> None:
    engine = open_engine(database_url)
    script = [sys.executable, "-c", DIES, str(settings.instance), database_url]
    done = subprocess.run(script, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    with session_factory(engine)() as session:
        assert set(rows(session).values()) == {0}
        assert issue_one(session, issuer, settings).number == number.compose(2026, 1)
    engine.dispose()


def test_a_page_that_carries_something_else_is_not_signed(
    session: Session, issuer: Issuer, settings: Settings, issued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = page.render(issued.statement, qr_text=issued.seal, font_folder=issue.font_folder(settings))
    monkeypatch.setattr(page, "render", lambda *arguments, **options: other)
    with pytest.raises(signer.SigningFailed, match="does not carry the statement"):
        issue_one(session, issuer, settings, contract={"number": "another", "date": "2026-10-02"})


@pytest.mark.parametrize("outcome", ["refer", "refuse"])
def test_what_was_not_certified_is_refused(session: Session, issuer: Issuer, settings: Settings, outcome: str) -> None:
    assessment = {**draft()["assessment"], "outcome": outcome}
    with pytest.raises(issue.IssueRefused, match=outcome):
        issue_one(session, issuer, settings, assessment=assessment)


def licensed(valid_until: str) -> dict[str, Any]:
    return {"purpose": "shipment-under-licence", "licence": {"number": "L-1", "valid_until": valid_until}}


def test_the_term_does_not_outlive_the_licence(session: Session, issuer: Issuer, settings: Settings) -> None:
    assert issue_one(session, issuer, settings, **licensed("2026-12-31")).valid_until == date(2026, 12, 31)
    with pytest.raises(issue.IssueRefused, match="licence has ended"):
        issue_one(session, issuer, settings, **licensed("2026-11-23"))
    with pytest.raises(statement.StatementError, match=r"licence\.valid_until"):
        issue_one(session, issuer, settings, **licensed("2027-02-30"))


def test_a_new_revision_ends_the_older_one(session: Session, issuer: Issuer, settings: Settings) -> None:
    older = issue_one(session, issuer, settings)
    newer = issue_one(session, issuer, settings, revision=2, supersedes=older.number)
    assert status.current(session, older, NOW).state == "superseded"
    assert status.current(session, newer, NOW).state == "valid"
    with pytest.raises(issue.IssueRefused, match="is superseded"):
        issue_one(session, issuer, settings, revision=3, supersedes=older.number)


def test_a_new_revision_is_no_way_out_of_a_suspension(session: Session, issuer: Issuer, settings: Settings) -> None:
    older = issue_one(session, issuer, settings)
    officer = audit.Actor("user", "1", "Officer")
    status.suspend(session, older, reason_code="under-review", reason="Why", actor=officer, now=NOW)
    with pytest.raises(issue.IssueRefused, match="is suspended"):
        issue_one(session, issuer, settings, revision=2, supersedes=older.number)


def test_nobody_supersedes_the_certificate_of_another(session: Session, issuer: Issuer, settings: Settings) -> None:
    older = issue_one(session, issuer, settings)
    for organisation, name in ((uuid.uuid4(), older.number), (ORGANISATION, number.compose(2026, 999))):
        with pytest.raises(issue.IssueRefused, match="no certificate of this exporter"):
            issue.issue(
                session,
                draft(revision=2, supersedes=name),
                issuer=issuer,
                settings=settings,
                organisation_id=organisation,
                subject_id=uuid.uuid4(),
                now=NOW,
            )


def test_the_moment_of_issue_is_the_one_given(session: Session, issuer: Issuer, settings: Settings) -> None:
    later: datetime = NOW + timedelta(days=40)
    made = issue.issue(
        session,
        draft(),
        issuer=issuer,
        settings=settings,
        organisation_id=ORGANISATION,
        subject_id=uuid.uuid4(),
        now=later,
    )
    assert made.issued_at == later
    signature = PdfReader(io.BytesIO(issue.files(made)["pdf"])).get_fields()["Issuer"]["/V"]
    assert signature["/M"] == "D:20270103090000Z"
