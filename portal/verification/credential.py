"""Verify a credential, with nothing but the trust file."""

from portal.certificates import credential, seal, statement, tokens
from portal.certificates.signer import PublicKey
from portal.certificates.trust import TrustRoot
from portal.verification import log
from portal.verification.proof import Proof, accept_issuer
from portal.verification.reasons import IssuerNotAccepted, NotVerified


def verify(token: str, *, trust: TrustRoot) -> Proof:
    """Verify a credential in compact form.

    1. Header, key and signature, in that order (``tokens.verify``).
    2. The statement inside keeps to its schema.
    3. The credential is rebuilt from the statement, and must be the same in every member.
    4. The issuer is accepted: named in the statement, its key in use on the day of issue.
    5. The certificate is in the issuer's log (``log.verify``).

    Raises ``NotVerified`` or ``IssuerNotAccepted``.
    """
    name = ""

    def find_key(kid: str) -> PublicKey:
        nonlocal name
        issuer_id, _, name = kid.partition("#")
        found = trust.key("seal", name)
        if found is None or found[0].id != issuer_id:
            raise IssuerNotAccepted("issuer-unknown")
        return found[1].public_key

    try:
        payload = tokens.verify(token, typ=credential.JWT_TYPE, find_key=find_key)
    except tokens.TokenRefused as error:
        raise NotVerified("credential-malformed" if error.malformed else "changed", str(error)) from error

    subject = payload.get("credentialSubject")
    facts = subject.get(credential.STATEMENT_MEMBER) if isinstance(subject, dict) else None
    try:
        statement.check(facts)
        digest = statement.digest(statement.canonical(facts or {}))
    except statement.StatementError as error:
        raise NotVerified("statement-malformed", str(error)) from error

    if "evidence" not in payload:
        raise NotVerified("log-proof-missing")
    proof = credential.log_proof(payload) or ""
    # Compared as bytes, since Python holds 1 and true to be equal.
    if facts is None or statement.canonical(credential.build(facts, digest, proof)) != statement.canonical(payload):
        raise NotVerified("credential-malformed", "the credential is not that of its statement and proof")

    found = trust.key("seal", name)
    if found is None:
        raise IssuerNotAccepted("issuer-unknown")
    issuer, key = found
    essentials = seal.essentials(facts, digest)
    accept_issuer(issuer, key, essentials, signed_at=essentials.issued_at)
    return Proof(issuer, essentials, facts, log.verify(proof, issuer=issuer, facts=essentials), key)
