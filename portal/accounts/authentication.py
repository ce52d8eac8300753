"""Signing in with e-mail address and password, and the password's own changes."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts import addresses, passwords, people
from portal.accounts.models import User
from portal.audit import Actor, record

PUBLIC = Actor("public", "", "")


class WrongPassword(ValueError):
    """The present password that was given is not the right one."""


def authenticate(
    session: Session, email: str, password: str, now: datetime, *, cost: passwords.Cost = passwords.STRONG
) -> User | None:
    """The person with this address and password, or ``None`` without a hint why, and after the same time.

    A hash that was made with another cost is made anew.
    """
    user = _find(session, email)
    right = passwords.fits(password, user.password_hash if user else None, cost)
    if user is None or not right or not user.active:
        _record_failure(session, user, email, now)
        return None
    if passwords.is_outdated(user.password_hash, cost):
        user.password_hash = passwords.keep(password, cost)
    return user


def record_sign_in(session: Session, user: User, *, now: datetime, second_factor: str = "") -> None:
    """Note that a person came in, and by which second factor ("", "totp", "recovery" or "passkey")."""
    user.last_sign_in_at = now
    record(
        session,
        actor=people.as_actor(user),
        verb="person.signed_in",
        subject=people.subject(user),
        now=now,
        details={"second_factor": second_factor} if second_factor else None,
        organisation_id=user.organisation_id,
    )


def change_password(
    session: Session,
    user: User,
    *,
    present: str,
    password: str,
    now: datetime,
    cost: passwords.Cost = passwords.STRONG,
) -> None:
    """Take a new password from a person who knows the present one, and end their sessions.

    Raises ``WrongPassword`` or ``WeakPassword``.
    """
    if not passwords.fits(present, user.password_hash, cost):
        raise WrongPassword
    set_password(session, user, password, now=now, verb="password.changed", cost=cost)


def set_password(
    session: Session, user: User, password: str, *, now: datetime, verb: str, cost: passwords.Cost = passwords.STRONG
) -> None:
    """Keep a new password and end every session of the person. Raises ``WeakPassword``."""
    passwords.refuse_weak(password, own_words(user))
    user.password_hash = passwords.keep(password, cost)
    people.end_sessions(session, user, actor=people.as_actor(user), now=now, verb=verb)


def own_words(user: User) -> list[str]:
    """What others know of a person, and what a password must not consist of."""
    return [user.email, user.name, user.organisation.name, user.organisation.name_en]


def _find(session: Session, email: str) -> User | None:
    try:
        return people.by_address(session, addresses.normalise(email))
    except addresses.WrongAddress:
        return None


def _record_failure(session: Session, user: User | None, email: str, now: datetime) -> None:
    # People type passwords into the wrong box: what was typed is kept as a digest only.
    typed = hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()[:16]
    record(
        session,
        actor=PUBLIC,
        verb="person.sign_in_failed",
        subject=people.subject(user) if user else f"address:{typed}",
        now=now,
        organisation_id=user.organisation_id if user else None,
    )
