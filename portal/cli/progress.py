"""How far a long piece of work has come: one line on the screen, written over; nothing where there is no screen."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

EVERY = 0.5  # seconds
WIPE = "\x1b[K"  # to the end of the line


class Line:
    """A line on standard error that says how far the work is, at most twice a second; gone when the block ends."""

    def __init__(self, screen: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen or sys.stderr
        self._clock = clock
        self._told = -EVERY
        self._shown = False

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.wipe()

    def wipe(self) -> None:
        """Make room for another line."""
        if self._shown:
            self._screen.write(f"\r{WIPE}")
            self._screen.flush()
        self._shown = False

    def tell(self, what: str, done: int, whole: int | None = None) -> None:
        """``done`` pieces of ``whole``, which is ``None`` where it is not known."""
        now = self._clock()
        if not self._screen.isatty() or now - self._told < EVERY:
            return
        self._told, self._shown = now, True
        of = f" of {whole:,} ({done / whole:.0%})" if whole else ""
        self._screen.write(f"\r{what} {done:,}{of}{WIPE}")
        self._screen.flush()
