"""Screen a party against every list on file: candidates, scores, standing on the day, and why.

A list that has to be there and is not makes the answer "unavailable"; it is never "clear" without all of them.
"""

import hashlib
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Literal

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.screening import lists, particulars, why
from portal.screening.agreement import Found, Matcher
from portal.screening.lists import ListStatus
from portal.screening.meeting import Asked, Met, meeting, shared
from portal.screening.models import (
    Effect,
    ListAddress,
    ListEdition,
    ListEntry,
    ListIdentifier,
    ListInterval,
    ListMark,
    ListName,
    Standing,
)
from portal.screening.opening import open_indexes
from portal.screening.particulars import Agreement, Particulars
from portal.screening.score import Part, Scored, policy
from portal.screening.sources import RESTRICTED
from portal.text import Text

State = Literal["clear", "possible", "match", "unavailable"]
Strength = Literal["match", "possible", "history"]
Country = Literal["agrees", "differs", "unknown"]
BIC_OF_BANK = 8
ENTRIES_AT_ONCE = 500
# Built once: to build it anew takes a hundred times as long as to answer it. A value tells its kind by its looks.
MARKED = select(
    *(ListMark.entry_id, ListMark.kind, ListMark.value, ListMark.text, ListAddress.text, ListAddress.country)
).outerjoin(ListAddress, ListAddress.id == ListMark.address_id)
_MARKED_SO = MARKED.where(
    ListMark.value.in_(bindparam("values", expanding=True)),
    ListMark.edition_id.in_(bindparam("editions", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry of a list that a party met.

    ``listed`` is the list's name and ``matched`` the party's; ``status`` is that of the day, ``since`` and ``until``
    its dates; ``strength`` is "history" for an entry that was stopped. ``key`` names this pair of party and entry
    as long as neither side's data change. ``by_name`` is the score of the names alone, before country, identifiers
    and particulars moved it. ``note`` says what has to be checked by hand. ``particulars`` are the addresses,
    telephones, e-mails, domains and numbers that agree or differ, with what each weighs.
    """

    key: str
    source: str
    edition: str
    entry: str
    entry_id: uuid.UUID
    listed: str
    listed_names: tuple[str, ...]
    matched: str
    score: float
    by_name: float
    strength: Strength
    status: Literal["listed", "suspended", "stopped"]
    since: date | None
    until: date | None
    announcement: str
    program: str
    effect: Literal["prohibited", "watch", "informs"]
    binding: bool
    country: Country
    identifier: str
    mark: str
    note: Text | None
    why: Text
    parts: tuple[Part, ...]
    particulars: tuple[Agreement, ...] = ()


@dataclass(frozen=True, slots=True)
class ScreeningResult:
    """The answer for one party. Hits come strongest first; those of stopped entries do not count in ``state``."""

    state: State
    hits: tuple[Hit, ...]
    lists: tuple[ListStatus, ...]

    @property
    def missing(self) -> tuple[ListStatus, ...]:
        """The lists for want of which the answer is "unavailable"."""
        return tuple(status for status in self.lists if status.required and status.state == "missing")


class Screener:
    """Screens parties against the editions that are current when it is opened. Cheap to open once indexes stand."""

    def __init__(self, session: Session, editions: Sequence[ListEdition]) -> None:
        self._session = session
        self._editions = tuple(editions)
        opened = open_indexes(session, editions)
        self._matcher = Matcher([one.index for one in opened])
        self.weight = self._matcher.weight
        entries = dict(chain.from_iterable(one.entries.items() for one in opened))
        self._whole = {edition.id for edition in editions if _whole(edition, entries[edition.id])}
        self._status: dict[date, tuple[ListStatus, ...]] = {}

    @classmethod
    def open(cls, session: Session) -> "Screener":
        """A screener over every list on file; builds what this process has not indexed yet."""
        return cls(session, lists.current(session))

    def screen(
        self,
        names: Sequence[str],
        country: str,
        on: date,
        identifiers: Sequence[tuple[str, str]] = (),
        reached: Particulars = particulars.NONE,
    ) -> ScreeningResult:
        """Screen a party by all its names (any script), country (alpha-2 or "") and (scheme, value) identifiers.

        Schemes: USCC, LEI, IMO, BIC, MMSI, PASSPORT, NATIONAL-ID, REGISTRATION, TAX-ID. ``reached`` are its addresses,
        telephones, e-mail addresses and sites.
        """
        asked = Asked.of(names, country, identifiers, reached)
        near, numbers = self.agreements(names, lowest()), self._by_identifier(asked.identifiers)
        (hits,) = self.hits([meeting(asked, near, numbers, self._shared(asked))], on)
        if on not in self._status:
            self._status[on] = lists.on_day(self._session, on, self._whole)
        status = self._status[on]
        return ScreeningResult(state_of(hits, status), hits, status)

    def hits(self, met: Sequence[Met], on: date) -> list[tuple[Hit, ...]]:
        """For each party the hits that what it met comes to, strongest first. The entries are read once for all."""
        wanted = set(chain.from_iterable(one.found for one in met))
        entries = self._entries(wanted, any(one.asked.identifiers for one in met))
        return [_ranked(entries, one, on) for one in met]

    def agreements(self, names: Sequence[str], floor: float) -> dict[uuid.UUID, Found]:
        """For each entry that a name comes near, the best agreement, from a score of ``floor`` up."""
        return self._matcher.agreements(names, floor)

    def _shared(self, asked: Asked) -> dict[uuid.UUID, list[Agreement]]:
        """For each entry with which the party shares a mark, what they share: one question to the index of marks."""
        marks = particulars.marks(asked.reached, [asked.country])
        if not marks:
            return {}
        asked_for = {"values": [value for _, value in marks], "editions": [edition.id for edition in self._editions]}
        return shared(asked, marks, self._session.execute(_MARKED_SO, asked_for))

    def _by_identifier(self, wanted: Sequence[tuple[str, str]]) -> Iterator[Found]:
        if not wanted:
            return
        clauses = [
            (ListIdentifier.scheme == scheme)
            & (
                ListIdentifier.value.startswith(value[:BIC_OF_BANK], autoescape=True)
                if scheme == "BIC"
                else ListIdentifier.value == value
            )
            for scheme, value in wanted
        ]
        chosen = (
            select(ListIdentifier.entry_id, ListIdentifier.scheme, ListIdentifier.value)
            .join(ListEntry, ListEntry.id == ListIdentifier.entry_id)
            .where(ListEntry.edition_id.in_([edition.id for edition in self._editions]), or_(*clauses))
        )
        for entry_id, scheme, value in self._session.execute(chosen):
            yield Found(entry_id, None, value, Scored(1.0, (), False), scheme)

    def _entries(self, wanted: Collection[uuid.UUID], numbered: bool) -> dict[uuid.UUID, ListEntry]:
        """Entries with what a hit tells of them, some at a time: a database takes only so many values at once."""
        loads = (
            selectinload(ListEntry.names),
            selectinload(ListEntry.intervals),
            selectinload(ListEntry.addresses),
            *((selectinload(ListEntry.identifiers),) if numbered else ()),
            joinedload(ListEntry.edition),
        )
        entries: dict[uuid.UUID, ListEntry] = {}
        every = list(wanted)
        for start in range(0, len(every), ENTRIES_AT_ONCE):
            chosen = select(ListEntry).where(ListEntry.id.in_(every[start : start + ENTRIES_AT_ONCE])).options(*loads)
            found = self._session.scalars(chosen.execution_options(populate_existing=True))
            entries.update((entry.id, entry) for entry in found)
        return entries


def _ranked(entries: Mapping[uuid.UUID, ListEntry], met: Met, on: date) -> tuple[Hit, ...]:
    """The hits of a party among the entries, strongest first."""
    hits = []
    for entry_id, match in met.found.items():
        entry = entries.get(entry_id)
        interval = _standing(entry.intervals, on) if entry else None
        if entry is not None and interval is not None:
            hit = _hit(entry, interval, match, met.shared.get(entry_id, ()), met.asked, on)
            if hit.score >= policy().possible:
                hits.append(hit)
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.source, hit.entry)))


def lowest() -> float:
    """The score from which a name can become a hit, the country's confirmation counted in."""
    return policy().possible - policy().country_agrees


def _whole(edition: ListEdition, entries: int) -> bool:
    """An index that lacks entries is as good as no list; removed entries of the restricted list stay in it."""
    return edition.source == RESTRICTED or entries == edition.entry_count


def _hit(
    entry: ListEntry, interval: ListInterval, found: Found, shared: Sequence[Agreement], asked: Asked, on: date
) -> Hit:
    named = _named(entry, found)
    agreement = _country(entry, asked.country)
    compared = (*shared, *_differing(entry, found, shared, agreement, asked))
    value = found.scored.score
    if not found.identifier:
        value = _weighed(value, agreement)
        # What two share without a name that comes near is in the score already, and never makes a match.
        counted = [one for one in compared if found.name_id or not one.agrees]
        value = particulars.weighed(value, counted, policy().possible)
        if found.name_id is None:
            value = min(value, particulars.policy().most_alone)
    note = why.note(entry, on)
    return Hit(
        key=_pair_key(entry, asked, shared),
        source=entry.edition.source,
        edition=entry.edition.edition,
        entry=entry.uid,
        entry_id=entry.id,
        listed=named.name,
        listed_names=tuple(name.name for name in entry.names),
        matched=found.query,
        score=round(value, 3),
        by_name=round(found.scored.score, 3),
        strength=_strength(value, entry, interval),
        status=Standing(interval.standing).value,
        since=interval.since,
        until=interval.until,
        announcement=interval.announcement,
        program=entry.program,
        effect=Effect(entry.effect).value,
        binding=entry.edition.binding,
        country=agreement,
        identifier=found.identifier,
        mark=named.mark or entry.mark,
        note=note,
        why=why.sentence(found, named.name, compared, agreement, interval, note),
        parts=why.written(found, named.name),
        particulars=compared,
    )


def _differing(
    entry: ListEntry, found: Found, shared: Sequence[Agreement], country: Country, asked: Asked
) -> Iterator[Agreement]:
    """What speaks against: another number of a scheme in which each has one, another address in the same country."""
    if found.identifier:
        return
    if asked.identifiers:
        listed = [(one.scheme, one.value) for one in entry.identifiers]
        yield from particulars.differing_numbers(asked.identifiers, listed)
    if country == "agrees" and not any(one.kind == "address" for one in shared):
        here = [address.text for address in entry.addresses if address.country in ("", asked.country)]
        yield from particulars.differing_addresses(asked.reached.addresses, here)


def _named(entry: ListEntry, found: Found) -> ListName:
    return next((name for name in entry.names if name.id == found.name_id), entry.names[0])


def _strength(value: float, entry: ListEntry, interval: ListInterval) -> Strength:
    if interval.standing == Standing.STOPPED:
        return "history"
    sure = value >= policy().match and entry.whole and interval.standing == Standing.LISTED
    return "match" if sure else "possible"


def _standing(intervals: Sequence[ListInterval], on: date) -> ListInterval | None:
    """The interval in which a day lies; a suspension or stop comes before the listing it lies in."""
    holding = [i for i in intervals if (i.since is None or i.since <= on) and (i.until is None or on <= i.until)]
    return max(holding, key=lambda i: (i.standing != Standing.LISTED, i.position), default=None)


def _country(entry: ListEntry, country: str) -> Country:
    known = {address.country for address in entry.addresses if address.country}
    if not country or not known:
        return "unknown"
    return "agrees" if country in known else "differs"


def _weighed(value: float, agreement: Country) -> float:
    """A country confirms or weakens; it never hides a hit that the name alone would show."""
    if agreement == "agrees":
        return min(1.0, value + policy().country_agrees)
    if agreement == "differs":
        return max(min(value, policy().possible), value - policy().country_differs)
    return value


def _pair_key(entry: ListEntry, asked: Asked, shared: Sequence[Agreement]) -> str:
    """What the party shares with the entry belongs to the pair: who later takes its address is another question."""
    listed = sorted(name.name for name in entry.names)
    party = sorted({" ".join(name.casefold().split()) for name in asked.names})
    numbers = sorted({f"{scheme}={value}" for scheme, value in asked.identifiers})
    reached = sorted({f"{one.kind} {one.party}" for one in shared})
    parts = (
        entry.edition.source,
        entry.uid,
        *listed,
        "\x1e",
        *party,
        asked.country,
        *(("\x1e", *numbers) if numbers else ()),
        *(("\x1d", *reached) if reached else ()),
    )
    text = "\x1f".join(parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def state_of(hits: Sequence[Hit], status: Sequence[ListStatus]) -> State:
    """The answer that some hits make, with the lists as they stand."""
    if any(one.required and one.state == "missing" for one in status):
        return "unavailable"
    strengths = {hit.strength for hit in hits}
    if "match" in strengths:
        return "match"
    return "possible" if "possible" in strengths else "clear"
