"""What a change of measures would touch: worked out by a worker, kept with its moment and the edition it held for.

Counting judges the goods of every live certificate again, which no page can wait for. A count that is missing, or that
the measures have left behind, is told as that: it never reads as "nothing changes".
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal import jobs
from portal.controls import events, overlay
from portal.controls.events import Effect
from portal.controls.measures import MeasureSet
from portal.controls.models import ChangeState, MeasureChange, MeasurePreview
from portal.controls.overlay import Change
from portal.jobs.registry import Work
from portal.text import Text

KIND = "preview-change"
FRESH = timedelta(hours=24)  # certificates are issued meanwhile, and another day may be judged otherwise
PATIENCE = timedelta(minutes=15)  # after this a count that did not come may be asked for again
NEVER = Text("It has not been worked out yet.", "尚未测算。")
AGED = Text("It was worked out more than 24 hours ago.", "测算结果已超过24小时。")
OUTDATED = Text(
    "The measures have changed since: they are version {now} now.", "测算后管制措施已有变动，现行版本为{now}。"
)


@dataclass(frozen=True, slots=True)
class Preview:
    """The newest count of a change. ``stale`` says why it must not be relied on; empty: it may be.

    ``effects`` is ``None`` where nothing was counted yet. ``waiting``: a count was asked for that has not come;
    ``late``: nor will it soon.
    """

    effects: tuple[Effect, ...] | None
    counted_at: datetime | None
    version: str
    asked_at: datetime | None
    waiting: bool
    late: bool
    stale: Text | None


def ask(session: Session, row: MeasureChange, now: datetime) -> None:
    """Have it worked out, in the session's transaction; a count that is on its way is not asked for twice."""
    kept = session.get(MeasurePreview, row.id)
    if kept is None:
        kept = MeasurePreview(change_id=row.id, version="", digest="", effects=[])
        session.add(kept)
    elif _waits(kept) and now - kept.asked_at < PATIENCE:
        return
    kept.asked_at = now
    jobs.post(session, KIND, {"change": str(row.id)}, now=now)


def of(session: Session, row: MeasureChange, now: datetime) -> Preview:
    """The newest count of a change, and what it is worth."""
    kept = session.get(MeasurePreview, row.id)
    if kept is None:
        return Preview(None, None, "", None, waiting=False, late=False, stale=NEVER)
    waiting = _waits(kept)
    return Preview(
        effects=_read(kept.effects) if kept.counted_at else None,
        counted_at=kept.counted_at,
        version=kept.version,
        asked_at=kept.asked_at,
        waiting=waiting,
        late=waiting and now - kept.asked_at >= PATIENCE,
        stale=_stale(session, kept, now),
    )


def count(session: Session, change: Change, now: datetime) -> tuple[MeasureSet, tuple[Effect, ...]]:
    """Work it out now: the measures that hold, and what the change would touch under them. Reads only.

    Raises ``ChangeRefused`` for a change that does not fit.
    """
    before = overlay.current(session, now)
    return before, events.effects(session, before, overlay.apply(before, [change]), now)


def handle(work: Work, payload: Mapping[str, Any]) -> None:
    """The job. The long reading is one transaction and the writing another; a second run writes the same again."""
    change_id, begun = uuid.UUID(payload["change"]), work.now()
    with work.transaction() as session:
        row = session.get(MeasureChange, change_id)
        if row is None or row.state not in (ChangeState.DRAFT, ChangeState.PROPOSED):
            return
        try:
            measures, effects = count(session, overlay.plain(row), begun)
        except overlay.ChangeRefused:
            return  # the page says that it does not fit, and nobody can approve it
    with work.transaction() as session:
        kept = session.get(MeasurePreview, change_id)
        if kept is not None and (kept.counted_at is None or kept.counted_at <= begun):
            kept.counted_at, kept.version, kept.digest = begun, measures.version, measures.digest
            kept.effects = [_plain(effect) for effect in effects]


def wire() -> None:
    """Name who does this job."""
    jobs.register(KIND, handle)


def _waits(kept: MeasurePreview) -> bool:
    return kept.counted_at is None or kept.counted_at < kept.asked_at


def _stale(session: Session, kept: MeasurePreview, now: datetime) -> Text | None:
    if kept.counted_at is None:
        return NEVER
    holds = overlay.current(session, now)
    if kept.digest != holds.digest:
        return OUTDATED.filled(now=holds.version)
    return AGED if now - kept.counted_at >= FRESH else None


def _plain(effect: Effect) -> dict[str, Any]:
    return {
        "kind": _both(effect.kind), "count": effect.count, "examples": [_both(one) for one in effect.examples],
    }  # fmt: skip


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _read(effects: list[dict[str, Any]]) -> tuple[Effect, ...]:
    return tuple(
        Effect(Text.read(one["kind"]), one["count"], tuple(Text.read(each) for each in one["examples"]))
        for one in effects
    )
