"""How near a party's names come to the names on the lists: candidates compared, the best for each entry kept."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from portal.screening import score
from portal.screening.index import Index, Query
from portal.screening.rows import Rows
from portal.screening.score import Scored, policy

HOMOPHONES = 0.6


@dataclass(frozen=True, slots=True)
class Found:
    """The best agreement of one entry with one of the party's names."""

    entry_id: uuid.UUID
    name_id: uuid.UUID | None
    query: str
    scored: Scored
    identifier: str = ""


class Matcher:
    """Compares names with those of some indexes; knows nothing of days, countries or the database."""

    def __init__(self, indexes: Sequence[Index], weight: Callable[[str], float] | None = None) -> None:
        self._indexes = tuple(indexes)
        self.weight = weight or _weigher(self._indexes)

    def agreements(self, names: Sequence[str], floor: float, *, explain: bool = True) -> dict[uuid.UUID, Found]:
        """For each entry that a name comes near, the best agreement, from a score of ``floor`` up."""
        best: dict[uuid.UUID, Found] = {}
        for query in (Query.of(name) for name in dict.fromkeys(names) if name.strip()):
            for index in self._indexes:
                for at in index.candidates(query, floor):
                    scored = self.compare(query, index.rows, at, floor, explain=explain)
                    if scored.score < floor:
                        continue
                    entry_id = index.rows.entry_id(at)
                    if entry_id not in best or scored.score > best[entry_id].scored.score:
                        best[entry_id] = Found(entry_id, index.rows.name_id(at), query.name, scored)
        return best

    def compare(self, query: Query, rows: Rows, at: int, floor: float, *, explain: bool = True) -> Scored:
        """Characters against characters, else romanised words; sound alone never makes a sure match. Below a score of
        ``floor`` the parts are left out.
        """
        words, native = rows.key(at).split(), rows.native(at)
        written = None
        if query.native and native:
            written = score.compare_characters(query.native, native)
            if written.score >= policy().homophone_cap or not _homophones(query, native, words):
                return written
        firm = rows.firm(at)
        spoken = score.compare(
            query.tokens, words, self.weight, firm=firm, explain=explain, written=query.written, floor=floor
        )
        if written is not None:
            capped = min(spoken.score, policy().homophone_cap)
            return written if written.score >= capped else Scored(capped, spoken.parts, False)
        if (query.native or native) and spoken.score > policy().pinyin_cap:
            return Scored(policy().pinyin_cap, spoken.parts, spoken.contained)
        return spoken


def _homophones(query: Query, native: str, words: Sequence[str]) -> bool:
    """Whether other characters may sound the same: longer names of which most syllables are there."""
    same = set(query.tokens) & set(words)
    return len(native) > score.SHORT_HAN and len(same) >= HOMOPHONES * min(len(set(query.tokens)), len(set(words)))


@lru_cache(maxsize=4)
def _weigher(indexes: tuple[Index, ...]) -> Callable[[str], float]:
    lexicons = [index.lexicon for index in indexes]
    return score.weigher(lambda word: sum(one.count(word) for one in lexicons), sum(len(one.rows) for one in indexes))
