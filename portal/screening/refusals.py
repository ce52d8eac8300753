"""Why a list's file was refused or could not be fetched: by code, in both languages, with the place in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml

from portal.text import Text

FILE = Path(__file__).resolve().parent / "data" / "refusals.yaml"
LONGEST = 300  # characters of a value; what is quoted comes from a file that somebody else wrote


@cache
def texts() -> dict[str, Text]:
    """What each code says."""
    rows: dict[str, dict[str, str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {code: Text.read(row) for code, row in rows.items()}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal. ``place`` is a line, from 1, or a path within the file; empty where the whole file is meant."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    place: int | str = 0

    @property
    def reason(self) -> Text:
        """Why, without the place."""
        return texts()[self.code].filled(**self.values)

    @property
    def told(self) -> Text:
        """Why, with file and line or path before it."""
        reason = self.reason
        if not self.file:
            return reason
        place = {"file": self.file, "place": self.place}
        return Text(
            f"{_ENGLISH[_kind(self.place)].format(**place)}: {reason.en}",
            f"{_CHINESE[_kind(self.place)].format(**place)}：{reason.zh}",
        )

    @classmethod
    def of(cls, code: str, file: str = "", place: int | str = 0, **values: object) -> Self:
        """With its values as they can be kept and read again. Raises ``KeyError`` for a code that has no text."""
        made = cls(code, {name: _plain(value) for name, value in values.items()}, file, place)
        _ = made.reason
        return made

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """From what ``to_json`` gave."""
        return cls(kept["code"], kept["values"], kept["file"], kept["place"])

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "values": dict(self.values), "file": self.file, "place": self.place}


_ENGLISH = {"file": "{file}", "line": "{file}, line {place}", "path": "{file}, {place}"}
_CHINESE = {"file": "{file}", "line": "{file}第{place}行", "path": "{file}（{place}）"}


def _kind(place: int | str) -> str:
    return "file" if not place else "line" if isinstance(place, int) else "path"


def _plain(value: object) -> str | int:
    return value if isinstance(value, int) else str(value)[:LONGEST]
