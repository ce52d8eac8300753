"""Add to the audit chain, and check it from one end to the other."""

import hashlib
import uuid
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

import rfc8785
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.models import AuditEvent, AuditHead

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in user, a command line, the portal itself, a machine that showed its token, or an unnamed
    member of the public.
    """

    kind: Literal["user", "command", "system", "public", "machine"]
    id: str
    name: str

    @classmethod
    def command(cls, name: str) -> Self:
        return cls("command", name, name)

    @classmethod
    def system(cls, name: str) -> Self:
        return cls("system", name, name)


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold: the event's sequence and what is wrong there."""

    sequence: int
    reason: str


def record(
    session: Session,
    *,
    actor: Actor,
    verb: str,
    subject: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    organisation_id: uuid.UUID | None = None,
) -> AuditEvent:
    """Append one event in the session's transaction: it stands or falls with the change that it tells of.

    ``verb`` is ``thing.deed`` ("certificate.revoked"), ``subject`` is ``thing:identifier``. ``details`` holds
    JSON values without secrets. Appending is serialised by a lock on the chain's head.
    """
    head = _locked_head(session)
    event = AuditEvent(
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        organisation_id=organisation_id,
        verb=verb,
        subject=subject,
        details=dict(details or {}),
        previous=head.digest,
    )
    event.digest = _digest(event)
    head.digest = event.digest
    head.events += 1
    session.add(event)
    session.flush()
    return event


def _locked_head(session: Session) -> AuditHead:
    """The chain's head, held until the transaction ends.

    A write takes the lock, since SQLite knows no SELECT FOR UPDATE; the head is read afresh behind it.
    """
    touch = update(AuditHead).where(AuditHead.id == 1).values(events=AuditHead.events)
    session.execute(touch.execution_options(synchronize_session=False))
    head = session.get(AuditHead, 1, populate_existing=True)
    if head is None:
        head = AuditHead(id=1, digest=GENESIS, events=0)
        session.add(head)
    return head


def check(session: Session) -> Break | None:
    """Walk the whole chain; ``None`` means that no event was changed, removed or put in between."""
    statement = select(AuditEvent).order_by(AuditEvent.sequence).execution_options(yield_per=1000)
    previous, count, last = GENESIS, 0, 0
    with closing(session.scalars(statement)) as events:
        for event in events:
            if event.previous != previous:
                return Break(event.sequence, "does not follow the event before it")
            if event.digest != _digest(event):
                return Break(event.sequence, "was changed after it was written")
            previous, count, last = event.digest, count + 1, event.sequence
    head = session.get(AuditHead, 1)
    if count and head is None:
        return Break(last, "has no head")
    if head is not None and (head.digest != previous or head.events != count):
        return Break(last, "is not the end that was recorded")
    return None


def _digest(event: AuditEvent) -> str:
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    body: list[Any] = [
        event.previous,
        at,
        event.actor_kind,
        event.actor_id,
        event.actor_name,
        str(event.organisation_id or ""),
        event.verb,
        event.subject,
        event.details,
    ]
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()
