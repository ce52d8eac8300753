"""A passkey's evidence: what it covers, that the verifier checks it from the certificate alone, and every attack."""

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.orm import Session

from portal.certificates import attested, issue, statement
from portal.certificates.attested import EvidenceBroken
from portal.certificates.keys import Issuer
from portal.certificates.statement import StatementError
from portal.certificates.trust import TrustRoot
from portal.config import Settings
from portal.db import Base, open_engine, session_factory
from portal.verification.sources import DatabaseStatus
from portal.verification.verify import verify
from tests.authenticator import PRESENT, Authenticator, text
from tests.certificates.samples import NOW, Issued, draft, issue_one

SITE = "http://localhost:8000"
REVIEW = {"authority": "MOFCOM", "officer": "Wang", "at": "2026-11-24T08:45:00Z", "reason": "Confirmed in writing"}
Change = Callable[[dict[str, Any]], None]


def sealed(facts: dict[str, Any], device: Authenticator | None = None, counter_before: int = 0) -> dict[str, Any]:
    """The draft with a passkey's evidence over it, as the portal would put it there."""
    device = device or Authenticator(SITE)
    facts = statement.normal({"revision": 1, **copy.deepcopy(facts)})
    facts["attestation"]["method"] = "passkey"
    judged, nonce, file = attested.judged(facts), b"n" * 32, "ab" * 32
    asked = attested.challenge(attested.digest(facts, file=file, judged=judged), nonce)
    answer = json.loads(device.get({"rpId": "localhost", "challenge": text(asked)}))["response"]
    facts["attestation"]["evidence"] = {
        "relying_party": "localhost",
        "origin": SITE,
        "nonce": text(nonce),
        "file": file,
        "judged": judged,
        "algorithm": "ES256",
        "public_key": text(device.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
        "authenticator_data": answer["authenticatorData"],
        "client_data": answer["clientDataJSON"],
        "signature": answer["signature"],
        "counter_before": counter_before,
    }
    return facts


def stated(facts: dict[str, Any]) -> dict[str, Any]:
    """As the statement has it, as far as the check looks."""
    return {**facts, "status_address": "http://127.0.0.1:8000/verify/DDC-2026-0000001-X"}


@pytest.fixture
def facts() -> dict[str, Any]:
    return stated(sealed(draft()))


def changed(**members: Any) -> Change:
    def change(facts: dict[str, Any]) -> None:
        for path, value in members.items():
            *way, last = path.split("__")
            inner: Any = facts
            for step in way:
                inner = inner[int(step) if step.isdigit() else step]
            inner[last] = value

    return change


def client_data(**members: Any) -> Change:
    """Other client data than the passkey signed."""

    def change(facts: dict[str, Any]) -> None:
        evidence = facts["attestation"]["evidence"]
        read = json.loads(base64.urlsafe_b64decode(evidence["client_data"] + "=="))
        evidence["client_data"] = text(json.dumps({**read, **members}).encode())

    return change


def test_the_evidence_shows_that_this_statement_was_signed(facts: dict[str, Any]) -> None:
    found = attested.check(facts)
    assert (found.before_review, found.counter_stale) == (False, False)


ATTACKS = {
    "another quantity": changed(goods__0__net_weight_kg="125"),
    "another end user": changed(parties__0__name="Somebody else"),
    "another destination": changed(route__to="KP"),
    "another end use": changed(end_use__en="Missiles"),
    "another exporter": changed(exporter__name="Other"),
    "another revision": changed(revision=2),
    "other answers": changed(assessment__answers_digest="1" * 64),
    "another officer": changed(attestation__officer="Mallory"),
    "another band": changed(assessment__band="high"),
    "a judgement without review": changed(attestation__evidence__judged="2" * 64),
    "another purpose": changed(purpose="shipment-uncontrolled"),
    "another control state": changed(goods__0__control_state="not_controlled"),
    "another licence": changed(licence={"number": "1", "valid_until": "2027-01-01"}),
    "another file": changed(attestation__evidence__file="3" * 64),
    "another nonce": changed(attestation__evidence__nonce=text(b"m" * 32)),
    "a short nonce": changed(attestation__evidence__nonce=text(b"m" * 31)),
    "another issuer's site": changed(status_address="https://other.example/verify/DDC-2026-0000001-X"),
    "another site in the evidence": changed(attestation__evidence__origin="http://localhost:9"),
    "another party in the evidence": changed(attestation__evidence__relying_party="evil.example"),
    "client data of a registration": client_data(type="webauthn.create"),
    "client data of another site": client_data(origin="https://evil.example"),
    "client data from a frame": client_data(crossOrigin=True),
    "client data with one more member": client_data(extra=1),
    "client data that are no object": changed(attestation__evidence__client_data=text(b"[]")),
    "client data that are no JSON": changed(attestation__evidence__client_data=text(b"{")),
    "authenticator data cut short": changed(attestation__evidence__authenticator_data=text(b"x" * 36)),
    "authenticator data of another site": changed(attestation__evidence__authenticator_data=text(b"x" * 37)),
    "a signature of zeros": changed(attestation__evidence__signature=text(bytes(64))),
    "an unreadable key": changed(attestation__evidence__public_key=text(b"key")),
    "a key of another algorithm": changed(attestation__evidence__algorithm="EdDSA"),
    "base64 that is not url": changed(attestation__evidence__signature="++//"),
    "base64 with spare bits": changed(attestation__evidence__signature="AB"),
    "no evidence": changed(attestation__evidence=None),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks(facts: dict[str, Any], attack: str) -> None:
    ATTACKS[attack](facts)
    with pytest.raises(EvidenceBroken):
        attested.check(facts)


@pytest.mark.parametrize("flags", [0, PRESENT, 0x04])
def test_without_presence_and_verification_it_counts_for_nothing(flags: int) -> None:
    with pytest.raises(EvidenceBroken):
        attested.check(stated(sealed(draft(), Authenticator(SITE, flags=flags))))


def test_a_signature_on_another_site_counts_for_nothing() -> None:
    with pytest.raises(EvidenceBroken):
        attested.check(stated(sealed(draft(), Authenticator("http://localhost:8001"))))


def test_another_persons_key_does_not_fit(facts: dict[str, Any]) -> None:
    other = sealed(draft())["attestation"]["evidence"]
    facts["attestation"]["evidence"]["public_key"] = other["public_key"]
    with pytest.raises(EvidenceBroken):
        attested.check(facts)


def test_the_evidence_of_one_statement_does_not_serve_another(facts: dict[str, Any]) -> None:
    other = stated(sealed(draft(contract={"number": "X", "date": "2026-10-01"})))
    other["attestation"]["evidence"] = facts["attestation"]["evidence"]
    with pytest.raises(EvidenceBroken):
        attested.check(other)


def test_a_counter_that_did_not_grow_is_noted() -> None:
    assert attested.check(stated(sealed(draft(), counter_before=1))).counter_stale
    assert not attested.check(stated(sealed(draft(), Authenticator(SITE, counter=None)))).counter_stale


def test_an_authority_may_have_it_judged_anew_and_what_was_entered_stays_bound(facts: dict[str, Any]) -> None:
    facts["assessment"] |= {"review": REVIEW, "band": "high"}
    assert attested.check(facts).before_review
    facts["goods"][0]["name"] = "Something else"
    with pytest.raises(EvidenceBroken):
        attested.check(facts)


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256"])
def test_other_kinds_of_passkeys(facts: dict[str, Any], algorithm: str) -> None:
    evidence = facts["attestation"]["evidence"]
    client = base64.urlsafe_b64decode(evidence["client_data"] + "==")
    signed = base64.urlsafe_b64decode(evidence["authenticator_data"] + "==") + hashlib.sha256(client).digest()
    if algorithm == "EdDSA":
        edwards = ed25519.Ed25519PrivateKey.generate()
        public, signature = edwards.public_key().public_bytes, edwards.sign(signed)
    else:
        large = rsa.generate_private_key(65537, 2048)
        public, signature = large.public_key().public_bytes, large.sign(signed, padding.PKCS1v15(), SHA256())
    evidence |= {
        "algorithm": algorithm,
        "public_key": text(public(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
        "signature": text(signature),
    }
    attested.check(facts)
    evidence["signature"] = text(signature[:-1] + bytes([signature[-1] ^ 1]))
    with pytest.raises(EvidenceBroken):
        attested.check(facts)


def test_a_curve_of_another_size_is_refused(facts: dict[str, Any]) -> None:
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    facts["attestation"]["evidence"]["public_key"] = text(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(EvidenceBroken):
        attested.check(facts)


# ---- in the certificate


@pytest.fixture
def own_session(tmp_path: Path) -> Any:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        yield session
    engine.dispose()


def test_pdf_and_credential_carry_it_and_a_verifier_checks_it_offline(
    own_session: Session, issuer: Issuer, settings: Settings
) -> None:
    made = issue_one(own_session, issuer, settings, **sealed(draft()))
    trust = TrustRoot((issuer.trusted,))
    for kind in ("pdf", "json"):
        report = verify(issue.files(made)[kind], trust=trust, status=None, now=NOW)
        assert (report.integrity.key, report.attestation and report.attestation.code) == ("intact", 500)
        assert report.statement is not None
        assert report.statement["attestation"]["evidence"]["algorithm"] == "ES256"
    seal = verify(issue.seal_text(made).encode(), trust=trust, status=None, now=NOW)
    assert (seal.digest, seal.attestation) == (made.digest, None)


def test_nothing_is_issued_on_broken_evidence(own_session: Session, issuer: Issuer, settings: Settings) -> None:
    facts = sealed(draft())
    facts["goods"][0]["net_weight_kg"] = "125"
    with pytest.raises(issue.AttestationBroken, match="another statement was signed"):
        issue_one(own_session, issuer, settings, **facts)


def test_what_an_issuer_falsified_is_not_valid(
    own_session: Session, issuer: Issuer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An issuer who signs what no officer's passkey has signed: everything else about the certificate is right."""
    monkeypatch.setattr(issue, "_check_attestation", lambda facts: None)
    facts = sealed(draft())
    facts["goods"][0]["net_weight_kg"] = "125"
    forged = issue_one(own_session, issuer, settings, **facts)
    source = DatabaseStatus(own_session, issuer_id=issuer.id)
    report = verify(issue.files(forged)["json"], trust=TrustRoot((issuer.trusted,)), status=source, now=NOW)
    assert (report.integrity.answer, report.issuer.answer, report.status.answer) == ("yes", "yes", "yes")
    assert report.attestation is not None
    assert (report.attestation.code, report.summary) == (550, "not_valid")


@pytest.mark.parametrize(
    ("method", "evidence"), [("passkey", False), ("password", True), ("case-file", True), ("signature", True)]
)
def test_a_statement_has_evidence_if_and_only_if_a_passkey_attested_it(
    issued: Issued, method: str, evidence: bool
) -> None:
    facts = json.loads(issued.statement)
    facts["attestation"]["method"] = method
    if evidence:
        facts["attestation"]["evidence"] = sealed(draft())["attestation"]["evidence"]
    with pytest.raises(StatementError, match=r"attestation"):
        statement.check(facts)
