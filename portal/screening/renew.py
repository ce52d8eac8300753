"""Bring the lists up to date from their publishers: fetch what changed, take it in, tell what became of each."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy.orm import Session

from portal import audit
from portal.screening import lists
from portal.screening.fetch import FetchFailed, Limits, fetch
from portal.screening.importers.record import ListRefused
from portal.screening.sources import sources

Outcome = Literal["imported", "unchanged", "refused", "unreachable"]


@dataclass(frozen=True, slots=True)
class Renewed:
    """What became of one list; ``reason`` is told for "refused" and "unreachable", "" otherwise."""

    source: str
    outcome: Outcome
    edition: str
    reason: str = ""


def addresses() -> dict[str, str]:
    """Where each list is published, of those that have an address open to all."""
    return {name: source.address for name, source in sources().items() if source.address}


def update(
    session: Session,
    folder: Path,
    *,
    actor: audit.Actor,
    now: datetime,
    only: Collection[str] = (),
    at: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    pause: Callable[[float], None] | None = None,
    progress: Callable[[str, int, int | None], None] = lambda source, done, whole: None,
) -> tuple[Renewed, ...]:
    """Fetch every list that has an address (or ``only`` some) into ``folder``, and take in what changed.

    ``at`` gives further addresses or other ones (a mirror, an address with a token). Commits after each list, so a
    list that fails keeps none of the others back, and the last good edition of each stays.
    """
    known = {**addresses(), **(at or {})}
    wanted = [name for name in known if not only or name in only]
    found = []
    for source in wanted:
        found.append(_one(session, source, known[source], folder, actor, now, limits, pause, progress))
        session.commit()
    return tuple(found)


def _one(
    session: Session,
    source: str,
    address: str,
    folder: Path,
    actor: audit.Actor,
    now: datetime,
    limits: Limits | None,
    pause: Callable[[float], None] | None,
    progress: Callable[[str, int, int | None], None],
) -> Renewed:
    standing = next((edition for edition in lists.current(session) if edition.source == source), None)
    edition = standing.edition if standing else ""
    path = folder / source / (Path(address.partition("?")[0]).name or source)
    waiting = {"pause": pause} if pause else {}
    try:
        fetched = fetch(
            address, path, limits=limits, progress=lambda done, whole: progress(source, done, whole), **waiting
        )
        # Also a file that is still the one that was there: it may not have been taken in, or was refused.
        taken = lists.import_list(session, source, fetched.path, actor=actor, now=now)
    except FetchFailed as failure:
        audit.record(
            session, actor=actor, verb="list.unreachable", subject=f"list:{source}", now=now,
            details={"reason": str(failure)},
        )  # fmt: skip
        return Renewed(source, "unreachable", edition, str(failure))
    except ListRefused as refusal:
        return Renewed(source, "refused", edition, str(refusal))
    same = standing is not None and taken.id == standing.id
    return Renewed(source, "unchanged" if same else "imported", taken.edition)
