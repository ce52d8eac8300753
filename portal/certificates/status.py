"""The status of a certificate: how it changes, what it is now, and how that is told to others under signature."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, Literal, Protocol

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.certificates import credential, tokens
from portal.certificates import statement as statements
from portal.certificates.models import Certificate, CertificateEvent, CertificateFile
from portal.certificates.statuslist import publish
from portal.text import Text

State = Literal["valid", "suspended", "revoked", "expired", "superseded", "used_up"]
Change = Literal["suspend", "reinstate", "revoke", "supersede", "use_up"]

ANSWER_TYPE = "ddc-status+jwt"
NOT_REGISTERED = "not_registered"
ANSWER_LIFE = timedelta(minutes=15)
_ALLOWED: dict[Change, tuple[frozenset[str], State]] = {
    "suspend": (frozenset({"valid"}), "suspended"),
    "reinstate": (frozenset({"suspended"}), "valid"),
    "revoke": (frozenset({"valid", "suspended", "superseded", "expired", "used_up"}), "revoked"),
    "supersede": (frozenset({"valid"}), "superseded"),
    "use_up": (frozenset({"valid", "expired"}), "used_up"),
}
_VERBS: dict[Change, str] = {
    "suspend": "certificate.suspended",
    "reinstate": "certificate.reinstated",
    "revoke": "certificate.revoked",
    "supersede": "certificate.superseded",
    "use_up": "certificate.used_up",
}


class StatusError(ValueError):
    """A change of status that is not possible, or without a proper reason; ``text`` says it in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class StatusSigner(Protocol):
    """What of an issuer is needed to sign a status."""

    @property
    def id(self) -> str: ...
    @property
    def seal(self) -> tokens.TokenSigner: ...


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason code: for which changes it may be given, and its text."""

    code: str
    changes: frozenset[str]
    text: Text


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """What a certificate is worth now. ``since`` is the moment from which that holds."""

    state: State
    since: datetime
    reason_code: str = ""
    reason: str = ""

    @property
    def reason_text(self) -> Text | None:
        """The reason code in words; the officer's own words are in ``reason``."""
        found = reasons().get(self.reason_code)
        return found.text if found else None


@cache
def reasons() -> dict[str, Reason]:
    """Every reason code, in the order in which a list offers them."""
    text = resources.files("portal.certificates").joinpath("data/status_reasons.yaml").read_text("utf-8")
    entries = yaml.safe_load(text)["reasons"]
    return {e["code"]: Reason(e["code"], frozenset(e["for"]), Text.read(e["text"])) for e in entries}


def reasons_for(change: Change) -> tuple[Reason, ...]:
    """The reasons that may be given for one kind of change."""
    return tuple(reason for reason in reasons().values() if change in reason.changes)


def current(session: Session, certificate: Certificate, now: datetime) -> CertificateStatus:
    """The status at ``now``.

    Revoked, superseded and used up stay so after the term has ended, as they say more than "expired" does; a
    suspended certificate whose term has ended is expired.
    """
    event = _last_event(session, certificate)
    expires = end_of_term(certificate.valid_until)
    if event.state in ("valid", "suspended") and now >= expires:
        return CertificateStatus("expired", expires)
    return CertificateStatus(event.state, event.at, event.reason_code, event.reason)  # type: ignore[arg-type]


def end_of_term(valid_until: date) -> datetime:
    """The first moment at which a certificate is expired: ``valid_until`` is its last day, in UTC."""
    return datetime(valid_until.year, valid_until.month, valid_until.day, tzinfo=UTC) + timedelta(days=1)


def history(session: Session, certificate: Certificate) -> tuple[CertificateEvent, ...]:
    """Every change of status, the oldest first."""
    found = select(CertificateEvent).where(CertificateEvent.certificate_id == certificate.id)
    return tuple(session.scalars(found.order_by(CertificateEvent.sequence)))


def suspend(
    session: Session, certificate: Certificate, *, reason_code: str, reason: str, actor: audit.Actor, now: datetime
) -> CertificateStatus:
    """Suspend a valid certificate until it is reinstated or revoked."""
    return _change(session, certificate, "suspend", reason_code, reason, actor, now)


def reinstate(
    session: Session, certificate: Certificate, *, reason_code: str, reason: str, actor: audit.Actor, now: datetime
) -> CertificateStatus:
    """End a suspension."""
    return _change(session, certificate, "reinstate", reason_code, reason, actor, now)


def revoke(
    session: Session, certificate: Certificate, *, reason_code: str, reason: str, actor: audit.Actor, now: datetime
) -> CertificateStatus:
    """Take a certificate back for good; there is no way back from it."""
    return _change(session, certificate, "revoke", reason_code, reason, actor, now)


def supersede(
    session: Session, certificate: Certificate, *, reason_code: str, reason: str, actor: audit.Actor, now: datetime
) -> CertificateStatus:
    """Mark a certificate as replaced by a newer revision, which names it in its own statement."""
    return _change(session, certificate, "supersede", reason_code, reason, actor, now)


def use_up(
    session: Session, certificate: Certificate, *, reason_code: str, reason: str, actor: audit.Actor, now: datetime
) -> CertificateStatus:
    """Mark a certificate as used up: the whole quantity was presented at customs. There is no way back from it."""
    return _change(session, certificate, "use_up", reason_code, reason, actor, now)


def first_event(certificate: Certificate, *, actor: audit.Actor, now: datetime) -> CertificateEvent:
    """The event with which a certificate begins its life."""
    return _event(certificate, 1, "valid", "", "", actor, now)


def find(session: Session, number: str) -> Certificate | None:
    """The certificate with a number, as ``number.parse`` gives it."""
    return session.scalars(select(Certificate).where(Certificate.number == number)).one_or_none()


def answer(session: Session, number: str, *, issuer: StatusSigner, now: datetime) -> dict[str, Any]:
    """What ``/verify/<number>?format=json`` says of a number: the status, and the same under the issuer's signature.

    A number that was never given has the state ``not_registered`` (serve it with 404). Only ``token`` is trusted by
    a verifier; it names the statement's digest and ends after ``ANSWER_LIFE``. ``log_proof`` lies beside it, as a seal
    has no room for it and it proves itself.
    """
    log_proof = ""
    told: dict[str, Any] = {"number": number, "state": NOT_REGISTERED, "since": None, "reason_code": "", "digest": ""}
    certificate = find(session, number)
    if certificate is not None and certificate.issuer_id == issuer.id:
        status = current(session, certificate, now)
        told |= {
            "state": status.state,
            "since": statements.moment(status.since),
            "reason_code": status.reason_code,
            "digest": certificate.digest,
        }
        kept = select(CertificateFile.content).where(CertificateFile.certificate_id == certificate.id)
        document = session.scalars(kept.where(CertificateFile.kind == "json")).one_or_none()
        log_proof = credential.enclosed_log_proof(document) if document else ""
    terms = {"iss": issuer.id, "iat": int(now.timestamp()), "exp": int((now + ANSWER_LIFE).timestamp())}
    token = tokens.sign({**told, **terms}, signer=issuer.seal, typ=ANSWER_TYPE)
    return {**told, "as_of": statements.moment(now), "token": token, "log_proof": log_proof}


def _last_event(session: Session, certificate: Certificate) -> CertificateEvent:
    found = select(CertificateEvent).where(CertificateEvent.certificate_id == certificate.id)
    return session.scalars(found.order_by(CertificateEvent.sequence.desc()).limit(1)).one()


def _change(
    session: Session,
    certificate: Certificate,
    change: Change,
    reason_code: str,
    reason: str,
    actor: audit.Actor,
    now: datetime,
) -> CertificateStatus:
    _check_reason(change, reason_code, reason)
    # The row is locked so that two officers who press at once change it one after the other.
    session.execute(select(Certificate.id).where(Certificate.id == certificate.id).with_for_update())
    before = current(session, certificate, now)
    allowed, state = _ALLOWED[change]
    if before.state not in allowed:
        raise StatusError(_refusal(change, before.state))
    event = _event(certificate, _last_event(session, certificate).sequence + 1, state, reason_code, reason, actor, now)
    session.add(event)
    session.flush()
    session.expire(certificate, ["events"])
    if certificate.list_number is not None:
        publish.note_change(session, certificate.list_number)
    audit.record(
        session,
        actor=actor,
        verb=_VERBS[change],
        subject=f"certificate:{certificate.number}",
        now=now,
        details={"from": before.state, "to": state, "reason_code": reason_code, "reason": reason.strip()},
        organisation_id=certificate.organisation_id,
    )
    return CertificateStatus(state, now, reason_code, reason.strip())


def _event(
    certificate: Certificate,
    sequence: int,
    state: State,
    reason_code: str,
    reason: str,
    actor: audit.Actor,
    now: datetime,
) -> CertificateEvent:
    return CertificateEvent(
        certificate_id=certificate.id,
        sequence=sequence,
        state=state,
        at=now,
        reason_code=reason_code,
        reason=reason.strip(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
    )


def _check_reason(change: Change, reason_code: str, reason: str) -> None:
    found = reasons().get(reason_code)
    if found is None or change not in found.changes:
        raise StatusError(Text("Choose a reason from the list", "请从列表中选择理由"))
    if not reason.strip() and change != "use_up":  # which follows from numbers, and is nobody's decision
        raise StatusError(Text("Say in your own words why", "请说明具体理由"))
    if len(reason) > 2000:
        raise StatusError(Text("The reason must be 2,000 characters or fewer", "理由不得超过2000个字符"))


def _refusal(change: Change, state: State) -> Text:
    state_words = {
        "valid": Text("valid", "有效"),
        "suspended": Text("suspended", "中止"),
        "revoked": Text("revoked", "已撤销"),
        "expired": Text("expired", "已过期"),
        "superseded": Text("superseded", "已被取代"),
        "used_up": Text("used up", "已用完"),
    }[state]
    change_words = {
        "suspend": Text("suspended", "中止"),
        "reinstate": Text("reinstated", "恢复"),
        "revoke": Text("revoked", "撤销"),
        "supersede": Text("superseded", "取代"),
        "use_up": Text("marked as used up", "标记为已用完"),
    }[change]
    sentence = Text("The certificate is {state}, so it cannot be {change}", "证书当前状态为“{state}”，不能予以{change}")
    return sentence.filled(state=state_words, change=change_words)
