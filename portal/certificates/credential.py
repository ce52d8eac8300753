"""The credential: the whole statement as a W3C Verifiable Credential 2.0, for machines.

Secured as a JWT (W3C "Securing Verifiable Credentials using JOSE and COSE", ``vc+jwt``), shaped as the Digital
Conformity Credential of the UN Transparency Protocol, with a context of our own for what that has no word for.
Every member follows from the statement and the log's proof alone, so a verifier rebuilds the credential and compares.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from portal.certificates import strict_json, tokens
from portal.certificates.keys import Issuer
from portal.certificates.statement import Statement, certifiable
from portal.certificates.statuslist import form
from portal.certificates.statuslist.form import Place

JWT_TYPE = "vc+jwt"
CREDENTIALS_CONTEXT = "https://www.w3.org/ns/credentials/v2"
CONFORMITY_CONTEXT = "https://test.uncefact.org/vocabulary/untp/dcc/0.6.0/"
CONTEXT_PATH = "/.well-known/due-diligence/context-v1.jsonld"
STATEMENT_MEMBER = "dueDiligenceStatement"
DIGEST_MEMBER = "dueDiligenceStatementDigest"
LOG_PROOF_TYPE = "DueDiligenceLogProof"
LOG_PROOF_MEMBER = "dueDiligenceLogProof"
ENVELOPE_TYPE = "EnvelopedVerifiableCredential"
DATA_PREFIX = "data:application/vc+jwt,"


def issue(statement: Statement, issuer: Issuer, *, log_proof: str) -> str:
    """The credential for a statement, signed, as a compact JWT. ``log_proof`` is the text that the log gave."""
    return tokens.sign(build(statement.facts, statement.digest, log_proof), signer=issuer.seal, typ=JWT_TYPE)


def envelope(token: str) -> bytes:
    """The JWT as a JSON document (VC data model 2.0 section 4.13), which is what is handed out as a file."""
    document = {"@context": CREDENTIALS_CONTEXT, "id": DATA_PREFIX + token, "type": ENVELOPE_TYPE}
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def build(facts: Mapping[str, Any], digest: str, log_proof: str) -> dict[str, Any]:
    """The credential's content for a statement and the proof that its digest is in the log (C2SP tlog-proof)."""
    address = facts["status_address"]
    return {
        "@context": [CREDENTIALS_CONTEXT, CONFORMITY_CONTEXT, _origin(address, facts["number"]) + CONTEXT_PATH],
        "type": ["DigitalConformityCredential", "VerifiableCredential"],
        "id": f"{address}#credential",
        "issuer": {"type": ["CredentialIssuer"], "id": facts["issuer"]["id"], "name": facts["issuer"]["name"]["en"]},
        "name": f"Due-diligence certificate {facts['number']}",
        "validFrom": facts["issued_at"],
        "validUntil": facts["valid_until"] + "T23:59:59Z",
        "credentialStatus": _status(facts),
        "credentialSubject": {
            "type": ["ConformityAttestation", "Attestation"],
            "id": address,
            "name": f"Due-diligence certificate {facts['number']}",
            "assessorLevel": "3rdParty",
            "assessmentLevel": "Unspecified",
            "attestationType": "verification",
            "issuedToParty": _party(facts["exporter"]),
            "assessment": [_assessment(facts)],
            STATEMENT_MEMBER: dict(facts),
            DIGEST_MEMBER: digest,
        },
        "evidence": [{"type": [LOG_PROOF_TYPE], LOG_PROOF_MEMBER: log_proof}],
    }


def enclosed_log_proof(document: bytes) -> str:
    """The log's proof in a credential's file as it was handed out; what it says proves itself. Empty without one."""
    token = str(strict_json.loads(document)["id"]).removeprefix(DATA_PREFIX)
    payload = token.split(".")[1]
    data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return log_proof(strict_json.loads(data)) or ""


def log_proof(payload: Mapping[str, Any]) -> str | None:
    """The log's proof in a credential's content; nothing where there is none."""
    match payload.get("evidence"):
        case [dict() as only] if only.get("type") == [LOG_PROOF_TYPE]:
            found = only.get(LOG_PROOF_MEMBER)
            return found if isinstance(found, str) else None
    return None


def context() -> dict[str, Any]:
    """The JSON-LD context that is served at ``CONTEXT_PATH``; it gives our words and no others a meaning."""
    words = "urn:due-diligence-portal:v1:"
    return {
        "@context": {
            "@protected": True,
            STATEMENT_MEMBER: {"@id": f"{words}statement", "@type": "@json"},
            DIGEST_MEMBER: {"@id": f"{words}statementDigest"},
            LOG_PROOF_MEMBER: {"@id": f"{words}logProof"},
            LOG_PROOF_TYPE: f"{words}LogProof",
            "DueDiligenceStatusAddress": f"{words}StatusAddress",
        }
    }


def _status(facts: Mapping[str, Any]) -> Any:
    """The entries of the status lists; a credential from before there were lists has the address of its status."""
    place, address = Place.of_facts(facts), facts["status_address"]
    if place is None:
        return {"id": address, "type": "DueDiligenceStatusAddress"}
    return form.entries(place, address.removesuffix(facts["number"]))


def _assessment(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": ["ConformityAssessment", "Declaration"],
        "id": f"{facts['status_address']}#assessment",
        # None of the protocol's topics is export control; this is the nearest.
        "conformityTopic": "governance.compliance",
        "conformance": certifiable(facts["assessment"]),
    }


def _party(exporter: Mapping[str, Any]) -> dict[str, Any]:
    identifier = exporter["identifier"]
    scheme, value = (identifier["scheme"], identifier["value"]) if identifier["value"] else ("name", "unregistered")
    return {
        "id": f"urn:due-diligence-portal:organisation:{scheme or 'other'}:{value}",
        "name": exporter["name"],
        "registeredId": value,
    }


def _origin(address: str, number: str) -> str:
    return address.removesuffix(f"/verify/{number}")
