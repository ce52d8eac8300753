"""The authority's changes of measures: dated intervals, two people, what they would touch, on both databases."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import Organisation, User
from portal.audit.models import AuditEvent
from portal.controls import change, events, overlay, preview
from portal.controls.judge import GoodsItem, judge
from portal.controls.measures import Measure, MeasureSet, load
from portal.controls.models import ChangeKind, ChangeState, MeasureChange
from portal.controls.overlay import Change, ChangeRefused
from portal.text import Text
from tests.controls.samples import TODAY

KIND = Text("live lights", "有效灯")
HOLMIUM = GoodsItem("Holmium oxide", "Ho", control_code="1C909")
EXTENSION = Change(
    "57/2025", ChangeKind.EXTENSION, date(2026, 11, 11), date(2027, 11, 10), "TEST 1", "", "test text", "V"
)
RESUMPTION = replace(EXTENSION, kind=ChangeKind.RESUMPTION, until=None)
SUSPENSION = replace(EXTENSION, number="18/2025", kind=ChangeKind.SUSPENSION, effective=date(2026, 12, 1))
END = replace(SUSPENSION, kind=ChangeKind.END, until=None)
CHECK = replace(EXTENSION, number="18/2025", kind=ChangeKind.CHECK, effective=TODAY, until=None, announcement="")


def one(measures: MeasureSet, number: str) -> Measure:
    return next(measure for measure in measures.measures if measure.number == number)


def changed(*changes: Change) -> MeasureSet:
    return overlay.apply(load(), changes)


@pytest.fixture
def person(session: Session, now: datetime) -> Callable[..., User]:
    """Make a person of the authority, or of an exporter."""
    homes: dict[str, Organisation] = {}

    def make(*roles: str) -> User:
        kind = "authority" if set(roles) & {"officer", "supervisor"} else "exporter"
        home = homes.setdefault(kind, Organisation(kind=kind, name=kind, country="CN", created_at=now))
        user = User(
            organisation=home, email=f"{uuid.uuid4().hex}@example.org", name=" ".join(roles), role_names=list(roles),
            password_hash="!", created_at=now,
        )  # fmt: skip
        session.add(user)
        session.flush()
        return user

    return make


# ---- pure


@pytest.mark.parametrize(
    ("what", "number", "day", "standing"),
    [
        (EXTENSION, "57/2025", date(2026, 11, 10), "suspended"),
        (EXTENSION, "57/2025", date(2026, 11, 11), "suspended"),
        (EXTENSION, "57/2025", date(2027, 11, 10), "suspended"),
        (EXTENSION, "57/2025", date(2027, 11, 11), "check"),
        (RESUMPTION, "57/2025", date(2026, 11, 10), "suspended"),
        (RESUMPTION, "57/2025", date(2026, 11, 11), "in_force"),
        (replace(RESUMPTION, effective=date(2026, 6, 1)), "57/2025", date(2026, 5, 31), "suspended"),
        (replace(RESUMPTION, effective=date(2026, 6, 1)), "57/2025", date(2026, 6, 1), "in_force"),
        (SUSPENSION, "18/2025", date(2026, 11, 30), "in_force"),
        (SUSPENSION, "18/2025", date(2026, 12, 1), "suspended"),
        (SUSPENSION, "18/2025", date(2027, 11, 10), "suspended"),
        (SUSPENSION, "18/2025", date(2027, 11, 11), "check"),
        (END, "18/2025", date(2026, 11, 30), "in_force"),
        (END, "18/2025", date(2026, 12, 1), "ended"),
        (replace(END, kind=ChangeKind.REPLACEMENT, successor="10/2025"), "18/2025", date(2026, 12, 1), "ended"),
    ],
)
def test_how_a_measure_stands_around_the_day_of_a_change(what: Change, number: str, day: date, standing: str) -> None:
    assert one(changed(what), number).standing(day) == standing


def test_a_comparison_with_the_official_text_only_moves_its_day() -> None:
    made = changed(CHECK)
    assert one(made, "18/2025") == replace(one(load(), "18/2025"), checked=TODAY)
    assert made.trusted(one(made, "18/2025"), one(made, "18/2025").items[0], TODAY)
    assert not made.trusted(one(made, "18/2025"), one(made, "18/2025").items[0], TODAY + timedelta(days=181))


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (replace(EXTENSION, number="99/2099"), "No measure 99/2099"),
        (replace(EXTENSION, until=None), "needs its last day"),
        (replace(EXTENSION, until=date(2026, 11, 1)), "end before it begins"),
        (replace(EXTENSION, effective=date(2026, 11, 12)), "day after the suspension that it extends, 11 Nov 2026"),
        (replace(EXTENSION, number="18/2025"), "never suspended"),
        (replace(EXTENSION, announcement=" "), "Name the announcement"),
        (replace(EXTENSION, source=""), "where the text was read"),
        (replace(SUSPENSION, number="57/2025", effective=date(2026, 11, 1)), "overlap the suspension"),
        (replace(SUSPENSION, effective=date(2024, 1, 1), until=date(2024, 2, 1)), "before the measure itself"),
        (replace(RESUMPTION, effective=date(2025, 11, 7)), "first day on which"),
        (replace(RESUMPTION, number="18/2025"), "never suspended"),
        (replace(END, effective=date(2025, 4, 4)), "before the measure itself"),
        (replace(END, number="70/2025"), "has ended on 10 Nov 2026 already"),
        (replace(END, kind=ChangeKind.REPLACEMENT, successor=""), "must be on file"),
        (replace(END, kind=ChangeKind.REPLACEMENT, successor="18/2025"), "must be on file"),
        (replace(END, kind=ChangeKind.REPLACEMENT, successor="70/2025"), "must be on file"),
        (replace(CHECK, source=""), "where the text was read"),
    ],
)
def test_what_does_not_fit_is_refused_in_both_languages(what: Change, why: str) -> None:
    with pytest.raises(ChangeRefused) as caught:
        changed(what)
    assert why in caught.value.why.en
    assert caught.value.why.zh
    assert "{" not in caught.value.why.zh


def test_an_older_comparison_does_not_replace_a_newer_one() -> None:
    with pytest.raises(ChangeRefused, match="later comparison"):
        changed(CHECK, replace(CHECK, effective=TODAY - timedelta(days=1)))


def test_each_set_has_a_version_and_digest_that_follow_from_its_changes() -> None:
    assert changed() is load()
    extended = changed(EXTENSION)
    assert extended.version == f"{load().version}+1"
    assert changed(EXTENSION).digest == extended.digest
    assert len({load().digest, extended.digest, changed(RESUMPTION).digest, changed(EXTENSION, SUSPENSION).digest}) == 4
    assert changed(EXTENSION, SUSPENSION).version == f"{load().version}+2"


def test_what_no_longer_fits_is_left_out_and_told_and_never_lets_goods_out() -> None:
    shipped = changed(RESUMPTION)  # a later release that already holds that the measure is in force
    made, unfit = overlay.lay(shipped, [replace(EXTENSION, kind=ChangeKind.SUSPENSION, effective=date(2026, 11, 5))])
    assert made is shipped
    assert "overlap" in unfit[0][1].why.en
    assert one(made, "57/2025").standing(TODAY) == "in_force"


def test_the_judgement_follows_the_set_that_it_is_given() -> None:
    assert judge(HOLMIUM, "FR", TODAY).state == "review"
    suspended = judge(HOLMIUM, "FR", TODAY, measures=changed(EXTENSION))
    assert (suspended.state, suspended.digest) == ("not_controlled", changed(EXTENSION).digest)
    assert "TEST 1" in suspended.measures[0].reason.en
    assert judge(HOLMIUM, "FR", TODAY, changed(RESUMPTION)).measures[0].state == "controlled"


# ---- two people


def test_only_an_approved_change_holds_and_only_from_its_approval(
    session: Session, now: datetime, person: Callable[..., User]
) -> None:
    officer, supervisor = person("officer"), person("supervisor")
    row = change.draft(session, EXTENSION, reason="announced", by=officer, now=now)
    assert overlay.current(session, now).digest == load().digest
    change.propose(session, row, by=officer, now=now + timedelta(hours=1))
    assert overlay.current(session, now + timedelta(hours=1)).digest == load().digest
    at = now + timedelta(hours=2)
    made = change.approve(session, row, by=supervisor, now=at, unseen="test")
    assert made.digest == overlay.current(session, at).digest == changed(EXTENSION).digest
    assert overlay.current(session, at - timedelta(seconds=1)).digest == load().digest
    session.expire_all()
    assert one(overlay.current(session, at), "57/2025").standing(TODAY) == "suspended"


def test_each_step_leaves_an_audit_event(session: Session, now: datetime, person: Callable[..., User]) -> None:
    officer, supervisor = person("officer"), person("supervisor")
    row = change.draft(session, EXTENSION, reason="announced", by=officer, now=now)
    change.propose(session, row, by=officer, now=now)
    made = change.approve(session, row, by=supervisor, now=now, unseen="test")
    told = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
    assert [(event.verb, event.subject, event.actor_id) for event in told] == [
        ("measure.drafted", "measure:57/2025", str(officer.id)),
        ("measure.proposed", "measure:57/2025", str(officer.id)),
        ("measure.approved", "measure:57/2025", str(supervisor.id)),
    ]
    assert told[-1].details["digest"] == made.digest
    assert audit.check(session) is None


def test_nobody_approves_alone(session: Session, now: datetime, person: Callable[..., User]) -> None:
    both = person("officer", "supervisor")
    row = change.draft(session, EXTENSION, reason="announced", by=both, now=now)
    change.propose(session, row, by=both, now=now)
    for deed in (
        lambda: change.approve(session, row, by=both, now=now, unseen="test"),
        lambda: change.reject(session, row, reason="no", by=both, now=now),
    ):
        with pytest.raises(overlay.NotAllowed, match="Who drafted"):
            deed()
    assert row.state == ChangeState.PROPOSED


def test_the_table_itself_holds_two_people(session: Session, now: datetime, person: Callable[..., User]) -> None:
    officer = person("officer")
    row = change.draft(session, EXTENSION, reason="announced", by=officer, now=now)
    row.state, row.decided_by, row.decided_at = ChangeState.APPROVED, officer.id, now
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    ("roles", "why"), [(("officer",), "Only a supervisor"), (("compliance_officer",), "authority’s own people")]
)
def test_who_may_not_decide(
    session: Session, now: datetime, person: Callable[..., User], roles: tuple[str, ...], why: str
) -> None:
    officer, other = person("officer"), person(*roles)
    row = change.draft(session, EXTENSION, reason="announced", by=officer, now=now)
    change.propose(session, row, by=officer, now=now)
    with pytest.raises(ChangeRefused, match=why):
        change.approve(session, row, by=other, now=now, unseen="test")


def test_who_may_not_draft_propose_or_withdraw(session: Session, now: datetime, person: Callable[..., User]) -> None:
    officer, other = person("officer"), person("officer")
    with pytest.raises(ChangeRefused, match="authority’s own people"):
        change.draft(session, EXTENSION, reason="announced", by=person("administrator"), now=now)
    row = change.draft(session, EXTENSION, reason="announced", by=officer, now=now)
    with pytest.raises(ChangeRefused, match="Only who drafted"):
        change.propose(session, row, by=other, now=now)
    with pytest.raises(ChangeRefused, match="Only who drafted"):
        change.withdraw(session, row, by=other, now=now)


@pytest.mark.parametrize(
    ("what", "reason", "why"),
    [
        (EXTENSION, " ", "Say why"),
        (replace(EXTENSION, mark="M"), "from memory", "find the text first"),
        (replace(EXTENSION, mark="I"), "inferred", "find the text first"),
        (replace(CHECK, effective=TODAY + timedelta(days=1)), "tomorrow", "cannot lie ahead"),
        (replace(EXTENSION, number="18/2025"), "no such", "never suspended"),
    ],
)
def test_a_draft_that_does_not_fit_is_refused_and_leaves_nothing(
    session: Session, now: datetime, person: Callable[..., User], what: Change, reason: str, why: str
) -> None:
    with pytest.raises(ChangeRefused, match=why):
        change.draft(session, what, reason=reason, by=person("officer"), now=now)
    assert change.open_changes(session) == []


def test_a_draft_is_not_approved_before_it_is_proposed_nor_twice(
    session: Session, now: datetime, person: Callable[..., User]
) -> None:
    officer, supervisor = person("officer"), person("supervisor")
    row = change.draft(session, EXTENSION, reason="announced", by=officer, now=now)
    with pytest.raises(ChangeRefused, match="no longer open"):
        change.approve(session, row, by=supervisor, now=now, unseen="test")
    change.propose(session, row, by=officer, now=now)
    change.approve(session, row, by=supervisor, now=now, unseen="test")
    for deed in (change.approve, change.propose, change.withdraw):
        with pytest.raises(ChangeRefused, match="no longer open"):
            deed(session, row, by=supervisor, now=now)


def test_a_proposal_on_a_measure_that_has_moved_on_is_refused(
    session: Session, now: datetime, person: Callable[..., User]
) -> None:
    officer, supervisor = person("officer"), person("supervisor")
    first = change.draft(session, EXTENSION, reason="announced", by=officer, now=now)
    second = change.draft(session, RESUMPTION, reason="lapsed", by=officer, now=now)
    elsewhere = change.draft(session, CHECK, reason="compared", by=officer, now=now)
    for row in (first, second, elsewhere):
        change.propose(session, row, by=officer, now=now)
    change.approve(session, first, by=supervisor, now=now, unseen="test")
    with pytest.raises(ChangeRefused, match="Draft it again"):
        change.approve(session, second, by=supervisor, now=now, unseen="test")
    change.approve(session, elsewhere, by=supervisor, now=now, unseen="test")


def test_a_rejection_and_a_withdrawal_stay_on_file_without_effect(
    session: Session, now: datetime, person: Callable[..., User]
) -> None:
    officer, supervisor = person("officer"), person("supervisor")
    rejected = change.draft(session, EXTENSION, reason="announced", by=officer, now=now)
    change.propose(session, rejected, by=officer, now=now)
    with pytest.raises(ChangeRefused, match="Say why"):
        change.reject(session, rejected, reason="", by=supervisor, now=now)
    change.reject(session, rejected, reason="other text", by=supervisor, now=now)
    withdrawn = change.draft(session, RESUMPTION, reason="lapsed", by=officer, now=now)
    change.withdraw(session, withdrawn, by=officer, now=now)
    assert overlay.current(session, now).digest == load().digest
    assert change.open_changes(session) == []
    assert [row.state for row in change.history(session, "57/2025")] == [ChangeState.WITHDRAWN, ChangeState.REJECTED]
    assert rejected.decision == "other text"


# ---- what it would touch


def test_the_difference_shows_both_lines_of_time_and_what_the_rooms_above_say(session: Session, now: datetime) -> None:
    def certificates(_: Session, before: MeasureSet, after: MeasureSet, at: datetime) -> events.Effect:
        touched = judge(HOLMIUM, "FR", at.date(), before).state != judge(HOLMIUM, "FR", at.date(), after).state
        return events.Effect(KIND, int(touched), (Text("DDC-1", "DDC-1"),) if touched else ())

    end = events.preview_with(certificates)
    try:
        found = change.difference(session, EXTENSION, now)
        assert events.Effect(KIND, 1, (Text("DDC-1", "DDC-1"),)) in preview.count(session, EXTENSION, now)[1]
        assert events.Effect(KIND, 0, ()) in preview.count(session, SUSPENSION, now)[1]
    finally:
        end()
    assert [stretch.standing for stretch in found.line_before] == ["suspended", "check"]
    assert [stretch.standing for stretch in found.line_after] == ["suspended", "suspended", "check"]
    assert [stretch.now for stretch in found.line_after] == [False, True, False]
    assert not any(effect.kind == KIND for effect in preview.count(session, EXTENSION, now)[1])
    assert session.scalars(select(MeasureChange)).all() == []


def test_an_approval_is_told_and_an_error_of_a_listener_undoes_it(
    session: Session, now: datetime, person: Callable[..., User]
) -> None:
    officer, supervisor = person("officer"), person("supervisor")
    row = change.draft(session, EXTENSION, reason="announced", by=officer, now=now)
    change.propose(session, row, by=officer, now=now)
    session.commit()

    def fails(_: Session, __: events.MeasuresChanged) -> None:
        raise RuntimeError("outbox is full")

    end = events.subscribe(fails)
    try:
        with pytest.raises(RuntimeError, match="outbox"):
            change.approve(session, row, by=supervisor, now=now, unseen="test")
    finally:
        end()
    session.rollback()
    assert overlay.current(session, now).digest == load().digest
    heard: list[events.MeasuresChanged] = []
    end = events.subscribe(lambda _, event: heard.append(event))
    try:
        made = change.approve(session, row, by=supervisor, now=now, unseen="test")
    finally:
        end()
    assert [(event.number, event.before.digest, event.after.digest) for event in heard] == [
        ("57/2025", load().digest, made.digest)
    ]


def test_a_change_that_was_approved_and_no_longer_fits_is_told(
    session: Session, now: datetime, person: Callable[..., User]
) -> None:
    officer, supervisor = person("officer"), person("supervisor")
    row = change.draft(session, EXTENSION, reason="announced", by=officer, now=now)
    change.propose(session, row, by=officer, now=now)
    change.approve(session, row, by=supervisor, now=now, unseen="test")
    assert overlay.unfit(session, now) == ()
    row.number = "99/2099"  # as if a release no longer shipped the measure
    session.flush()
    assert [what.number for what, _ in overlay.unfit(session, now)] == ["99/2099"]
    assert overlay.current(session, datetime(2027, 1, 1, tzinfo=UTC)).digest == load().digest
