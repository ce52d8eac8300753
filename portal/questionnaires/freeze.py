"""What was answered, fixed for good: everything on the path with its labels in both languages, and its digest."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

from portal.questionnaires import fields
from portal.questionnaires.case import AnswerError, AnswerFault, validate_case
from portal.questionnaires.model import Question, Questionnaire
from portal.questionnaires.path import Item, Key, Path, PathPage, walk

__all__ = [
    "AnswerError",
    "AnswerFault",
    "Incomplete",
    "canonical",
    "digest",
    "freeze",
    "freeze_path",
    "validate_case",
]


class Incomplete(ValueError):
    """Answers are missing or contradict each other; ``missing`` names those that are missing."""

    def __init__(self, path: Path) -> None:
        self.missing = path.missing
        wrong = [page.page.id for page in path.pages if page.status == "has_errors"]
        super().__init__(f"missing: {list(path.missing)}; pages with errors: {wrong}")


def freeze(
    questionnaire: Questionnaire,
    answers: Mapping[Key, Any],
    lists: Mapping[str, Sequence[Item]],
    *,
    meta: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The record of a complete questionnaire as JSON. Raises ``Incomplete``."""
    return freeze_path(walk(questionnaire, answers, lists, meta=meta))


def freeze_path(path: Path) -> dict[str, Any]:
    """The record of a path that has been walked. Raises ``Incomplete``."""
    if not path.complete:
        raise Incomplete(path)
    questionnaire = path.questionnaire
    return {
        "type": "questionnaire-answers",
        "schema": "1",
        "questionnaire": {
            "id": questionnaire.id,
            "version": questionnaire.version,
            "digest": questionnaire.digest,
            "title": questionnaire.title.to_json(),
        },
        "pages": [_page(page, path.answers) for page in path.pages],
    }


def canonical(frozen: Mapping[str, Any]) -> bytes:
    """The record in its one canonical form (RFC 8785)."""
    return rfc8785.dumps(dict(frozen))


def digest(frozen: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(frozen)).hexdigest()


def _page(page: PathPage, answers: Mapping[Key, Any]) -> dict[str, Any]:
    return {
        "section": {"id": page.section.id, "title": page.section.title.to_json()},
        "page": {"id": page.page.id, "title": page.page.title.to_json()},
        "item": {"id": page.item.id, "title": page.item.title.to_json()} if page.item else None,
        "answers": [_answer(question, answers.get((question.id, page.item_id))) for question in page.questions],
    }


def _answer(question: Question, value: Any) -> dict[str, Any]:
    return {
        "question": question.id,
        "label": question.label.to_json(),
        "value": value,
        "text": fields.summary(question, value).to_json(),
    }
