"""Passkeys (WebAuthn Level 3): registered, removed, and used to prove who somebody is.

A *ceremony* begins with a page that holds a challenge and ends with the answer that is posted from it. In between the
server keeps nothing: the page carries a signed token with the nonce of the challenge, what it is for and when it was
made. Who answers in time is believed once; the challenge is then spent.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import webauthn
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.accounts import people
from portal.accounts.models import Passkey, SpentChallenge, User
from portal.audit import Actor, record
from portal.relying_party import RelyingParty

NONCE_BYTES = 32
# How long a page may stay open before its passkey is asked for; an attestation is read for longer than a sign-in form.
OPEN_FOR = timedelta(hours=1)
MOST = 20
_LONGEST_ANSWER = 20_000
_ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)
Purpose = Literal["register", "sign-in", "second-factor", "attest"]


class PasskeyRefused(ValueError):
    """The answer does not prove what was asked; the message is for the log, never for the page."""


class CeremonyEnded(PasskeyRefused):
    """The page was open for too long, was made for something else, or was answered already."""


class CounterStale(PasskeyRefused):
    """The passkey's counter did not grow: somebody may have a copy of it (WebAuthn Level 3, section 6.1.1)."""


class TooMany(ValueError):
    """The person has as many passkeys as anybody may have."""


@dataclass(frozen=True, slots=True)
class Ceremony:
    """One begun ceremony: the token that the page carries, and the nonce in it."""

    token: str
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a passkey signed, byte for byte, and what its counter stood at before (``counter_before``)."""

    passkey: Passkey
    authenticator_data: bytes
    client_data: bytes
    signature: bytes
    counter: int
    counter_before: int

    @property
    def counter_stale(self) -> bool:
        """Whether the counter did not grow although the authenticator counts."""
        return (self.counter > 0 or self.counter_before > 0) and self.counter <= self.counter_before


def begin(purpose: Purpose, subject: str, *, key: str, now: datetime) -> Ceremony:
    """Begin a ceremony for a purpose and what it concerns (a person, a shipment). ``key`` signs the token."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    told = {"nonce": bytes_to_base64url(nonce), "subject": subject, "at": int(now.timestamp())}
    return Ceremony(_signer(purpose, key).dumps(told), nonce)


def resume(purpose: Purpose, subject: str, token: str, *, key: str, now: datetime) -> bytes:
    """The nonce of a token that was given out here for this purpose and subject. Raises ``CeremonyEnded``."""
    try:
        told = _signer(purpose, key).loads(token[:1000])
        age = now.timestamp() - told["at"]
        if told["subject"] != subject or not -1 <= age <= OPEN_FOR.total_seconds():
            raise CeremonyEnded("too old, or begun for something else")
        return base64url_to_bytes(told["nonce"])
    except (BadData, KeyError, TypeError, ValueError) as error:
        raise CeremonyEnded("a token that was not given out") from error


def creation_options(user: User, nonce: bytes, party: RelyingParty, title: str) -> dict[str, Any]:
    """What a page hands to ``navigator.credentials.create``: discoverable, with user verification."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=title,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=nonce,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(user.passkeys),
        supported_pub_key_algs=_ALGORITHMS,
    )
    return _plain(webauthn.options_to_json(options))


def request_options(challenge: bytes, party: RelyingParty, allowed: Iterable[Passkey] = ()) -> dict[str, Any]:
    """What a page hands to ``navigator.credentials.get``; with none ``allowed``, whichever the person chooses."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        allow_credentials=_descriptors(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _plain(webauthn.options_to_json(options))


def register(
    session: Session, user: User, name: str, answer: str, *, challenge: bytes, party: RelyingParty, now: datetime
) -> Passkey:
    """Keep a new passkey of a person. Raises ``PasskeyRefused`` or ``TooMany``."""
    if len(user.passkeys) >= MOST:
        raise TooMany
    given = _answer(answer)
    try:
        found = webauthn.verify_registration_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused(str(error)) from error
    _spend(session, challenge, now)
    kept = given["response"].get("transports")
    passkey = Passkey(
        name=name,
        credential_id=bytes_to_base64url(found.credential_id),
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        transports=sorted(_TRANSPORTS & set(kept)) if isinstance(kept, list) and all(map(_is_text, kept)) else [],
        synced=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        created_at=now,
    )
    try:
        with session.begin_nested():
            passkey.user = user
            session.add(passkey)
    except IntegrityError as error:
        raise PasskeyRefused("this passkey is registered already") from error
    _record(session, user, "passkey.added", people.as_actor(user), now, passkey)
    return passkey


def remove(session: Session, passkey: Passkey, *, actor: Actor, now: datetime) -> None:
    """Let a passkey prove nothing any more. What it has attested stays proven."""
    if passkey.removed_at is None:
        passkey.removed_at = now
        _record(session, passkey.user, "passkey.removed", actor, now, passkey)


def prove(
    session: Session,
    answer: str,
    *,
    challenge: bytes,
    party: RelyingParty,
    now: datetime,
    owner: User | None = None,
    counter_must_grow: bool = True,
) -> Assertion:
    """Check what a passkey signed, and spend the challenge.

    1. The passkey is known, not removed, and that of ``owner`` (without one, of whoever may sign in).
    2. It signed the challenge, for this site and origin, with its user present and verified.
    3. The challenge was not answered before.
    4. Its counter has grown; else ``CounterStale`` is raised, or it is noted where ``counter_must_grow`` is false.

    Raises ``PasskeyRefused``.
    """
    given = _answer(answer)
    passkey = _known(session, given.get("id"))
    if passkey is None or not passkey.user.active or (owner is not None and passkey.user_id != owner.id):
        raise PasskeyRefused("no passkey of this person")
    _check_handle(given, passkey)
    try:
        found = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # compared below, where it may be noted rather than refused
            require_user_verification=True,
        )
        response = given["response"]
        parts = [base64url_to_bytes(response[name]) for name in ("authenticatorData", "clientDataJSON", "signature")]
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused(str(error)) from error
    _spend(session, challenge, now)
    proven = Assertion(passkey, parts[0], parts[1], parts[2], found.new_sign_count, passkey.sign_count)
    if proven.counter_stale:
        _record(session, passkey.user, "passkey.counter_stale", people.as_actor(passkey.user), now, passkey)
        if counter_must_grow:
            raise CounterStale("the counter did not grow")
    passkey.sign_count, passkey.last_used_at = max(found.new_sign_count, passkey.sign_count), now
    return proven


def record_refusal(session: Session, user: User | None, *, now: datetime) -> None:
    """Note that an answer was refused, and for whom it was meant, where that is known."""
    record(
        session,
        actor=people.as_actor(user) if user else Actor("public", "", ""),
        verb="passkey.refused",
        subject=people.subject(user) if user else "passkey:unknown",
        now=now,
        organisation_id=user.organisation_id if user else None,
    )


def find(user: User, passkey_id: object) -> Passkey | None:
    """One passkey that a person has."""
    return next((passkey for passkey in user.passkeys if passkey.id == passkey_id), None)


def _known(session: Session, credential_id: object) -> Passkey | None:
    if not _is_text(credential_id):
        return None
    known = select(Passkey).where(Passkey.credential_id == credential_id, Passkey.removed_at.is_(None))
    return session.scalar(known)


def _check_handle(given: dict[str, Any], passkey: Passkey) -> None:
    """The user handle, where the authenticator gave one, is that of the passkey's owner."""
    handle = given["response"].get("userHandle")
    if handle and handle != bytes_to_base64url(passkey.user_id.bytes):
        raise PasskeyRefused("the passkey names another person")


def _answer(text: str) -> dict[str, Any]:
    """The posted answer as JSON, in the outer shape that one has."""
    if len(text) > _LONGEST_ANSWER:
        raise PasskeyRefused("the answer is too long")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PasskeyRefused("the answer is not JSON") from error
    if not isinstance(given, dict) or not isinstance(given.get("response"), dict):
        raise PasskeyRefused("the answer is not that of a passkey")
    return given


def _spend(session: Session, challenge: bytes, now: datetime) -> None:
    session.execute(delete(SpentChallenge).where(SpentChallenge.at < now - 2 * OPEN_FOR))
    try:
        with session.begin_nested():
            session.add(SpentChallenge(digest=hashlib.sha256(challenge).hexdigest(), at=now))
    except IntegrityError as error:
        raise CeremonyEnded("the challenge was answered before") from error


def _descriptors(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(passkey.credential_id),
            transports=[AuthenticatorTransport(name) for name in passkey.transports],
        )
        for passkey in passkeys
    ]


def _plain(text: str) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(text)
    return options


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _signer(purpose: Purpose, key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=f"passkey {purpose}")


def _record(session: Session, user: User, verb: str, actor: Actor, now: datetime, passkey: Passkey) -> None:
    record(
        session,
        actor=actor,
        verb=verb,
        subject=people.subject(user),
        now=now,
        details={"passkey": str(passkey.id), "name": passkey.name},
        organisation_id=user.organisation_id,
    )
