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

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.screening import lists, names, particulars, score
from portal.screening.events import ListChanged
from portal.screening.index import Index, Query, Shard
from portal.screening.match import BIC_OF_BANK, Asked, Hit, Screener, lowest
from portal.screening.models import ListEdition, ListEntry, ListIdentifier, ListMark, ListName
from portal.screening.opening import rows_of
from portal.screening.particulars import Particulars
from portal.screening.rows import Row

MOST = 100_000  # parties that one listed name may come near
CHUNK = 500
ASIDE = 0.1  # how much less two names may score when the one that is looked up is the listed one


@dataclass(frozen=True, slots=True)
class PartyNames:
    """A live party as it was screened: an identity that the caller knows it by, its names, country and numbers.

    ``reached`` are its addresses, telephones, e-mail addresses and sites.
    """

    id: str
    names: tuple[str, ...]
    country: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    reached: Particulars = particulars.NONE


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


class PartyIndex:
    """Live parties by name and by number. Built once and kept by the caller while the parties stay the same."""

    def __init__(self, parties: Iterable[PartyNames], weight: Callable[[str], float]) -> None:
        self.parties = tuple(parties)
        self._numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._marks: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._index = Index.of([Shard.of(self._rows())], weight)

    def _rows(self) -> Iterator[Row]:
        for at, party in enumerate(self.parties):
            identity = uuid.UUID(int=at)
            for name in party.names:
                if name.strip():
                    yield Row(identity, identity, names.key(name), names.native(name), True)
            for scheme, value in party.identifiers:
                self._numbers[_number(scheme, value)].append(at)
            for mark in particulars.marks(party.reached, [party.country]):
                self._marks[mark].append(at)

    def near(self, name: str) -> set[int]:
        """The places of the parties that a listed name comes near enough to be screened."""
        query, rows, least = Query.of(name), self._index.rows, lowest() - ASIDE
        found = set()
        for at in self._index.candidates(query, lowest(), MOST):
            native = bool(query.native and rows.native(at))
            if native or self._alike(query, rows.key(at).split()) >= least:
                found.add(rows.entry_id(at).int)
        return found

    def _alike(self, query: Query, words: Sequence[str]) -> float:
        compared = score.compare(
            query.tokens, words, self._index.lexicon.weight, firm=True, explain=False, written=query.written
        )
        return compared.score

    def made_for(self, part: Index) -> Index:
        """An index that is looked up as often as there are parties near it: compiled where there are many parties."""
        part.lexicon.loops = self._index.lexicon.loops
        return part

    def having(self, scheme: str, value: str) -> Sequence[int]:
        """The places of the parties that have a number."""
        return self._numbers.get(_number(scheme, value), ())

    def reached_by(self, kind: str, value: str) -> Sequence[int]:
        """The places of the parties that have a mark (see ``particulars``)."""
        return self._marks.get((kind, value), ())


def changed(
    session: Session, change: ListChanged, parties: Iterable[PartyNames] | PartyIndex, on: date
) -> tuple[PartyHits, ...]:
    """The parties that the change touches, with their hits on ``on``; those it does not touch are left out."""
    screener = Screener.open(session)
    edition = session.get(ListEdition, change.edition_id)
    entries = difference(session, change).entries
    if edition is None or not entries:
        return ()
    known = parties if isinstance(parties, PartyIndex) else PartyIndex(parties, screener.weight)
    rows = (row for some in _chunks(entries) for row in rows_of(session, edition, some))
    part = known.made_for(Index.of([Shard.of(rows)], screener.weight))
    touched = [known.parties[at] for at in sorted(_touched(session, known, entries))]
    found = []
    for start in range(0, len(touched), CHUNK):
        some = touched[start : start + CHUNK]
        asked = [Asked.of(party.names, party.country, party.identifiers, party.reached) for party in some]
        hits = screener.screen_against(part, asked, on)
        found += [PartyHits(party, its) for party, its in zip(some, hits, strict=True) if its]
    return tuple(found)


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


def _touched(session: Session, known: PartyIndex, entries: Sequence[uuid.UUID]) -> set[int]:
    found: set[int] = set()
    for some in _chunks(entries):
        for name in session.scalars(select(ListName.name).where(ListName.entry_id.in_(some)).distinct()):
            found |= known.near(name)
        numbers = select(ListIdentifier.scheme, ListIdentifier.value).where(ListIdentifier.entry_id.in_(some))
        for scheme, value in session.execute(numbers):
            found.update(known.having(scheme, value))
        marks = select(ListMark.kind, ListMark.value).where(ListMark.entry_id.in_(some)).distinct()
        for kind, value in session.execute(marks):
            found.update(known.reached_by(kind, value))
    return found


def _number(scheme: str, value: str) -> tuple[str, str]:
    """A number as ``Screener`` compares it: of a bank's code the part that names the bank."""
    plain = lists.identifier_value(value)
    return scheme.upper(), plain[:BIC_OF_BANK] if scheme.upper() == "BIC" else plain


def _chunks(entries: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    """Some at a time: a database takes only so many values in one question."""
    yield from (entries[at : at + CHUNK] for at in range(0, len(entries), CHUNK))
