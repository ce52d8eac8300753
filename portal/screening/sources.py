"""The lists that the portal knows: who publishes each, whether it binds, and how it is read."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import yaml

from portal.screening.importers import (
    china,
    consolidated,
    denied,
    european_union,
    follow_the_money,
    ofac,
    ofac_advanced,
    united_nations,
)
from portal.screening.importers.record import ListRefused, Reader
from portal.text import Text

DATA = Path(__file__).with_name("data")
READERS: dict[str, ModuleType] = {
    "cn": china,
    "ofac-sdn": ofac,
    "ofac-cons": ofac,
    "un": united_nations,
    "us-csl": consolidated,
    "us-dpl": denied,
    "eu-fsf": european_union,
    "ftm": follow_the_money,
}
# Lists that are published in a second format, known by the file's ending.
OTHER_FORMATS: dict[tuple[str, str], ModuleType] = {
    ("ofac-sdn", ".xml"): ofac_advanced,
    ("ofac-cons", ".xml"): ofac_advanced,
}
RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Source:
    """One list. ``max_age_days`` is ``None`` for a list that does not age, such as the authority's own.

    A list that is not ``expected`` is told of only when an edition of it is on file. ``address`` is the publisher's
    own, "" where there is none that is open to all, and ``address_mark`` how sure it is (V read, V2 read in a
    reproduction, M from memory). ``token_address`` is one to which the authority adds a token of its own. For
    ``quiet_days`` an edition stays young when its publisher says each time that there is no newer one.
    """

    id: str
    title: Text
    publisher: Text
    required: bool
    binding: bool
    max_age_days: int | None
    expected: bool
    address: str
    address_mark: str
    token_address: str
    quiet_days: int


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
            expected=row.get("expected", True),
            address=row.get("address", ""),
            address_mark=row.get("address_mark", ""),
            token_address=row.get("token_address", ""),
            quiet_days=row.get("quiet_days", 0),
        )
        for name, row in data["sources"].items()
    }


def reader(source: str, path: Path | None = None) -> Reader:
    """The reader of a list's files; a list that is not read from files, or not known, is refused."""
    if source not in READERS:
        known = ", ".join(READERS)
        raise ListRefused("no_list", source=source, known=known)
    ending = path.suffix.casefold() if path else ""
    return cast(Reader, OTHER_FORMATS.get((source, ending), READERS[source]))
