"""Everybody who is in a live certificate or an open shipment, indexed by name and kept up with what changes.

A certificate is live while it is valid or suspended and its term has not ended; a shipment is open from submission
until it is decided, and while it is referred. The same party in many shipments is indexed once.

All of them are read once in a process. From then on only those shipments are read that changed since, and who is new
in them gets a small index beside the long one; the small ones are brought together in a thread of its own.
"""

import gc
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.authority import since
from portal.authority.since import ENDED, OPEN, Seen
from portal.certificates.models import Certificate, CertificateEvent
from portal.screening import lists
from portal.screening.match import Screener
from portal.screening.parties import PartyIndex, PartyNames
from portal.shipments.models import Shipment
from portal.shipments.screened import subjects

AT_A_TIME = 500
SMALL = 1000  # parties with which an index is made anew rather than another beside it
MOST_SMALL = 4  # small indexes beside the long one
PART, DRIFT = 0.125, 0.02  # of the long index what may come beside it, and of the listed names what may weigh otherwise
LONG = 50_000  # parties from which on a collection of garbage would take long


@dataclass(frozen=True, slots=True)
class Use:
    """A party in one shipment: under which id and name, in which roles, and the certificate's number ("" for none)."""

    shipment_id: uuid.UUID
    certificate: str
    subject: str
    name: str
    roles: tuple[str, ...]


Uses = dict[str, dict[uuid.UUID, tuple[Use, ...]]]


@dataclass(frozen=True, slots=True)
class Live:
    """The indexes of all live parties, and where each of them (by ``PartyNames.id``) is used."""

    indexes: tuple[PartyIndex, ...]
    _uses: Uses

    def uses(self, party: str) -> tuple[Use, ...]:
        """Where a party is used; nowhere, where it was live when it was indexed and no longer is."""
        return tuple(chain.from_iterable(list(self._uses.get(party, {}).values())))

    def parties(self) -> Iterator[PartyNames]:
        """Everybody who is live."""
        every = chain.from_iterable(index.parties for index in self.indexes)
        return (party for party in every if self._uses.get(party.id))


@dataclass(slots=True)
class _Kept:
    """What a process knows of one database. ``known`` is of each shipment its version and certificates, and who is in
    it; ``weighed`` is how many names were listed when the words of the indexes were weighed.
    """

    seen: Seen
    weighed: int
    indexes: list[PartyIndex] = field(default_factory=list)
    ids: dict[PartyNames, str] = field(default_factory=dict)
    uses: Uses = field(default_factory=dict)
    known: dict[uuid.UUID, tuple[tuple[Any, ...], tuple[str, ...]]] = field(default_factory=dict)
    given: int = 0

    def drop(self, shipment: uuid.UUID) -> None:
        """Nobody is live by this shipment."""
        for party in self.known.pop(shipment, ((), ()))[1]:
            if party in self.uses:
                self.uses[party].pop(shipment, None)

    def take(self, shipment: uuid.UUID, standing: tuple[Any, ...], found: dict[PartyNames, list[Use]]) -> None:
        """These are live by this shipment."""
        parties = []
        for party, uses in found.items():
            if party not in self.ids:
                self.given += 1
                self.ids[party] = str(self.given)
            parties.append(self.ids[party])
            self.uses.setdefault(self.ids[party], {})[shipment] = tuple(uses)
        self.known[shipment] = standing, tuple(parties)

    def index(self, first: int, weight: Callable[[str], float]) -> None:
        """Index those who were given an identity after ``first``."""
        new = [replace(party, id=identity) for party, identity in self._after(first)]
        if len(self.indexes) > 1 and len(self.indexes[-1].parties) < SMALL:
            new = [*self.indexes.pop().parties, *new]
        if new or not self.indexes:
            self.indexes.append(PartyIndex(new, weight))

    def _after(self, first: int) -> list[tuple[PartyNames, str]]:
        found: list[tuple[PartyNames, str]] = []
        for party, identity in reversed(self.ids.items()):  # they stand in the order in which they were given
            if int(identity) <= first:
                break
            found.append((party, identity))
        return found[::-1]


_lock = threading.Lock()
_kept: dict[str, _Kept] = {}
_merging = threading.Lock()


def live(session: Session, on: date, screener: Screener) -> Live:
    """The live parties on a day: those of the last call in this process, and what has changed since."""
    where = str(session.get_bind().url)  # type: ignore[union-attr]  # an engine's
    with _lock:
        seen, listed = since.look(session, on), sum(one.name_count for one in lists.current(session))
        kept = _kept.get(where)
        if kept is None or not since.follows(session, kept.seen, on):
            _kept.clear()  # one database a process; another one's parties would only take up memory
            kept = _Kept(seen, listed)
            _take(session, kept, on, None)
            kept.index(0, screener.weight)
            _kept[where] = kept
            _spare(kept)
        else:
            _follow(session, kept, on, screener.weight)
            kept.seen = seen
        if abs(listed - kept.weighed) > DRIFT * kept.weighed:
            kept.indexes, kept.weighed = [one.weighed(screener.weight) for one in kept.indexes], listed
        if _crowded(kept.indexes):
            threading.Thread(target=merge, args=(where, screener.weight), name="live parties", daemon=True).start()
        return Live(tuple(kept.indexes), kept.uses)


def merge(where: str, weight: Callable[[str], float]) -> None:
    """Bring small indexes of a database's parties together, or all of them where much came or went; done beside the
    ones in use, which it then takes the place of.
    """
    if not _merging.acquire(blocking=False):
        return
    try:
        with _lock:
            kept = _kept.get(where)
            if kept is None or not _crowded(kept.indexes):
                return
            first = 0 if _much(kept.indexes) else 1
            old = kept.indexes[first:]
            staying = []
            for party in chain.from_iterable(index.parties for index in old):
                if kept.uses.get(party.id):
                    staying.append(party)
                else:  # who comes back is new
                    kept.ids.pop(replace(party, id=""), None)
                    kept.uses.pop(party.id, None)
        made = PartyIndex(staying, weight)
        with _lock:
            if kept.indexes[first : first + len(old)] == old:
                kept.indexes[first : first + len(old)] = [made]
                _spare(kept)
    finally:
        _merging.release()


def shipments(on: date) -> Any:
    """Every shipment with a live certificate or still open, with the number of its certificate (or nothing)."""
    return _standing(on, Shipment)


def _standing(on: date, *columns: Any) -> Any:
    event = CertificateEvent
    stands = ~exists().where(event.certificate_id == Certificate.id, event.state.in_(ENDED))
    joined = (Certificate.subject_id == Shipment.id) & (Certificate.valid_until >= on) & stands
    chosen = select(*columns, Certificate.number).select_from(Shipment).outerjoin(Certificate, joined)
    return chosen.where(or_(Certificate.id.is_not(None), Shipment.state.in_(OPEN)))


def _follow(session: Session, kept: _Kept, on: date, weight: Callable[[str], float]) -> None:
    """Read again what may have changed since the last look, and where it did, take it in."""
    first, renamed = kept.given, since.renamed(session, kept.seen)
    every = sorted(since.changed(session, kept.seen, on) | renamed)
    for at in range(0, len(every), AT_A_TIME):
        some = every[at : at + AT_A_TIME]
        stands: dict[uuid.UUID, tuple[Any, ...]] = {}
        light = _standing(on, Shipment.id, Shipment.version).where(Shipment.id.in_(some))
        for identity, version, number in session.execute(light.order_by(Certificate.number)):
            stands[identity] = (*stands.get(identity, (version,)), number)
        other = [
            one for one in some if one in renamed or kept.known.get(one, (None,))[0] != stands.get(one)
        ]  # most of those that may have changed did not
        for one in other:
            kept.drop(one)
        _take(session, kept, on, [one for one in other if one in stands])
    if kept.given > first:
        kept.index(first, weight)


def _take(session: Session, kept: _Kept, on: date, which: Sequence[uuid.UUID] | None) -> None:
    """Read shipments, all that are live or some, and keep who is in them."""
    if which is not None and not which:
        return
    chosen = shipments(on).options(selectinload(Shipment.all_parties), joinedload(Shipment.organisation))
    chosen = chosen if which is None else chosen.where(Shipment.id.in_(which))
    standing: dict[uuid.UUID, tuple[Any, ...]] = {}
    ordered = chosen.order_by(Shipment.id, Certificate.number)
    rows = session.execute(ordered.execution_options(yield_per=AT_A_TIME, populate_existing=True))
    before: tuple[uuid.UUID, dict[PartyNames, list[Use]]] | None = None
    for shipment, number in rows:
        if before is None or before[0] != shipment.id:
            before = shipment.id, defaultdict(list)
        standing[shipment.id] = (*standing.get(shipment.id, (shipment.version,)), number)
        for subject in subjects(shipment):
            use = Use(shipment.id, number or "", subject.party.id, subject.name, subject.roles)
            before[1][replace(subject.party, id="")].append(use)
        kept.take(shipment.id, standing[shipment.id], before[1])


def _crowded(indexes: Sequence[PartyIndex]) -> bool:
    return len(indexes) - 1 > MOST_SMALL or _much(indexes)


def _much(indexes: Sequence[PartyIndex]) -> bool:
    """Whether what came beside the long index is much of it."""
    long, *small = indexes
    return len(small) > 1 and sum(len(one.parties) for one in small) > max(SMALL, PART * len(long.parties))


def _spare(kept: _Kept) -> None:
    """What is kept for good is kept out of the collection of garbage, which would walk through all of it each time."""
    if sum(len(one.parties) for one in kept.indexes) >= LONG:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
