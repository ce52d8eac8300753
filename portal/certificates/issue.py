"""Issue a certificate: everything or nothing."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal import audit
from portal.certificates import (
    attested,
    credential,
    fonts,
    number,
    page,
    proof_code,
    qr,
    seal,
    shown,
    sign,
    status,
    strict_json,
)
from portal.certificates import statement as statements
from portal.certificates.keys import Issuer
from portal.certificates.log import append
from portal.certificates.models import Certificate, CertificateFile
from portal.certificates.signer import SigningFailed
from portal.certificates.statuslist import place as places
from portal.config import Settings

# Half a year, as the facts that due diligence rests on grow old. A licence that ends sooner ends the term sooner.
TERM = timedelta(days=180)
ISSUER = audit.Actor.system("issue")


class IssueRefused(ValueError):
    """A draft that no certificate may be made from; the message says why."""


class AttestationBroken(IssueRefused):
    """The officer's passkey has not signed what the statement says, so that it has to be attested again."""


def issue(
    session: Session,
    draft: Mapping[str, Any],
    *,
    issuer: Issuer,
    settings: Settings,
    organisation_id: uuid.UUID,
    subject_id: uuid.UUID,
    now: datetime,
    actor: audit.Actor = ISSUER,
) -> Certificate:
    """Make, sign, prove and keep one certificate in the session's transaction.

    1. A draft that was not certified, or whose licence has ended, is refused.
    2. The number is taken; it goes back if anything below fails and the transaction is rolled back.
    3. A place in the status lists is taken, the statement is completed and checked, and so is the evidence of a
       passkey that attested it.
    4. Its digest is added to the transparency log, whose checkpoint is signed.
    5. The seal is signed, with the place in the log. What no page could show is refused here.
    6. The log's witnesses cosign the checkpoint. This is the last step that may well fail for a reason of its own,
       as a witness never forgets what it has seen.
    7. The page is drawn, with the log's proof as a second code, and must carry exactly this statement.
    8. The credential is signed with the log's proof in it; the PDF is signed with the proof attached, and proven. Its
       page is drawn as a viewer draws it, and both codes are read from it.
    9. Certificate, files, first status event, the older revision's end and the audit event are written together.

    Raises ``StatementError``, ``IssueRefused``, ``SigningFailed`` or what the page raises. Nothing is kept then, as
    the caller rolls back; there is no file beside the database that could be left behind.
    """
    _check_draft(draft, now)
    name = number.allocate(session, now.year)
    last_day = _term(draft, now)
    place = places.allocate(session, issuer.id, last_day)
    statement = statements.complete(draft, number=name, issuer=issuer, issued_at=now, valid_until=last_day, place=place)
    _check_attestation(statement.facts)
    logged = append.append(session, statement.digest, log=issuer.log, now=now)
    seal_text = seal.seal(statement, issuer, log_index=logged.index)
    folder = font_folder(settings)
    page.require_printable(statement.facts, folder)
    logged_proof = append.cosigned(session, logged, log=issuer.log)
    proof = logged_proof.text
    code = proof_code.write(logged_proof, witnesses=issuer.log.witnesses.required)
    drawn = page.render(statement.canonical, qr_text=seal_text, proof_text=code, font_folder=folder)
    if sign.attachments(drawn) != {sign.ATTACHMENT: statement.canonical}:
        raise SigningFailed("the page does not carry the statement that it was drawn from")
    token = credential.issue(statement, issuer, log_proof=proof)
    pdf = sign.sign(drawn, issuer, log_proof=proof, now=now)
    if sign.attachments(pdf) != {sign.ATTACHMENT: statement.canonical, sign.PROOF_ATTACHMENT: proof.encode("utf-8")}:
        raise SigningFailed("the signed PDF does not carry the statement and the log's proof")
    _require_shown(pdf, seal_text, *([code] if code else []))
    contents = {"pdf": pdf, "json": credential.envelope(token), "seal": seal_text.encode("ascii")}
    certificate = _certificate(statement, logged.index, organisation_id, subject_id)
    _keep(session, certificate, contents, statement.facts["supersedes"], actor, now)
    return certificate


def files(certificate: Certificate) -> dict[str, bytes]:
    """What is handed to the exporter: ``pdf``, ``json`` (the credential) and ``png`` (the seal as a picture)."""
    kept = {content.kind: content.content for content in certificate.contents}
    return {"pdf": kept["pdf"], "json": kept["json"], "png": qr.png(seal_text(certificate))}


def font_folder(settings: Settings) -> Path:
    """Where the certificate's fonts lie: where set-up made them, else made now in the instance folder."""
    if not fonts.missing(fonts.FOLDER):
        return fonts.FOLDER
    folder = settings.instance / "fonts"
    if fonts.missing(folder):
        fonts.build(folder)
    return folder


def seal_text(certificate: Certificate) -> str:
    """The text of the certificate's QR code."""
    return next(content.content for content in certificate.contents if content.kind == "seal").decode("ascii")


def credential_token(certificate: Certificate) -> str:
    """The certificate's credential as a compact JWT."""
    kept = next(content.content for content in certificate.contents if content.kind == "json")
    return str(strict_json.loads(kept)["id"]).removeprefix(credential.DATA_PREFIX)


def log_proof(certificate: Certificate) -> str:
    """The proof that the certificate is in the log, as its credential carries it."""
    return credential.enclosed_log_proof(next(kept.content for kept in certificate.contents if kept.kind == "json"))


def _require_shown(pdf: bytes, *codes: str) -> None:
    found = shown.codes(pdf, *codes)
    if set(found) != set(codes):
        raise SigningFailed(f"the page shows {len(found)} codes that can be read, and not the {len(codes)} drawn on it")


def _check_draft(draft: Mapping[str, Any], now: datetime) -> None:
    assessment = draft.get("assessment") or {}
    if not statements.certifiable(assessment):
        outcome = assessment.get("outcome")
        raise IssueRefused(
            f"only an outcome of 'certify', or one that the authority cleared, is certified, not {outcome!r}"
        )
    licence = draft.get("licence")
    if draft.get("purpose") == "shipment-under-licence" and licence and licence["valid_until"] < now.date().isoformat():
        raise IssueRefused("the export licence has ended")


def _check_attestation(facts: Mapping[str, Any]) -> None:
    if facts["attestation"]["method"] != attested.METHOD:
        return
    try:
        attested.check(facts)
    except attested.EvidenceBroken as error:
        raise AttestationBroken(f"what the officer's passkey signed is not this statement: {error}") from error


def _term(draft: Mapping[str, Any], now: datetime) -> date:
    last = now.date() + TERM
    licence = draft.get("licence")
    if draft.get("purpose") == "shipment-under-licence" and licence:
        try:
            return min(last, date.fromisoformat(licence["valid_until"]))
        except ValueError as error:
            raise statements.StatementError("$.licence.valid_until", "is no date of the calendar") from error
    return last


def _certificate(
    statement: statements.Statement, log_index: int, organisation_id: uuid.UUID, subject_id: uuid.UUID
) -> Certificate:
    facts = statement.facts
    brief = seal.essentials(facts, statement.digest)
    return Certificate(
        number=brief.number,
        digest=statement.digest,
        statement=statement.canonical.decode("utf-8"),
        organisation_id=organisation_id,
        subject_id=subject_id,
        issuer_id=brief.issuer_id,
        test=brief.test,
        purpose=brief.purpose,
        exporter_name=brief.exporter,
        end_user_name=brief.end_user,
        destination=brief.destination,
        band=brief.band,
        issued_at=brief.issued_at,
        valid_until=brief.valid_until,
        log_index=log_index,
        list_number=brief.place.number if brief.place else None,
        list_index=brief.place.index if brief.place else None,
    )


def _keep(
    session: Session,
    certificate: Certificate,
    contents: Mapping[str, bytes],
    supersedes: str | None,
    actor: audit.Actor,
    now: datetime,
) -> None:
    session.add(certificate)
    session.flush()
    certificate.contents = [
        CertificateFile(kind=kind, digest=hashlib.sha256(data).hexdigest(), content=data)
        for kind, data in contents.items()
    ]
    certificate.events = [status.first_event(certificate, actor=actor, now=now)]
    if supersedes is not None:
        _end_older(session, supersedes, certificate, actor, now)
    audit.record(
        session,
        actor=actor,
        verb="certificate.issued",
        subject=f"certificate:{certificate.number}",
        now=now,
        details={"digest": certificate.digest, "files": {c.kind: c.digest for c in certificate.contents}},
        organisation_id=certificate.organisation_id,
    )


def _end_older(session: Session, older: str, newer: Certificate, actor: audit.Actor, now: datetime) -> None:
    found = status.find(session, older)
    if found is None or found.organisation_id != newer.organisation_id:
        raise IssueRefused(f"{older} is no certificate of this exporter, so it cannot be superseded")
    state = status.current(session, found, now).state
    if state not in ("valid", "expired", "used_up"):
        # A new revision must not be the way out of a suspension.
        raise IssueRefused(f"{older} is {state}, so it cannot be superseded")
    if state == "valid":
        reason = f"Superseded by {newer.number}"
        status.supersede(session, found, reason_code="amended", reason=reason, actor=actor, now=now)
