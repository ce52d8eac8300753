"""Conduct a shipment from draft to decision: submit, return, attest, withdraw, amend.

Every function checks state and person first and raises a ``ShipmentRefused`` (its ``reason`` is for the page) before
it touches anything. ``version`` is the version of the shipment that the person saw.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import User
from portal.certificates import fonts, issue, page
from portal.certificates import status as statuses
from portal.certificates.keys import Issuer
from portal.certificates.models import Certificate
from portal.certificates.statement import StatementError
from portal.config import Settings
from portal.shipments import answers, assess, attestation, certify
from portal.shipments.assess import Judged
from portal.shipments.change import changing, person, subject
from portal.shipments.completeness import Missing, missing
from portal.shipments.models import Assessment, Decision, Document, GoodsLine, Party, Shipment
from portal.shipments.states import CannotIssue, Deed, ShipmentChanged, ShipmentRefused, State, after
from portal.text import Text

_DEEDS = {State.CERTIFIED: Deed.CERTIFY, State.REFERRED: Deed.REFER, State.REFUSED: Deed.REFUSE}
_UNPRINTABLE = (issue.IssueRefused, StatementError, fonts.GlyphMissing, page.PageOverflow, page.SealTooLarge)
_COPIED = (
    "reference", "contract_number", "contract_date", "incoterm", "departure", "departure_port", "transit",
    "destination", "mode", "planned_on", "licence_number", "licence_issuer", "licence_valid_until", "licence_scope",
    "licence_quantity_left", "licence_unit",
)  # fmt: skip


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
    version: int | None = None,
) -> Decision:
    """Attest, assess, decide and, where nothing is against it, issue the certificate: all in one transaction.

    1. State, role and the rule of two people are checked; the shipment is attested.
    2. It is judged, and everything that the judgement rests on is stored.
    3. It is decided; a certificate is issued, an older revision's superseded.
    4. The decision is stored.

    When anything fails the session's whole transaction is rolled back before the error goes on, so that a caller who
    catches it cannot keep half of this. ``CannotIssue`` tells of a text that cannot be printed or an older certificate
    that may not be superseded.
    """
    after(State(shipment.state), Deed.ATTEST)
    attestation.check_two_people(shipment, officer)
    try:
        return _attest(session, shipment, officer, now, issuer, settings, method, version)
    except _UNPRINTABLE as error:
        session.rollback()
        raise CannotIssue(Text(f"No certificate can be issued: {error}.", f"无法出具证书：{error}。")) from error
    except BaseException:
        session.rollback()
        raise


def certificate(session: Session, shipment: Shipment) -> Certificate | None:
    """The certificate of this revision, if there is one."""
    return session.scalars(select(Certificate).where(Certificate.subject_id == shipment.id)).one_or_none()


def amend(session: Session, shipment: Shipment, *, by: User, now: datetime, version: int | None = None) -> Shipment:
    """A new draft revision of a certified shipment, with its goods, parties, documents and answers.

    The old certificate stays valid until the new revision is certified, which supersedes it.
    """
    after(State(shipment.state), Deed.AMEND)
    _check_amendable(session, shipment, now)
    with changing(session, shipment, Deed.AMEND, "shipment.amended", by=by, now=now, version=version):
        newer = _next_revision(session, shipment, by, now)
    items = _copy_items(session, shipment, newer)
    answers.copy(session, shipment, newer, items, by=by, now=now)
    audit.record(
        session,
        actor=person(by),
        verb="shipment.created",
        subject=subject(newer.id),
        now=now,
        details={"reference": newer.reference, "revision": newer.revision, "amends": str(shipment.id)},
        organisation_id=newer.organisation_id,
    )
    return newer


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
        decision = _decision(
            session, shipment, referred.assessment, State.REFUSED, "", [Text(reason, reason)], now, by.name
        )
    return decision


# ---- steps


def _attest(
    session: Session,
    shipment: Shipment,
    officer: User,
    now: datetime,
    issuer: Issuer,
    settings: Settings,
    method: str,
    version: int | None,
) -> Decision:
    details = {"method": method, "text_version": attestation.wording().version}
    with changing(
        session, shipment, Deed.ATTEST, "shipment.attested", by=officer, now=now, version=version, details=details
    ):
        shipment.attested_at = now
    judged = assess.preview(session, shipment, now)
    word = attestation.give(shipment, judged.ground.answered, officer=officer, now=now, method=method)
    stored = assess.snapshot(shipment, judged, now)
    shipment.attestations.append(word)
    shipment.assessments.append(stored)
    session.flush()
    decision = _decide(session, shipment, judged, stored, now)
    if decision.outcome == State.CERTIFIED:
        facts = certify.draft(
            shipment,
            stored=stored,
            outcome=judged.outcome,
            attestation=word,
            supersedes=_superseded(session, shipment),
        )
        made = issue.issue(
            session, facts, issuer=issuer, settings=settings, organisation_id=shipment.organisation_id,
            subject_id=shipment.id, now=now,
        )  # fmt: skip
        decision.certificate_number = made.number
        session.flush()
    return decision


def _decide(session: Session, shipment: Shipment, judged: Judged, stored: Assessment, now: datetime) -> Decision:
    outcome = judged.outcome
    shipment.state = after(State(shipment.state), _DEEDS[outcome.state])
    purpose = outcome.purpose if outcome.state is State.CERTIFIED else ""
    decision = _decision(session, shipment, stored, outcome.state, purpose, outcome.reasons, now, "portal")
    audit.record(
        session,
        actor=audit.Actor.system("portal"),
        verb=f"shipment.{outcome.state}",
        subject=subject(shipment.id),
        now=now,
        details={"assessment": stored.digest, "points": stored.points, "band": stored.band, "purpose": purpose},
        organisation_id=shipment.organisation_id,
    )
    return decision


def _decision(
    session: Session,
    shipment: Shipment,
    stored: Assessment,
    outcome: State,
    purpose: str,
    reasons: Sequence[Text],
    now: datetime,
    by: str,
) -> Decision:
    shipment.decided_at = now
    decision = Decision(
        assessment_id=stored.id,
        sequence=max((each.sequence for each in shipment.decisions), default=0) + 1,
        outcome=outcome,
        purpose=purpose,
        reasons=[reason.to_json() for reason in reasons],
        decided_at=now,
        decided_by=by,
        certificate_number="",
    )
    shipment.decisions.append(decision)
    session.flush()
    return decision


def _return(
    session: Session, shipment: Shipment, reason: str, by: User, now: datetime, version: int | None, *, authority: bool
) -> None:
    with changing(
        session, shipment, Deed.RETURN, "shipment.returned", by=by, now=now, version=version, authority=authority,
        details={"reason": reason},
    ):  # fmt: skip
        shipment.returned_at, shipment.return_reason = now, reason
        answers.reopen(session, shipment, by=by, now=now)


# ---- revisions


def _superseded(session: Session, shipment: Shipment) -> str | None:
    previous = shipment.previous
    found = certificate(session, previous) if previous is not None else None
    return found.number if found else None


def _check_amendable(session: Session, shipment: Shipment, now: datetime) -> None:
    chosen = select(Shipment).where(Shipment.previous_id == shipment.id)
    if any(each.state not in (State.WITHDRAWN, State.REFUSED) for each in session.scalars(chosen)):
        raise ShipmentRefused(
            Text("This shipment is already being amended or was amended.", "该货物批次正在变更或已经变更。")
        )
    found = certificate(session, shipment)
    if found is not None and statuses.current(session, found, now).state in ("suspended", "revoked"):
        raise ShipmentRefused(
            Text(
                "Its certificate is suspended or revoked, so it cannot be amended. Make a new shipment.",
                "其证书已被暂停或撤销，不能变更，请新建货物批次。",
            )
        )


def _next_revision(session: Session, shipment: Shipment, by: User, now: datetime) -> Shipment:
    same = (Shipment.organisation_id == shipment.organisation_id, Shipment.reference == shipment.reference)
    newest = max(session.scalars(select(Shipment.revision).where(*same)))
    newer = Shipment(
        organisation_id=shipment.organisation_id,
        previous_id=shipment.id,
        revision=newest + 1,
        state=State.DRAFT,
        created_by=by.id,
        created_at=now,
        updated_at=now,
        editors=[str(by.id)],
        **{name: getattr(shipment, name) for name in _COPIED},
    )
    session.add(newer)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise ShipmentChanged from None
    return newer


def _copy_items(session: Session, shipment: Shipment, newer: Shipment) -> dict[uuid.UUID, uuid.UUID]:
    """Copy what counts, and tell which new id stands for which old one."""
    copies: dict[uuid.UUID, uuid.UUID] = {}
    rows: list[tuple[type[GoodsLine] | type[Party], Sequence[GoodsLine | Party]]] = [
        (GoodsLine, shipment.goods),
        (Party, shipment.parties),
    ]
    for model, items in rows:
        for item in items:
            copy = model(**_columns(item, newer))
            session.add(copy)
            session.flush()
            copies[item.id] = copy.id
    for document in shipment.documents:
        owners = {
            "party_id": copies.get(document.party_id) if document.party_id else None,
            "goods_id": copies.get(document.goods_id) if document.goods_id else None,
        }
        session.add(Document(**{**_columns(document, newer), **owners}))
    session.flush()
    session.expire(newer, ["all_goods", "all_parties", "all_documents"])
    return copies


def _columns(item: GoodsLine | Party | Document, newer: Shipment) -> dict[str, object]:
    names = [column.key for column in type(item).__table__.columns if column.key != "id"]
    return {**{name: getattr(item, name) for name in names}, "shipment_id": newer.id}
