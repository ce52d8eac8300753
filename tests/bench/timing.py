"""Times of many small pieces of work of one kind."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.bench.farm import percentile, shortly

T = TypeVar("T")


def timed(work: Callable[[T], float]) -> Callable[[Sequence[T]], tuple[list[float], list[float]]]:
    """The work over many things: what it gave for each, and the seconds of the processor that each took."""

    def run(things: Sequence[T]) -> tuple[list[float], list[float]]:
        values, seconds = [], []
        for thing in things:
            begun = time.thread_time()
            values.append(work(thing))
            seconds.append(time.thread_time() - begun)
        return values, seconds

    return run


def microseconds(seconds: Sequence[float]) -> str:
    """p50 and p99."""
    ranked = sorted(seconds)
    return f"{shortly(percentile(ranked, 0.5) * 1e6)}/{shortly(percentile(ranked, 0.99) * 1e6)} us"
