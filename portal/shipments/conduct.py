"""Conduct a shipment from draft to decision: submit, return, attest, withdraw, amend.

Every function checks state and person first and raises a ``ShipmentRefused`` (its ``reason`` is for the page) before
it touches anything. ``version`` is the version of the shipment that the person saw.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import User
from portal.certificates import attested, fonts, issue, page
from portal.certificates.keys import Issuer
from portal.certificates.statement import StatementError, moment
from portal.config import Settings
from portal.shipments import answers, assess, attestation, certify, decide, handing_over, hits, signing
from portal.shipments.assess import Judged
from portal.shipments.change import changing, check_officer, check_person, subject
from portal.shipments.completeness import Missing, missing
from portal.shipments.decide import Outcome
from portal.shipments.models import Assessment, Decision, Shipment
from portal.shipments.revisions import amend, certificate, newer, superseded
from portal.shipments.signing import Signed
from portal.shipments.states import CannotIssue, Deed, ShipmentRefused, State, after
from portal.text import Text

__all__ = [
    "amend",
    "attest",
    "certificate",
    "certify_referral",
    "newer",
    "refuse_referral",
    "return_referral",
    "return_to_draft",
    "submit",
    "withdraw",
]

_FORBIDDEN = Text("By now the shipment would have to be refused: {reason}", "该批货物现应予拒绝：{reason}")
_ATTESTED_OTHERWISE = Text(
    "No certificate can be issued: what the compliance officer signed with a passkey is no longer what it would say, "
    "for example because the exporter's name or address has changed. The shipment has to be attested again.",
    "无法出具证书：合规负责人以通行密钥签署的内容与证书将载明的内容已不一致（例如出口经营者的名称或地址已变更），须重新作出声明。",
)
_DEEDS = {State.CERTIFIED: Deed.CERTIFY, State.REFERRED: Deed.REFER, State.REFUSED: Deed.REFUSE}
_UNPRINTABLE = (issue.IssueRefused, StatementError, fonts.GlyphMissing, page.PageOverflow, page.SealTooLarge)


def submit(
    session: Session, shipment: Shipment, *, by: User, now: datetime, version: int | None = None
) -> tuple[Missing, ...]:
    """Hand a complete draft to the compliance officer. Gives what is missing, and does nothing while that is much."""
    after(State(shipment.state), Deed.SUBMIT)
    if left := missing(session, shipment, now):
        return left
    with changing(session, shipment, Deed.SUBMIT, "shipment.submitted", by=by, now=now, version=version):
        answers.close(session, shipment, by=by, now=now)
        shipment.submitted_by, shipment.submitted_at = by.id, now
    return ()


def return_to_draft(
    session: Session, shipment: Shipment, reason: str, *, by: User, now: datetime, version: int | None = None
) -> None:
    """Give a submitted shipment back to its preparer, with the reason."""
    _return(session, shipment, reason, by, now, version, authority=False)


def withdraw(
    session: Session, shipment: Shipment, reason: str, *, by: User, now: datetime, version: int | None = None
) -> None:
    """Take an open shipment back for good."""
    with changing(
        session, shipment, Deed.WITHDRAW, "shipment.withdrawn", by=by, now=now, version=version,
        details={"reason": reason},
    ):  # fmt: skip
        shipment.withdrawn_at = now


def attest(
    session: Session,
    shipment: Shipment,
    *,
    officer: User,
    now: datetime,
    issuer: Issuer,
    settings: Settings,
    method: str = "password",
    signed: Signed | None = None,
    version: int | None = None,
) -> Decision:
    """Attest, assess, decide and, where nothing is against it, issue the certificate: all in one transaction.

    1. State, role and the rule of two people are checked; the shipment is attested.
    2. It is judged, and everything that the judgement rests on is stored.
    3. It is decided; a certificate is issued, an older revision's superseded.
    4. The decision is stored.

    With ``signed`` the officer's passkey has to have signed what is judged now; else ``PasskeyRefused`` is raised.
    ``method`` says how the officer proved to be itself without one.

    When anything fails the session's whole transaction is rolled back before the error goes on, so that a caller who
    catches it cannot keep half of this. ``CannotIssue`` tells of a text that cannot be printed or an older certificate
    that may not be superseded.
    """
    check_person(shipment.organisation_id, Deed.ATTEST, officer)
    after(State(shipment.state), Deed.ATTEST)
    attestation.check_two_people(shipment, officer)
    with _whole(session):
        method = attested.METHOD if signed else method
        details = {"method": method, "text_version": attestation.wording().version}
        with changing(
            session, shipment, Deed.ATTEST, "shipment.attested", by=officer, now=now, version=version, details=details
        ):
            shipment.attested_at = now
        judged = assess.preview(session, shipment, now)
        if signed is not None:
            word = signing.give(session, shipment, judged, signed, officer=officer, now=now)
        else:
            word = attestation.give(shipment, judged.ground.answered, officer=officer, now=now, method=method)
        shipment.attestations.append(word)
        stored = _stored(session, shipment, judged, now)
        decision = _decide(session, shipment, judged.outcome, stored, now)
        if judged.outcome.state is State.CERTIFIED:
            _issue(session, shipment, decision, judged.outcome, stored, issuer, settings, now)
    return decision


def certify_referral(
    session: Session,
    shipment: Shipment,
    reason: str,
    *,
    by: User,
    now: datetime,
    issuer: Issuer,
    settings: Settings,
    version: int | None = None,
) -> Decision:
    """The authority has cleared the doubts for which a shipment was referred: it is certified, and says who cleared it.

    The shipment is judged anew, since lists and measures may have changed while it waited; what is forbidden by now
    is not certified (``ShipmentRefused``). All or nothing, as with ``attest``.
    """
    check_officer(by)
    after(State(shipment.state), Deed.CERTIFY)
    with _whole(session):
        with changing(
            session, shipment, Deed.CERTIFY, "shipment.certified", by=by, now=now, version=version, authority=True,
            details={"reason": reason},
        ):  # fmt: skip
            judged = assess.preview(session, shipment, now)
            if judged.outcome.state is State.REFUSED:
                raise ShipmentRefused(_FORBIDDEN.filled(reason=judged.outcome.reasons[0]))
            stored = _stored(session, shipment, judged, now)
        outcome = decide.cleared(judged.ground.facts, reason)
        decision = _decision(session, shipment, stored, outcome, now, by.name)
        review = {"authority": by.organisation.name, "officer": by.name, "at": moment(now), "reason": reason}
        _issue(session, shipment, decision, outcome, stored, issuer, settings, now, review)
    return decision


def return_referral(
    session: Session, shipment: Shipment, reason: str, *, by: User, now: datetime, version: int | None = None
) -> None:
    """The authority gives a referred shipment back to the exporter to be made good."""
    _return(session, shipment, reason, by, now, version, authority=True)


def refuse_referral(
    session: Session, shipment: Shipment, reason: str, *, by: User, now: datetime, version: int | None = None
) -> Decision:
    """The authority refuses a referred shipment; its words are the reason in both languages."""
    referred = shipment.decision
    if referred is None:
        raise ShipmentRefused(Text("There is no referral to settle.", "没有待处理的移送审查事项。"))
    with changing(
        session, shipment, Deed.REFUSE, "shipment.refused", by=by, now=now, version=version, authority=True,
        details={"reason": reason},
    ):  # fmt: skip
        outcome = Outcome(State.REFUSED, "", (Text(reason, reason),))
        decision = _decision(session, shipment, referred.assessment, outcome, now, by.name)
    return decision


# ---- steps


@contextmanager
def _whole(session: Session) -> Iterator[None]:
    """All of the block or nothing: whatever goes wrong in it undoes the session's whole transaction."""
    try:
        yield
    except issue.AttestationBroken as error:
        session.rollback()
        raise CannotIssue(_ATTESTED_OTHERWISE) from error
    except _UNPRINTABLE as error:
        session.rollback()
        raise CannotIssue(Text(f"No certificate can be issued: {error}.", f"无法出具证书：{error}。")) from error
    except BaseException:
        session.rollback()
        raise


def _stored(session: Session, shipment: Shipment, judged: Judged, now: datetime) -> Assessment:
    stored = assess.snapshot(shipment, judged, now)
    shipment.assessments.append(stored)
    session.flush()
    hits.keep(session, shipment, judged.ground.screened, now)
    return stored


def _decide(session: Session, shipment: Shipment, outcome: Outcome, stored: Assessment, now: datetime) -> Decision:
    shipment.state, shipment.updated_at = after(State(shipment.state), _DEEDS[outcome.state]), now
    decision = _decision(session, shipment, stored, outcome, now, "portal")
    audit.record(
        session,
        actor=audit.Actor.system("portal"),
        verb=f"shipment.{outcome.state}",
        subject=subject(shipment.id),
        now=now,
        details={"assessment": stored.digest, "points": stored.points, "band": stored.band},
        organisation_id=shipment.organisation_id,
    )
    return decision


def _decision(
    session: Session, shipment: Shipment, stored: Assessment, outcome: Outcome, now: datetime, by: str
) -> Decision:
    shipment.decided_at = now
    decision = Decision(
        assessment_id=stored.id,
        sequence=max((each.sequence for each in shipment.decisions), default=0) + 1,
        outcome=outcome.state,
        purpose=outcome.purpose if outcome.state is State.CERTIFIED else "",
        reasons=[reason.to_json() for reason in outcome.reasons],
        decided_at=now,
        decided_by=by,
        certificate_number="",
    )
    shipment.decisions.append(decision)
    session.flush()
    return decision


def _issue(
    session: Session,
    shipment: Shipment,
    decision: Decision,
    outcome: Outcome,
    stored: Assessment,
    issuer: Issuer,
    settings: Settings,
    now: datetime,
    review: Mapping[str, str] | None = None,
) -> None:
    facts = certify.draft(
        shipment,
        stored=stored,
        outcome=outcome,
        attestation=shipment.attestations[-1],
        supersedes=superseded(session, shipment),
        review=review,
    )
    made = issue.issue(
        session,
        facts,
        issuer=issuer,
        settings=settings,
        organisation_id=shipment.organisation_id,
        subject_id=shipment.id,
        now=now,
    )
    decision.certificate_number = made.number
    if shipment.attestations[-1].method != "case-file":  # who runs the command has the files from it
        handing_over.plan(session, made.number, now=now)
    session.flush()


def _return(
    session: Session, shipment: Shipment, reason: str, by: User, now: datetime, version: int | None, *, authority: bool
) -> None:
    with changing(
        session, shipment, Deed.RETURN, "shipment.returned", by=by, now=now, version=version, authority=authority,
        details={"reason": reason},
    ):  # fmt: skip
        shipment.returned_at, shipment.return_reason = now, reason
        answers.reopen(session, shipment, by=by, now=now)
