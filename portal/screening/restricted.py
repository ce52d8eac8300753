"""The restricted list that the portal's own authority keeps, party by party, each with a reason.

It is one edition that lives on: an added party is listed from that day, a removed one stopped from that day, so the
list of any past day can be read from the intervals. Edition number and digest move on with every change.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.db import new_id
from portal.screening import events, names, storing
from portal.screening.importers.record import AddressRecord, EntryRecord, IntervalRecord, NameRecord
from portal.screening.models import (
    EditionState,
    Effect,
    ListAddress,
    ListEdition,
    ListEntry,
    ListInterval,
    ListName,
    Standing,
)
from portal.screening.sources import RESTRICTED

PROGRAM = "Restricted list of the authority (限制名单)"


class NotListed(LookupError):
    """No party under this identity stands on the restricted list."""


@dataclass(frozen=True, slots=True)
class RestrictedParty:
    """One party of the list, also one that was removed (``until`` is its last day on the list)."""

    id: uuid.UUID
    uid: str
    names: tuple[str, ...]
    country: str
    reason: str
    since: date | None
    until: date | None

    @property
    def listed(self) -> bool:
        return self.until is None


def edition(session: Session, *, actor: audit.Actor, now: datetime) -> ListEdition:
    """The list, locked for a change; opened empty when the authority has none yet."""
    chosen = select(ListEdition).where(ListEdition.source == RESTRICTED, ListEdition.state == EditionState.CURRENT)
    found = session.scalars(chosen.with_for_update()).one_or_none()
    if found is not None:
        return found
    opened = ListEdition(
        id=new_id(),
        source=RESTRICTED,
        edition="0",
        published=now.date(),
        digest=hashlib.sha256(b"").hexdigest(),
        imported_at=now,
        state=EditionState.CURRENT,
        binding=True,
        key_version=names.VERSION,
    )
    session.add(opened)
    session.flush()
    audit.record(session, actor=actor, verb="list.opened", subject=f"list:{RESTRICTED}", now=now)
    return opened


def add(
    session: Session, *, names: Sequence[str], country: str, reason: str, actor: audit.Actor, now: datetime
) -> ListEntry:
    """Put a party on the list from today; the first name is its main one.

    ``country`` is alpha-2 or "". Raises ``ValueError`` without a name or a reason.
    """
    given = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not given or not reason.strip():
        raise ValueError("a restricted party needs a name and a reason")
    whole = edition(session, actor=actor, now=now)
    record = EntryRecord(
        uid=f"R-{new_id().hex}",
        kind="organisation",
        program=PROGRAM,
        effect=Effect.PROHIBITED,
        names=tuple(NameRecord(name, "alias" if at else "primary") for at, name in enumerate(given)),
        intervals=(IntervalRecord(Standing.LISTED, now.date(), None, "restricted list"),),
        addresses=(AddressRecord("", country, ""),) if country else (),
        note=reason.strip(),
    )
    whole.name_count += storing.add_entries(session, whole.id, [record])
    entry = session.scalars(select(ListEntry).where(ListEntry.uid == record.uid)).one()
    details: dict[str, Any] = {"names": list(given), "country": country, "reason": reason.strip()}
    _changed(session, whole, entry, "added", details, actor, now)
    return entry


def remove(session: Session, entry_id: uuid.UUID, *, reason: str, actor: audit.Actor, now: datetime) -> ListEntry:
    """Take a party off the list from today; it stays on file as stopped. Raises ``NotListed`` or ``ValueError``."""
    if not reason.strip():
        raise ValueError("a removal needs a reason")
    whole = edition(session, actor=actor, now=now)
    entry = session.get(ListEntry, entry_id)
    if entry is None or entry.edition_id != whole.id:
        raise NotListed(str(entry_id))
    open_interval = next((i for i in entry.intervals if i.standing == Standing.LISTED and i.until is None), None)
    if open_interval is None:
        raise NotListed(str(entry_id))
    open_interval.until = now.date() - timedelta(days=1)
    stopped = ListInterval(
        entry_id=entry.id, position=len(entry.intervals), standing=Standing.STOPPED, since=now.date(), until=None,
        announcement=reason.strip()[:200],
    )  # fmt: skip
    entry.intervals.append(stopped)
    _changed(session, whole, entry, "removed", {"uid": entry.uid, "reason": reason.strip()}, actor, now)
    return entry


def entries(session: Session, *, removed: bool = False) -> tuple[RestrictedParty, ...]:
    """The parties on the list, newest last; with ``removed`` also those taken off."""
    chosen = (
        select(ListEntry)
        .join(ListEdition)
        .where(ListEdition.source == RESTRICTED, ListEdition.state == EditionState.CURRENT)
        .order_by(ListEntry.id)
    )
    found = tuple(_party(session, entry) for entry in session.scalars(chosen))
    return tuple(party for party in found if removed or party.listed)


def _party(session: Session, entry: ListEntry) -> RestrictedParty:
    known = select(ListName.name).where(ListName.entry_id == entry.id).order_by(ListName.position)
    country = session.scalars(select(ListAddress.country).where(ListAddress.entry_id == entry.id)).first()
    listed = [interval for interval in entry.intervals if interval.standing == Standing.LISTED]
    return RestrictedParty(
        id=entry.id,
        uid=entry.uid,
        names=tuple(session.scalars(known)),
        country=country or "",
        reason=entry.note,
        since=listed[0].since,
        until=listed[-1].until,
    )


def _changed(
    session: Session,
    whole: ListEdition,
    entry: ListEntry,
    kind: Literal["added", "removed"],
    details: dict[str, Any],
    actor: audit.Actor,
    now: datetime,
) -> None:
    """Move edition and digest on, leave the audit event, tell those who listen."""
    change: dict[str, Any] = {
        "previous": whole.digest,
        "entry": entry.uid,
        "kind": kind,
        "day": now.date().isoformat(),
        **details,
    }
    whole.digest = hashlib.sha256(rfc8785.dumps(change)).hexdigest()
    whole.edition = str(int(whole.edition) + 1)
    whole.published = now.date()
    whole.imported_at = now
    whole.entry_count += 1 if kind == "added" else -1
    session.flush()
    audit.record(
        session, actor=actor, verb=f"restricted.{kind}", subject=f"list-entry:{entry.uid}", now=now, details=details
    )
    events.publish(session, events.ListChanged(RESTRICTED, whole.id, None, kind, (entry.id,), now))
