"""Entries of a status list that stand for nothing, so that counting its bits tells little (section 6.5).

Decoys have states like certificates do, and change them now and then by the same rules, so that neither the number of
set bits nor what differs between two editions tells how many certificates were revoked.
Kept as four bytes each, in order: three of the index, one of the state.
"""

import secrets
from bisect import bisect_left
from collections.abc import Mapping

from portal.certificates.statuslist.form import ENTRIES

COUNT = 8192
# How many are set from the first edition on, and how many more may change with each later one: any number below these.
AT_FIRST, AT_ONCE = 2048, 16
_STATES = ("valid", "suspended", "revoked", "superseded", "used_up")
_NEXT: Mapping[str, tuple[str, ...]] = {
    "valid": ("suspended", "revoked", "superseded", "used_up", "used_up"),
    "suspended": ("valid", "valid", "revoked"),
}
_WIDTH = 4


def make() -> bytes:
    """The decoys of a new list, some of them set."""
    indexes: set[int] = set()
    while len(indexes) < COUNT:
        indexes.add(secrets.randbelow(ENTRIES))
    return _changed(_written(dict.fromkeys(indexes, "valid")), secrets.randbelow(AT_FIRST))


def later(decoys: bytes) -> bytes:
    """The decoys in the next edition: a few may have changed."""
    return _changed(decoys, secrets.randbelow(AT_ONCE))


def states(decoys: bytes) -> dict[int, str]:
    """The state of every decoy that is not valid, by its index."""
    return {index: state for index, state in _read(decoys).items() if state != "valid"}


def holds(decoys: bytes, index: int) -> bool:
    """Whether an index is that of a decoy."""
    at = bisect_left(range(len(decoys) // _WIDTH), index, key=lambda place: _index(decoys, place))
    return at < len(decoys) // _WIDTH and _index(decoys, at) == index


def _changed(decoys: bytes, count: int) -> bytes:
    found = _read(decoys)
    indexes = list(found)
    for _ in range(count):
        index = secrets.choice(indexes)
        after = _NEXT.get(found[index])
        if after:
            found[index] = secrets.choice(after)
    return _written(found)


def _index(decoys: bytes, place: int) -> int:
    return int.from_bytes(decoys[place * _WIDTH : place * _WIDTH + 3])


def _read(decoys: bytes) -> dict[int, str]:
    return {int.from_bytes(decoys[at : at + 3]): _STATES[decoys[at + 3]] for at in range(0, len(decoys), _WIDTH)}


def _written(found: Mapping[int, str]) -> bytes:
    return b"".join(index.to_bytes(3) + bytes([_STATES.index(state)]) for index, state in sorted(found.items()))
