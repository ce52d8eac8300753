"""The people of an organisation: who is in it, in which roles, and who may no longer sign in."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts import addresses, passwords
from portal.accounts.models import AUTHORITY_ROLES, EXPORTER_ROLES, Organisation, Role, User
from portal.audit import Actor, record


class AddressTaken(ValueError):
    """The e-mail address already belongs to an account."""


class WrongRoles(ValueError):
    """No role was given, or one that the kind of organisation does not have."""


class LastKeeper(ValueError):
    """The change would leave the organisation without anybody who may change it."""


def roles_for(kind: str) -> tuple[Role, ...]:
    """The roles that people of an organisation of this kind can hold."""
    return AUTHORITY_ROLES if kind == "authority" else EXPORTER_ROLES


def keeper_role(kind: str) -> Role:
    """The role that invites people and gives roles; an organisation always keeps one person in it."""
    return Role.SUPERVISOR if kind == "authority" else Role.ADMINISTRATOR


def checked_roles(kind: str, roles: Iterable[str]) -> list[str]:
    """The roles once each, in the order of ``roles_for``. Raises ``WrongRoles``."""
    asked = set(roles)
    known = [role.value for role in roles_for(kind)]
    if not asked or not asked.issubset(known):
        raise WrongRoles(", ".join(sorted(asked)))
    return [role for role in known if role in asked]


def by_address(session: Session, address: str) -> User | None:
    """The person with a normalised e-mail address."""
    return session.scalar(select(User).where(User.email == address))


def of(session: Session, organisation_id: uuid.UUID) -> Sequence[User]:
    """Everybody in an organisation, those who can sign in first, by name."""
    statement = select(User).where(User.organisation_id == organisation_id)
    return session.scalars(statement.order_by(User.active.desc(), User.name, User.id)).all()


def who_answer(session: Session, organisation_id: uuid.UUID) -> Sequence[User]:
    """The compliance officers of an exporter, who answer for its certificates; where none is left, everybody active."""
    active = select(User).where(User.organisation_id == organisation_id, User.active.is_(True)).order_by(User.id)
    everybody = session.scalars(active).all()
    return [person for person in everybody if person.has_role(Role.COMPLIANCE_OFFICER)] or everybody


def find(session: Session, organisation_id: uuid.UUID, person_id: uuid.UUID) -> User | None:
    """One person, only when in that organisation."""
    return session.scalar(select(User).where(User.organisation_id == organisation_id, User.id == person_id))


def as_actor(user: User) -> Actor:
    """The person as the audit record names them."""
    return Actor("user", str(user.id), user.name)


def subject(user: User) -> str:
    """The person as the subject of an audit event."""
    return f"person:{user.id}"


def lock(session: Session, row: Organisation | User) -> None:
    """Hold a row until the transaction ends: a write that changes nothing, as SQLite locks for no reader."""
    model = type(row)
    held = update(model).where(model.id == row.id).values(created_at=model.created_at)
    session.execute(held.execution_options(synchronize_session=False))


def add(
    session: Session,
    organisation: Organisation,
    *,
    email: str,
    name: str,
    position: str,
    roles: Iterable[str],
    password: str,
    language: str,
    now: datetime,
    actor: Actor | None = None,
    cost: passwords.Cost = passwords.STRONG,
) -> User:
    """Make an account in an organisation; by default the person acts for themselves.

    Raises ``WrongAddress``, ``AddressTaken``, ``WrongRoles`` or ``WeakPassword``.
    """
    address = addresses.normalise(email)
    given = checked_roles(organisation.kind, roles)
    passwords.refuse_weak(password, [address.partition("@")[0], address, name, organisation.name, organisation.name_en])
    if by_address(session, address) is not None:
        raise AddressTaken
    user = User(
        email=address,
        name=name,
        position=position,
        language=language,
        role_names=given,
        password_hash=passwords.keep(password, cost),
        created_at=now,
    )
    try:
        with session.begin_nested():
            user.organisation = organisation
            session.add(user)
    except IntegrityError as error:
        raise AddressTaken from error
    _record(session, user, "person.added", actor or as_actor(user), now, {"roles": given})
    return user


def change_roles(session: Session, user: User, roles: Iterable[str], *, actor: Actor, now: datetime) -> None:
    """Give a person other roles. Raises ``WrongRoles`` or ``LastKeeper``."""
    given = checked_roles(user.organisation.kind, roles)
    if given == user.role_names:
        return
    _keep_a_keeper(session, user, still=keeper_role(user.organisation.kind) in given)
    before, user.role_names = user.role_names, given
    _record(session, user, "person.roles_changed", actor, now, {"from": before, "to": given})


def deactivate(session: Session, user: User, *, actor: Actor, now: datetime) -> None:
    """Shut a person out and end their sessions; what they did stays under their name. Raises ``LastKeeper``."""
    if not user.active:
        return
    _keep_a_keeper(session, user, still=False)
    user.active = False
    user.session_epoch += 1
    _record(session, user, "person.deactivated", actor, now, {})


def reactivate(session: Session, user: User, *, actor: Actor, now: datetime) -> None:
    """Let a person sign in again, with the roles they had."""
    if user.active:
        return
    user.active = True
    _record(session, user, "person.reactivated", actor, now, {})


def describe(
    session: Session, user: User, *, name: str, position: str, language: str, actor: Actor, now: datetime
) -> None:
    """Change what a person says of themselves."""
    after = {"name": name, "position": position, "language": language}
    before = {key: getattr(user, key) for key in after}
    changed = {key: {"from": before[key], "to": value} for key, value in after.items() if before[key] != value}
    if not changed:
        return
    user.name, user.position, user.language = name, position, language
    _record(session, user, "person.described", actor, now, changed)


def end_sessions(session: Session, user: User, *, actor: Actor, now: datetime, verb: str) -> None:
    """End every session of a person, on every device, by raising the epoch that each session carries."""
    user.session_epoch += 1
    _record(session, user, verb, actor, now, {})


def _keep_a_keeper(session: Session, user: User, *, still: bool) -> None:
    keeper = keeper_role(user.organisation.kind)
    if still or not user.has_role(keeper):
        return
    # Two keepers who remove each other at the same moment wait for one another.
    lock(session, user.organisation)
    fresh = select(User).where(User.organisation_id == user.organisation_id, User.active, User.id != user.id)
    others = session.scalars(fresh.execution_options(populate_existing=True)).all()
    if not any(other.has_role(keeper) for other in others):
        raise LastKeeper


def _record(session: Session, user: User, verb: str, actor: Actor, now: datetime, details: Mapping[str, Any]) -> None:
    record(
        session,
        actor=actor,
        verb=verb,
        subject=subject(user),
        now=now,
        details=details,
        organisation_id=user.organisation_id,
    )
