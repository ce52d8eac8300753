"""Inviting people into an organisation by a mailed link, good once and for a week."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts import addresses, links, passwords, people
from portal.accounts.models import Invitation, Organisation, User
from portal.audit import Actor, record

LINK_LASTS = timedelta(days=7)


class AlreadyHere(ValueError):
    """The address belongs to somebody in the organisation."""


class InvitationEnded(ValueError):
    """The invitation was accepted or withdrawn, or its time is over."""


def invite(
    session: Session,
    organisation: Organisation,
    *,
    email: str,
    roles: Iterable[str],
    language: str,
    actor: Actor,
    now: datetime,
    invited_by: User | None = None,
) -> tuple[Invitation, str]:
    """Make an invitation and the token of its link; earlier open ones to the address end.

    Whether the address has an account elsewhere is not looked at here, as the inviter must not learn it: see
    ``is_known``. Raises ``WrongAddress``, ``WrongRoles`` or ``AlreadyHere``.
    """
    address = addresses.normalise(email)
    given = people.checked_roles(organisation.kind, roles)
    owner = people.by_address(session, address)
    if owner is not None and owner.organisation_id == organisation.id:
        raise AlreadyHere
    for earlier in pending(session, organisation.id):
        if earlier.email == address:
            withdraw(session, earlier, actor=actor, now=now)
    token = links.new_token()
    invitation = Invitation(
        organisation=organisation,
        email=address,
        language=language,
        role_names=given,
        token_digest=links.digest(token),
        invited_by=invited_by.id if invited_by else None,
        created_at=now,
        expires_at=now + LINK_LASTS,
    )
    session.add(invitation)
    session.flush()
    _record(session, invitation, "invitation.made", actor, now)
    return invitation, token


def is_known(session: Session, invitation: Invitation) -> bool:
    """Whether the invited address has an account already, so that its owner gets another letter, without link."""
    return people.by_address(session, invitation.email) is not None


def pending(session: Session, organisation_id: uuid.UUID) -> Sequence[Invitation]:
    """Invitations that were neither accepted nor withdrawn, also those whose time is over, oldest first."""
    statement = select(Invitation).where(
        Invitation.organisation_id == organisation_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    return session.scalars(statement.order_by(Invitation.created_at, Invitation.id)).all()


def find_pending(session: Session, organisation_id: uuid.UUID, invitation_id: uuid.UUID) -> Invitation | None:
    """One open invitation, only when it is of that organisation."""
    return next((one for one in pending(session, organisation_id) if one.id == invitation_id), None)


def find(session: Session, token: str, *, now: datetime) -> Invitation | None:
    """The invitation that a token belongs to, while it is good."""
    found = session.scalar(select(Invitation).where(Invitation.token_digest == links.digest(token)))
    usable = found is not None and not found.accepted_at and not found.withdrawn_at and found.expires_at > now
    return found if usable else None


def renew(session: Session, invitation: Invitation, *, actor: Actor, now: datetime) -> str:
    """A new link for an open invitation; the old one ends."""
    token = links.new_token()
    invitation.token_digest = links.digest(token)
    invitation.expires_at = now + LINK_LASTS
    _record(session, invitation, "invitation.renewed", actor, now)
    return token


def withdraw(session: Session, invitation: Invitation, *, actor: Actor, now: datetime) -> None:
    """End an open invitation."""
    invitation.withdrawn_at = now
    _record(session, invitation, "invitation.withdrawn", actor, now)


def accept(
    session: Session,
    invitation: Invitation,
    *,
    name: str,
    position: str,
    password: str,
    language: str,
    now: datetime,
    cost: passwords.Cost = passwords.STRONG,
) -> User:
    """Make the invited person's account.

    Raises ``WeakPassword``; ``AddressTaken`` when the address got an account meanwhile; ``InvitationEnded`` when
    somebody used or withdrew it at the same moment. Then nothing is left behind.
    """
    with session.begin_nested():
        unused = update(Invitation).where(
            Invitation.id == invitation.id, Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None)
        )
        if session.scalar(unused.values(accepted_at=now).returning(Invitation.id)) is None:
            raise InvitationEnded
        user = people.add(
            session,
            invitation.organisation,
            email=invitation.email,
            name=name,
            position=position,
            roles=invitation.role_names,
            password=password,
            language=language,
            now=now,
            cost=cost,
        )
        _record(session, invitation, "invitation.accepted", people.as_actor(user), now)
    return user


def _record(session: Session, invitation: Invitation, verb: str, actor: Actor, now: datetime) -> None:
    record(
        session,
        actor=actor,
        verb=verb,
        subject=f"invitation:{invitation.id}",
        now=now,
        details={"email": invitation.email, "roles": invitation.role_names},
        organisation_id=invitation.organisation_id,
    )
