"""Screen again what a change of a list can touch, and nothing else.

The parties are indexed by name once; each name of a changed entry is looked up among them, and only the parties it
comes near are screened, against the changed entries only. So the work grows with the change, not with the list, and
hardly with the number of parties. What comes out is what ``Screener.screen`` would give for those entries.

Words weigh by how rare they are on the lists, so a new edition moves the scores of unchanged entries in the third
decimal; that alone is no change of a list, and is not looked for.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.screening import particulars
from portal.screening.agreement import Found, Matcher
from portal.screening.events import ListChanged
from portal.screening.index import Query
from portal.screening.match import MARKED, Hit, Screener, lowest
from portal.screening.meeting import Asked, Marked, Met, meeting, shared
from portal.screening.models import ListEdition, ListEntry, ListIdentifier, ListMark, ListName
from portal.screening.opening import rows_of
from portal.screening.parties import PartyIndex, PartyNames, number
from portal.screening.rows import Rows
from portal.screening.score import Scored

CHUNK = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PartyHits:
    """The hits of one party among the changed entries, strongest first; "history" where an entry was removed."""

    party: PartyNames
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change did: entries that are new or say something else, and the numbers of those that are gone."""

    entries: tuple[uuid.UUID, ...]
    withdrawn: tuple[str, ...]


class Changed:
    """What the changed entries say: their names, numbers and marks, each with whose it is."""

    def __init__(self, session: Session, edition: ListEdition, entries: Sequence[uuid.UUID]) -> None:
        self.rows = Rows.of(row for some in _chunks(entries) for row in rows_of(session, edition, some))
        places = {self.rows.name_id(at): at for at in range(len(self.rows))}
        self.named: dict[str, list[int]] = defaultdict(list)
        self.numbers: dict[tuple[str, str], list[Found]] = defaultdict(list)
        self.marks: dict[tuple[str, str], list[Marked]] = defaultdict(list)
        for some in _chunks(entries):
            for name_id, name in session.execute(select(ListName.id, ListName.name).where(ListName.entry_id.in_(some))):
                self.named[name].append(places[name_id])
            numbers = select(ListIdentifier.entry_id, ListIdentifier.scheme, ListIdentifier.value)
            for entry_id, scheme, value in session.execute(numbers.where(ListIdentifier.entry_id.in_(some))):
                self.numbers[number(scheme, value)].append(Found(entry_id, None, value, Scored(1.0, (), False), scheme))
            for mark in session.execute(MARKED.where(ListMark.entry_id.in_(some))):
                self.marks[mark[1], mark[2]].append(mark)


class Meetings:
    """Whom the changed entries meet among live parties."""

    def __init__(self, listed: Changed, weight: Callable[[str], float]) -> None:
        self._listed, self._matcher = listed, Matcher((), weight)
        self._parties: dict[str, PartyNames] = {}
        self._near: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))

    def look(self, index: PartyIndex) -> None:
        """Find those of an index whom the entries come near by name, or meet by a number or mark."""
        for name, places in self._listed.named.items():
            for party, its in index.near(Query.of(name), self._matcher.weight):
                self._parties[party.id] = party
                self._near[party.id][its].update(places)
        for scheme, value in self._listed.numbers:
            self._parties.update((party.id, party) for party in index.having(scheme, value))
        for kind, value in self._listed.marks:
            self._parties.update((party.id, party) for party in index.reached_by(kind, value))

    def met(self) -> Iterator[tuple[PartyNames, Met]]:
        """Each party with what it met: what ``Screener.screen`` would find of these entries."""
        for identity, party in self._parties.items():
            asked = Asked.of(party.names, party.country, party.identifiers, party.reached)
            numbers = chain.from_iterable(self._listed.numbers.get(number(*one), ()) for one in asked.identifiers)
            marks = particulars.marks(asked.reached, [asked.country])
            kept = chain.from_iterable(self._listed.marks.get(mark, ()) for mark in marks)
            found = meeting(asked, self._by_name(identity, asked), numbers, shared(asked, marks, kept))
            if found.found:
                yield party, found

    def _by_name(self, identity: str, asked: Asked) -> dict[uuid.UUID, Found]:
        near, rows, floor = self._near.get(identity, {}), self._listed.rows, lowest()
        best: dict[uuid.UUID, Found] = {}
        for name in (name for name in dict.fromkeys(asked.names) if name in near):
            query = Query.of(name)
            for at in sorted(near[name]):
                scored = self._matcher.compare(query, rows, at, floor)
                known = best.get(entry_id := rows.entry_id(at))
                if scored.score >= floor and (known is None or scored.score > known.scored.score):
                    best[entry_id] = Found(entry_id, rows.name_id(at), name, scored)
        return best


def changed(
    session: Session, change: ListChanged, parties: Iterable[PartyNames] | Sequence[PartyIndex], on: date
) -> tuple[PartyHits, ...]:
    """The parties that the change touches, with their hits on ``on``; those it does not touch are left out.

    Parties that are given as indexes have to have identities of their own across all of them.
    """
    edition = session.get(ListEdition, change.edition_id)
    entries = difference(session, change).entries
    if edition is None or not entries:
        return ()
    screener = Screener.open(session)
    meetings = Meetings(Changed(session, edition, entries), screener.weight)
    for index in _indexes(parties, screener.weight):
        meetings.look(index)
    found, met = [], list(meetings.met())
    for some in _chunks(met):
        hits = screener.hits([one for _, one in some], on)
        found += [PartyHits(party, its) for (party, _), its in zip(some, hits, strict=True) if its]
    return tuple(found)


def _indexes(
    parties: Iterable[PartyNames] | Sequence[PartyIndex], weight: Callable[[str], float]
) -> Sequence[PartyIndex]:
    every = list(parties)
    indexed = [one for one in every if isinstance(one, PartyIndex)]
    return indexed or [PartyIndex([one for one in every if isinstance(one, PartyNames)], weight)]


def difference(session: Session, change: ListChanged) -> Difference:
    """What the change did to the list; a first edition is new as a whole."""
    if change.entry_ids:
        return Difference(change.entry_ids, ())
    new, old = aliased(ListEntry), aliased(ListEntry)
    same = (old.uid == new.uid) & (old.edition_id == change.previous_id)
    here = (
        select(new.id)
        .outerjoin(old, same)
        .where(
            new.edition_id == change.edition_id, old.id.is_(None) | (old.content != new.content) | (new.content == "")
        )
    )
    gone = (
        select(old.uid)
        .outerjoin(new, (new.uid == old.uid) & (new.edition_id == change.edition_id))
        .where(old.edition_id == change.previous_id, new.id.is_(None))
    )
    withdrawn = tuple(session.scalars(gone.order_by(old.uid))) if change.previous_id else ()
    return Difference(tuple(session.scalars(here)), withdrawn)


def _chunks(every: Sequence[T]) -> Iterator[Sequence[T]]:
    """Some at a time: a database takes only so many values in one question."""
    yield from (every[at : at + CHUNK] for at in range(0, len(every), CHUNK))
