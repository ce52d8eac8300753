"""Answers are kept, right and wrong ones, by one writer at a time, and are frozen when they are submitted."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.audit import Actor, check
from portal.audit.models import AuditEvent
from portal.db import open_engine, session_factory
from portal.questionnaires import freeze, model, store
from portal.questionnaires.form import invalid, page_form, read
from portal.questionnaires.model import Questionnaire
from portal.questionnaires.models import Answer, Submission
from portal.questionnaires.path import walk

Tiny = Callable[[str], Questionnaire]
LI = Actor("user", "u1", "Li Wei")
ROUTING = (Path(__file__).parent / "fixtures" / "routing.yaml").read_bytes()


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A content folder that holds the routing fixture in two versions."""
    folder = tmp_path / "content"
    (folder / "routing").mkdir(parents=True)
    (folder / "routing" / "1.0.0.yaml").write_bytes(ROUTING)
    monkeypatch.setattr(model.load, "__kwdefaults__", {"folder": folder})
    monkeypatch.setattr(model.published, "__defaults__", (folder,))
    yield folder
    model._loaded.cache_clear()


@pytest.fixture
def submission(session: Session, content: Path, now: datetime) -> Submission:
    return store.open(session, "routing", uuid.uuid4(), now)


def test_opening_twice_gives_the_same_and_pins_the_version(session: Session, content: Path, now: datetime) -> None:
    owner = uuid.uuid4()
    first = store.open(session, "routing", owner, now)
    (content / "routing" / "1.10.0.yaml").write_bytes(ROUTING.replace(b'"1.0.0"', b'"1.10.0"'))
    (content / "routing" / "1.9.0.yaml").write_bytes(ROUTING.replace(b'"1.0.0"', b'"1.9.0"'))
    session.commit()
    assert store.open(session, "routing", owner, now) is first
    assert store.questionnaire(first).version == "1.0.0"
    assert store.open(session, "routing", uuid.uuid4(), now).version == "1.10.0"
    assert store.of_owner(session, owner) == {"routing": first}


def test_what_does_not_exist_cannot_be_opened(session: Session, content: Path, now: datetime) -> None:
    for name in ("nothing", "../routing", "routing/../routing", ""):
        with pytest.raises(LookupError):
            store.open(session, name, uuid.uuid4(), now)


def test_changed_file_is_noticed(session: Session, submission: Submission, content: Path) -> None:
    assert store.questionnaire(submission).digest == submission.digest
    (content / "routing" / "1.0.0.yaml").write_bytes(ROUTING + b"# changed\n")
    model._loaded.cache_clear()
    with pytest.raises(store.QuestionnaireChanged, match=r"routing 1\.0\.0"):
        store.questionnaire(submission)


VALUES: dict[tuple[str, str], Any] = {
    ("military", ""): "unknown",
    ("fields", ""): ["optics", "space"],
    ("mass", ""): {"unknown": True},
    ("count", "g1"): 5,
    ("count", "g2"): 7,
    ("name", ""): "锗透镜 𠮷 'quoted' \\ \"",
    ("true_word", ""): True,
    ("remark", ""): None,
}


def test_answers_come_back_as_they_were(session: Session, submission: Submission, now: datetime) -> None:
    changed = store.save(session, submission, VALUES, by=LI, now=now)
    assert set(changed) == set(VALUES)
    session.commit()
    session.expire_all()
    assert store.answers(session, submission) == VALUES
    row = session.scalars(select(Answer).where(Answer.question_id == "mass")).one()
    assert (row.updated_at, row.updated_by, row.revision, row.state) == (now, "u1", 1, "valid")
    assert check(session) is None


def test_an_equal_answer_is_no_change(session: Session, submission: Submission, now: datetime) -> None:
    store.save(session, submission, VALUES, by=LI, now=now)
    events = session.scalar(select(func.count()).select_from(AuditEvent))
    later = now + timedelta(hours=1)
    assert store.save(session, submission, VALUES, by=LI, now=later) == []
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == events
    assert set(store.draft(session, submission).revisions.values()) == {1}
    assert store.save(session, submission, VALUES | {("mass", ""): "5"}, by=LI, now=later) == [("mass", "")]
    assert store.draft(session, submission).revisions["mass", ""] == 2


def test_every_change_is_recorded_without_what_was_answered(
    session: Session, submission: Submission, now: datetime
) -> None:
    store.save(session, submission, VALUES, by=LI, now=now, organisation_id=submission.owner_id)
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
    assert [event.verb for event in events] == ["questionnaire.opened", "questionnaire.answered"]
    assert events[1].subject == f"submission:{submission.id}"
    assert events[1].organisation_id == submission.owner_id
    assert events[1].details == {"questions": sorted({name for name, _item in VALUES})}


def test_wrong_answer_replaces_a_valid_one_and_both_can_be_taken_back(
    session: Session, submission: Submission, now: datetime
) -> None:
    key = ("mass", "")
    store.save(session, submission, {key: "5"}, by=LI, now=now)
    store.save(session, submission, {}, invalid={key: {"": ["5 tons"]}}, by=LI, now=now)
    session.commit()
    session.expire_all()
    draft = store.draft(session, submission)
    assert (draft.answers, draft.typed) == ({}, {key: {"": ["5 tons"]}})
    store.save(session, submission, {}, invalid={key: {}}, by=LI, now=now)
    draft = store.draft(session, submission)
    assert (draft.answers, draft.typed, draft.revisions) == ({}, {}, {key: 3})
    store.save(session, submission, {key: "6"}, by=LI, now=now)
    assert store.answers(session, submission) == {key: "6"}


def test_what_cannot_be_taken_survives_a_visit(
    session: Session, submission: Submission, now: datetime, today: date
) -> None:
    questionnaire = store.questionnaire(submission)
    page = walk(questionnaire, {("military", ""): "unknown"}, {}).page("deep", "amount")
    assert page is not None
    typed = "\x00\ud800" + "9" * 100
    form = page_form(page, {}, "en", MultiDict({"mass": typed}), today=today)
    store.save(session, submission, read(form), invalid=invalid(form), by=LI, now=now)
    session.commit()
    session.expire_all()
    draft = store.draft(session, submission)
    again = page_form(page, draft.answers, "en", today=today, typed=draft.typed)
    assert again["mass"].data == "\ufffd?" + "9" * 100
    assert again["mass"].errors


def test_two_writers_of_one_answer(session: Session, submission: Submission, now: datetime) -> None:
    key = ("mass", "")
    store.save(session, submission, {key: "5"}, by=LI, now=now)
    session.commit()
    seen = store.draft(session, submission).seen([key, ("which", "")])
    store.save(session, submission, {key: "6"}, by=LI, now=now)
    session.commit()
    with pytest.raises(store.Conflict):
        store.draft(session, submission).expect([key, ("which", "")], seen)
    store.draft(session, submission).expect([("fields", "")], 0)


def test_writer_who_comes_between_read_and_write_is_noticed(
    session: Session, submission: Submission, now: datetime
) -> None:
    key = ("mass", "")
    store.save(session, submission, {key: "5"}, by=LI, now=now)
    session.commit()
    held = session.scalars(select(Answer)).one()
    session.execute(  # what another process would have done, behind the back of this session's objects
        update(Answer).values(revision=2, value="7").execution_options(synchronize_session=False)
    )
    with pytest.raises(store.Conflict):
        store.save(session, submission, {key: "6"}, by=LI, now=now)
    session.rollback()
    assert (held.revision, held.value) == (1, "5")


def test_two_who_begin_at_once(database_url: str, session: Session, content: Path, now: datetime) -> None:
    owner = uuid.uuid4()
    engine = open_engine(database_url)
    with session_factory(engine)() as other:
        store.open(other, "routing", owner, now)
        other.commit()
    engine.dispose()
    session.add(
        Submission(
            owner_id=owner, questionnaire_id="routing", version="1.0.0", digest="", created_at=now, updated_at=now
        )
    )
    with pytest.raises(store.Conflict):
        store._flush(session)


def test_submitting_freezes_and_closes(session: Session, submission: Submission, now: datetime) -> None:
    answers: dict[tuple[str, str], Any] = {("military", ""): "no", ("mass", ""): "5", ("true_word", ""): True}
    store.save(session, submission, answers, by=LI, now=now)
    path = walk(store.questionnaire(submission), store.answers(session, submission), {})
    store.submit(session, submission, path, by=LI, now=now)
    session.commit()
    session.expire_all()
    assert submission.submitted_at == now
    assert submission.frozen is not None
    assert freeze.digest(submission.frozen) == submission.frozen_digest
    with pytest.raises(store.Closed):
        store.save(session, submission, {("mass", ""): "6"}, by=LI, now=now)
    with pytest.raises(store.Closed):
        store.submit(session, submission, path, by=LI, now=now)
    digest = submission.frozen_digest
    store.reopen(session, submission, by=LI, now=now)
    session.commit()
    session.expire_all()
    assert (submission.submitted_at, submission.frozen, submission.frozen_digest) == (None, None, None)
    assert store.save(session, submission, {("mass", ""): "6"}, by=LI, now=now) == [("mass", "")]
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
    assert [event.verb.partition(".")[2] for event in events] == [
        "opened",
        "answered",
        "submitted",
        "reopened",
        "answered",
    ]
    assert [event.details.get("answers_digest") for event in events[2:4]] == [digest, digest]


def test_incomplete_answers_cannot_be_submitted(session: Session, submission: Submission, now: datetime) -> None:
    path = walk(store.questionnaire(submission), {}, {})
    with pytest.raises(freeze.Incomplete, match="military"):
        store.submit(session, submission, path, by=LI, now=now)
    assert submission.submitted_at is None
