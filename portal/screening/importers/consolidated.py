"""The United States' Consolidated Screening List, JSON or CSV (api.trade.gov): thirteen lists of three departments.

Which list an entry is on is its programme. Binds persons under United States jurisdiction; to the exporter it only
informs. Columns are found by their names, as the publisher has added some; those used here must be there.
"""

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from portal.screening.importers import lines
from portal.screening.importers.places import country_code
from portal.screening.importers.record import (
    AddressRecord,
    EditionRecord,
    EntryRecord,
    IdentifierRecord,
    IntervalRecord,
    ListRefused,
    NameRecord,
)
from portal.screening.importers.scratch import Scratch
from portal.screening.models import Effect, Standing

NEEDED = frozenset(
    {"source", "entity_number", "type", "programs", "name", "addresses", "start_date", "end_date", "alt_names",
     "dates_of_birth", "ids", "remarks", "federal_register_notice"}
)  # fmt: skip
KINDS = {"individual": "person", "entity": "organisation", "vessel": "vessel", "aircraft": "aircraft", "": ""}
SCHEMES = (
    ("vessel registration", "IMO"),
    ("passport", "PASSPORT"), ("national id", "NATIONAL-ID"), ("tax id", "TAX-ID"), ("social credit", "USCC"),
    ("registration id", "REGISTRATION"), ("company number", "REGISTRATION"), ("swift/bic", "BIC"),
    ("legal entity", "LEI"), ("mmsi", "MMSI"),
    ("email", "EMAIL"), ("website", "WEBSITE"), ("phone", "PHONE"), ("fax", "PHONE"),
)  # fmt: skip
ALPHA_2 = 2


def files(path: Path) -> tuple[Path, ...]:
    """One file is one edition."""
    return (path,)


def edition(path: Path) -> EditionRecord:
    """Nothing: the file carries no date of its own."""
    del path
    return EditionRecord()


def entries(path: Path) -> Iterator[EntryRecord]:
    """Entries of all the lists, each with the list it is on; the same row again is the same entry."""
    with Scratch() as known:
        for place, row in _json(path) if path.suffix.casefold() == ".json" else _csv(path):
            entry = _entry(row, path, place)
            if known.first(entry.uid):
                yield entry


def _csv(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            if missing := NEEDED - set(header):
                raise ListRefused("header_lacks", path.name, 1, columns=", ".join(sorted(missing)))
            for row in reader:
                if len(row) != len(header):
                    raise ListRefused("columns", path.name, reader.line_num, found=len(row), wanted=len(header))
                yield reader.line_num, _parted(dict(zip(header, row, strict=True)))
    except FileNotFoundError as error:
        raise ListRefused("absent", path.name) from error
    except UnicodeDecodeError as error:
        raise ListRefused("not_utf8", path.name) from error
    except csv.Error as error:
        raise ListRefused("broken_csv", path.name, reader.line_num, error=error) from error


def _parted(row: dict[str, str]) -> dict[str, Any]:
    """A row of the CSV in the shape of the JSON."""
    parted: dict[str, Any] = dict(row)
    for column in ("programs", "alt_names", "dates_of_birth"):
        parted[column] = [part for part in row[column].split("; ") if part.strip()]
    parted["addresses"] = [_address_of(part) for part in row["addresses"].split("; ") if part.strip()]
    parted["ids"] = [_number_of(part) for part in row["ids"].split("; ") if part.strip()]
    return parted


def _address_of(line: str) -> dict[str, str]:
    place, _, country = line.strip().rpartition(", ")
    known = len(country) == ALPHA_2 and country.isupper()
    return {"address": place if known else line.strip(), "country": country if known else ""}


def _number_of(line: str) -> dict[str, str]:
    """ "CU, C12345, Passport" or "C12345, Passport": the kind stands last, the number before it."""
    parts = [part.strip() for part in line.split(", ")]
    return {"type": parts[-1], "number": parts[-2]} if len(parts) > 1 else {"type": "", "number": ""}


def _json(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for at, row in enumerate(lines.items(path, "results")):
        place = f"results/{at}"
        if missing := {"source", "name"} - row.keys():
            raise ListRefused("entry_lacks", path.name, place, columns=", ".join(sorted(missing)))
        yield place, row


def _entry(row: dict[str, Any], path: Path, place: int | str) -> EntryRecord:
    name, source = _plain(row.get("name")), _plain(row.get("source"))
    if not name or not source:
        raise ListRefused("entry_no_name_or_list", path.name, place)
    kind = KINDS.get(_plain(row.get("type")).casefold())
    if kind is None:
        raise ListRefused("entry_kind", path.name, place, value=row["type"])
    aliases = [NameRecord(spelled, "alias") for alias in row.get("alt_names") or () if (spelled := _plain(alias))]
    since, until = (_day(row.get(column), path, place) for column in ("start_date", "end_date"))
    programs = [_plain(program) for program in row.get("programs") or ()]
    return EntryRecord(
        uid=_uid(row, source, name),
        kind=kind,
        program=f"{source}: {', '.join(programs)}" if any(programs) else source,
        effect=Effect.INFORMS,
        names=tuple(dict.fromkeys([NameRecord(name, "primary"), *aliases])),
        intervals=(IntervalRecord(Standing.LISTED, since, until, _plain(row.get("federal_register_notice"))),),
        addresses=tuple(dict.fromkeys(_addresses(row))),
        identifiers=tuple(dict.fromkeys(_identifiers(row))),
        note=_plain(row.get("remarks")),
    )


def _uid(row: dict[str, Any], source: str, name: str) -> str:
    """The publisher's number where there is one, else one made of list, name, places and first day."""
    if number := _plain(row.get("entity_number")):
        known_by = f"{source}|{number}|{name}"
    else:
        known_by = json.dumps([source, name, row.get("addresses"), row.get("start_date")], sort_keys=True)
    return f"CSL-{hashlib.sha256(known_by.encode()).hexdigest()[:16]}"


def _addresses(row: dict[str, Any]) -> Iterator[AddressRecord]:
    for address in row.get("addresses") or ():
        parts = (_plain(address.get(part)) for part in ("address", "city", "state", "postal_code"))
        country = _plain(address.get("country"))
        line = ", ".join(filter(None, parts))
        if line or country:
            yield AddressRecord(line, country_code(country), country)
    yield from (AddressRecord("", country_code(code), code) for code in filter(None, [_plain(row.get("country"))]))


def _identifiers(row: dict[str, Any]) -> Iterator[IdentifierRecord]:
    yield from (IdentifierRecord("DOB", born) for day in row.get("dates_of_birth") or () if (born := _plain(day)))
    for number in row.get("ids") or ():
        kind, value = _plain(number.get("type")), _plain(number.get("number"))
        scheme = next((scheme for word, scheme in SCHEMES if word in kind.casefold()), "")
        if scheme and value:
            yield IdentifierRecord(scheme, value.removeprefix("IMO "), kind)


def _plain(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _day(value: object, path: Path, place: int | str) -> date | None:
    stated = _plain(value)
    try:
        return date.fromisoformat(stated) if stated else None
    except ValueError as error:
        raise ListRefused("no_date", path.name, place, value=stated) from error
