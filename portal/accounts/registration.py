"""How an organisation comes in: a mailed link proves the address, then the organisation and its first person."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts import addresses, identifiers, links, passwords, people
from portal.accounts.models import Organisation, RegistrationLink, Role, User
from portal.audit import Actor, record

LINK_LASTS = timedelta(hours=24)
FIRST_ROLES = (Role.PREPARER, Role.ADMINISTRATOR)


class AlreadyRegistered(ValueError):
    """An organisation with this identifier exists; its administrator can invite the person."""


def begin(session: Session, email: str, *, now: datetime) -> str | None:
    """The token of a registration link for an address; ``None`` when the address has an account already.

    Either way mail goes to the address, so that the page tells a stranger nothing. Raises ``WrongAddress``.
    """
    address = addresses.normalise(email)
    if people.by_address(session, address) is not None:
        return None
    token = links.new_token()
    link = RegistrationLink(
        email=address, token_digest=links.digest(token), created_at=now, expires_at=now + LINK_LASTS
    )
    session.add(link)
    session.flush()
    record(
        session,
        actor=Actor("public", "", ""),
        verb="registration.begun",
        subject=f"registration:{link.id}",
        now=now,
    )
    return token


def find_link(session: Session, token: str, *, now: datetime) -> RegistrationLink | None:
    """The link that a token belongs to, while it is good."""
    found = session.scalar(select(RegistrationLink).where(RegistrationLink.token_digest == links.digest(token)))
    return found if found and found.used_at is None and found.expires_at > now else None


def use_link(session: Session, link: RegistrationLink, *, now: datetime) -> bool:
    """Mark the link as used; false when somebody used it first."""
    claim = update(RegistrationLink).where(RegistrationLink.id == link.id, RegistrationLink.used_at.is_(None))
    return session.scalar(claim.values(used_at=now).returning(RegistrationLink.id)) is not None


def register(
    session: Session,
    *,
    name: str,
    name_en: str,
    country: str,
    identifier: str,
    address: str,
    email: str,
    person: str,
    position: str,
    password: str,
    language: str,
    now: datetime,
    demonstration: bool = False,
    cost: passwords.Cost = passwords.STRONG,
) -> User:
    """Register an exporter with its first person, who becomes administrator and preparer.

    Not compliance officer: who attests must be somebody else than who prepared, so that one is invited. Raises
    ``WrongIdentifier``, ``AlreadyRegistered``, ``WrongAddress``, ``AddressTaken`` or ``WeakPassword``, and then
    leaves nothing behind.
    """
    facts = {"name": name, "name_en": name_en, "country": country, "address": address}
    organisation = Organisation(kind="exporter", **facts, created_at=now, demonstration=demonstration)
    first: dict[str, Any] = {
        "email": email,
        "name": person,
        "position": position,
        "password": password,
        "language": language,
    }
    with session.begin_nested():
        _enter(session, organisation, identifier)
        user = people.add(session, organisation, **first, roles=FIRST_ROLES, now=now, cost=cost)
        _record(session, organisation, "organisation.registered", people.as_actor(user), now)
    return user


def create_authority(
    session: Session,
    *,
    name: str,
    name_en: str,
    country: str,
    now: datetime,
    demonstration: bool = False,
    agency: str = "",
    actor: Actor | None = None,
) -> Organisation:
    """Make an authority. Its first supervisor is then added or invited by the same command.

    ``agency`` says which it is where it is not the one that runs the portal ("customs", "police").
    """
    organisation = Organisation(
        kind="authority", name=name, name_en=name_en, country=country, created_at=now, demonstration=demonstration,
        agency=agency,
    )  # fmt: skip
    session.add(organisation)
    session.flush()
    _record(session, organisation, "organisation.created", actor or Actor.system("accounts"), now)
    return organisation


def describe(
    session: Session, organisation: Organisation, *, name: str, name_en: str, address: str, actor: Actor, now: datetime
) -> None:
    """Change an organisation's names and address. Country and identifier say which one it is, and stay."""
    after = {"name": name, "name_en": name_en, "address": address}
    changed = {
        key: {"from": getattr(organisation, key), "to": value}
        for key, value in after.items()
        if getattr(organisation, key) != value
    }
    if not changed:
        return
    organisation.name, organisation.name_en, organisation.address = name, name_en, address
    _record(session, organisation, "organisation.described", actor, now, changed)


def is_registered(session: Session, identifier: str) -> bool:
    """Whether an organisation has this identifier, given in its normal form."""
    return session.scalar(select(Organisation.id).where(Organisation.identifier == identifier)) is not None


def _enter(session: Session, organisation: Organisation, identifier: str) -> None:
    scheme = identifiers.scheme_of(organisation.country)
    organisation.identifier_scheme, organisation.identifier = scheme, identifiers.check(scheme, identifier)
    if is_registered(session, organisation.identifier):
        raise AlreadyRegistered
    try:
        with session.begin_nested():
            session.add(organisation)
    except IntegrityError as error:
        raise AlreadyRegistered from error


def _record(
    session: Session,
    organisation: Organisation,
    verb: str,
    actor: Actor,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    record(
        session,
        actor=actor,
        verb=verb,
        subject=f"organisation:{organisation.id}",
        now=now,
        details=details,
        organisation_id=organisation.id,
    )
