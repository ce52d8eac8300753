"""The authority's approved changes laid over the shipped measures. The YAML stays as it is; intervals are added to it.

Each change is a dated fact: it may be approved before or after its first day, and the judgement of any day follows from
the intervals. A set with changes has a version and a digest of its own, so that what was judged can be replayed.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.controls.measures import Interval, Measure, MeasureError, MeasureSet, Suspension, day_text, load, of_row
from portal.controls.models import ChangeKind, ChangeState, MeasureChange
from portal.text import Text

DAY = timedelta(days=1)


class ChangeRefused(ValueError):
    """A change that cannot be made; ``why`` says so in both languages."""

    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why.en)


class NotAllowed(ChangeRefused):
    """The person may not do that, whatever the change says."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change as plain values. ``announcement`` is what makes it ("70/2025"); ``successor`` replaces the measure.

    ``content`` is a whole new measure as JSON, by the schema of the files.
    """

    number: str
    kind: ChangeKind
    effective: date
    until: date | None
    announcement: str
    successor: str
    source: str
    mark: str
    content: str = ""


KNOWN = Text("Measure {number} is on file already: change it instead.", "该措施已在库：{number}，请改为变更该措施。")
BROKEN = Text("The measure is not whole: {reason}", "措施内容不完整或格式有误：{reason}")
UNKNOWN = Text("No measure {number} is on file.", "在库无此措施：{number}。")
NO_END = Text("A suspension needs its last day.", "暂停实施须填写截止日期。")
BACKWARDS = Text("It would end before it begins.", "截止日期早于起始日期。")
TOO_EARLY = Text("It would begin before the measure itself.", "起始日期早于该措施本身的施行日期。")
OVERLAP = Text("It would overlap the suspension from {start} to {end}.", "与{start}至{end}的暂停期重叠。")
NOT_NEXT = Text(
    "An extension begins on the day after the suspension that it extends, {day}.",
    "延长期须自原暂停期届满次日（{day}）起算。",
)
NEVER_SUSPENDED = Text("The measure was never suspended.", "该措施从未暂停实施。")
RUNNING = Text("Give the first day on which the measure is in force again.", "请填写恢复实施的首日。")
ALREADY = Text("The measure has ended on {day} already.", "该措施已于{day}失效。")
NO_ANNOUNCEMENT = Text("Name the announcement that does it.", "请填写作出该变更的公告文号。")
NO_SOURCE = Text("Say where the text was read.", "请填写所依据文本的出处。")
NO_SUCCESSOR = Text(
    "What replaces the measure must be on file and in force on {day}: without it goods would be let out.",
    "替代措施须已在库并于{day}有效，否则货物将脱离管制。",
)
FUTURE_CHECK = Text("The day of a comparison cannot lie ahead.", "核对日期不得晚于今日。")
OLDER_CHECK = Text("A later comparison is on file already: {day}.", "已有更近的核对记录：{day}。")


def apply(measures: MeasureSet, changes: Sequence[Change]) -> MeasureSet:
    """The set with the changes made in order. Raises ``ChangeRefused`` where one does not fit what came before it."""
    laid, refused = lay(measures, changes)
    if refused:
        raise refused[0][1]
    return laid


def lay(measures: MeasureSet, changes: Sequence[Change]) -> tuple[MeasureSet, tuple[tuple[Change, ChangeRefused], ...]]:
    """The set with every change that fits, and those that do not, each with why.

    A change stops fitting when a later release of the portal ships what it said, or a newer fact. Left out, it never
    lets goods out: a suspension or an end that is missing leaves the measure in force.
    """
    by_number = {measure.number: measure for measure in measures.measures}
    told: list[dict[str, Any]] = []
    refused: list[tuple[Change, ChangeRefused]] = []
    for change in changes:
        try:
            by_number[change.number] = _changed(change, by_number)
        except ChangeRefused as error:
            refused.append((change, error))
            continue
        told.append({name: str(value or "") for name, value in asdict(change).items()})
    if not told:
        return measures, tuple(refused)
    digest = hashlib.sha256(rfc8785.dumps([measures.digest, told])).hexdigest()
    version = f"{measures.version.partition('+')[0]}+{_count(measures) + len(told)}"
    made = replace(measures, measures=tuple(by_number.values()), version=version, digest=digest)
    return made, tuple(refused)


def current(session: Session, at: datetime, shipped: MeasureSet | None = None) -> MeasureSet:
    """The measures with every change that was approved by a moment and still fits."""
    return lay(shipped or load(), [plain(row) for row in approved(session, at)])[0]


def unfit(session: Session, at: datetime) -> tuple[tuple[Change, ChangeRefused], ...]:
    """Approved changes that no longer fit what ships with the portal, for the authority to look at."""
    return lay(load(), [plain(row) for row in approved(session, at)])[1]


def _count(measures: MeasureSet) -> int:
    return int(measures.version.partition("+")[2] or 0)


def _changed(change: Change, by_number: dict[str, Measure]) -> Measure:
    measure = by_number.get(change.number)
    if change.kind == ChangeKind.NEW:
        if measure is not None:
            raise ChangeRefused(KNOWN.filled(number=change.number))
        return _new(change)
    if measure is None:
        raise ChangeRefused(UNKNOWN.filled(number=change.number))
    return _APPLY[change.kind](measure, change, by_number)


def _new(change: Change) -> Measure:
    """A measure that was not on file. Comparing it with the official text is a change of its own."""
    _announced(change)
    try:
        return of_row(json.loads(change.content), change.number)
    except MeasureError as error:
        raise ChangeRefused(BROKEN.filled(reason=error.reason)) from error


def approved(session: Session, at: datetime) -> Sequence[MeasureChange]:
    """The changes approved by a moment, in the order of approval."""
    chosen = select(MeasureChange).where(MeasureChange.state == ChangeState.APPROVED, MeasureChange.decided_at <= at)
    return session.scalars(chosen.order_by(MeasureChange.decided_at, MeasureChange.id)).all()


def plain(row: MeasureChange) -> Change:
    """A row as plain values."""
    return Change(
        number=row.number,
        kind=ChangeKind(row.kind),
        effective=row.effective,
        until=row.until,
        announcement=row.announcement,
        successor=row.successor,
        source=row.source,
        mark=row.mark,
        content=row.content or "",
    )


def fingerprint(measure: Measure | None) -> str:
    """What a measure was when somebody looked at it (SHA-256, hex); ``None`` for one that is not on file yet."""
    return hashlib.sha256(repr(measure).encode()).hexdigest()


Apply = Callable[[Measure, Change, dict[str, Measure]], Measure]


def _suspend(measure: Measure, change: Change, _: dict[str, Measure]) -> Measure:
    interval = _dated(measure, change)
    for one in measure.suspensions:
        held = one.interval
        if held.until is None or (interval.since <= held.until and (interval.until or held.since) >= held.since):
            raise ChangeRefused(
                OVERLAP.filled(start=day_text(held.since), end=day_text(held.until) if held.until else "–")
            )
    added = Suspension(interval, change.announcement, change.mark, None)
    return replace(measure, suspensions=_in_order(*measure.suspensions, added))


def _extend(measure: Measure, change: Change, others: dict[str, Measure]) -> Measure:
    last = _last(measure)
    following = (last.interval.until or last.interval.since) + DAY
    if change.effective != following:
        raise ChangeRefused(NOT_NEXT.filled(day=day_text(following)))
    return _suspend(measure, change, others)


def _resume(measure: Measure, change: Change, _: dict[str, Measure]) -> Measure:
    """In force again from a day: the suspension ends on the day before at the latest, and what follows is settled."""
    _announced(change)
    last = _last(measure)
    if change.effective <= last.interval.since:
        raise ChangeRefused(RUNNING)
    end = min(last.interval.until or change.effective - DAY, change.effective - DAY)
    settled = replace(last, interval=Interval(last.interval.since, end), after="in_force")
    kept = tuple(one for one in measure.suspensions if one is not last)
    return replace(measure, suspensions=_in_order(*kept, settled))


def _end(measure: Measure, change: Change, _: dict[str, Measure]) -> Measure:
    """No longer in force from a day on."""
    _announced(change)
    if change.effective <= measure.since:
        raise ChangeRefused(TOO_EARLY)
    last_day = change.effective - DAY
    ended = max((one.until for one in measure.in_force if one.until), default=None)
    if ended is not None and ended <= last_day and all(one.until for one in measure.in_force):
        raise ChangeRefused(ALREADY.filled(day=day_text(ended)))
    kept = tuple(
        Interval(one.since, last_day if one.until is None else min(one.until, last_day))
        for one in measure.in_force
        if one.since <= last_day
    )
    return replace(measure, in_force=kept)


def _replace(measure: Measure, change: Change, others: dict[str, Measure]) -> Measure:
    successor = others.get(change.successor)
    standing = successor.standing(change.effective) if successor else "ended"
    if successor is None or successor.number == measure.number or standing not in ("in_force", "check"):
        raise ChangeRefused(NO_SUCCESSOR.filled(day=day_text(change.effective)))
    return _end(measure, change, others)


def _check(measure: Measure, change: Change, _: dict[str, Measure]) -> Measure:
    """Somebody compared the measure with the official text on a day."""
    _sourced(change)
    if measure.checked is not None and change.effective < measure.checked:
        raise ChangeRefused(OLDER_CHECK.filled(day=day_text(measure.checked)))
    return replace(measure, checked=change.effective)


_APPLY: dict[ChangeKind, Apply] = {
    ChangeKind.SUSPENSION: _suspend,
    ChangeKind.EXTENSION: _extend,
    ChangeKind.RESUMPTION: _resume,
    ChangeKind.END: _end,
    ChangeKind.REPLACEMENT: _replace,
    ChangeKind.CHECK: _check,
}


def _dated(measure: Measure, change: Change) -> Interval:
    _announced(change)
    if change.until is None:
        raise ChangeRefused(NO_END)
    if change.until < change.effective:
        raise ChangeRefused(BACKWARDS)
    if change.until < measure.since:
        raise ChangeRefused(TOO_EARLY)
    return Interval(change.effective, change.until)


def _announced(change: Change) -> None:
    _sourced(change)
    if not change.announcement.strip():
        raise ChangeRefused(NO_ANNOUNCEMENT)


def _sourced(change: Change) -> None:
    if not change.source.strip():
        raise ChangeRefused(NO_SOURCE)


def _last(measure: Measure) -> Suspension:
    if not measure.suspensions:
        raise ChangeRefused(NEVER_SUSPENDED)
    return max(measure.suspensions, key=lambda one: one.interval.since)


def _in_order(*suspensions: Suspension) -> tuple[Suspension, ...]:
    return tuple(sorted(suspensions, key=lambda one: one.interval.since))
