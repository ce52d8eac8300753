"""What has changed in the lists, told to the rooms above, which may subscribe (to rescreen, for one)."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class ListChanged:
    """A list has other entries than before. ``previous_id`` is the edition replaced, ``entry_ids`` what changed
    within one that lives on (the restricted list); empty for a new edition, whose difference is the two files.
    """

    source: str
    edition_id: uuid.UUID
    previous_id: uuid.UUID | None
    kind: Literal["edition", "added", "removed"]
    entry_ids: tuple[uuid.UUID, ...]
    at: datetime


Callback = Callable[[Session, ListChanged], None]
_subscribers: list[Callback] = []


def subscribe(callback: Callback) -> Callable[[], None]:
    """Have ``callback`` called inside the transaction of every change; the function returned ends that.

    A callback must be quick (write a job to the outbox, no more): an error in it undoes the change.
    """
    _subscribers.append(callback)
    return lambda: _subscribers.remove(callback)


def publish(session: Session, event: ListChanged) -> None:
    """Tell every subscriber, in the order in which they subscribed."""
    for callback in tuple(_subscribers):
        callback(session, event)
