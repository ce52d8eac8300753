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
    proven it, for which a seal has no room.
    """

    issuer: TrustedIssuer
    essentials: Essentials
    statement: dict[str, Any] | None
    log_index: int
    logged: bool = True


def accept_issuer(issuer: TrustedIssuer, key: TrustedKey, facts: Essentials, *, signed_at: datetime) -> None:
    """Apply the policy, apart from any mathematics: may this key sign this certificate?

    1. The certificate names the issuer that the key belongs to.
    2. Both agree whether it is a test.
    3. The key was in use when the certificate was signed.
    """
    if facts.issuer_id != issuer.id or facts.test != issuer.test:
        raise IssuerNotAccepted("issuer-disagrees", integrity="intact")
    if not key.covers(signed_at):
        raise IssuerNotAccepted("key-out-of-term", integrity="intact", issuer=issuer.name)
