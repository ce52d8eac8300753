"""OFAC's legacy CSV: ``sdn.csv`` or ``cons_prim.csv`` with the alias and address files beside it.

Format: treasury.gov, "SDN data formats": no header, 12 columns (ent_num, name, type, program, title, call sign,
vessel type, tonnage, GRT, flag, owner, remarks); aliases 5 columns; addresses 6. ``-0-`` stands for nothing.
OFAC's lists bind persons of the United States; to the exporter they only inform.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from portal.screening.importers.places import country_code
from portal.screening.importers.record import (
    AddressRecord,
    EditionRecord,
    EntryRecord,
    IdentifierRecord,
    IntervalRecord,
    ListRefused,
    NameKind,
    NameRecord,
    csv_rows,
)
from portal.screening.importers.scratch import Scratch
from portal.screening.models import Effect, Standing

COLUMNS, ALIAS_COLUMNS, ADDRESS_COLUMNS = 12, 5, 6
ALIAS, ADDRESS = "alias", "address"
NOTHING = {"-0-", "-0", ""}
BESIDE = {"cons_prim": ("cons_alt.csv", "cons_add.csv")}
ALIAS_KINDS: dict[str, NameKind] = {"aka": "alias", "fka": "former", "nka": "alias"}
KINDS = {"individual": "person", "vessel": "vessel", "aircraft": "aircraft"}
WEAK_ALIAS = re.compile(r"^(?P<kind>[afn])\.k\.a\.,?\s+'(?P<name>.+)'\.?$")
PARTS = (
    ("DOB", re.compile(r"^(?:alt\. )?DOB (?P<value>.+?)\.?$")),
    ("IMO", re.compile(r"\bIMO (?P<value>\d{7})\b")),
    ("BIC", re.compile(r"\bSWIFT/BIC (?P<value>[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b")),
    ("USCC", re.compile(r"\(USCC\) (?P<value>[0-9A-Z]{18})\b")),
    ("LEI", re.compile(r"\bLEI (?P<value>[A-Z0-9]{18}\d{2})\b")),
    ("MMSI", re.compile(r"\bMMSI (?P<value>\d{9})\b")),
    ("PASSPORT", re.compile(r"^(?:alt\. )?Passport (?P<value>[^\s(]+)")),
    ("NATIONAL-ID", re.compile(r"^(?:alt\. )?National ID No\. (?P<value>[^\s(]+)")),
    ("REGISTRATION", re.compile(r"^(?:alt\. )?(?:Registration (?:ID|Number)|Company Number) (?P<value>[^\s(]+)")),
    ("TAX-ID", re.compile(r"^(?:alt\. )?Tax ID No\. (?P<value>[^\s(]+)")),
    (
        "PHONE",
        re.compile(r"(?i)^(?:alt\. )?(?:tele)?(?:phone|fax)(?: no\.| number)?:? (?P<value>[+(]?\d[\d() ./+-]{5,40})$"),
    ),
    ("EMAIL", re.compile(r"(?i)^(?:alt\. )?e-?mail(?: address)?:? ?(?P<value>[^\s@]+@[^\s@]+?)\.?$")),
    ("WEBSITE", re.compile(r"(?i)^(?:alt\. )?website:? (?P<value>\S+?)\.?$")),
    ("NATIONALITY", re.compile(r"^(?:alt\. )?(?:nationality|citizen) (?P<value>.+?)\.?$")),
)


def files(path: Path) -> tuple[Path, ...]:
    """The primary file and its two companions, found by name beside it; all three are needed."""
    aliases, addresses = BESIDE.get(path.stem, ("alt.csv", "add.csv"))
    return path, path.with_name(aliases), path.with_name(addresses)


def edition(path: Path) -> EditionRecord:
    """Nothing: the legacy files carry no date of their own."""
    del path
    return EditionRecord()


def entries(path: Path) -> Iterator[EntryRecord]:
    """Entries with their aliases and addresses, which the two companions have in an order of their own."""
    _, alias_file, address_file = files(path)
    with Scratch() as known:
        _keep_aliases(alias_file, known)
        _keep_addresses(address_file, known)
        uid = ""
        for line, row in csv_rows(path, COLUMNS):
            uid = _number(row[0], path, line)
            if not known.first(uid):
                raise ListRefused("entry_twice", path.name, line, uid=uid)
            name = _value(row[1])
            if not name:
                raise ListRefused("entry_no_name", path.name, line, uid=uid)
            yield _entry(uid, name, row, known)
        for companion, kind in ((alias_file, ALIAS), (address_file, ADDRESS)):
            if uid and (stranger := known.stranger(kind)):
                raise ListRefused("stranger", companion.name, uid=stranger, lacking=path.name)


def _entry(uid: str, name: str, row: list[str], known: Scratch) -> EntryRecord:
    remarks = _value(row[11])
    parts = [part.strip() for part in remarks.split("; ")] if remarks else []
    aliases = (NameRecord(spelled, ALIAS_KINDS[kind]) for spelled, kind in known.get(ALIAS, uid))
    names = [NameRecord(name, "primary"), *aliases, *_weak_aliases(parts)]
    identifiers = tuple(found for part in parts for found in _identifiers(part))
    program = ", ".join(_value(row[3]).split("] ["))
    return EntryRecord(
        uid=uid,
        kind=KINDS.get(_value(row[2]), "organisation"),
        program=program,
        effect=Effect.INFORMS,
        names=tuple(dict.fromkeys(names)),
        intervals=(IntervalRecord(Standing.LISTED),),
        addresses=tuple(AddressRecord(*fields) for fields in known.get(ADDRESS, uid)),
        identifiers=tuple(dict.fromkeys(identifiers)),
        note=_value(row[4]),
    )


def _keep_aliases(path: Path, known: Scratch) -> None:
    for line, row in csv_rows(path, ALIAS_COLUMNS):
        kind = _value(row[2])
        if kind not in ALIAS_KINDS:
            raise ListRefused("alias_kind", path.name, line, value=row[2])
        if name := _value(row[3]):
            known.put(ALIAS, _number(row[0], path, line), name, kind)


def _keep_addresses(path: Path, known: Scratch) -> None:
    for line, row in csv_rows(path, ADDRESS_COLUMNS):
        uid, country = _number(row[0], path, line), _value(row[4])
        text = ", ".join(part for part in (_value(row[2]), _value(row[3])) if part)
        if text or country:
            known.put(ADDRESS, uid, text, country_code(country), country)


def _weak_aliases(parts: list[str]) -> Iterator[NameRecord]:
    for part in parts:
        if found := WEAK_ALIAS.match(part):
            yield NameRecord(found["name"], "former" if found["kind"] == "f" else "alias")


def _identifiers(part: str) -> Iterator[IdentifierRecord]:
    for scheme, pattern in PARTS:
        if found := pattern.search(part.rstrip(".") if scheme == "PHONE" else part):
            yield IdentifierRecord(scheme, found["value"], part.rstrip("."))


def _number(value: str, path: Path, line: int) -> str:
    if not value.strip().isascii() or not value.strip().isdigit():
        raise ListRefused("entry_number", path.name, line, value=value[:40])
    return value.strip()


def _value(cell: str) -> str:
    text = cell.strip()
    return "" if text in NOTHING else text
