"""Data files of this room, checked against their JSON Schema, with errors that name the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parent / "schemas.yaml"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one line (counted from 1) of a content file."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class ContentError(ValueError):
    """Guidance that may not be shown; ``problems`` lists everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


@cache
def _validator(kind: str) -> Draft202012Validator:
    schemas = yaml.safe_load(SCHEMAS.read_text(encoding="utf-8"))
    return Draft202012Validator({"$defs": schemas["$defs"], **schemas[kind]})


def read(path: Path, kind: str) -> dict[str, Any]:
    """The mapping in a YAML file; ``kind`` names its schema. Raises ``ContentError``."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        value = yaml.safe_load(text)
    except FileNotFoundError:
        raise ContentError([Problem(path, 1, "the file is missing")]) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError([Problem(path, line, f"not YAML: {error.problem}")]) from error
    errors = sorted(_validator(kind).iter_errors(value), key=lambda error: [str(step) for step in error.absolute_path])
    if errors:
        raise ContentError([Problem(path, _line(node, list(error.absolute_path)), error.message) for error in errors])
    return dict(value)


def _line(node: yaml.Node | None, steps: Sequence[str | int]) -> int:
    """The line at which the value at the end of a JSON path stands."""
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), node)
        elif isinstance(node, yaml.SequenceNode):
            node = node.value[int(step)]
    return node.start_mark.line + 1 if node else 1
