"""A new password by a mailed link: good once, for an hour."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts import addresses, authentication, links, passwords, people
from portal.accounts.models import PasswordReset, User
from portal.audit import record

LINK_LASTS = timedelta(hours=1)


def begin(session: Session, email: str, *, now: datetime) -> tuple[User, str] | None:
    """The person and the token of a link for them; ``None`` when nobody who may sign in has the address.

    Earlier links of the person end. Mail goes to the address on record, never to the one that was typed.
    """
    try:
        user = people.by_address(session, addresses.normalise(email))
    except addresses.WrongAddress:
        return None
    if user is None or not user.active:
        return None
    _end_links(session, user, now)
    token = links.new_token()
    session.add(PasswordReset(user=user, token_digest=links.digest(token), created_at=now, expires_at=now + LINK_LASTS))
    record(
        session,
        actor=authentication.PUBLIC,
        verb="password.reset_asked",
        subject=people.subject(user),
        now=now,
        organisation_id=user.organisation_id,
    )
    return user, token


def find(session: Session, token: str, *, now: datetime) -> PasswordReset | None:
    """The reset that a token belongs to, while it is good."""
    found = session.scalar(select(PasswordReset).where(PasswordReset.token_digest == links.digest(token)))
    usable = found is not None and found.used_at is None and found.expires_at > now and found.user.active
    return found if usable else None


def finish(
    session: Session,
    reset: PasswordReset,
    password: str,
    *,
    now: datetime,
    cost: passwords.Cost = passwords.STRONG,
) -> bool:
    """Set the new password and end every session; false when the link was used first by somebody else.

    Raises ``WeakPassword``; the link then stays good.
    """
    passwords.refuse_weak(password, authentication.own_words(reset.user))
    claim = update(PasswordReset).where(PasswordReset.id == reset.id, PasswordReset.used_at.is_(None))
    if session.scalar(claim.values(used_at=now).returning(PasswordReset.id)) is None:
        return False
    authentication.set_password(session, reset.user, password, now=now, verb="password.reset", cost=cost)
    return True


def _end_links(session: Session, user: User, now: datetime) -> None:
    open_links = update(PasswordReset).where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
    session.execute(open_links.values(used_at=now))
