"""Attesting with a passkey: what it is asked to sign, and what of its answer the certificate keeps as evidence.

Which part of the statement is signed, and how the challenge follows from it, is told in ``certificates.attested``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.orm import Session
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

from portal.accounts import passkeys
from portal.accounts.models import User
from portal.accounts.passkeys import Assertion
from portal.certificates import attested, statement
from portal.relying_party import RelyingParty
from portal.shipments import assess, attestation, certify
from portal.shipments.assess import Judged
from portal.shipments.models import Attestation, Shipment


@dataclass(frozen=True, slots=True)
class Shown:
    """What the officer has before them: digests of the attested part, of the whole file, and of what was judged."""

    digest: bytes
    file: str
    judged: str


@dataclass(frozen=True, slots=True)
class Signed:
    """What came back from the page: the passkey's answer as posted, and the nonce that the page was made with."""

    answer: str
    nonce: bytes
    party: RelyingParty


def shown(shipment: Shipment, judged: Judged, *, officer: User, now: datetime) -> Shown:
    """What an officer would attest as the shipment stands. Raises ``freeze.Incomplete``; nothing is written."""
    word = attestation.give(shipment, judged.ground.answered, officer=officer, now=now, method=attested.METHOD)
    facts = statement.normal(
        certify.draft(
            shipment,
            stored=assess.snapshot(shipment, judged, now),
            outcome=judged.outcome,
            attestation=word,
            supersedes=None,
        )
    )
    concluded = attested.judged(facts)
    return Shown(attested.digest(facts, file=word.digest, judged=concluded), word.digest, concluded)


def give(
    session: Session, shipment: Shipment, judged: Judged, signed: Signed, *, officer: User, now: datetime
) -> Attestation:
    """The attestation as a row, with its evidence, once the officer's passkey has signed what is shown now.

    Raises ``PasskeyRefused``: also when what was shown has changed since the page was made, as the challenge is
    another one then.
    """
    seen = shown(shipment, judged, officer=officer, now=now)
    proven = passkeys.prove(
        session,
        signed.answer,
        challenge=attested.challenge(seen.digest, signed.nonce),
        party=signed.party,
        now=now,
        owner=officer,
        counter_must_grow=False,
    )
    word = attestation.give(shipment, judged.ground.answered, officer=officer, now=now, method=attested.METHOD)
    word.passkey_id, word.evidence = proven.passkey.id, _evidence(seen, signed, proven)
    return word


def _evidence(seen: Shown, signed: Signed, proven: Assertion) -> dict[str, Any]:
    algorithm, key = _public_key(proven.passkey.public_key)
    return {
        "relying_party": signed.party.id,
        "origin": signed.party.origin,
        "nonce": attested.text(signed.nonce),
        "file": seen.file,
        "judged": seen.judged,
        "algorithm": algorithm,
        "public_key": attested.text(key),
        "authenticator_data": attested.text(proven.authenticator_data),
        "client_data": attested.text(proven.client_data),
        "signature": attested.text(proven.signature),
        "counter_before": proven.counter_before,
    }


def _public_key(cose: bytes) -> tuple[str, bytes]:
    """Algorithm and key of a COSE key, as SubjectPublicKeyInfo in DER, which every verifier's library reads."""
    key = decoded_public_key_to_cryptography(decode_credential_public_key(cose))
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "ES256", der
    return ("EdDSA" if isinstance(key, ed25519.Ed25519PublicKey) else "RS256"), der
