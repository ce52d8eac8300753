"""China's control list, watch list and unreliable entity list, in the portal's own dated CSV.

MOFCOM publishes announcements, not a data file, so the portal keeps its own (``data/china-lists.csv``) with a
``.yaml`` of the same name beside it that says which announcements it covers and how many parties each names.

Columns, all text, UTF-8, with this header:
``list`` control | watch | unreliable · ``precision`` named (the party itself) | group (the source names only the
group some of whose members are listed) · ``name_en`` · ``name_zh`` (where the common official Chinese name is
sure) · ``name_zh_mark`` · ``aliases`` and ``aliases_mark`` (several, parted by ``|``) · ``country`` alpha-2, "" if not
known · ``country_mark`` · ``announcement`` (number, "" if not known) · ``authority`` · ``announced`` ISO date ·
``status`` listed | suspended | stopped · ``status_from`` ``status_to`` ISO dates, both days included ·
``status_announcement`` · ``source_mark`` V | V2 | M | I · ``note``. The other marks say how sure a column is where it
is less sure than the row.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from portal.screening.importers.record import (
    AddressRecord,
    EditionRecord,
    EntryRecord,
    IntervalRecord,
    ListRefused,
    NameRecord,
    csv_rows,
)
from portal.screening.models import Effect, Standing

HEADER = (
    "list", "precision", "name_en", "name_zh", "name_zh_mark", "aliases", "aliases_mark", "country", "country_mark",
    "announcement", "authority", "announced", "status", "status_from", "status_to", "status_announcement",
    "source_mark", "note",
)  # fmt: skip
LISTS = {"control": Effect.PROHIBITED, "watch": Effect.WATCH, "unreliable": Effect.PROHIBITED}
PROGRAMS = {
    "control": "Export control list (管控名单)",
    "watch": "Export control watch list (关注名单)",
    "unreliable": "Unreliable entity list (不可靠实体清单)",
}
MARKS = ("V", "V2", "M", "I")


@dataclass(frozen=True, slots=True)
class Coverage:
    """One announcement: how many parties it names, and how many of them the file has."""

    list: str
    announcement: str
    announced: date
    parties: int
    named: int
    note: str


def files(path: Path) -> tuple[Path, ...]:
    """The CSV and its description."""
    return path, path.with_suffix(".yaml")


def edition(path: Path) -> EditionRecord:
    """Version, the day up to which announcements were seen, and whether parties are known to be missing."""
    data = _description(path)
    try:
        published = date.fromisoformat(data["facts_until"])
        return EditionRecord(str(data["version"]), published, bool(data["incomplete"]))
    except (KeyError, ValueError, TypeError) as error:
        raise ListRefused(f"the description lacks or garbles {error}", path.with_suffix(".yaml").name) from error


def coverage(path: Path) -> tuple[Coverage, ...]:
    """What the file covers, announcement by announcement: "names 6 of 28"."""
    named: dict[tuple[str, str], int] = {}
    for row in _rows(path):
        if row["precision"] == "named":
            place = (row["list"], row["announced"])
            named[place] = named.get(place, 0) + 1
    return tuple(
        Coverage(
            list=row["list"],
            announcement=row["announcement"],
            announced=date.fromisoformat(row["announced"]),
            parties=row["parties"],
            named=named.get((row["list"], row["announced"]), 0),
            note=row.get("note", ""),
        )
        for row in _description(path)["announcements"]
    )


def entries(path: Path) -> Iterator[EntryRecord]:
    """Every row as an entry with its interval of listing and its suspension or stop."""
    seen: set[str] = set()
    for row in _rows(path):
        line = int(row["line"])
        entry = _entry(row, path, line)
        if entry.uid in seen:
            raise ListRefused(f"{row['name_en']} is on the same list of the same day twice", path.name, line)
        seen.add(entry.uid)
        yield entry


def _rows(path: Path) -> Iterator[dict[str, str]]:
    rows = csv_rows(path, len(HEADER))
    line, header = next(rows, (0, []))
    if tuple(header) != HEADER:
        raise ListRefused("the header is not the one that is expected", path.name, line or 1)
    for number, row in rows:
        yield {**dict(zip(HEADER, (cell.strip() for cell in row), strict=True)), "line": str(number)}


def _entry(row: dict[str, str], path: Path, line: int) -> EntryRecord:
    allowed = (("list", LISTS), ("precision", ("named", "group")), ("status", tuple(Standing)), ("source_mark", MARKS))
    for column, values in allowed:
        if row[column] not in values:
            raise ListRefused(f"{column} is {row[column]!r}, not one of {', '.join(values)}", path.name, line)
    if not row["name_en"]:
        raise ListRefused("name_en is empty", path.name, line)
    place = "|".join((row["list"], row["announced"], row["name_en"]))
    names = [NameRecord(row["name_en"], "primary")]
    if row["name_zh"]:
        names.append(NameRecord(row["name_zh"], "native", row["name_zh_mark"]))
    aliases = filter(None, (alias.strip() for alias in row["aliases"].split("|")))
    names += [NameRecord(alias, "alias", row["aliases_mark"]) for alias in aliases]
    return EntryRecord(
        uid=f"{row['list']}-{row['announced']}-{hashlib.sha256(place.encode()).hexdigest()[:12]}",
        kind="organisation",
        program=PROGRAMS[row["list"]],
        effect=LISTS[row["list"]],
        names=tuple(names),
        intervals=tuple(_intervals(row, path, line)),
        addresses=(AddressRecord("", row["country"], ""),) if row["country"] else (),
        whole=row["precision"] == "named",
        mark=row["source_mark"],
        note=row["note"],
    )


def _intervals(row: dict[str, str], path: Path, line: int) -> Iterator[IntervalRecord]:
    """Listed from the announcement on; a suspension lies within, and a stop ends it."""
    announced = _date(row, "announced", path, line)
    if announced is None:
        raise ListRefused("announced is empty", path.name, line)
    number = f"{row['authority']} {row['announcement']}".strip()
    standing = Standing(row["status"])
    if standing is Standing.LISTED:
        yield IntervalRecord(Standing.LISTED, announced, None, number)
        return
    since, until = _date(row, "status_from", path, line), _date(row, "status_to", path, line)
    if since is None or (standing is Standing.SUSPENDED and until is None):
        raise ListRefused(f"{row['status']} needs its dates", path.name, line)
    if since < announced or (until is not None and until < since):
        raise ListRefused("the dates run backwards", path.name, line)
    end = None if standing is Standing.SUSPENDED else since - timedelta(days=1)
    yield IntervalRecord(Standing.LISTED, announced, end, number)
    yield IntervalRecord(standing, since, until, row["status_announcement"])


def _date(row: dict[str, str], column: str, path: Path, line: int) -> date | None:
    if not row[column]:
        return None
    try:
        return date.fromisoformat(row[column])
    except ValueError as error:
        raise ListRefused(f"{column} {row[column]!r} is no date", path.name, line) from error


def _description(path: Path) -> dict[str, Any]:
    beside = path.with_suffix(".yaml")
    try:
        data = yaml.safe_load(beside.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ListRefused("the description is not there", beside.name) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ListRefused(f"broken description: {error}", beside.name) from error
    if not isinstance(data, dict):
        raise ListRefused("the description is no mapping", beside.name)
    return data
