"""What became of each list: editions that were taken, files that were refused, publishers that could not be reached."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from portal import audit
from portal.screening.models import EditionState, ListEdition, ListEntry
from portal.screening.refusals import Refusal
from portal.text import Text

FAILED = (EditionState.REFUSED, EditionState.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Change:
    """How many entries an edition has that the one before had not, lacks that it had, and says other things of."""

    added: int
    removed: int
    changed: int


def count_change(session: Session, edition: ListEdition, previous: ListEdition) -> Change:
    """The difference of two editions of a list, by the publisher's numbers and the content of the entries."""
    new, old = aliased(ListEntry), aliased(ListEntry)
    differs = func.coalesce(func.sum(case((new.content != old.content, 1), else_=0)), 0)
    both = (
        select(func.count(), differs)
        .select_from(new)
        .join(old, (old.uid == new.uid) & (old.edition_id == previous.id))
        .where(new.edition_id == edition.id)
    )
    kept, changed = session.execute(both).one()
    return Change(edition.entry_count - kept, previous.entry_count - kept, changed)


def failed(
    session: Session,
    source: str,
    state: EditionState,
    why: Refusal,
    *,
    actor: audit.Actor,
    now: datetime,
    file: str = "",
) -> ListEdition:
    """Keep that no edition came of an attempt, and why; the last good one stays. Commit after it."""
    edition = ListEdition(
        source=source[:32], edition="", digest="", imported_at=now, state=state, reason=why.told.en,
        refusal=why.to_json(), imported_by=actor.name,
    )  # fmt: skip
    session.add(edition)
    reason = {"reason": why.told.en, "code": why.code}
    details = {"file": file, **reason} if file else reason
    audit.record(
        session, actor=actor, verb=f"list.{state.value}", subject=f"list:{source[:32]}", now=now, details=details
    )
    return edition


def told(edition: ListEdition) -> Text:
    """Why an attempt failed, for a reader; an attempt of an older release was kept in English alone."""
    return Refusal.read(edition.refusal).told if edition.refusal else Text(edition.reason, edition.reason)


def trouble(session: Session, source: str, since: datetime | None) -> ListEdition | None:
    """The latest attempt that failed after ``since``, when the standing edition was last known to be good."""
    chosen = select(ListEdition).where(ListEdition.source == source, ListEdition.state.in_(FAILED))
    if since is not None:
        chosen = chosen.where(ListEdition.imported_at > since)
    return session.scalars(chosen.order_by(ListEdition.imported_at.desc(), ListEdition.id.desc()).limit(1)).first()


def attempts(source: str = "") -> Select[ListEdition]:
    """Every edition and failed attempt, newest first; of one list, or of all."""
    chosen = select(ListEdition).order_by(ListEdition.imported_at.desc(), ListEdition.id.desc())
    return chosen.where(ListEdition.source == source) if source else chosen
