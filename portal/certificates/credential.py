"""The credential: the whole statement as a W3C Verifiable Credential 2.0, for machines.

Secured as a JWT (W3C "Securing Verifiable Credentials using JOSE and COSE", ``vc+jwt``), shaped as the Digital
Conformity Credential of the UN Transparency Protocol, with a context of our own for what that has no word for.
Every member follows from the statement alone, so a verifier rebuilds the credential and compares.
"""

import json
from collections.abc import Mapping
from typing import Any

from portal.certificates import tokens
from portal.certificates.keys import Issuer
from portal.certificates.statement import Statement, certifiable

JWT_TYPE = "vc+jwt"
CREDENTIALS_CONTEXT = "https://www.w3.org/ns/credentials/v2"
CONFORMITY_CONTEXT = "https://test.uncefact.org/vocabulary/untp/dcc/0.6.0/"
CONTEXT_PATH = "/.well-known/due-diligence/context-v1.jsonld"
STATEMENT_MEMBER = "dueDiligenceStatement"
DIGEST_MEMBER = "dueDiligenceStatementDigest"
ENVELOPE_TYPE = "EnvelopedVerifiableCredential"
DATA_PREFIX = "data:application/vc+jwt,"


def issue(statement: Statement, issuer: Issuer) -> str:
    """The credential for a statement, signed, as a compact JWT."""
    return tokens.sign(build(statement.facts, statement.digest), signer=issuer.seal, typ=JWT_TYPE)


def envelope(token: str) -> bytes:
    """The JWT as a JSON document (VC data model 2.0 section 4.13), which is what is handed out as a file."""
    document = {"@context": CREDENTIALS_CONTEXT, "id": DATA_PREFIX + token, "type": ENVELOPE_TYPE}
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def build(facts: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """The credential's content for a statement."""
    address = facts["status_address"]
    return {
        "@context": [CREDENTIALS_CONTEXT, CONFORMITY_CONTEXT, _origin(address, facts["number"]) + CONTEXT_PATH],
        "type": ["DigitalConformityCredential", "VerifiableCredential"],
        "id": f"{address}#credential",
        "issuer": {"type": ["CredentialIssuer"], "id": facts["issuer"]["id"], "name": facts["issuer"]["name"]["en"]},
        "name": f"Due-diligence certificate {facts['number']}",
        "validFrom": facts["issued_at"],
        "validUntil": facts["valid_until"] + "T23:59:59Z",
        "credentialStatus": {"id": address, "type": "DueDiligenceStatusAddress"},
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
    }


def context() -> dict[str, Any]:
    """The JSON-LD context that is served at ``CONTEXT_PATH``; it gives our words and no others a meaning."""
    words = "urn:due-diligence-portal:v1:"
    return {
        "@context": {
            "@protected": True,
            STATEMENT_MEMBER: {"@id": f"{words}statement", "@type": "@json"},
            DIGEST_MEMBER: {"@id": f"{words}statementDigest"},
            "DueDiligenceStatusAddress": f"{words}StatusAddress",
        }
    }


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
