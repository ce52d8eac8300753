"""Whether questionnaires mean something: what JSON Schema cannot see.

The shape of a file is held by ``data/questionnaire.schema.json`` when it is read. Here: ids, references, types of what
is compared, bounds, translation, pages that nobody can reach, and published files that have changed.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.questionnaires import document, model, reach, rule_types
from portal.questionnaires.document import Document, Fault, Place
from portal.questionnaires.model import CONTENT, ContentError, Question, Questionnaire
from portal.questionnaires.rules import UNKNOWN

MANIFEST = "published.json"
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_HAN = re.compile(r"[\u3400-\u9fff]")


def check_all(folder: Path = CONTENT) -> list[Fault]:
    """Every fault of every questionnaire in the folder, and every published file that is not as it was."""
    faults: list[Fault] = []
    read: list[tuple[Document, Questionnaire]] = []
    for path in sorted(folder.glob("*/*.yaml")):
        try:
            source = document.read(path)
            read.append((source, model.build(source)))
        except ContentError as error:
            faults += error.faults
    for source, questionnaire in read:
        faults += check(source, questionnaire)
    return faults + list(_shared_ids(read)) + published_faults(folder)


def check(source: Document, questionnaire: Questionnaire) -> list[Fault]:
    """Every fault in the meaning of one questionnaire, in no particular order."""
    return [
        *_named_as_filed(source, questionnaire),
        *_ids(source),
        *_questions(source, questionnaire),
        *_texts(source, source.data, ()),
        *rule_types.faults(source, questionnaire),
        *reach.faults(source, questionnaire),
    ]


def manifest(folder: Path = CONTENT) -> dict[str, str]:
    """SHA-256 of every questionnaire's file by ``id/version``, as ``published.json`` holds them."""
    return {
        f"{name}/{version}": hashlib.sha256((folder / name / f"{version}.yaml").read_bytes()).hexdigest()
        for name, version in model.published(folder)
    }


def published_faults(folder: Path = CONTENT) -> list[Fault]:
    """Where the files differ from ``published.json``: changed, gone, or not entered."""
    now, path = manifest(folder), folder / MANIFEST
    held: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    faults = []
    for key in sorted(now.keys() | held.keys()):
        if key not in held:
            faults.append(Fault(MANIFEST, 1, key, f"is not entered; its SHA-256 is {now[key]}"))
        elif key not in now:
            faults.append(Fault(MANIFEST, 1, key, "was published and its file is gone"))
        elif now[key] != held[key]:
            faults.append(Fault(MANIFEST, 1, key, "was published and has changed; a change needs a new version"))
    return faults


def _named_as_filed(source: Document, questionnaire: Questionnaire) -> Iterator[Fault]:
    expected = f"{questionnaire.id}/{questionnaire.version}.yaml"
    if source.file != expected:
        yield source.fault(("id",), f"id and version belong to the file {expected}")


def _shared_ids(read: Iterable[tuple[Document, Questionnaire]]) -> Iterator[Fault]:
    """Question ids that two questionnaires have; versions of one questionnaire may share them."""
    owners: dict[str, str] = {}
    for source, questionnaire in read:
        for place, data in document.questions(source.data):
            owner = owners.setdefault(data["id"], questionnaire.id)
            if owner != questionnaire.id:
                yield source.fault((*place, "id"), f"{data['id']!r} is also a question of {owner!r}")


def _ids(source: Document) -> Iterator[Fault]:
    sections = [(("sections", s), section["id"]) for s, section in enumerate(source.data["sections"])]
    pages = [
        (("sections", s, "pages", p), page["id"])
        for s, section in enumerate(source.data["sections"])
        for p, page in enumerate(section["pages"])
    ]
    questions = [(place, data["id"]) for place, data in document.questions(source.data)]
    for kind, placed in (("section", sections), ("page", pages), ("question", questions)):
        first: dict[str, Place] = {}
        for place, name in placed:
            if name in first:
                line = source.line(first[name])
                yield source.fault((*place, "id"), f"there is another {kind} {name!r} on line {line}")
            first.setdefault(name, place)


def _questions(source: Document, questionnaire: Questionnaire) -> Iterator[Fault]:
    for place, data in document.questions(source.data):
        question = questionnaire.question(data["id"])
        if question is not None and question.label.en == data["label"]["en"]:  # else its id is taken twice
            yield from _options(source, place, data, question)
            yield from _bounds(source, place, question)


def _options(source: Document, place: Place, data: Mapping[str, Any], question: Question) -> Iterator[Fault]:
    for value, times in Counter(option.value for option in question.options).items():
        if times > 1:
            yield source.fault((*place, "options"), f"the option {value!r} is there {times} times")
    for index, option in enumerate(data.get("options", ())):
        if option["value"] == UNKNOWN:
            yield source.fault((*place, "options", index), "write 'unknown: true' for \"I don't know\"")
    if question.exclusive is not None and question.option(question.exclusive) is None:
        yield source.fault((*place, "exclusive"), f"there is no option {question.exclusive!r}")


def _bounds(source: Document, place: Place, question: Question) -> Iterator[Fault]:
    bounds: dict[str, Any] = {}
    for name, text in (("min", question.min), ("max", question.max)):
        if text is None:
            continue
        try:
            bounds[name] = date.fromisoformat(text) if question.type == "date" else Decimal(text)
        except (ValueError, ArithmeticError):
            expected = "a day (year-month-day)" if question.type == "date" else "a number"
            yield source.fault((*place, name), f"{text!r} is not {expected}")
            continue
        if question.type == "integer" and bounds[name] % 1:
            yield source.fault((*place, name), f"{text!r} is not a whole number")
    if len(bounds) == 2 and bounds["min"] > bounds["max"]:
        yield source.fault((*place, "min"), f"min {question.min} is above max {question.max}")
    if question.past and question.future:
        yield source.fault((*place, "past"), "a date cannot be bound to both past and future")


def _texts(source: Document, data: Any, place: Place) -> Iterator[Fault]:
    """Pairs of texts that do not say the same: other placeholders, or Chinese that is still English."""
    if isinstance(data, Mapping):
        if set(data) == {"en", "zh"}:
            english, chinese = data["en"], data["zh"]
            if Counter(_PLACEHOLDER.findall(english)) != Counter(_PLACEHOLDER.findall(chinese)):
                yield source.fault(place, "the placeholders of en and zh differ")
            if len(english.split()) > 1 and not _HAN.search(chinese):
                yield source.fault((*place, "zh"), "is not in Chinese")
        for key, value in data.items():
            yield from _texts(source, value, (*place, str(key)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(source, value, (*place, index))
