"""The authority changes a measure: one person drafts and proposes, another one, a supervisor, approves or rejects."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import Role, User
from portal.controls import catalogue, events, overlay, preview
from portal.controls.catalogue import Stretch
from portal.controls.events import MeasuresChanged
from portal.controls.measures import Measure, MeasureSet
from portal.controls.models import ChangeKind, ChangeState, MeasureChange
from portal.controls.overlay import Change, ChangeRefused, NotAllowed
from portal.text import Text

NOT_OFFICER = Text("Only the authority’s own people change measures.", "仅主管部门人员可以变更管制措施。")
NOT_SUPERVISOR = Text("Only a supervisor decides on a change.", "仅主管人员可以审批变更。")
SAME_PERSON = Text("Who drafted a change does not decide on it.", "起草人不得审批本人起草的变更。")
NOT_DRAFTER = Text("Only who drafted a change may do that.", "仅起草人可以执行该操作。")
NOT_OPEN = Text("The change is no longer open: it is {state}.", "该变更已不在办理中（{state}）。")
MOVED_ON = Text(
    "The measure was changed since this was drafted. Draft it again on what is on file now.",
    "起草之后该措施已有变动，请依据现行在库内容重新起草。",
)
NO_REASON = Text("Say why.", "请说明理由。")
NO_PREVIEW = Text(
    "Nobody can say now what the change would touch. Have it worked out, or say why you approve it all the same.",
    "目前无法确知该变更的影响。请先测算，或者说明在未知影响的情况下仍予批准的理由。",
)
BAD_MARK = Text(
    "What was not read in a source cannot change a measure: find the text first.",
    "未在来源中查阅到的内容不得用于变更管制措施，请先查找文本。",
)
KINDS = {
    ChangeKind.SUSPENSION: Text("Suspension", "暂停实施"),
    ChangeKind.EXTENSION: Text("Extension of a suspension", "延长暂停期"),
    ChangeKind.RESUMPTION: Text("In force again, confirmed", "确认恢复实施"),
    ChangeKind.END: Text("End of the measure", "措施失效"),
    ChangeKind.REPLACEMENT: Text("Replacement by another measure", "由其他措施替代"),
    ChangeKind.CHECK: Text("Compared with the official text", "已对照官方文本核对"),
    ChangeKind.NEW: Text("New measure", "新增措施"),
}
STATES = {
    ChangeState.DRAFT: Text("Draft", "草稿"),
    ChangeState.PROPOSED: Text("Waits for approval", "待审批"),
    ChangeState.APPROVED: Text("Approved", "已批准"),
    ChangeState.REJECTED: Text("Rejected", "已驳回"),
    ChangeState.WITHDRAWN: Text("Withdrawn", "已撤回"),
}
# Marks of what somebody read; from memory or by inference no measure is changed, least of all let go.
READ = ("V", "V2")


class NoPreview(ChangeRefused):
    """There is no count of what the change would touch that may be relied on."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure before a change and after it: its life in time, and when it was last compared."""

    before: Measure | None
    after: Measure
    line_before: tuple[Stretch, ...]
    line_after: tuple[Stretch, ...]


def draft(session: Session, change: Change, *, reason: str, by: User, now: datetime) -> MeasureChange:
    """Write a change down, with no effect yet. Raises ``ChangeRefused`` when it does not fit the measure."""
    _officer(by)
    if not reason.strip():
        raise ChangeRefused(NO_REASON)
    _fits(session, change, now)
    row = MeasureChange(
        number=change.number,
        kind=change.kind,
        effective=change.effective,
        until=change.until,
        announcement=change.announcement.strip(),
        successor=change.successor,
        source=change.source.strip(),
        mark=change.mark,
        content=change.content,
        reason=reason.strip(),
        fingerprint=overlay.fingerprint(_measure(overlay.current(session, now), change.number)),
        state=ChangeState.DRAFT,
        drafted_by=by.id,
        drafted_at=now,
    )
    session.add(row)
    session.flush()
    _record(session, row, "drafted", by, now)
    preview.ask(session, row, now)
    return row


def count_again(session: Session, row: MeasureChange, *, by: User, now: datetime) -> None:
    """Have it worked out anew what the change would touch."""
    _officer(by)
    _expect(row, ChangeState.DRAFT, ChangeState.PROPOSED)
    preview.ask(session, row, now)
    _record(session, row, "preview_asked", by, now)


def propose(session: Session, row: MeasureChange, *, by: User, now: datetime) -> None:
    """Put a draft before a second person."""
    _expect(row, ChangeState.DRAFT)
    if row.drafted_by != by.id:
        raise NotAllowed(NOT_DRAFTER)
    row.state = ChangeState.PROPOSED
    _record(session, row, "proposed", by, now)
    if preview.of(session, row, now).stale:
        preview.ask(session, row, now)


def withdraw(session: Session, row: MeasureChange, *, by: User, now: datetime) -> None:
    """Take a draft or a proposal back."""
    _expect(row, ChangeState.DRAFT, ChangeState.PROPOSED)
    if row.drafted_by != by.id:
        raise NotAllowed(NOT_DRAFTER)
    _decide(row, ChangeState.WITHDRAWN, "", by, now)
    _record(session, row, "withdrawn", by, now)


def reject(session: Session, row: MeasureChange, *, reason: str, by: User, now: datetime) -> None:
    """Turn a proposal down, with a reason."""
    _second_person(row, by)
    if not reason.strip():
        raise ChangeRefused(NO_REASON)
    _decide(row, ChangeState.REJECTED, reason.strip(), by, now)
    _record(session, row, "rejected", by, now)


def approve(session: Session, row: MeasureChange, *, by: User, now: datetime, unseen: str = "") -> MeasureSet:
    """Make a proposal hold, and tell the rooms above. Returns the measures that hold from now on.

    ``unseen`` is why it is approved though there is no fresh count of what it would touch; kept as the decision's
    reason. Raises ``NoPreview`` without either, ``ChangeRefused`` when the same person drafted it, or the measure has
    moved on since.
    """
    _lock(session, row)
    _second_person(row, by)
    before = overlay.current(session, now)
    if overlay.fingerprint(_measure(before, row.number)) != row.fingerprint:
        raise ChangeRefused(MOVED_ON)
    _fits(session, overlay.plain(row), now)
    seen = preview.of(session, row, now)
    if seen.stale and not unseen.strip():
        raise NoPreview(NO_PREVIEW)
    _decide(row, ChangeState.APPROVED, unseen.strip() if seen.stale else "", by, now)
    session.flush()
    after = overlay.current(session, now)
    _record(session, row, "approved", by, now, version=after.version, digest=after.digest, **_touched(seen))
    events.publish(session, MeasuresChanged(row.number, before, after, now))
    return after


def _touched(seen: preview.Preview) -> dict[str, str]:
    """What whoever approved could see of the effect, for the audit record."""
    if seen.stale or seen.counted_at is None:
        return {"effect": "not available"}
    counts = ", ".join(f"{effect.kind.en}: {effect.count}" for effect in seen.effects or ())
    return {"effect": counts, "effect_counted_at": seen.counted_at.isoformat(), "effect_version": seen.version}


def difference(session: Session, change: Change, now: datetime) -> Difference:
    """What a change would do to the measure, beside what holds now."""
    before = overlay.current(session, now)
    after = overlay.apply(before, [change])
    old, on = _measure(before, change.number), now.date()
    new = next(measure for measure in after.measures if measure.number == change.number)
    return Difference(
        before=old,
        after=new,
        line_before=catalogue.line_of_time(old, on) if old else (),
        line_after=catalogue.line_of_time(new, on),
    )


def open_changes(session: Session) -> Sequence[MeasureChange]:
    """Drafts and proposals, oldest first."""
    waiting = MeasureChange.state.in_((ChangeState.DRAFT, ChangeState.PROPOSED))
    return session.scalars(select(MeasureChange).where(waiting).order_by(MeasureChange.id)).all()


def history(session: Session, number: str) -> Sequence[MeasureChange]:
    """Every change of one measure, newest first, also those that came to nothing."""
    chosen = select(MeasureChange).where(MeasureChange.number == number)
    return session.scalars(chosen.order_by(MeasureChange.id.desc())).all()


def find(session: Session, change_id: uuid.UUID) -> MeasureChange | None:
    """One change by its id."""
    return session.get(MeasureChange, change_id)


def _fits(session: Session, change: Change, now: datetime) -> None:
    if change.mark not in READ:
        raise ChangeRefused(BAD_MARK)
    if change.kind == ChangeKind.CHECK and change.effective > now.date():
        raise ChangeRefused(overlay.FUTURE_CHECK)
    overlay.apply(overlay.current(session, now), [change])


def _measure(measures: MeasureSet, number: str) -> Measure | None:
    return next((measure for measure in measures.measures if measure.number == number), None)


def _officer(by: User) -> None:
    if by.organisation.kind != "authority" or not by.has_role(Role.OFFICER, Role.SUPERVISOR):
        raise NotAllowed(NOT_OFFICER)


def _second_person(row: MeasureChange, by: User) -> None:
    _officer(by)
    _expect(row, ChangeState.PROPOSED)
    if row.drafted_by == by.id:
        raise NotAllowed(SAME_PERSON)
    if not by.has_role(Role.SUPERVISOR):
        raise NotAllowed(NOT_SUPERVISOR)


def _expect(row: MeasureChange, *states: ChangeState) -> None:
    if row.state not in states:
        raise ChangeRefused(NOT_OPEN.filled(state=STATES[ChangeState(row.state)]))


def _lock(session: Session, row: MeasureChange) -> None:
    """Hold every change of the measure, so that two approvals cannot pass each other; the row is read afresh."""
    chosen = select(MeasureChange).where(MeasureChange.number == row.number).order_by(MeasureChange.id)
    session.scalars(chosen.with_for_update().execution_options(populate_existing=True)).all()


def _decide(row: MeasureChange, state: ChangeState, decision: str, by: User, now: datetime) -> None:
    row.state, row.decision, row.decided_by, row.decided_at = state, decision, by.id, now


def _record(session: Session, row: MeasureChange, deed: str, by: User, now: datetime, **details: str) -> None:
    told = {
        "change": str(row.id),
        "kind": str(row.kind),
        "effective": row.effective.isoformat(),
        "until": row.until.isoformat() if row.until else "",
        "announcement": row.announcement,
        **details,
    }
    if row.decision:
        told["reason"] = row.decision
    audit.record(
        session,
        actor=audit.Actor("user", str(by.id), by.name),
        verb=f"measure.{deed}",
        subject=f"measure:{row.number}",
        now=now,
        details=told,
        organisation_id=by.organisation_id,
    )
