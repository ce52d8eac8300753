"""Write the entries of a list with all that hangs on them, many rows at a time."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from portal.db import Base, new_id
from portal.screening import names, particulars
from portal.screening.importers.record import (
    CONTACTS,
    AddressRecord,
    EntryRecord,
    IdentifierRecord,
    IntervalRecord,
    NameRecord,
)
from portal.screening.models import ListAddress, ListEntry, ListIdentifier, ListInterval, ListMark, ListName

Row = dict[str, Any]


def add_entries(session: Session, edition_id: uuid.UUID, records: Sequence[EntryRecord]) -> int:
    """Write entries with all that hangs on them; gives the number of names written."""
    tables: dict[type[Base], list[Row]] = {
        model: [] for model in (ListEntry, ListName, ListInterval, ListAddress, ListIdentifier, ListMark)
    }
    for record in records:
        entry_id = new_id()
        tables[ListEntry].append(_entry_row(entry_id, edition_id, record))
        tables[ListName] += _name_rows(entry_id, record.names)
        tables[ListInterval] += (_hanging(entry_id, at, part) for at, part in enumerate(record.intervals))
        places = [_hanging(entry_id, at, part) for at, part in enumerate(record.addresses)]
        tables[ListAddress] += places
        tables[ListMark] += _mark_rows(entry_id, edition_id, record, [row["id"] for row in places])
        tables[ListIdentifier] += (_hanging(entry_id, at, part) for at, part in enumerate(record.identifiers))
    for model, rows in tables.items():
        if rows:
            table = model.__table__
            assert isinstance(table, Table)  # noqa: S101 - for the type checker
            _write(session, table, rows)
    return len(tables[ListName])


def content(record: EntryRecord) -> str:
    """Digest of all that a list says of a party, in the order in which it says it."""
    return hashlib.sha256(json.dumps(record, default=_plain, ensure_ascii=False).encode()).hexdigest()


def identifier_value(value: str) -> str:
    """A number as it is compared: capitals and digits only."""
    return "".join(character for character in value.upper() if character.isalnum())[:200]


def _write(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """As one statement for many rows; PostgreSQL takes them ten times as fast when they are copied in."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(table.insert(), rows)
        return
    columns = table.columns.keys()
    quoted = ", ".join(f'"{column}"' for column in columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({quoted}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])


def _plain(value: Any) -> Any:
    """What JSON does not know: a record as its values in their order, a day as text."""
    if isinstance(value, EntryRecord | NameRecord | IntervalRecord | AddressRecord | IdentifierRecord):
        return [getattr(value, name) for name in value.__slots__]
    return str(value)


def _entry_row(entry_id: uuid.UUID, edition_id: uuid.UUID, record: EntryRecord) -> Row:
    return {
        "id": entry_id,
        "edition_id": edition_id,
        "uid": record.uid,
        "kind": record.kind,
        "program": record.program[:500],
        "effect": record.effect.value,
        "whole": record.whole,
        "mark": record.mark,
        "note": record.note,
        "content": content(record),
    }


def _name_rows(entry_id: uuid.UUID, found: tuple[NameRecord, ...]) -> Iterator[Row]:
    for position, name in enumerate(found):
        yield {
            "id": new_id(),
            "entry_id": entry_id,
            "position": position,
            "name": name.text[:500],
            "kind": name.kind,
            "script": names.script(name.text),
            "mark": name.mark,
            "key": names.key(name.text)[:1000],
            "native": names.native(name.text)[:500],
        }


def _mark_rows(
    entry_id: uuid.UUID, edition_id: uuid.UUID, record: EntryRecord, places: Sequence[uuid.UUID]
) -> Iterator[Row]:
    """What the entry is looked up by: its telephones, e-mail addresses, sites and addresses."""
    told: dict[str, list[str]] = {scheme: [] for scheme in CONTACTS}
    for number in record.identifiers:
        if number.scheme in told:
            told[number.scheme].append(number.value)
    countries = list(dict.fromkeys(address.country for address in record.addresses if address.country))
    known = particulars.Particulars((), tuple(told["PHONE"]), tuple(told["EMAIL"]), tuple(told["WEBSITE"]))
    for (kind, value), text in particulars.marks(known, countries).items():
        mark: Row = {"kind": kind, "value": value, "text": text[:500], "address_id": None}
        yield {"id": new_id(), "edition_id": edition_id, "entry_id": entry_id, **mark}
    for address, place in zip(record.addresses, places, strict=True):
        for value in sorted(particulars.address_marks(address.text)):
            mark = {"kind": "address", "value": value, "text": "", "address_id": place}
            yield {"id": new_id(), "edition_id": edition_id, "entry_id": entry_id, **mark}


def _hanging(entry_id: uuid.UUID, at: int, part: IntervalRecord | AddressRecord | IdentifierRecord) -> Row:
    row: Row = {"id": new_id(), "entry_id": entry_id, "position": at}
    if isinstance(part, IdentifierRecord):
        value = part.value[:200] if part.scheme in CONTACTS else identifier_value(part.value)
        return row | {"scheme": part.scheme, "value": value, "detail": part.detail[:500]}
    if isinstance(part, AddressRecord):
        return row | {"text": part.text[:1000], "country": part.country, "country_name": part.country_name[:200]}
    about = {"standing": part.standing.value, "since": part.since, "until": part.until}
    return row | about | {"announcement": part.announcement[:200]}
