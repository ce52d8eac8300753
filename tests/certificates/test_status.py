"""The status of a certificate: which changes are possible, that they are final, and how they are told."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.audit.models import AuditEvent
from portal.certificates import number, status, tokens
from portal.certificates.keys import Issuer
from portal.certificates.models import Certificate
from tests.certificates.samples import NOW

OFFICER = audit.Actor("user", "42", "Officer Wang")
HOUR = timedelta(hours=1)


def registered(session: Session, issuer: Issuer, count: int = 1) -> Certificate:
    """A certificate in the register, without the files that its status does not need."""
    certificate = Certificate(
        number=number.compose(2026, count),
        digest=f"{count:064x}",
        statement="{}",
        organisation_id=uuid.uuid4(),
        subject_id=uuid.uuid4(),
        issuer_id=issuer.id,
        test=True,
        purpose="shipment-uncontrolled",
        exporter_name="云南锗光科技有限公司",
        end_user_name="Jenaer Optikwerk GmbH",
        destination="DE",
        band="low",
        issued_at=NOW,
        valid_until=date(2027, 5, 23),
        log_index=count,
    )
    session.add(certificate)
    session.flush()
    certificate.events.append(status.first_event(certificate, actor=OFFICER, now=NOW))
    session.flush()
    return certificate


def change(session: Session, certificate: Certificate, kind: str, hours: int, code: str = "") -> None:
    code = code or {"suspend": "under-review", "reinstate": "review-closed", "revoke": "false-statement"}[kind]
    deed = getattr(status, kind)
    deed(session, certificate, reason_code=code, reason="As found.", actor=OFFICER, now=NOW + hours * HOUR)


def test_a_certificate_is_suspended_reinstated_and_revoked(session: Session, issuer: Issuer) -> None:
    certificate = registered(session, issuer)
    assert status.current(session, certificate, NOW).state == "valid"
    change(session, certificate, "suspend", 1)
    found = status.current(session, certificate, NOW + HOUR)
    assert (found.state, found.since, found.reason_code) == ("suspended", NOW + HOUR, "under-review")
    assert found.reason_text is not None
    change(session, certificate, "reinstate", 2)
    assert status.current(session, certificate, NOW + 2 * HOUR).state == "valid"
    change(session, certificate, "revoke", 3)
    assert status.current(session, certificate, NOW + 3 * HOUR).state == "revoked"
    session.commit()
    session.expire_all()
    states = [(event.sequence, event.state) for event in status.history(session, certificate)]
    assert states == [(1, "valid"), (2, "suspended"), (3, "valid"), (4, "revoked")]
    assert [event.state for event in certificate.events] == [state for _, state in states]


@pytest.mark.parametrize(
    ("before", "deed"),
    [
        ([], "reinstate"),
        (["suspend"], "suspend"),
        (["revoke"], "suspend"),
        (["revoke"], "reinstate"),
        (["revoke"], "revoke"),
        (["suspend", "revoke"], "reinstate"),
    ],
)
def test_what_cannot_be_is_refused_in_both_languages(
    session: Session, issuer: Issuer, before: list[str], deed: str
) -> None:
    certificate = registered(session, issuer)
    for hours, kind in enumerate(before, start=1):
        change(session, certificate, kind, hours)
    events = len(status.history(session, certificate))
    with pytest.raises(status.StatusError) as error:
        change(session, certificate, deed, 9)
    assert "cannot be" in error.value.text.en
    assert "不能" in error.value.text.zh
    assert len(status.history(session, certificate)) == events


@pytest.mark.parametrize(
    ("code", "reason"),
    [("", "x"), ("nonsense", "x"), ("review-closed", "x"), ("under-review", "  "), ("under-review", "x" * 2001)],
)
def test_a_change_needs_a_reason_of_its_kind(session: Session, issuer: Issuer, code: str, reason: str) -> None:
    certificate = registered(session, issuer)
    with pytest.raises(status.StatusError):
        status.suspend(session, certificate, reason_code=code, reason=reason, actor=OFFICER, now=NOW)
    assert status.current(session, certificate, NOW).state == "valid"


def test_the_term_ends_with_its_last_day(session: Session, issuer: Issuer) -> None:
    certificate = registered(session, issuer)
    end = status.end_of_term(certificate.valid_until)
    assert end.isoformat() == "2027-05-24T00:00:00+00:00"
    assert status.current(session, certificate, end - timedelta(seconds=1)).state == "valid"
    expired = status.current(session, certificate, end)
    assert (expired.state, expired.since) == ("expired", end)
    change(session, certificate, "suspend", 1)
    assert status.current(session, certificate, end).state == "expired"
    with pytest.raises(status.StatusError, match="is expired"):
        change(session, certificate, "reinstate", 24 * 365)
    change(session, certificate, "revoke", 24 * 365)
    assert status.current(session, certificate, end + 400 * 24 * HOUR).state == "revoked"


def test_each_change_leaves_an_audit_event(session: Session, issuer: Issuer) -> None:
    certificate = registered(session, issuer)
    change(session, certificate, "suspend", 1)
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert event is not None
    assert (event.verb, event.subject) == ("certificate.suspended", f"certificate:{certificate.number}")
    assert (event.actor_name, event.organisation_id) == ("Officer Wang", certificate.organisation_id)
    assert event.details == {
        "from": "valid", "to": "suspended", "reason_code": "under-review", "reason": "As found.",
    }  # fmt: skip


def test_the_answer_is_signed_and_says_what_the_register_says(session: Session, issuer: Issuer) -> None:
    certificate = registered(session, issuer)
    change(session, certificate, "revoke", 1)
    told = status.answer(session, certificate.number, issuer=issuer, now=NOW + 2 * HOUR)
    signed = tokens.verify(told["token"], typ=status.ANSWER_TYPE, find_key=lambda kid: issuer.seal.signer.public_key)
    assert {name: signed[name] for name in ("number", "state", "since", "reason_code", "digest")} == {
        "number": certificate.number,
        "state": "revoked",
        "since": "2026-11-24T10:00:00Z",
        "reason_code": "false-statement",
        "digest": certificate.digest,
    }
    assert signed["exp"] - signed["iat"] == 15 * 60
    assert "reason" not in told


def test_a_number_that_was_never_given_has_a_signed_answer_too(session: Session, issuer: Issuer) -> None:
    told = status.answer(session, number.compose(2026, 77), issuer=issuer, now=NOW)
    assert told["state"] == "not_registered"
    signed = tokens.verify(told["token"], typ=status.ANSWER_TYPE, find_key=lambda kid: issuer.seal.signer.public_key)
    assert signed["state"] == "not_registered"


def test_every_reason_is_for_some_change_and_in_both_languages() -> None:
    changes = {"suspend", "reinstate", "revoke", "supersede", "use_up"}
    for reason in status.reasons().values():
        assert reason.changes
        assert reason.changes <= changes
        assert reason.text.en
        assert any("\u4e00" <= letter <= "\u9fff" for letter in reason.text.zh)
    assert {change for reason in status.reasons().values() for change in reason.changes} == changes
    assert [reason.code for reason in status.reasons_for("reinstate")] == ["review-closed"]
