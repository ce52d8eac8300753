"""Who does which kind of job, and what a handler is given to work with."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from portal.config import Settings
from portal.db import transaction


@dataclass(frozen=True, slots=True)
class Work:
    """What a handler works with: settings, a clock, and as many transactions as it needs, each as short as it can.

    A long reading belongs in one transaction and the writing in others, since SQLite has one writer at a time.
    """

    settings: Settings
    sessions: sessionmaker[Session]
    now: Callable[[], datetime]

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction, committed when the block ends and undone when it raises."""
        with transaction(self.sessions) as session:
            yield session


Handler = Callable[[Work, Mapping[str, Any]], None]
_handlers: dict[str, Handler] = {}


class NoHandler(LookupError):
    """Nobody does jobs of this kind: a room was not wired, or the job is of another release."""


def register(kind: str, handler: Handler) -> None:
    """Have jobs of a kind done by ``handler``, which may be called twice for one job. The last one named does them."""
    _handlers[kind] = handler


def handler_of(kind: str) -> Handler:
    """Who does a kind of job. Raises ``NoHandler``."""
    if kind not in _handlers:
        raise NoHandler(kind)
    return _handlers[kind]
