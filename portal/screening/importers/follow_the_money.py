"""OpenSanctions' FollowTheMoney entities, one JSON object a line (``entities.ftm.json``, ``targets.nested.json``).

Anything it publishes can be loaded. Its data are under CC BY-NC 4.0: who loads a file needs the right to use it, and
none is shipped. Only targets that bear a name are taken; people and firms around them are not.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.screening.importers import lines
from portal.screening.importers.record import (
    AddressRecord,
    EditionRecord,
    EntryRecord,
    IdentifierRecord,
    IntervalRecord,
    ListRefused,
    NameKind,
    NameRecord,
)
from portal.screening.importers.scratch import Scratch
from portal.screening.models import Effect, Standing

KINDS = {
    "Person": "person", "Organization": "organisation", "Company": "organisation", "LegalEntity": "organisation",
    "PublicBody": "organisation", "Asset": "organisation", "Vessel": "vessel", "Airplane": "aircraft",
    "CryptoWallet": "organisation", "Security": "organisation", "Vehicle": "aircraft",
}  # fmt: skip
NAMES: tuple[tuple[str, NameKind], ...] = (
    ("name", "alias"), ("alias", "alias"), ("weakAlias", "alias"), ("abbreviation", "alias"),
    ("previousName", "former"),
)  # fmt: skip
COUNTRIES = ("country", "jurisdiction", "nationality", "citizenship", "mainCountry", "flag")
NUMBERS = (
    ("imoNumber", "IMO"), ("mmsi", "MMSI"), ("swiftBic", "BIC"), ("leiCode", "LEI"), ("uscCode", "USCC"),
    ("passportNumber", "PASSPORT"), ("idNumber", "NATIONAL-ID"), ("registrationNumber", "REGISTRATION"),
    ("taxNumber", "TAX-ID"), ("birthDate", "DOB"), ("phone", "PHONE"), ("email", "EMAIL"), ("website", "WEBSITE"),
)  # fmt: skip
PROGRAMS = ("program", "programId")
WANTED = {"address", "notes", *COUNTRIES, *(key for key, _ in NAMES), *(key for key, _ in NUMBERS)}
ALPHA_2, LONGEST_NUMBER = 2, 96
Said = dict[str, list[str]]  # the texts of each property


def files(path: Path) -> tuple[Path, ...]:
    """One file is one edition."""
    return (path,)


def edition(path: Path) -> EditionRecord:
    """Nothing: the file carries no date of its own."""
    del path
    return EditionRecord()


def entries(path: Path) -> Iterator[EntryRecord]:
    """Targets that bear a name."""
    with Scratch() as known:
        for line, row in lines.objects(path):
            uid, schema, properties = row.get("id"), row.get("schema"), row.get("properties")
            if not isinstance(uid, str) or not uid or not isinstance(schema, str) or not isinstance(properties, dict):
                raise ListRefused("no_entity", path.name, line)
            if schema not in KINDS or row.get("target") is False:
                continue
            if not known.first(uid[:LONGEST_NUMBER]):
                raise ListRefused("entity_twice", path.name, line, uid=uid)
            said = {key: found for key in properties.keys() & WANTED if (found := _all(properties[key]))}
            if names := tuple(dict.fromkeys(_names(row, said))):
                yield _entry(uid, KINDS[schema], names, said, _programs(row, properties))


def _entry(uid: str, kind: str, names: tuple[NameRecord, ...], said: Said, programs: list[str]) -> EntryRecord:
    numbers = (IdentifierRecord(scheme, number) for key, scheme in NUMBERS for number in said.get(key, ()))
    return EntryRecord(
        uid=uid[:LONGEST_NUMBER],
        kind=kind,
        program=", ".join(dict.fromkeys(programs)),
        effect=Effect.INFORMS,
        names=names,
        intervals=(IntervalRecord(Standing.LISTED),),
        addresses=tuple(dict.fromkeys(_addresses(said))),
        identifiers=tuple(dict.fromkeys(numbers)),
        note=" ".join(said.get("notes", ())),
    )


def _programs(row: dict[str, Any], properties: dict[str, Any]) -> list[str]:
    """Those of the sanctions that are nested in the entity, then its own; else the data sets that it is in."""
    nested = [one.get("properties") for one in _list(properties.get("sanctions")) if isinstance(one, dict)]
    known = [one for one in (*nested, properties) if isinstance(one, dict)]
    found = [value for one in known for key in PROGRAMS for value in _all(one.get(key))]
    return found or [str(dataset) for dataset in _list(row.get("datasets"))]


def _names(row: dict[str, Any], said: Said) -> Iterator[NameRecord]:
    known, caption = said.get("name", []), row.get("caption")
    first = caption if isinstance(caption, str) and caption in known else known[0] if known else ""
    if first:
        yield NameRecord(first, "primary")
    yield from (NameRecord(name, kind) for key, kind in NAMES for name in said.get(key, ()) if name != first)


def _addresses(said: Said) -> Iterator[AddressRecord]:
    countries = dict.fromkeys(code for key in COUNTRIES for code in said.get(key, ()))
    yield from (AddressRecord(address, "", "") for address in said.get("address", ()))
    yield from (AddressRecord("", code.upper() if len(code) == ALPHA_2 else "", code) for code in countries)


def _all(values: object) -> list[str]:
    """The texts among the values of a property, with single spaces."""
    return [plain for value in _list(values) if isinstance(value, str) and (plain := " ".join(value.split()))]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
