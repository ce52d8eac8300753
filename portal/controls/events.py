"""What the rooms above lend to this one: they say what a change of measures would touch, and hear when it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.controls.measures import MeasureSet
from portal.text import Text


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would touch: how many things of one kind ("live certificates"), and the first few in words."""

    kind: Text
    count: int
    examples: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class MeasuresChanged:
    """Other measures hold than before. ``number`` names the one that changed."""

    number: str
    before: MeasureSet
    after: MeasureSet
    at: datetime


Preview = Callable[[Session, MeasureSet, MeasureSet, datetime], Effect]
Listener = Callable[[Session, MeasuresChanged], None]
_previews: list[Preview] = []
_listeners: list[Listener] = []


def preview_with(callback: Preview) -> Callable[[], None]:
    """Have ``callback`` asked what a change from one set to another would touch; the function returned ends that.

    It must only read.
    """
    _previews.append(callback)
    return lambda: _previews.remove(callback)


def subscribe(callback: Listener) -> Callable[[], None]:
    """Have ``callback`` called in the transaction of every approval; the function returned ends that.

    A callback must be quick (write a job to the outbox, no more): an error in it undoes the approval.
    """
    _listeners.append(callback)
    return lambda: _listeners.remove(callback)


def effects(session: Session, before: MeasureSet, after: MeasureSet, now: datetime) -> tuple[Effect, ...]:
    """What every room above says that the change would touch."""
    return tuple(callback(session, before, after, now) for callback in tuple(_previews))


def publish(session: Session, event: MeasuresChanged) -> None:
    """Tell every listener, in the order in which they subscribed."""
    for callback in tuple(_listeners):
        callback(session, event)
