"""What a kind of evidence has proven: who signed which facts, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.certificates.seal import Essentials
from portal.certificates.trust import TrustedIssuer, TrustedKey
from portal.verification.reasons import IssuerNotAccepted

# How far the clocks of issuer, time-stamping service and verifier may differ.
SKEW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Proof:
    """Verified facts. ``statement`` is missing where the evidence carries only the essentials.

    ``log_index`` is the place in the issuer's transparency log, from 0; ``logged`` whether the evidence itself has
    proven it, for which a seal has no room. ``page_read`` is false when a PDF's page shows no seal that could be read
    and compared.
    """

    issuer: TrustedIssuer
    essentials: Essentials
    statement: dict[str, Any] | None
    log_index: int
    key: TrustedKey
    logged: bool = True
    page_read: bool = True


def older_than_compromise(proof: Proof, *, logged: bool) -> bool | None:
    """Whether a certificate is proven to be older than the compromise of its key; ``None`` when that is open.

    What the certificate says of its own age is worth nothing then: whoever has the key writes what they like. Its
    proven place in the log tells. Of a PDF the foreign time stamp has told already (``accept_issuer``).
    """
    if proof.key.compromise is None:
        return True
    # A place counts only in the one log that the number of entries is about.
    if not logged or len(proof.issuer.logs) != 1:
        return None
    return proof.log_index < proof.key.compromise.log_entries


def accept_issuer(issuer: TrustedIssuer, key: TrustedKey, facts: Essentials, *, signed_at: datetime) -> None:
    """Apply the policy, apart from any mathematics: may this key sign this certificate?

    1. The certificate names the issuer that the key belongs to.
    2. Both agree whether it is a test.
    3. The key was in use when the certificate was signed, and not in other hands.
    """
    if facts.issuer_id != issuer.id or facts.test != issuer.test:
        raise IssuerNotAccepted("issuer-disagrees", integrity="intact")
    if key.suspect(signed_at):
        raise IssuerNotAccepted("key-compromised", integrity="intact", issuer=issuer.name)
    if not key.covers(signed_at):
        raise IssuerNotAccepted("key-out-of-term", integrity="intact", issuer=issuer.name)
