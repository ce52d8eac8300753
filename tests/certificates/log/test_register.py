"""The log beside the register of certificates: whatever is changed in either shows."""

from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.certificates.keys import Issuer
from portal.certificates.log import append, sources
from portal.certificates.log.check import Audit, Finding
from portal.certificates.log.models import LogEntry, LogHead
from portal.certificates.models import Certificate, CertificateEvent, CertificateFile
from portal.config import Settings
from tests.certificates.samples import NOW, issue_one, issuer, settings

__all__ = ["issuer", "settings"]


def audited(session: Session, issuer: Issuer) -> Audit:
    complaints: list[Finding] = []
    log = sources.DatabaseLog(session, issuer.log, now=NOW)
    views = sources.proofs(session, complaints)
    audit, _note = sources.audited(
        log, logs=issuer.trusted.logs, remembered={}, views=views, now=NOW + timedelta(hours=1)
    )
    audit.findings += complaints
    return audit


def keys(audit: Audit) -> set[str]:
    return {finding.key for finding in audit.findings}


def test_what_is_done_to_the_register_or_to_the_log_shows(session: Session, issuer: Issuer, settings: Settings) -> None:
    one, two = (issue_one(session, issuer, settings) for _ in range(2))
    session.commit()
    assert (audited(session, issuer).answer, one.log_index, two.log_index) == ("yes", 0, 1)

    session.execute(update(LogEntry).where(LogEntry.index == 0).values(digest=bytes(32)))
    assert keys(audited(session, issuer)) == {"changed", "forked", "certificate-missing"}
    session.rollback()

    session.execute(update(Certificate).where(Certificate.id == one.id).values(issued_at=NOW - timedelta(days=9)))
    assert keys(audited(session, issuer)) == {"certificate-missing"}, "dated back in the register"
    session.rollback()

    for table in (CertificateEvent, CertificateFile):
        session.execute(delete(table).where(table.certificate_id == one.id))
    session.execute(delete(Certificate).where(Certificate.id == one.id))
    assert keys(audited(session, issuer)) == {"certificate-removed"}
    session.rollback()

    session.execute(delete(CertificateFile).where(CertificateFile.certificate_id == two.id))
    assert keys(audited(session, issuer)) == {"certificate-missing"}, "its proof is gone"
    session.rollback()

    session.execute(delete(LogEntry).where(LogEntry.index == 1))
    assert {"certificate-missing", "tile-missing"} <= keys(audited(session, issuer))
    session.rollback()

    # The operator forges the log anew from the second certificate on, with its own key, and hides what it did.
    session.execute(delete(LogEntry))
    session.execute(delete(LogHead))
    session.flush()
    session.expire_all()
    append.append(session, two.digest, log=issuer.log, now=NOW)
    append.append(session, one.digest, log=issuer.log, now=NOW)
    session.execute(update(Certificate).where(Certificate.id == two.id).values(log_index=9))
    session.execute(update(Certificate).where(Certificate.id == one.id).values(log_index=1))
    session.execute(update(Certificate).where(Certificate.id == two.id).values(log_index=0))
    assert keys(audited(session, issuer)) == {"forked"}, "every certificate carries what it was shown"


def test_an_entry_that_an_issue_left_behind_is_known(session: Session, issuer: Issuer, settings: Settings) -> None:
    stranded = append.append(session, "ab" * 32, log=issuer.log, now=NOW)
    assert keys(audited(session, issuer)) == {"certificate-removed"}
    append._tell(session, stranded.index, stranded.issued, stranded.digest, NOW)
    assert audited(session, issuer).answer == "yes"


def test_an_empty_register_holds(session: Session, issuer: Issuer) -> None:
    audit = audited(session, issuer)
    assert audit.checkpoint is not None
    assert (audit.answer, audit.checkpoint.size) == ("yes", 0)
