"""A second factor at sign-in: time-based one-time codes (RFC 6238) or a passkey, and recovery codes for a loss."""

import base64
import hmac
import re
import secrets
import unicodedata
from datetime import datetime
from typing import Literal

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts import links, passkeys, people
from portal.accounts.models import Passkey, User
from portal.audit import Actor, record

STEP_SECONDS = 30
RECOVERY_CODES = 10
Means = Literal["totp", "recovery", "passkey"]


class WrongCode(ValueError):
    """The code does not fit the secret at this moment."""


def new_secret() -> str:
    """A secret of 160 bits in base 32, as authenticator apps take it."""
    return pyotp.random_base32()


def enrolment_address(user: User, secret: str, issuer: str) -> str:
    """The ``otpauth://`` address that a QR code carries into an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=issuer)


def is_on(user: User) -> bool:
    """Whether the person signs in with a second factor: an app's code, or a passkey."""
    return bool(user.totp_secret or user.passkeys)


def new_recovery_codes(user: User) -> list[str]:
    """Recovery codes, shown once, for a person who has none and could otherwise be locked out; else nothing."""
    if user.recovery_digests:
        return []
    codes = [base64.b32encode(secrets.token_bytes(10)).decode("ascii") for _ in range(RECOVERY_CODES)]
    user.recovery_digests = [links.digest(one) for one in codes]
    return ["-".join(re.findall("....", one)) for one in codes]


def switch_on(session: Session, user: User, secret: str, code: str, *, key: str, now: datetime) -> list[str]:
    """Keep the secret, once a code proves that the app has it; gives the recovery codes, which are shown once.

    ``key`` is the installation's secret that the kept secret is encrypted with. Raises ``WrongCode``.
    """
    step = _step_of(secret, code, now)
    if step is None:
        raise WrongCode
    user.totp_secret = _box(key).encrypt(secret.encode("ascii")).decode("ascii")
    user.totp_step = step
    user.recovery_digests = []
    _record(session, user, "second_factor.switched_on", people.as_actor(user), now)
    return new_recovery_codes(user)


def switch_off(session: Session, user: User, *, actor: Actor, now: datetime) -> None:
    """Forget the secret, and the recovery codes with it unless a passkey still needs them."""
    if not user.totp_secret:
        return
    user.totp_secret, user.totp_step = "", 0
    _forget_recovery(user)
    _record(session, user, "second_factor.switched_off", actor, now)


def remove_passkey(session: Session, passkey: Passkey, *, actor: Actor, now: datetime) -> None:
    """Remove a passkey, and with the last second factor the recovery codes."""
    passkeys.remove(session, passkey, actor=actor, now=now)
    _forget_recovery(passkey.user)


def switch_all_off(session: Session, user: User, *, actor: Actor, now: datetime) -> None:
    """Forget app, passkeys and recovery codes, for somebody who lost them; an administrator does it."""
    for passkey in user.passkeys:
        passkeys.remove(session, passkey, actor=actor, now=now)
    switch_off(session, user, actor=actor, now=now)
    _forget_recovery(user)


def check(session: Session, user: User, code: str, *, key: str, now: datetime) -> Means | None:
    """By which means the code is right, or ``None``. Each code is taken once only."""
    typed = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code[:100])).upper()
    if _use_step(session, user, typed, key, now):
        return "totp"
    if _use_recovery(session, user, typed):
        _record(session, user, "second_factor.recovery_used", people.as_actor(user), now)
        return "recovery"
    _record(session, user, "second_factor.failed", Actor("public", "", ""), now)
    return None


def _forget_recovery(user: User) -> None:
    if not is_on(user):
        user.recovery_digests = []


def _use_step(session: Session, user: User, code: str, key: str, now: datetime) -> bool:
    try:
        secret = _box(key).decrypt(user.totp_secret.encode("ascii")).decode("ascii")
    except InvalidToken:
        # The installation's key was changed: recovery codes still work.
        return False
    step = _step_of(secret, code, now)
    if step is None:
        return False
    later = update(User).where(User.id == user.id, User.totp_step < step)
    return session.scalar(later.values(totp_step=step).returning(User.id)) is not None


def _use_recovery(session: Session, user: User, code: str) -> bool:
    people.lock(session, user)
    fresh = session.get_one(User, user.id, populate_existing=True)
    digest = links.digest(code)
    if digest not in fresh.recovery_digests:
        return False
    fresh.recovery_digests = [one for one in fresh.recovery_digests if one != digest]
    session.flush()
    return True


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    typed = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code[:100]))
    if not (typed.isascii() and typed.isdigit() and len(typed) == 6):
        return None
    here = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    # One step to either side, for clocks that differ (RFC 6238, section 5.2).
    for step in (here, here - 1, here + 1):
        if hmac.compare_digest(totp.generate_otp(step), typed):
            return step
    return None


def _box(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal second factor").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _record(session: Session, user: User, verb: str, actor: Actor, now: datetime) -> None:
    record(
        session,
        actor=actor,
        verb=verb,
        subject=people.subject(user),
        now=now,
        organisation_id=user.organisation_id,
    )
