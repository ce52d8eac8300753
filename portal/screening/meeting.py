"""A party as it is asked about, and what it meets on the lists: by name, by number, by any other particular."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from portal.screening import lists, particulars
from portal.screening.agreement import Found
from portal.screening.particulars import Agreement, Kind, Mark, Particulars
from portal.screening.score import Scored

# A mark of an entry: whose, its kind, value and text; where it is of an address, the whole of it and its country.
Marked = tuple[uuid.UUID, str, str, str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A party as it is asked about: its names, country and (scheme, value) numbers, and how it can be reached."""

    names: tuple[str, ...]
    country: str
    identifiers: tuple[tuple[str, str], ...] = ()
    reached: Particulars = particulars.NONE

    @classmethod
    def of(
        cls, names: Sequence[str], country: str, identifiers: Sequence[tuple[str, str]], reached: Particulars
    ) -> "Asked":
        """With the numbers in the spelling that lists are kept in; those without a value are left out."""
        plain = ((scheme.upper(), lists.identifier_value(value)) for scheme, value in identifiers)
        return cls(tuple(names), country, tuple((scheme, value) for scheme, value in plain if value), reached)


class Met(NamedTuple):
    """Whom a party meets by name, number or any other particular, and for each entry what else they share."""

    asked: Asked
    found: dict[uuid.UUID, Found]
    shared: Mapping[uuid.UUID, Sequence[Agreement]]


def meeting(
    asked: Asked,
    near: dict[uuid.UUID, Found],
    numbers: Iterable[Found],
    shared: Mapping[uuid.UUID, Sequence[Agreement]],
) -> Met:
    """Bring together the entries that a party comes near by name, those with a number of it, and what is shared."""
    found = near | {match.entry_id: match for match in numbers}
    for entry_id, agreed in shared.items():
        if entry_id not in found:
            score = Scored(particulars.alone(agreed), (), False)
            found[entry_id] = Found(entry_id, None, agreed[0].party, score)
    return Met(asked, found, shared)


def shared(asked: Asked, marks: Mapping[Mark, str], kept: Iterable[Marked]) -> dict[uuid.UUID, list[Agreement]]:
    """For each entry with which the party shares an address, telephone, e-mail address or domain, what they share.

    ``marks`` are the party's, and ``kept`` those of entries; addresses that a mark leads to are compared whole.
    """
    found: dict[uuid.UUID, set[Agreement]] = {}
    for entry_id, stored, value, text, address, country in kept:
        kind = cast(Kind, stored)
        ours = marks.get((kind, value), "")
        if not ours or (kind == "address" and not _same_place(ours, asked.country, address, country)):
            continue
        found.setdefault(entry_id, set()).add(particulars.sharing(kind, ours, address or text))
    return {
        entry_id: sorted(agreed, key=lambda one: (-one.weight, one.kind, one.party, one.listed))
        for entry_id, agreed in found.items()
    }


def _same_place(ours: str, country: str, theirs: str | None, other: str | None) -> bool:
    return (not country or not other or country == other) and particulars.same_address(ours, theirs or "")
