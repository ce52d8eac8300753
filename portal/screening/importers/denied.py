"""The Denied Persons List of the United States' Bureau of Industry and Security, tab-separated with a header.

Binds persons under United States jurisdiction; to the exporter it only informs. The list has no numbers of its own:
an entry is known by name, address and the day its denial began.
"""

import csv
import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from portal.screening.importers.places import country_code
from portal.screening.importers.record import (
    AddressRecord,
    EditionRecord,
    EntryRecord,
    IntervalRecord,
    ListRefused,
    NameRecord,
)
from portal.screening.importers.scratch import Scratch
from portal.screening.models import Effect, Standing

HEADER = (
    "Name", "Street_Address", "City", "State", "Country", "Postal_Code", "Effective_Date", "Expiration_Date",
    "Standard_Order", "Last_Update", "Action", "FR_Citation",
)  # fmt: skip


def files(path: Path) -> tuple[Path, ...]:
    """One file is one edition."""
    return (path,)


def edition(path: Path) -> EditionRecord:
    """Nothing: the file carries no date of its own."""
    del path
    return EditionRecord()


def entries(path: Path) -> Iterator[EntryRecord]:
    """Denied persons; the same row again is the same entry."""
    with Scratch() as known:
        for line, row in _rows(path):
            if not row["Name"]:
                raise ListRefused("row_no_name", path.name, line)
            entry = _entry(row, path, line)
            if known.first(entry.uid):
                yield entry


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter="\t")
            if tuple(next(reader, [])) != HEADER:
                raise ListRefused("header", path.name, 1)
            for row in reader:
                if not row:
                    continue
                if len(row) != len(HEADER):
                    raise ListRefused("columns", path.name, reader.line_num, found=len(row), wanted=len(HEADER))
                yield reader.line_num, dict(zip(HEADER, (" ".join(cell.split()) for cell in row), strict=True))
    except FileNotFoundError as error:
        raise ListRefused("absent", path.name) from error
    except UnicodeDecodeError as error:
        raise ListRefused("not_utf8", path.name) from error


def _entry(row: dict[str, str], path: Path, line: int) -> EntryRecord:
    since, until = _day(row["Effective_Date"], path, line), _day(row["Expiration_Date"], path, line)
    place = ", ".join(filter(None, (row["Street_Address"], row["City"], row["State"], row["Postal_Code"])))
    known_by = "|".join((row["Name"], row["Street_Address"], row["City"], row["Country"], row["Effective_Date"]))
    return EntryRecord(
        uid=f"DPL-{hashlib.sha256(known_by.encode()).hexdigest()[:16]}",
        kind="",
        program="Denied Persons List",
        effect=Effect.INFORMS,
        names=(NameRecord(row["Name"], "primary"),),
        intervals=(IntervalRecord(Standing.LISTED, since, until, row["FR_Citation"]),),
        addresses=(AddressRecord(place, country_code(row["Country"]), row["Country"]),),
        note=row["Action"],
    )


def _day(stated: str, path: Path, line: int) -> date | None:
    if not stated:
        return None
    try:
        return datetime.strptime(stated, "%m/%d/%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise ListRefused("no_date", path.name, line, value=stated) from error
