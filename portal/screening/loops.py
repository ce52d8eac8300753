"""The inner loops of looking up, as they stand or compiled: over words (``nearness``) and over names (``reaching``).

They are written for one number after the other, so that numba can compile them: for long lists they run a hundred
times as fast then. For a short list that is not worth the third of a second that numba takes to load; there the same
code runs as it stands (``PLAIN``).
"""

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any, NamedTuple

from portal.screening import nearness, reaching
from portal.screening.nearness import Numbers, Shares


class Loops(NamedTuple):
    """The loops as they are called."""

    sharing: Callable[..., int]
    near: Callable[..., tuple[Numbers, Shares]]
    together: Callable[..., Numbers]
    reached: Callable[..., int]
    promising: Callable[..., int]


PLAIN = Loops(nearness.sharing, nearness.near, reaching.together, reaching.reached, reaching.promising)
CALLED = (
    *(nearness.osa, nearness.alike, nearness.same, nearness.spelled, nearness.sounding),
    *(reaching.enough, reaching.least_needed, reaching.by_rarity, reaching.add, reaching.gather),
    *(reaching.take, reaching.of_joined, reaching.unsaid, reaching.bound, reaching.agreement),
)  # in the order in which one calls another


@cache
def compiled() -> Loops:
    """The same, compiled; what was compiled once is kept in files where the process may write any."""
    import numba  # takes a while to load, and is needed for long lists only

    # What they call of each other has to be compiled as well, so they see each other in names of their own.
    seen = vars(nearness) | vars(reaching)
    for loop in (*CALLED, *PLAIN):
        own: Any = FunctionType(loop.__code__, seen, loop.__name__)
        own.__module__ = loop.__module__
        try:
            seen[loop.__name__] = numba.njit(cache=True, nogil=True)(own)
        except RuntimeError:  # no folder to keep it in
            seen[loop.__name__] = numba.njit(nogil=True)(own)
    return Loops(*(seen[name] for name in Loops._fields))
