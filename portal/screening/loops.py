"""The inner loops of looking up, as they stand or compiled: over words (``nearness``) and over names (``reaching``).

They are written for one number after the other, so that numba can compile them: for long lists they run a hundred
times as fast then. For a short list that is not worth the third of a second that numba takes to load; there the same
code runs as it stands (``PLAIN``), but for how near words are: that is asked of the score, which is quicker then.
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
    near: Callable[..., tuple[Numbers, Shares, int]]
    together: Callable[..., Numbers]
    reached: Callable[..., int]
    promising: Callable[..., int]


PLAIN = Loops(nearness.sharing, nearness.unmeasured, reaching.together, reaching.reached, reaching.promising)
CALLED = (
    *(nearness.osa, nearness.alike, nearness.same, nearness.short, nearness.spelled),
    *(nearness.sounding, nearness.spellings_of, nearness.nearest_spelling, nearness.sound_alike, nearness.likeness),
    *(nearness.sharing, reaching.enough, reaching.least_needed, reaching.by_rarity, reaching.add, reaching.gather),
    *(reaching.take, reaching.of_joined, reaching.unsaid, reaching.bound, reaching.agreement, reaching.reached),
    *(reaching.promising, nearness.near, reaching.together),
)  # in the order in which one calls another


@cache
def compiled() -> Loops:
    """The same, compiled; what was compiled once is kept in files where the process may write any."""
    import numba  # takes a while to load, and is needed for long lists only

    # What they call of each other has to be compiled as well, so they see each other in names of their own.
    seen = vars(nearness) | vars(reaching)
    for loop in CALLED:
        own: Any = FunctionType(loop.__code__, seen, loop.__name__)
        own.__module__ = loop.__module__
        inner: dict[str, Any] = {
            "nogil": True,
            "no_cpython_wrapper": loop.__name__ not in Loops._fields,
            "no_cfunc_wrapper": True,
        }
        try:
            seen[loop.__name__] = numba.njit(cache=True, **inner)(own)
        except RuntimeError:  # no folder to keep it in
            seen[loop.__name__] = numba.njit(**inner)(own)
    return Loops(*(seen[name] for name in Loops._fields))
