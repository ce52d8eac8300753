"""Evidence in, report out."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from portal.certificates.seal import Essentials
from portal.certificates.status import end_of_term
from portal.certificates.trust import TrustedIssuer, TrustRoot
from portal.text import Text
from portal.verification import attestation, credential, image, pdf, scan, seal
from portal.verification import log as log_steps
from portal.verification.evidence import Evidence, sniff
from portal.verification.proof import SKEW, Proof, older_than_compromise
from portal.verification.reasons import IssuerNotAccepted, NotVerified
from portal.verification.report import Kind, Report, Verdict
from portal.verification.sources import NotRegistered, StatusAnswer, StatusSource, StatusUnavailable

log = logging.getLogger(__name__)


def verify(
    evidence: bytes, *, trust: TrustRoot, status: StatusSource | None, now: datetime, log_proof: str = ""
) -> Report:
    """Examine evidence of any kind and report three independent verdicts.

    1. The evidence is told apart by its content; a picture, and a PDF that is nothing but a scan, is replaced by the
       seal or address that it shows.
    2. Integrity and issuer are proven by the kind's own steps, which fail by raising.
    3. The term is compared with ``now``, and the source is asked for the status (``None``: checked offline).
    4. A seal, which has no room for the log's proof, is completed with the code that stands beside it on paper, with
       the proof that the source gives, else with ``log_proof``. Without any its integrity cannot be told: whoever
       stole a key could have made it unseen.

    What is not verified does not appear in the report. Never raises: an unforeseen failure is logged and reported
    as "could not tell".
    """
    kind: Kind = "unknown"
    try:
        found = sniff(evidence)
        kind = found.sort
        if found.sort == "image":
            found = image.read(found.data)
        elif found.sort == "pdf" and scan.unsigned(found.data):
            found, kind = scan.read(found.data), "scan"
        return _examine(found, kind, trust, status, now, log_proof)
    except NotVerified as refusal:
        log.info("evidence refused: %s", refusal)
        return _refused(kind, Verdict.of(refusal.key), Verdict.of("issuer-not-examined"), now)
    except IssuerNotAccepted as refusal:
        issuer = Verdict.of(refusal.key, issuer=refusal.issuer or Text("", ""))
        return _refused(kind, Verdict.of(refusal.integrity), issuer, now)
    except Exception:
        log.exception("a verification failed in a way that was not foreseen")
        return _refused(kind, Verdict.of("examination-failed"), Verdict.of("issuer-not-examined"), now)


def _examine(
    found: Evidence, kind: Kind, trust: TrustRoot, status: StatusSource | None, now: datetime, log_proof: str
) -> Report:
    if found.sort == "statement":
        raise NotVerified("unsigned-statement")
    if found.sort == "number":
        return _by_number(found.text, kind, trust, status, now)
    if found.sort == "pdf":
        proof = pdf.verify(found.data, trust=trust)
    elif found.sort == "seal":
        proof = seal.verify(found.text, trust=trust)
    else:
        proof = credential.verify(found.text, trust=trust)
    told = _status(proof.issuer, proof.essentials, status, now)
    beside = told.log_proof or log_proof
    logged = _logged(proof, found.proof_code, beside)
    integrity = Verdict.of(_intact(proof, kind) if logged else "log-not-examined")
    return _report(kind, integrity, proof, told, now, logged=logged)


def _intact(proof: Proof, kind: Kind) -> str:
    if kind == "scan":
        return "scan-codes-intact"
    return "intact" if proof.page_read else "page-codes-unread"


def _logged(proof: Proof, code: str, beside: str) -> bool:
    """Whether it is proven that the certificate is in the log. Raises ``NotVerified`` when the contrary is.

    A code on paper must hold even where there is a better proof: one that does not tells of a forger's hand.
    """
    if proof.logged:
        return True
    if code:
        log_steps.verify_code(code, issuer=proof.issuer, facts=proof.essentials, index=proof.log_index)
    if beside:
        log_steps.verify(beside, issuer=proof.issuer, facts=proof.essentials, index=proof.log_index)
    return bool(code or beside)


def _by_number(number: str, kind: Kind, trust: TrustRoot, status: StatusSource | None, now: datetime) -> Report:
    """Look a number up. The paper was not seen, so integrity stays open whatever the register says."""
    integrity = Verdict.of("number-only")
    token = status.credential(number) if status is not None else None
    if token is not None:
        proof = credential.verify(token, trust=trust)
        told = _status(proof.issuer, proof.essentials, status, now)
        return _report(kind, integrity, proof, told, now, logged=proof.logged)
    told = _Told(Verdict.of("number-needs-register"))
    for issuer in trust.issuers if status is not None else ():
        told = _ask(issuer, number, "", None, status, now)
        if told.verdict.key != "not-registered":
            break
    issuer_verdict = Verdict.of("issuer-not-examined")
    return Report(kind, integrity, issuer_verdict, told.verdict, now, status_as_of=told.as_of)


def _report(kind: Kind, integrity: Verdict, proof: Proof, told: "_Told", now: datetime, *, logged: bool) -> Report:
    return Report(
        kind,
        integrity,
        _issuer(proof, logged),
        told.verdict,
        now,
        proof.essentials,
        proof.statement,
        proof.issuer.name,
        status_as_of=told.as_of,
        log_index=proof.log_index,
        attestation=attestation.examine(proof.statement),
    )


def _issuer(proof: Proof, logged: bool) -> Verdict:
    """The verdict on the issuer of a certificate that its key has signed within its term."""
    name, key = proof.issuer.name, proof.key
    if key.compromise is None:
        return Verdict.of("issuer-test" if proof.issuer.test else "issuer-known", issuer=name)
    older = older_than_compromise(proof, logged=logged)
    found = {True: "issuer-before-compromise", False: "key-compromised", None: "key-suspect"}[older]
    return Verdict.of(found, issuer=name, since=_at(key.compromise.since))


def _refused(kind: Kind, integrity: Verdict, issuer: Verdict, now: datetime) -> Report:
    return Report(kind, integrity, issuer, Verdict.of("status-not-examined"), now)


@dataclass(frozen=True, slots=True)
class _Told:
    """The verdict on status, when it was known, and the log's proof if the source had it."""

    verdict: Verdict
    as_of: datetime | None = None
    log_proof: str = ""


def _status(issuer: TrustedIssuer, facts: Essentials, source: StatusSource | None, now: datetime) -> _Told:
    if facts.issued_at > now + SKEW:
        return _Told(Verdict.of("not-yet-issued"))
    expired = now >= end_of_term(facts.valid_until)
    told = _ask(issuer, facts.number, facts.digest, facts, source, now)
    if expired and told.verdict.answer != "no":
        return replace(told, verdict=Verdict.of("status-expired", valid_until=facts.valid_until))
    return told


def _ask(
    issuer: TrustedIssuer,
    number: str,
    digest: str,
    facts: Essentials | None,
    source: StatusSource | None,
    now: datetime,
) -> _Told:
    if source is None:
        return _Told(Verdict.of("status-not-asked"))
    try:
        answer = source.ask(issuer, number, now=now, facts=facts)
    except NotRegistered:
        return _Told(Verdict.of("not-registered"), now)
    except StatusUnavailable as error:
        return _Told(Verdict.of(error.key, as_of=_at(error.as_of)), error.as_of)
    if not digest and not answer.digest:
        # A list of exceptions does not know which numbers were ever given.
        return _Told(Verdict.of("number-needs-register"), answer.as_of)
    if digest and answer.digest and answer.digest != digest:
        return _Told(Verdict.of("registered-otherwise"), answer.as_of)
    if facts is not None and answer.as_of < facts.issued_at - SKEW:
        # A list that is older than the certificate cannot know of it.
        return _Told(Verdict.of("status-stale", as_of=_at(answer.as_of)), answer.as_of, answer.log_proof)
    return _Told(_verdict(answer, facts), answer.as_of, answer.log_proof)


def _verdict(answer: StatusAnswer, facts: Essentials | None) -> Verdict:
    keys = {"valid": "status-valid", "used_up": "status-used-up"}
    return Verdict.of(
        keys.get(answer.state, f"status-{answer.state}"),
        as_of=_at(answer.as_of),
        # A list tells since when it has been so only by its own date.
        since=_at(answer.since or answer.as_of),
        valid_until=facts.valid_until if facts else "–",
        reason=answer.reason or Text("", ""),
    )


def _at(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else "–"
