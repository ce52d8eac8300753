"""Bring the lists up to date from their publishers: fetch what changed, take it in, tell what became of each."""

import fcntl
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from portal import audit
from portal.screening import history, lists
from portal.screening.fetch import FetchFailed, Limits, fetch
from portal.screening.history import Change
from portal.screening.importers.record import ListRefused
from portal.screening.models import EditionState, ListEdition
from portal.screening.sources import READERS, reader, sources

Progress = Callable[[str, int, int | None], None]
Outcome = Literal["imported", "unchanged", "refused", "unreachable"]
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


class NoAddress(Exception):
    """A list was asked for that is not known, or of which nobody has said where it is published."""


class UpdateRunning(Exception):
    """Another update is at work on the same folder."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """What became of one list, and the edition that stands now: its name, "" where there is none, the day up to which
    it speaks or on which it was taken in, and its entries. ``change`` is told of a new edition that replaced another
    one; ``reason`` for "refused" and "unreachable", "" otherwise.
    """

    source: str
    outcome: Outcome
    edition: str
    day: date | None
    entries: int
    change: Change | None = None
    reason: str = ""


def addresses(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Where each list is fetched from: the publishers' own addresses, and those ``given`` in their place.

    An empty one is not fetched. Raises ``NoAddress`` for a list that is not known or not read from files.
    """
    own = {name: source.address for name, source in sources().items()}
    strange = sorted(set(given or ()) - set(READERS))
    if strange:
        raise NoAddress(f"there is no list named {', '.join(strange)} to be fetched; there are {', '.join(READERS)}")
    return {name: address for name, address in {**own, **(given or {})}.items() if address}


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
    progress: Progress = lambda what, done, whole: None,
    told: Callable[[Renewed], None] = lambda renewed: None,
) -> tuple[Renewed, ...]:
    """Fetch every list that has an address (or ``only`` some) into ``folder``, and take in what changed.

    ``at`` gives further addresses or other ones (a mirror, an address with a token). Commits after each list, so a
    list that fails keeps none of the others back, and the last good edition of each stays; ``told`` hears of each.
    ``progress`` is told what is being done, how much of it, and of how much (``None`` where that is not known).
    Raises ``NoAddress`` before anything is fetched, and ``UpdateRunning``.
    """
    known = addresses(at)
    homeless = [name for name in only if name not in known]
    if homeless:
        raise NoAddress("; ".join(_homeless(name) for name in homeless))
    found = []
    with _alone(folder):
        for source in [name for name in known if not only or name in only]:
            renewed = _one(session, source, known[source], folder, actor, now, limits, pause, progress)
            session.commit()
            told(renewed)
            found.append(renewed)
    return tuple(found)


def _homeless(source: str) -> str:
    known = sources().get(source)
    if known and known.token_address:
        return f'{source} needs a token of yours: PORTAL_LIST_ADDRESSES={{"{source}": "{known.token_address}…"}}'
    return f"no address is known for {source}; PORTAL_LIST_ADDRESSES may give one"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two updates at once would write into each other's files; the lock ends with the process, whatever befalls it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UpdateRunning("another update of the lists is running") from error
        yield


def _one(
    session: Session,
    source: str,
    address: str,
    folder: Path,
    actor: audit.Actor,
    now: datetime,
    limits: Limits | None,
    pause: Callable[[float], None] | None,
    progress: Progress,
) -> Renewed:
    standing = next((edition for edition in lists.current(session) if edition.source == source), None)
    waiting: dict[str, Any] = {"pause": pause} if pause else {}

    def get(where: str, path: Path) -> Path:
        return fetch(
            where,
            path,
            limits=limits,
            progress=lambda done, whole: progress(f"{source}: bytes", done, whole),
            **waiting,
        ).path

    try:
        path = get(address, folder / source / _name(address, source))
        for beside in reader(source, path).files(path)[1:]:
            get(_beside(address, beside.name), beside)
    except FetchFailed as failure:
        history.failed(session, source, EditionState.UNREACHABLE, failure.refusal, actor=actor, now=now)
        return _told(source, "unreachable", standing, str(failure))
    try:
        # Also a file that is still the one that was there: it may not have been taken in, or was refused.
        _not_older(source, path, standing)
        taken = lists.import_list(
            session, source, path, actor=actor, now=now,
            progress=lambda what, done, whole: progress(f"{source}: entries {what}", done, whole),
        )  # fmt: skip
    except _Older as older:
        history.failed(session, source, EditionState.REFUSED, older.refusal, actor=actor, now=now, file=path.name)
        return _told(source, "refused", standing, str(older))
    except ListRefused as refusal:
        return _told(source, "refused", standing, str(refusal))
    taken.confirmed_at = now
    return _told(source, "unchanged" if standing is not None and taken.id == standing.id else "imported", taken)


class _Older(ListRefused):
    """Not the importer's refusal: by hand the same file may be taken."""


def _not_older(source: str, path: Path, standing: ListEdition | None) -> None:
    """A mirror that was left behind must not put an old edition back. By hand it may be done."""
    try:
        published = reader(source, path).edition(path).published
    except ListRefused:
        return  # the import says so, and keeps it
    if standing is not None and published and standing.published and published < standing.published:
        raise _Older("older", path.name, published=published, standing=standing.published)


def _told(source: str, outcome: Outcome, edition: ListEdition | None, reason: str = "") -> Renewed:
    if edition is None:
        return Renewed(source, outcome, "", None, 0, None, reason)
    change = None
    if outcome == "imported" and edition.added is not None:
        change = Change(edition.added, edition.removed or 0, edition.changed or 0)
    day = edition.published or edition.imported_at.date()
    return Renewed(source, outcome, edition.edition, day, edition.entry_count, change, reason)


def _name(address: str, source: str) -> str:
    """What the file is called here: as at its publisher, where that is a plain name; its ending tells the format."""
    name = urlsplit(address).path.rpartition("/")[2]
    return name if NAME.fullmatch(name) else source


def _beside(address: str, name: str) -> str:
    """The address of another file in the same place, with the same token."""
    parts = urlsplit(address)
    return parts._replace(path=f"{parts.path.rpartition('/')[0]}/{name}").geturl()
