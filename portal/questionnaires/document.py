"""Read a YAML content file so that every error can name its file, path and line."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

SCHEMA = Path(__file__).parent / "data" / "questionnaire.schema.json"

Place = tuple[str | int, ...]


class Fault(NamedTuple):
    """One thing wrong with a content file. ``line`` counts from 1; ``path`` reads ``$.sections[0].title``."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.message}"


class ContentError(ValueError):
    """A content file is not what it must be; ``faults`` has them all, each with file, line and path."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Document:
    """A content file: its data, where each part of it stands, and the SHA-256 of its bytes."""

    file: str
    data: Any
    lines: Mapping[Place, int]
    digest: str

    def line(self, place: Place) -> int:
        """The line of the part at this place, or of the nearest part around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def fault(self, place: Place, message: str, suffix: str = "") -> Fault:
        """A fault at this place; ``suffix`` continues its path, as that of a rule's own problem does."""
        return Fault(self.file, self.line(place + _steps(suffix)), written(place) + suffix, message)


def written(place: Place) -> str:
    """A place as JSON paths are written: ``$.sections[0].pages[1].title``."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)


def _steps(suffix: str) -> Place:
    parts = suffix.replace("[", ".[").split(".")
    return tuple(int(part[1:-1]) if part.startswith("[") else part for part in parts if part)


def questions(data: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Every question of a questionnaire's data, with its place, in the order of the file."""
    for s, section in enumerate(data["sections"]):
        for p, page in enumerate(section["pages"]):
            for q, question in enumerate(page["questions"]):
                yield ("sections", s, "pages", p, "questions", q), question


def read(path: Path) -> Document:
    """Read a file of YAML text in UTF-8. Raises ``ContentError`` for what is not YAML, and for a key given twice."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    file = f"{path.parent.name}/{path.name}"
    try:
        node = yaml.compose(content.decode("utf-8"), Loader=yaml.CSafeLoader)
        data = yaml.load(content, Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as error:
        raise ContentError([Fault(file, 1, "$", f"is not UTF-8: {error.reason}")]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        raise ContentError([Fault(file, mark.line + 1 if mark else 1, "$", reason)]) from error
    places = _Places(file)
    if node is not None:
        places.visit(node, ())
    if places.faults:
        raise ContentError(places.faults)
    return Document(file, data, places.lines, digest)


class _Places:
    """Where everything stands, and what YAML lets pass but a content file may not have."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Place, int] = {}
        self.faults: list[Fault] = []
        self._visited: set[int] = set()

    def visit(self, node: yaml.Node, place: Place) -> None:
        line = int(node.start_mark.line) + 1
        self.lines.setdefault(place, line)
        if id(node) in self._visited:
            self.faults.append(Fault(self.file, line, written(place), "is an alias; write the content out"))
            return
        self._visited.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            for index, child in enumerate(node.value):
                self.visit(child, (*place, index))
        elif isinstance(node, yaml.MappingNode):
            for key, child in node.value:
                self._member(key, child, place)

    def _member(self, key: yaml.Node, child: yaml.Node, place: Place) -> None:
        here, line = (*place, str(key.value)), int(key.start_mark.line) + 1
        if here in self.lines:
            message = f"is given twice; first on line {self.lines[here]}"
            self.faults.append(Fault(self.file, line, written(here), message))
        self.lines[here] = line
        self.visit(child, here)


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def shape_faults(document: Document) -> list[Fault]:
    """Where the document differs from the JSON Schema of questionnaires, in the order of the file."""
    errors = sorted(_validator().iter_errors(document.data), key=lambda error: document.line(tuple(error.path)))
    return [_as_fault(document, error) for error in errors]


def _as_fault(document: Document, error: ValidationError) -> Fault:
    message = error.message if len(error.message) <= 200 else f"{error.message[:200]}…"
    if error.validator == "not" and isinstance(error.schema, Mapping):
        message = str(error.schema.get("description", message))
    return document.fault(tuple(error.absolute_path), message)
