"""Credentials of machines: made, rotated and revoked by an authority's supervisor, shown once, kept as a digest.

A token is ``ddp_<prefix>_<secret>``: the prefix finds the row and may be shown, the secret has 256 random bits, so that
a plain SHA-256 keeps it.
"""

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts import people
from portal.accounts.models import MachineCredential, MachineUse, User
from portal.audit import Actor, record

SCOPES = ("verify", "status", "endorse", "pack")
LONGEST_TERM = timedelta(days=400)
GREATEST_RATE = 12_000  # requests a minute
_TOKEN = re.compile(r"ddp_([0-9a-z]{10})_([0-9A-Za-z_-]{43})")
_PLACE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")


class CredentialRefused(ValueError):
    """A credential that may not be made or changed so; the message says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a credential is to be. ``place`` is the UN/LOCODE of a device at a port, "" for a program."""

    name: str
    place: str
    scopes: tuple[str, ...]
    per_minute: int
    responsible: User
    expires_at: datetime


def make(session: Session, wanted: Wanted, *, by: User, now: datetime) -> tuple[MachineCredential, str]:
    """A new credential of the person's authority, and its token, which is nowhere kept.

    Raises ``CredentialRefused``: whoever answers for it must be of the same authority.
    """
    _check(wanted, by, now)
    made, token = _new(wanted, by.organisation_id, by, now)
    session.add(made)
    session.flush()
    _record(session, made, "machine.made", people.as_actor(by), now)
    return made, token


def rotate(
    session: Session, old: MachineCredential, *, grace: timedelta, by: User, now: datetime
) -> tuple[MachineCredential, str]:
    """A new token for the same machine, with as long a term; the old one works on for ``grace``.

    Raises ``CredentialRefused`` when the old one has ended.
    """
    if not old.good(now):
        raise CredentialRefused("has ended")
    wanted = Wanted(
        old.name, old.place, tuple(old.scopes), old.per_minute, old.responsible, now + (old.expires_at - old.created_at)
    )
    made, token = make(session, wanted, by=by, now=now)
    made.replaces_id = old.id
    old.expires_at = min(old.expires_at, now + grace)
    _record(session, old, "machine.rotated", people.as_actor(by), now)
    return made, token


def revoke(session: Session, credential: MachineCredential, *, by: User, now: datetime) -> None:
    """End a credential at once, for good. One that is revoked already stays as it is."""
    if credential.revoked_at is None:
        credential.revoked_at = now
        _record(session, credential, "machine.revoked", people.as_actor(by), now)


def known(session: Session, token: str, now: datetime) -> MachineCredential | None:
    """Whose token this is; nobody's when it is mistyped, has ended, was revoked, or nobody answers for it any more."""
    match = _TOKEN.fullmatch(token)
    row = by_prefix(session, match[1]) if match else None
    if row is None or not hmac.compare_digest(row.digest, digest(token)) or not row.good(now):
        return None
    return row


def by_prefix(session: Session, prefix: str) -> MachineCredential | None:
    """The credential of a prefix."""
    return session.scalar(select(MachineCredential).where(MachineCredential.prefix == prefix))


def of(session: Session, organisation_id: uuid.UUID) -> Sequence[MachineCredential]:
    """The credentials of an organisation, the newest first."""
    chosen = select(MachineCredential).where(MachineCredential.organisation_id == organisation_id)
    return session.scalars(chosen.order_by(MachineCredential.created_at.desc(), MachineCredential.id)).all()


def find(session: Session, organisation_id: uuid.UUID, credential_id: uuid.UUID) -> MachineCredential | None:
    """One credential, only when it is that organisation's."""
    chosen = select(MachineCredential).where(
        MachineCredential.organisation_id == organisation_id, MachineCredential.id == credential_id
    )
    return session.scalar(chosen)


def uses(session: Session, credential: MachineCredential, since: date) -> Sequence[MachineUse]:
    """How often it was used for what, day by day, the newest first."""
    chosen = select(MachineUse).where(MachineUse.credential_id == credential.id, MachineUse.day >= since)
    return session.scalars(chosen.order_by(MachineUse.day.desc(), MachineUse.scope)).all()


def count(session: Session, credential_id: uuid.UUID, scope: str, number: int, now: datetime) -> None:
    """Count a use, and remember when the last one was. Called at a request's end: its rows are held only shortly."""
    session.execute(
        update(MachineCredential).where(MachineCredential.id == credential_id).values(last_used_at=now),
        execution_options={"synchronize_session": False},
    )
    if _counted(session, credential_id, scope, number, now.date()):
        return
    try:
        with session.begin_nested():
            session.add(MachineUse(credential_id=credential_id, day=now.date(), scope=scope, number=number))
    except IntegrityError:
        _counted(session, credential_id, scope, number, now.date())


def tell(session: Session, before: date, now: datetime) -> int:
    """Write into the audit chain what each credential did on each day before one, once; gives the number of events."""
    chosen = select(MachineUse).where(MachineUse.day < before, MachineUse.told.is_(False))
    days: dict[tuple[uuid.UUID, date], list[MachineUse]] = {}
    for use in session.scalars(chosen.order_by(MachineUse.day, MachineUse.credential_id, MachineUse.scope)):
        days.setdefault((use.credential_id, use.day), []).append(use)
        use.told = True
    for (identity, day), found in days.items():
        row = session.get_one(MachineCredential, identity)
        record(
            session,
            actor=as_actor(row),
            verb="machine.used",
            subject=f"machine:{row.prefix}",
            now=now,
            details={"day": day.isoformat(), "uses": {use.scope: use.number for use in found}},
            organisation_id=row.organisation_id,
        )
    return len(days)


def as_actor(machine: MachineCredential) -> Actor:
    """The machine as the audit record names it."""
    return Actor("machine", str(machine.id), machine.name)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def _check(wanted: Wanted, by: User, now: datetime) -> None:
    if by.organisation.kind != "authority":
        raise CredentialRefused("only an authority has machines")
    if wanted.responsible.organisation_id != by.organisation_id or not wanted.responsible.active:
        raise CredentialRefused("whoever answers for it must be of the same authority")
    if not wanted.scopes or not _known_scopes(wanted.scopes):
        raise CredentialRefused("needs scopes that there are")
    if wanted.place and not _PLACE.fullmatch(wanted.place):
        raise CredentialRefused("the place must be a UN/LOCODE")
    if not 1 <= wanted.per_minute <= GREATEST_RATE:
        raise CredentialRefused(f"the rate must be from 1 to {GREATEST_RATE} a minute")
    if not now < wanted.expires_at <= now + LONGEST_TERM:
        raise CredentialRefused("the term must end within 400 days")


def _known_scopes(scopes: Iterable[str]) -> bool:
    return set(scopes) <= set(SCOPES)


def _new(wanted: Wanted, organisation_id: uuid.UUID, by: User, now: datetime) -> tuple[MachineCredential, str]:
    prefix = "".join(secrets.choice("0123456789abcdefghijkmnpqrstuvwxyz") for _ in range(10))
    token = f"ddp_{prefix}_{secrets.token_urlsafe(32)}"
    made = MachineCredential(
        organisation_id=organisation_id,
        name=wanted.name,
        place=wanted.place,
        prefix=prefix,
        digest=digest(token),
        scopes=[scope for scope in SCOPES if scope in wanted.scopes],
        per_minute=wanted.per_minute,
        responsible=wanted.responsible,
        created_by=by.id,
        created_at=now,
        expires_at=wanted.expires_at,
    )
    return made, token


def _counted(session: Session, credential_id: uuid.UUID, scope: str, number: int, day: date) -> bool:
    row = update(MachineUse).where(
        MachineUse.credential_id == credential_id, MachineUse.day == day, MachineUse.scope == scope
    )
    result = session.execute(
        row.values(number=MachineUse.number + number), execution_options={"synchronize_session": False}
    )
    return isinstance(result, CursorResult) and result.rowcount == 1


def _record(session: Session, row: MachineCredential, verb: str, actor: Actor, now: datetime) -> None:
    record(
        session,
        actor=actor,
        verb=verb,
        subject=f"machine:{row.prefix}",
        now=now,
        details={
            "name": row.name, "place": row.place, "scopes": list(row.scopes), "per_minute": row.per_minute,
            "responsible": str(row.responsible_id), "until": row.expires_at.isoformat(),
        },
        organisation_id=row.organisation_id,
    )  # fmt: skip
