"""A key may be in other hands: one supervisor reports it, another one confirms, and then the procedure begins."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts import people
from portal.accounts.models import User
from portal.authority import cases
from portal.authority.models import Because, Case, CaseState, KeyReport, LinkKind, ReportState
from portal.certificates import compromise
from portal.certificates.models import Certificate
from portal.certificates.trust import TrustedIssuer, TrustedKey
from portal.config import Settings
from portal.text import Text

# How many certificates the case names one by one; the page of the key lists them all.
NAMED = 200
SAME_PERSON = Text("Another supervisor than the one who reported it decides.", "须由报告人以外的另一名主管作出决定。")
DECIDED = Text("Somebody has decided on this report already.", "该报告已有处理结果。")
FUTURE = Text("The moment lies in the future.", "该时间尚未到来。")
NO_EARLIER = Text("The key is marked since an earlier moment already.", "该密钥已标记为自更早时间起泄露。")
WAITS = Text("A report of this key waits for a decision.", "该密钥已有一份报告待处理。")


class ReportRefused(ValueError):
    """A report that cannot be made or decided so; ``text`` says why in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def reports(session: Session, thumbprint: str) -> Sequence[KeyReport]:
    """The reports of a key, the newest first."""
    chosen = select(KeyReport).where(KeyReport.thumbprint == thumbprint)
    return session.scalars(chosen.order_by(KeyReport.proposed_at.desc(), KeyReport.id)).all()


def waiting(session: Session) -> Sequence[KeyReport]:
    """The reports on which nobody has decided, the oldest first."""
    chosen = select(KeyReport).where(KeyReport.state == ReportState.PROPOSED)
    return session.scalars(chosen.order_by(KeyReport.proposed_at, KeyReport.id)).all()


def propose(session: Session, key: TrustedKey, *, since: datetime, reason: str, by: User, now: datetime) -> KeyReport:
    """Report that a key may be in other hands since a moment. Nothing changes yet. Raises ``ReportRefused``."""
    if since > now:
        raise ReportRefused(FUTURE)
    if key.compromise is not None and key.compromise.since <= since:
        raise ReportRefused(NO_EARLIER)
    if any(one.state == ReportState.PROPOSED for one in reports(session, key.thumbprint)):
        raise ReportRefused(WAITS)
    made = KeyReport(
        thumbprint=key.thumbprint, since=since, reason=reason, state=ReportState.PROPOSED, proposed_at=now,
        proposer=by,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _record(session, made, "key.reported", by, now)
    return made


def confirm(session: Session, settings: Settings, report: KeyReport, *, by: User, now: datetime) -> KeyReport:
    """Another supervisor confirms: the key is marked, its term ends, and a case names what it casts doubt on.

    Raises ``ReportRefused``, and ``KeyRefused`` where the register knows no such key.
    """
    _decide(session, report, ReportState.CONFIRMED, "", by, now)
    actor = people.as_actor(by)
    marked = compromise.declare(session, settings, report.thumbprint, since=report.since, actor=actor, now=now)
    issuer = compromise.opened_register(settings)
    found = session.scalars(compromise.in_doubt(issuer, marked).limit(NAMED)).all()
    report.case_number = _case(session, report, found, actor, now).number
    session.flush()
    return report


def reject(session: Session, report: KeyReport, answer: str, *, by: User, now: datetime) -> KeyReport:
    """Another supervisor turns it down, and says why. Raises ``ReportRefused``."""
    _decide(session, report, ReportState.REJECTED, answer, by, now)
    _record(session, report, "key.report_rejected", by, now)
    return report


def rotated(session: Session, issuer: TrustedIssuer, *, actor: audit.Actor, now: datetime) -> None:
    """Leave an audit event: the issuer has new keys."""
    audit.record(
        session, actor=actor, verb="key.rotated", subject=f"issuer:{issuer.id}", now=now,
        details={"keys": [key.thumbprint for key in issuer.keys if key.ends is None]},
    )  # fmt: skip


def _decide(session: Session, report: KeyReport, state: ReportState, answer: str, by: User, now: datetime) -> None:
    if report.proposed_by == by.id:
        raise ReportRefused(SAME_PERSON)
    mine = update(KeyReport).where(KeyReport.id == report.id, KeyReport.state == ReportState.PROPOSED)
    result = session.execute(
        mine.values(state=state, decided_at=now, decided_by=by.id, answer=answer).returning(KeyReport.id)
    )
    if result.first() is None:
        raise ReportRefused(DECIDED)
    session.refresh(report)


def _case(session: Session, report: KeyReport, found: Sequence[Certificate], actor: audit.Actor, now: datetime) -> Case:
    """The case on the key that is not closed, else a new one, with each certificate linked."""
    topic = f"key:{report.thumbprint}"
    known = select(Case).where(Case.topic == topic, Case.state != CaseState.CLOSED)
    case = session.scalars(known).first() or cases.open_case(
        session, title=f"Key {report.thumbprint[:12]} … 密钥可能泄露", because=Because.OFFICER, topic=topic,
        text=report.reason, actor=actor, now=now,
    )  # fmt: skip
    for one in found:
        cases.link(session, case, LinkKind.CERTIFICATE, one.number, one.exporter_name, now)
    return case


def _record(session: Session, report: KeyReport, verb: str, by: User, now: datetime) -> None:
    audit.record(
        session, actor=people.as_actor(by), verb=verb, subject=f"key:{report.thumbprint}", now=now,
        details={"since": report.since.isoformat(), "reason": report.reason, "answer": report.answer},
    )  # fmt: skip
