"""The lists that the portal knows: who publishes each, whether it binds, and how it is read."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import yaml

from portal.screening.importers import china, ofac
from portal.screening.importers.record import ListRefused, Reader
from portal.text import Text

DATA = Path(__file__).with_name("data")
READERS: dict[str, ModuleType] = {"cn": china, "ofac-sdn": ofac, "ofac-cons": ofac}
RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Source:
    """One list. ``max_age_days`` is ``None`` for a list that does not age, such as the authority's own."""

    id: str
    title: Text
    publisher: Text
    required: bool
    binding: bool
    max_age_days: int | None


@cache
def sources() -> dict[str, Source]:
    """Every known list by its name, in the order of ``data/sources.yaml``."""
    data: dict[str, Any] = yaml.safe_load((DATA / "sources.yaml").read_text(encoding="utf-8"))
    return {
        name: Source(
            id=name,
            title=Text.read(row["title"]),
            publisher=Text.read(row["publisher"]),
            required=row["required"],
            binding=row["binding"],
            max_age_days=row["max_age_days"],
        )
        for name, row in data["sources"].items()
    }


def reader(source: str) -> Reader:
    """The reader of a list's files; a list that is not read from files, or not known, is refused."""
    if source not in READERS:
        known = ", ".join(READERS)
        raise ListRefused(f"no list named {source!r} can be read from a file; there are {known}")
    return cast(Reader, READERS[source])
