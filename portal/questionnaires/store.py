"""Keep answers: valid ones, and what was typed but could not be taken, so that nothing is lost."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal import audit
from portal.audit import Actor
from portal.questionnaires import freeze, model
from portal.questionnaires.fields import Typed
from portal.questionnaires.model import Questionnaire
from portal.questionnaires.models import Answer, Submission
from portal.questionnaires.path import Key, Path

PORTAL = Actor.system("questionnaires")


class Conflict(RuntimeError):
    """Somebody else saved the same answers in the meantime. Roll back, show theirs, and ask again."""


class Closed(RuntimeError):
    """The submission has been submitted; it takes no answers until it is reopened."""


class QuestionnaireChanged(RuntimeError):
    """The file of a published questionnaire is no longer the one that was answered."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything kept for a submission: valid answers, what was typed in place of others, and revisions."""

    answers: Mapping[Key, Any]
    typed: Mapping[Key, Typed]
    revisions: Mapping[Key, int]

    def seen(self, keys: Iterable[Key]) -> int:
        """A stamp of these answers as they stand; it goes into the page as a hidden field."""
        return sum(self.revisions.get(key, 0) for key in keys)

    def expect(self, keys: Iterable[Key], seen: int) -> None:
        """Raise ``Conflict`` when these answers are no longer as they were when ``seen`` was read."""
        if self.seen(keys) != seen:
            raise Conflict


def open(
    session: Session,
    questionnaire_id: str,
    owner_id: uuid.UUID,
    now: datetime,
    *,
    by: Actor = PORTAL,
    organisation_id: uuid.UUID | None = None,
) -> Submission:
    """The owner's submission of this questionnaire, begun with its newest version if there is none yet.

    Raises ``LookupError`` for a questionnaire that does not exist, ``Conflict`` when two begin it at once.
    """
    found = session.scalar(
        select(Submission).where(Submission.owner_id == owner_id, Submission.questionnaire_id == questionnaire_id)
    )
    if found is not None:
        return found
    newest = model.load(questionnaire_id)
    submission = Submission(
        owner_id=owner_id,
        questionnaire_id=newest.id,
        version=newest.version,
        digest=newest.digest,
        created_at=now,
        updated_at=now,
    )
    session.add(submission)
    _flush(session)
    details = {"questionnaire": newest.id, "version": newest.version, "owner": str(owner_id)}
    _record(session, submission, "questionnaire.opened", by, now, organisation_id, details)
    return submission


def questionnaire(submission: Submission) -> Questionnaire:
    """The very questionnaire that the submission answers. Raises ``QuestionnaireChanged`` when its file differs."""
    found = model.load(submission.questionnaire_id, submission.version)
    if found.digest != submission.digest:
        raise QuestionnaireChanged(
            f"{found.id} {found.version} is not the file that submission {submission.id} answers"
        )
    return found


def of_owner(session: Session, owner_id: uuid.UUID) -> dict[str, Submission]:
    """The owner's submissions by questionnaire id."""
    rows = session.scalars(select(Submission).where(Submission.owner_id == owner_id))
    return {row.questionnaire_id: row for row in rows}


def draft(session: Session, submission: Submission) -> Draft:
    """Everything kept for the submission, in one query."""
    rows = session.scalars(select(Answer).where(Answer.submission_id == submission.id)).all()
    keyed = [((row.question_id, row.item_id), row) for row in rows]
    return Draft(
        answers={key: row.value for key, row in keyed if row.state in ("valid", "empty")},
        typed={key: row.typed or {} for key, row in keyed if row.state == "invalid"},
        revisions={key: row.revision for key, row in keyed},
    )


def answers(session: Session, submission: Submission) -> Mapping[Key, Any]:
    """The valid answers, on the path or not; ``None`` where an optional question was left empty on purpose."""
    return draft(session, submission).answers


def save(
    session: Session,
    submission: Submission,
    values: Mapping[Key, Any],
    *,
    invalid: Mapping[Key, Typed] | None = None,
    by: Actor,
    now: datetime,
    organisation_id: uuid.UUID | None = None,
) -> Collection[Key]:
    """Save answers and tell which have changed. An equal answer keeps its revision and leaves no event.

    ``values`` as ``form.read`` gives them. ``invalid`` as ``form.invalid`` does: a wrong answer takes the place of a
    valid one, and one without any text takes the answer back. Raises ``Closed`` and ``Conflict``.
    """
    if submission.submitted_at is not None:
        raise Closed
    wanted: dict[Key, tuple[str, Any, Typed | None]] = {
        key: ("valid" if value is not None else "empty", value, None) for key, value in values.items()
    }
    wanted |= {
        key: ("invalid", None, typed) if typed else ("withdrawn", None, None) for key, typed in (invalid or {}).items()
    }
    rows = session.scalars(select(Answer).where(Answer.submission_id == submission.id)).all()
    kept = {(row.question_id, row.item_id): row for row in rows}
    changed = [key for key, state in wanted.items() if _differs(kept.get(key), state)]
    for key in changed:
        row = kept.get(key)
        if row is None:
            row = Answer(submission_id=submission.id, question_id=key[0], item_id=key[1])
            session.add(row)
        row.state, row.value, typed = wanted[key]
        row.typed = {box: list(texts) for box, texts in typed.items()} if typed else None
        row.updated_at, row.updated_by = now, by.id
    if changed:
        submission.updated_at = now
        _flush(session)
        names = sorted({question for question, _item in changed})
        _record(session, submission, "questionnaire.answered", by, now, organisation_id, {"questions": names})
    return changed


def submit(
    session: Session,
    submission: Submission,
    path: Path,
    *,
    by: Actor,
    now: datetime,
    organisation_id: uuid.UUID | None = None,
) -> Submission:
    """Freeze what is on the path and close the submission. Raises ``freeze.Incomplete`` and ``Closed``."""
    if submission.submitted_at is not None:
        raise Closed
    submission.frozen = freeze.freeze_path(path)
    submission.frozen_digest = freeze.digest(submission.frozen)
    submission.submitted_at = submission.updated_at = now
    _flush(session)
    details = {"answers_digest": submission.frozen_digest}
    _record(session, submission, "questionnaire.submitted", by, now, organisation_id, details)
    return submission


def reopen(
    session: Session, submission: Submission, *, by: Actor, now: datetime, organisation_id: uuid.UUID | None = None
) -> Submission:
    """Let a submitted questionnaire be answered again; the digest of what had been submitted stays in the record."""
    details = {"answers_digest": submission.frozen_digest or ""}
    submission.submitted_at = submission.frozen = submission.frozen_digest = None
    submission.updated_at = now
    _flush(session)
    _record(session, submission, "questionnaire.reopened", by, now, organisation_id, details)
    return submission


def _differs(row: Answer | None, wanted: tuple[str, Any, Typed | None]) -> bool:
    state, value, typed = wanted
    if row is None:
        return state != "withdrawn"
    return (row.state, row.value, row.typed) != (state, value, dict(typed) if typed else None)


def _flush(session: Session) -> None:
    try:
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Conflict from error


def _record(
    session: Session,
    submission: Submission,
    verb: str,
    by: Actor,
    now: datetime,
    organisation_id: uuid.UUID | None,
    details: Mapping[str, Any],
) -> None:
    audit.record(
        session,
        actor=by,
        verb=verb,
        subject=f"submission:{submission.id}",
        now=now,
        details=details,
        organisation_id=organisation_id,
    )
