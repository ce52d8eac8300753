"""Live parties, indexed so that a listed name, number or particular leads to those it comes near."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass

from portal.screening import lists, names, particulars, score
from portal.screening.index import Index, Query, Shard
from portal.screening.match import BIC_OF_BANK, lowest
from portal.screening.particulars import Particulars
from portal.screening.rows import Row

MOST = 100_000  # parties that one listed name may come near
ASIDE = 0.05  # how much less two names may score when the one that is looked up is the listed one


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


class PartyIndex:
    """Parties by name, by number and by particular. Made once; parties that come later have an index of their own."""

    def __init__(self, parties: Iterable[PartyNames], weight: Callable[[str], float]) -> None:
        self.parties = tuple(parties)
        self._numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._marks: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._index = Index.of([Shard.of(self._rows())], weight)
        self._index.lexicon.thorough = True

    def _rows(self) -> Iterator[Row]:
        """The names; a row's two identities are the places of the party here and of the name with the party."""
        for at, party in enumerate(self.parties):
            for which, name in enumerate(party.names):
                if name.strip():
                    places = uuid.UUID(int=which), uuid.UUID(int=at)
                    yield Row(*places, names.key(name), names.native(name), True)
            for scheme, value in party.identifiers:
                self._numbers[number(scheme, value)].append(at)
            for mark in particulars.marks(party.reached, [party.country]):
                self._marks[mark].append(at)

    def weighed(self, weight: Callable[[str], float]) -> "PartyIndex":
        """The same with other weights of words."""
        other = copy(self)
        other._index = self._index.weighed(weight)
        return other

    def near(self, query: Query, weight: Callable[[str], float]) -> Iterator[tuple[PartyNames, str]]:
        """The parties that a listed name comes near enough to be compared, each with the name that it comes near.

        ``weight`` is what words weigh on the lists as they are now, which they need not have when this was made.
        """
        rows, least = self._index.rows, lowest() - ASIDE
        for at in self._index.candidates(query, lowest(), MOST):
            native = bool(query.native and rows.native(at))
            if native or _alike(query, rows.key(at).split(), weight) >= least:
                party = self.parties[rows.entry_id(at).int]
                yield party, party.names[rows.name_id(at).int]

    def having(self, scheme: str, value: str) -> Iterator[PartyNames]:
        """The parties that have a number."""
        return (self.parties[at] for at in self._numbers.get(number(scheme, value), ()))

    def reached_by(self, kind: str, value: str) -> Iterator[PartyNames]:
        """The parties that have a mark (see ``particulars``)."""
        return (self.parties[at] for at in self._marks.get((kind, value), ()))


def _alike(query: Query, words: Sequence[str], weight: Callable[[str], float]) -> float:
    return score.compare(query.tokens, words, weight, firm=True, explain=False, written=query.written).score


def number(scheme: str, value: str) -> tuple[str, str]:
    """A number as ``Screener`` compares it: of a bank's code the part that names the bank."""
    plain = lists.identifier_value(value)
    return scheme.upper(), plain[:BIC_OF_BANK] if scheme.upper() == "BIC" else plain
