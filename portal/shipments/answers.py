"""The two questionnaires of a shipment: what is asked of it, what was answered, and its frozen record."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.audit import Actor
from portal.questionnaires import freeze, model, store
from portal.questionnaires.fields import Typed
from portal.questionnaires.model import Questionnaire
from portal.questionnaires.models import Submission
from portal.questionnaires.path import Item, Key, Path, walk
from portal.shipments.change import changing, person
from portal.shipments.models import Shipment
from portal.shipments.states import Deed, ShipmentChanged
from portal.text import Text

QUESTIONNAIRES = ("end-use", "end-user")


class _Who(TypedDict):
    by: Actor
    now: datetime
    organisation_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Answered:
    """One questionnaire of a shipment as it stands: the path through it and everything that was kept."""

    questionnaire: Questionnaire
    path: Path
    draft: store.Draft
    submission: Submission | None

    @property
    def frozen(self) -> dict[str, Any]:
        """The record of what was answered: the one made at submission, else one of now. Raises ``Incomplete``."""
        if self.submission is not None and self.submission.frozen is not None:
            return self.submission.frozen
        return freeze.freeze_path(self.path)

    def by_question(self) -> dict[str, Any]:
        """Answers on the path by question id; a repeated question has ``{item id: answer}``, as facts have it."""
        found: dict[str, Any] = {}
        for (name, item), value in self.path.answers.items():
            if item:
                found.setdefault(name, {})[item] = value
            else:
                found[name] = value
        return found


def lists(shipment: Shipment) -> dict[str, Sequence[Item]]:
    """The items that repeated sections are asked for: goods lines and parties, under their ids."""
    return {
        "goods": [Item(str(line.id), Text(line.name, line.name_zh or line.name)) for line in shipment.goods],
        "parties": [
            Item(str(party.id), Text(party.name, party.name_native or party.name)) for party in shipment.parties
        ],
    }


def answered(session: Session, shipment: Shipment, questionnaire_id: str, now: datetime) -> Answered:
    """One questionnaire as it stands. Nothing is written; one that was not begun is shown as empty."""
    submission = store.of_owner(session, shipment.id).get(questionnaire_id)
    if submission is None:
        questionnaire, draft = model.load(questionnaire_id), store.Draft({}, {}, {})
    else:
        questionnaire, draft = store.questionnaire(submission), store.draft(session, submission)
    path = walk(questionnaire, draft.answers, lists(shipment), meta=_meta(submission, now), invalid=draft.typed)
    return Answered(questionnaire, path, draft, submission)


def both(session: Session, shipment: Shipment, now: datetime) -> tuple[Answered, ...]:
    """Both questionnaires as they stand."""
    return tuple(answered(session, shipment, name, now) for name in QUESTIONNAIRES)


def save(
    session: Session,
    shipment: Shipment,
    questionnaire_id: str,
    values: Mapping[Key, Any],
    *,
    by: User,
    now: datetime,
    invalid: Mapping[Key, Typed] | None = None,
    seen: int | None = None,
) -> Collection[Key]:
    """Save answers of one page and tell which have changed.

    ``values`` as ``form.read`` gives them and ``invalid`` as ``form.invalid`` does. ``seen`` is the stamp that
    ``Draft.seen`` gave for these keys when the page was shown; when they have changed since, or somebody saves them
    at the same moment, ``ShipmentChanged`` is raised and nothing of this is kept. The shipment's version is not asked:
    two people may answer different pages at once.
    """
    details = {"questionnaire": questionnaire_id}
    who: _Who = {"by": person(by), "now": now, "organisation_id": shipment.organisation_id}
    try:
        with changing(session, shipment, Deed.EDIT, "shipment.answers_changed", by=by, now=now, details=details):
            submission = store.open(session, questionnaire_id, shipment.id, **who)
            if seen is not None:
                store.draft(session, submission).expect([*values, *(invalid or {})], seen)
            return store.save(session, submission, values, invalid=invalid, **who)
    except store.Conflict:
        session.rollback()
        raise ShipmentChanged from None


def close(session: Session, shipment: Shipment, *, by: User, now: datetime) -> None:
    """Freeze both questionnaires. Raises ``freeze.Incomplete``."""
    for each in both(session, shipment, now):
        if each.submission is not None and each.submission.submitted_at is None:
            store.submit(
                session,
                each.submission,
                each.path,
                by=person(by),
                now=now,
                organisation_id=shipment.organisation_id,
            )


def reopen(session: Session, shipment: Shipment, *, by: User, now: datetime) -> None:
    """Let both questionnaires be answered again."""
    for submission in store.of_owner(session, shipment.id).values():
        if submission.submitted_at is not None:
            store.reopen(session, submission, by=person(by), now=now, organisation_id=shipment.organisation_id)


def copy(
    session: Session,
    source: Shipment,
    target: Shipment,
    items: Mapping[uuid.UUID, uuid.UUID],
    *,
    by: User,
    now: datetime,
) -> None:
    """Take the answers over to another revision; ``items`` maps old ids of goods lines and parties to new ones.

    The newest version of a questionnaire is begun; answers to questions that it no longer has stay behind.
    """
    renamed = {str(old): str(new) for old, new in items.items()}
    for name, submission in store.of_owner(session, source.id).items():
        newest = store.open(session, name, target.id, now, by=person(by), organisation_id=target.organisation_id)
        questionnaire = store.questionnaire(newest)
        values = {
            (question, renamed.get(item, item)): value
            for (question, item), value in store.answers(session, submission).items()
            if questionnaire.question(question) is not None and (not item or item in renamed)
        }
        store.save(session, newest, values, by=person(by), now=now, organisation_id=target.organisation_id)


def today(submission: Submission | None, now: datetime) -> date:
    """The day on which the answers are judged: that of their submission, else this one."""
    return (submission.submitted_at if submission and submission.submitted_at else now).date()


def _meta(submission: Submission | None, now: datetime) -> dict[str, str]:
    return {"today": today(submission, now).isoformat()}
