"""The registry of certificates: find one, count them, and change what one is worth."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal import audit
from portal.certificates import status as statuses
from portal.certificates.models import Certificate, CertificateEvent
from portal.text import Text

STATES = ("valid", "suspended", "revoked", "expired", "superseded", "used_up")
CHANGES = ("suspend", "reinstate", "revoke")
_PURPOSES = {
    "licence-application": Text("For an export licence application only", "仅供申请出口许可证使用"),
    "shipment-under-licence": Text("Shipment under an export licence", "凭出口许可证出运"),
    "shipment-uncontrolled": Text("Shipment of items not found to be controlled", "未查到管制的物项出运"),
}
_DEEDS = {"suspend": statuses.suspend, "reinstate": statuses.reinstate, "revoke": statuses.revoke}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many certificates there are in each state at a moment."""

    valid: int
    suspended: int
    revoked: int
    expired: int


def search(text: str, state: str, now: datetime) -> Select[Certificate]:
    """Certificates whose number, exporter, end user or destination has ``text``, in ``state`` (or any), newest first.

    ``text`` is taken as it is: ``%`` and ``_`` stand for themselves.
    """
    found = select(Certificate).order_by(Certificate.issued_at.desc(), Certificate.number.desc())
    words = text.strip()[:100]
    if words:
        columns = (Certificate.number, Certificate.exporter_name, Certificate.end_user_name)
        by_text = [column.icontains(words, autoescape=True) for column in columns]
        found = found.where(or_(*by_text, Certificate.destination == words.upper()))
    condition = _in_state(state, now)
    return found if condition is None else found.where(condition)


def _in_state(state: str, now: datetime) -> Any:
    if state not in STATES:
        return None
    day = now.date()
    event, later = aliased(CertificateEvent), aliased(CertificateEvent)
    newest = ~exists().where(later.certificate_id == event.certificate_id, later.sequence > event.sequence)

    def stands(*kinds: str) -> Any:
        return exists().where(event.certificate_id == Certificate.id, event.state.in_(kinds), newest)

    if state == "expired":
        return and_(Certificate.valid_until < day, stands("valid", "suspended"))
    if state in ("valid", "suspended"):
        return and_(Certificate.valid_until >= day, stands(state))
    return stands(state)


def counts(session: Session, now: datetime) -> Counts:
    """How many certificates stand in each state."""

    def number(state: str) -> int:
        return session.scalar(select(func.count()).select_from(search("", state, now).order_by(None).subquery())) or 0

    return Counts(number("valid"), number("suspended"), number("revoked"), number("expired"))


def find(session: Session, number: str) -> Certificate | None:
    """The certificate with this number, as printed; ``None`` when there is none."""
    return session.scalars(select(Certificate).where(Certificate.number == number)).one_or_none()


def statement(certificate: Certificate) -> dict[str, Any]:
    """What the certificate says, as it was signed."""
    read: dict[str, Any] = json.loads(certificate.statement)
    return read


def history(session: Session, certificate: Certificate) -> list[CertificateEvent]:
    """Every change of status, newest first."""
    return list(statuses.history(session, certificate))[::-1]


def reasons_for(deed: str) -> tuple[statuses.Reason, ...]:
    """The reason codes that may be given for a change."""
    return statuses.reasons_for(cast("statuses.Change", deed))


def purpose_text(code: str) -> Text:
    """What a certificate was issued for, in words."""
    return _PURPOSES.get(code, Text(code, code))


def reason_text(code: str) -> Text:
    """A reason code in words; empty for none."""
    found = statuses.reasons().get(code)
    return found.text if found else Text(code, code)


def said(reason: str) -> Text:
    """Why a status was changed, in a person's words as they stand. The portal's own have a line for each language."""
    english, _, chinese = reason.partition("\n")
    if english.startswith("A party of this shipment, ") and chinese.startswith("本批货物"):  # see ``consequences``
        return Text(english, chinese)
    return Text(reason, reason)


def possible_changes(state: str) -> tuple[str, ...]:
    """What an officer may do to a certificate in this state."""
    if state == "valid":
        return ("suspend", "revoke")
    if state == "suspended":
        return ("reinstate", "revoke")
    return () if state == "revoked" else ("revoke",)


def change(
    session: Session,
    certificate: Certificate,
    deed: str,
    *,
    reason_code: str,
    reason: str,
    actor: audit.Actor,
    now: datetime,
) -> statuses.CertificateStatus:
    """Suspend, reinstate or revoke; a verifier is told from the next question on.

    Raises ``status.StatusError`` when the certificate's state does not allow it or the reason is not one.
    """
    return _DEEDS[deed](session, certificate, reason_code=reason_code, reason=reason, actor=actor, now=now)


def looked_at(
    session: Session, subject: str, *, actor: audit.Actor, now: datetime, organisation_id: Any = None
) -> None:
    """Leave an audit event: an officer opened a file that belongs to an exporter."""
    audit.record(session, actor=actor, verb="file.opened", subject=subject, now=now, organisation_id=organisation_id)
