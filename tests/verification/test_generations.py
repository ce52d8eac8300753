"""Keys come and go: certificates of three generations, a key outside its term, and one that fell into other hands."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.audit import Actor
from portal.certificates import compromise, issue, keys
from portal.certificates.keys import Issuer
from portal.certificates.models import Certificate
from portal.certificates.signer import KeyRefused
from portal.certificates.trust import TrustRoot
from portal.config import Settings
from portal.verification.verify import verify
from tests.certificates.samples import DRAFT, NOW, ORGANISATION

SINCE = NOW + timedelta(hours=1)
LATER = NOW + timedelta(days=1)
OPERATOR = Actor.command("test")


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """An installation with keys of its own and the fonts of the shared one."""
    issue.font_folder(settings)
    if (settings.instance / "fonts").exists():
        (tmp_path / "fonts").symlink_to(settings.instance / "fonts")
    return Settings(instance=tmp_path, seal_algorithm="Ed25519")


def issued_at(session: Session, own: Settings, now: datetime, issuer: Issuer | None = None) -> Certificate:
    return issue.issue(
        session,
        DRAFT,
        issuer=issuer or keys.open_issuer(own, now=now),
        settings=own,
        organisation_id=ORGANISATION,
        subject_id=uuid.uuid4(),
        now=now,
    )


def told(certificate: Certificate, own: Settings, kind: str, *, log_proof: str = "") -> tuple[str, str]:
    """The reasons for integrity and issuer."""
    files = {**issue.files(certificate), "seal": issue.seal_text(certificate).encode("ascii")}
    report = verify(files[kind], trust=keys.trust_root(own, now=LATER), status=None, now=LATER, log_proof=log_proof)
    return report.integrity.key, report.issuer.key


def test_certificates_of_three_generations_verify_and_a_key_outside_its_term_does_not(
    own: Settings, session: Session
) -> None:
    """The generations differ in algorithm too: Ed25519, then ES256."""
    made, first = [], keys.open_issuer(own, now=NOW)
    for hours, algorithm in ((0, "Ed25519"), (1, "ES256"), (2, "Ed25519")):
        own = own.model_copy(update={"seal_algorithm": algorithm})
        now = NOW + timedelta(hours=hours)
        if hours:
            keys.rotate(own, now=now - timedelta(minutes=30))
        made.append(issued_at(session, own, now))
    assert keys.open_issuer(own, now=LATER).seal.algorithm.name == "Ed25519"
    for certificate in made:
        for kind in ("pdf", "json", "seal"):
            assert told(certificate, own, kind, log_proof=issue.log_proof(certificate)) == ("intact", "issuer-test")
    stale = replace(first, log=keys.open_issuer(own, now=LATER).log)
    late = issued_at(session, own, NOW + timedelta(hours=3), stale)
    for kind in ("pdf", "json", "seal"):
        assert told(late, own, kind) == ("intact", "key-out-of-term")


def test_what_a_compromised_key_signed_counts_only_when_proven_older(own: Settings, session: Session) -> None:
    thief = keys.open_issuer(own, now=NOW)
    genuine, doubtful = issued_at(session, own, NOW), issued_at(session, own, NOW + timedelta(hours=2))
    # Whoever has the keys dates a certificate back. The log is not in their hands: it gives the place that is next.
    dated_back = issued_at(session, own, NOW, thief)
    names = (thief.documents.thumbprint, thief.seal.signer.thumbprint[:12])
    for name in names:
        found = compromise.declare(session, own, name, since=SINCE, actor=OPERATOR, now=LATER)
        assert [key.compromise and key.compromise.log_entries for key in found] == [1]
    register = keys.open_issuer(own, now=LATER).trusted
    assert thief.documents.thumbprint not in {key.thumbprint for key in register.keys if key.ends is None}

    proof = issue.log_proof(genuine)
    for kind in ("pdf", "json", "seal"):
        assert told(genuine, own, kind, log_proof=proof) == ("intact", "issuer-before-compromise")
        assert told(doubtful, own, kind, log_proof=issue.log_proof(doubtful)) == ("intact", "key-compromised")
        assert told(dated_back, own, kind, log_proof=issue.log_proof(dated_back)) == ("intact", "key-compromised")
    assert told(genuine, own, "seal") == ("log-not-examined", "key-suspect")

    (seal,) = compromise.matching(register, names[1])
    assert [each.number for each in compromise.affected(session, register, seal)] == [doubtful.number]
    again = issued_at(session, own, LATER)
    assert told(again, own, "pdf") == ("intact", "issuer-test")


def test_a_compromise_is_only_moved_back_and_its_key_must_be_one(own: Settings, session: Session) -> None:
    name = keys.open_issuer(own, now=NOW).seal.signer.thumbprint
    for since, kept in ((SINCE, SINCE), (LATER, SINCE), (NOW, NOW)):
        (key,) = compromise.declare(session, own, name, since=since, actor=OPERATOR, now=LATER)
        assert key.compromise is not None
        assert key.compromise.since == kept
        assert key.ends == LATER
    register = compromise.opened_register(own)
    assert TrustRoot.of(TrustRoot((register,)).to_json(now=LATER)).issuers == (register,)
    for wrong in ("", "none-of-them", "!"):
        with pytest.raises(KeyRefused, match="names no key"):
            compromise.declare(session, own, wrong, since=SINCE, actor=OPERATOR, now=LATER)
    with pytest.raises(KeyRefused, match="future"):
        compromise.declare(session, own, name, since=LATER + timedelta(days=1), actor=OPERATOR, now=LATER)


def test_the_log_changes_its_key_and_everybody_can_follow(own: Settings, session: Session) -> None:
    from portal.certificates.log.append import published
    from portal.certificates.log.note import SignedCheckpoint

    old = keys.open_issuer(own, now=NOW)
    before = issued_at(session, own, NOW)
    both = keys.rotate_log(own, retire=False, now=SINCE)
    with pytest.raises(KeyRefused, match="retire it first"):
        keys.rotate_log(own, retire=False, now=SINCE)
    during = issued_at(session, own, SINCE + timedelta(minutes=1))
    for issuer in (old, both):
        note = SignedCheckpoint.parse(published(session, both.log, now=SINCE))
        assert issuer.log.first.key in note.signed_by([issuer.log.first.key])
    new = keys.rotate_log(own, retire=True, now=SINCE + timedelta(hours=1))
    assert old.log.first.key not in {signer.key for signer in new.log.signers}
    after = issued_at(session, own, SINCE + timedelta(hours=2))
    for certificate in (before, during, after):
        assert told(certificate, own, "json") == ("intact", "issuer-test")
    terms = {one.key: one.ends for one in new.trusted.logs[0].keys}
    assert terms[old.log.first.key] == SINCE + timedelta(hours=1)
    assert terms[new.log.first.key] is None
    with pytest.raises(KeyRefused, match="no key before"):
        keys.rotate_log(own, retire=True, now=LATER)
