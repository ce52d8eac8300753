"""How the benchmarks measure: ours and an opponent by turns in one process, so that a busy machine slows both alike."""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Work = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, in its own unit, against what, and what the ratio means."""

    what: str
    ours: str
    opponent: str
    ratio: str
    means: str


@dataclass(frozen=True)
class Duel:
    """Times of both sides, in seconds for one piece of work each, round by round."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def mine(self) -> float:
        return statistics.median(self.ours)

    @property
    def other(self) -> float:
        return statistics.median(self.theirs)

    @property
    def ratios(self) -> list[float]:
        return sorted(mine / other for mine, other in zip(self.ours, self.theirs, strict=True))

    @property
    def ratio(self) -> str:
        """The median of the rounds' ratios, with the half of them that lies around it."""
        found = self.ratios
        low, high = found[len(found) // 4], found[(3 * len(found)) // 4]
        return f"{shortly(statistics.median(found))} ({shortly(low)}–{shortly(high)})"


def duel(ours: Work, theirs: Work, *, rounds: int, warm_up: int = 1, batch: int = 1, other_batch: int = 0) -> Duel:
    """Time both by turns: who goes first changes from round to round; a round is ``batch`` pieces of work."""
    for _ in range(warm_up):
        ours()
        theirs()
    sides: tuple[list[float], list[float]] = ([], [])
    works = ((ours, batch), (theirs, other_batch or batch))
    with quiet():
        for number in range(rounds):
            for side in (0, 1) if number % 2 else (1, 0):
                work, times = works[side]
                begun = time.perf_counter()
                for _ in range(times):
                    work()
                sides[side].append((time.perf_counter() - begun) / times)
            gc.collect()
    return Duel(tuple(sides[0]), tuple(sides[1]))


def each(works: Sequence[Work]) -> list[float]:
    """Seconds of each piece of work, sorted."""
    with quiet():
        return sorted(_timed(work) for work in works)


def _timed(work: Work) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def quiet() -> Iterator[None]:
    """Without the garbage collector running in between."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def percentile(times: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the sorted times lie."""
    return times[min(len(times) - 1, int(len(times) * share))]


def tails(times: Sequence[float]) -> str:
    """p50 and p99 in milliseconds."""
    return f"p50 {milliseconds(percentile(times, 0.5))}, p99 {milliseconds(percentile(times, 0.99))}"


def milliseconds(seconds: float) -> str:
    return f"{shortly(seconds * 1000)} ms"


def a_second(seconds: float) -> str:
    """How often that goes into a second."""
    return f"{shortly(1 / seconds)}/s"


def shortly(value: float) -> str:
    """A number with three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The rows as lines, one block each: long texts do not fit columns."""
    for row in rows:
        yield f"{row.what}"
        yield f"    ours      {row.ours}"
        if row.opponent:
            yield f"    opponent  {row.opponent}"
        if row.ratio:
            yield f"    RATIO     {row.ratio}"
        yield f"    means     {row.means}"
