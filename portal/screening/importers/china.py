"""China's control list, watch list and unreliable entity list, in the portal's own dated CSV.

MOFCOM publishes announcements, not a data file, so the portal keeps its own (``data/china-lists.csv``) with a
``.yaml`` of the same name beside it that says which announcements it covers and how many parties each names.

Columns, all text, UTF-8, with this header:
``list`` control | watch | unreliable · ``precision`` named (the party itself) | group (the source names only the
group some of whose members are listed) · ``name_en`` · ``name_zh`` (where the common official Chinese name is
sure) · ``name_zh_mark`` · ``aliases`` and ``aliases_mark`` (several, parted by ``|``) · ``country`` alpha-2, "" if not
known · ``country_mark`` · ``announcement`` (number, "" if not known) · ``authority`` · ``announced`` ISO date ·
``status`` listed | suspended | stopped | delisted · ``status_from`` ``status_to`` ISO dates, both days included ·
``status_announcement`` · ``source_mark`` V | V2 | M | I · ``note``. The other marks say how sure a column is where it
is less sure than the row.

A party is listed from ``announced`` on. A suspension lies within the listing, which goes on after it; a stop of the
measures or a delisting ends it. Each further change of the same party is a row right below, with the same ``list``,
``announced`` and ``name_en``; "listed" with a ``status_from`` puts back on the list who was stopped or delisted.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
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
DELISTED = "delisted"
# To a party either end is the same: it is shown as history. Which of them it was stands with the interval.
STATUSES = {**{standing.value: standing for standing in Standing}, DELISTED: Standing.STOPPED}
IDENTITY = ("list", "announced", "name_en")
SAME = ("precision", "name_zh", "aliases", "country")


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
        raise ListRefused("description_lacks", path.with_suffix(".yaml").name, error=error) from error


def coverage(path: Path) -> tuple[Coverage, ...]:
    """What the file covers, announcement by announcement: "names 6 of 28"."""
    named: dict[tuple[str, str], set[str]] = {}
    for row in _rows(path):
        if row["precision"] == "named":
            named.setdefault((row["list"], row["announced"]), set()).add(row["name_en"])
    return tuple(
        Coverage(
            list=row["list"],
            announcement=row["announcement"],
            announced=date.fromisoformat(row["announced"]),
            parties=row["parties"],
            named=len(named.get((row["list"], row["announced"]), ())),
            note=row.get("note", ""),
        )
        for row in _description(path)["announcements"]
    )


def entries(path: Path) -> Iterator[EntryRecord]:
    """Every party as an entry, with the intervals that its rows make."""
    seen: set[str] = set()
    for _, rows in groupby(_rows(path), key=lambda row: tuple(row[column] for column in IDENTITY)):
        first, *further = rows
        entry = _entry(first, path, further)
        if entry.uid in seen:
            raise ListRefused("listed_again", path.name, int(first["line"]), name=first["name_en"])
        seen.add(entry.uid)
        yield entry


def _rows(path: Path) -> Iterator[dict[str, str]]:
    rows = csv_rows(path, len(HEADER))
    line, header = next(rows, (0, []))
    if tuple(header) != HEADER:
        raise ListRefused("header", path.name, line or 1)
    for number, row in rows:
        yield {**dict(zip(HEADER, (cell.strip() for cell in row), strict=True)), "line": str(number)}


def _entry(row: dict[str, str], path: Path, further: list[dict[str, str]]) -> EntryRecord:
    for one in (row, *further):
        _check(one, row, path)
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
        intervals=_intervals([row, *further], path),
        addresses=(AddressRecord("", row["country"], ""),) if row["country"] else (),
        whole=row["precision"] == "named",
        mark=row["source_mark"],
        note=row["note"],
    )


def _check(row: dict[str, str], first: dict[str, str], path: Path) -> None:
    line = int(row["line"])
    allowed = (("list", LISTS), ("precision", ("named", "group")), ("status", STATUSES), ("source_mark", MARKS))
    for column, values in allowed:
        if row[column] not in values:
            told = {"column": column, "value": row[column], "values": ", ".join(values)}
            raise ListRefused("value", path.name, line, **told)
    if not row["name_en"]:
        raise ListRefused("cell_empty", path.name, line, column="name_en")
    for column in SAME:
        if row[column] not in ("", first[column]):
            raise ListRefused("differs", path.name, line, column=column)


def _intervals(rows: list[dict[str, str]], path: Path) -> tuple[IntervalRecord, ...]:
    """What the rows of a party make of its standing, each later than the one before."""
    first, line = rows[0], int(rows[0]["line"])
    announced = _date(first, "announced", path, line)
    if announced is None:
        raise ListRefused("cell_empty", path.name, line, column="announced")
    found = [IntervalRecord(Standing.LISTED, announced, None, f"{first['authority']} {first['announcement']}".strip())]
    free = announced  # the first day of which nothing more particular is said yet
    for row in rows[1:] if first["status"] == Standing.LISTED and not first["status_from"] else rows:
        line = int(row["line"])
        since, until = _date(row, "status_from", path, line), _date(row, "status_to", path, line)
        suspended = row["status"] == Standing.SUSPENDED
        if since is None or (suspended and until is None):
            raise ListRefused("needs_dates", path.name, line, status=row["status"])
        if since < free or (until is not None and until < since):
            raise ListRefused("backwards", path.name, line)
        if until is not None and not suspended:
            raise ListRefused("no_last_day", path.name, line, status=row["status"])
        off = found[-1].standing is Standing.STOPPED
        if off != (row["status"] == Standing.LISTED):
            raise ListRefused("not_on_list" if off else "on_list", path.name, line, name=row["name_en"])
        if not suspended:
            found = [_ended(one, since - timedelta(days=1)) for one in found]
        found.append(IntervalRecord(STATUSES[row["status"]], since, until, _reference(row)))
        free = (until or since) + timedelta(days=1)
    return tuple(found)


def _ended(interval: IntervalRecord, last: date) -> IntervalRecord:
    return interval if interval.until is not None else replace(interval, until=last)


def _reference(row: dict[str, str]) -> str:
    """The announcement of a change; that a party was taken off, and not only its measures stopped, stays told."""
    told = [row["status_announcement"], "delisted, 移出名单" if row["status"] == DELISTED else ""]
    return " – ".join(filter(None, told))


def _date(row: dict[str, str], column: str, path: Path, line: int) -> date | None:
    if not row[column]:
        return None
    try:
        return date.fromisoformat(row[column])
    except ValueError as error:
        raise ListRefused("cell_date", path.name, line, column=column, value=row[column]) from error


def _description(path: Path) -> dict[str, Any]:
    beside = path.with_suffix(".yaml")
    try:
        data = yaml.safe_load(beside.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ListRefused("description_absent", beside.name) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        at = error.problem_mark.line + 1 if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else 0
        said = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
        raise ListRefused("description_broken", beside.name, at, error=said) from error
    if not isinstance(data, dict):
        raise ListRefused("description_no_mapping", beside.name)
    return data
