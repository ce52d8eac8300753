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
ALPHA_2, LONGEST_NUMBER = 2, 96


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
                raise ListRefused("no entity: id, schema and properties are expected", path.name, line)
            if schema not in KINDS or row.get("target") is False:
                continue
            if not known.first(uid[:LONGEST_NUMBER]):
                raise ListRefused(f"entity {uid} is there twice", path.name, line)
            if names := tuple(dict.fromkeys(_names(row, properties))):
                yield _entry(uid, KINDS[schema], names, row, properties)


def _entry(
    uid: str, kind: str, names: tuple[NameRecord, ...], row: dict[str, Any], properties: dict[str, Any]
) -> EntryRecord:
    nested = [one.get("properties", {}) for one in properties.get("sanctions") or () if isinstance(one, dict)]
    programs = [value for one in (*nested, properties) for key in ("program", "programId") for value in _all(one, key)]
    told = list(dict.fromkeys(programs)) or [str(dataset) for dataset in row.get("datasets") or ()]
    return EntryRecord(
        uid=uid[:LONGEST_NUMBER],
        kind=kind,
        program=", ".join(told),
        effect=Effect.INFORMS,
        names=names,
        intervals=(IntervalRecord(Standing.LISTED),),
        addresses=tuple(dict.fromkeys(_addresses(properties))),
        identifiers=tuple(
            dict.fromkeys(IdentifierRecord(scheme, n) for key, scheme in NUMBERS for n in _all(properties, key))
        ),
        note=" ".join(_all(properties, "notes")),
    )


def _names(row: dict[str, Any], properties: dict[str, Any]) -> Iterator[NameRecord]:
    caption = row.get("caption")
    known = _all(properties, "name")
    if isinstance(caption, str) and caption in known:
        yield NameRecord(caption, "primary")
    elif known:
        yield NameRecord(known[0], "primary")
    first = caption if caption in known else known[0] if known else ""
    yield from (NameRecord(name, kind) for key, kind in NAMES for name in _all(properties, key) if name != first)


def _addresses(properties: dict[str, Any]) -> Iterator[AddressRecord]:
    countries = list(dict.fromkeys(code for key in COUNTRIES for code in _all(properties, key)))
    yield from (AddressRecord(address, "", "") for address in _all(properties, "address"))
    yield from (AddressRecord("", code.upper() if len(code) == ALPHA_2 else "", code) for code in countries)


def _all(properties: dict[str, Any], key: str) -> list[str]:
    values = properties.get(key)
    if values is None:
        return []
    found = values if isinstance(values, list) else [values]
    return [plain for value in found if isinstance(value, str) and (plain := " ".join(value.split()))]
