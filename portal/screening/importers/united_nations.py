"""The United Nations Security Council consolidated list, XML (scsanctions.un.org, ``sc-sanctions.xsd``).

Binds: measures under Chapter VII of the Charter are carried out by every member state.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from portal.screening.importers.markup import Element, attribute, child, children, pieces, text, texts
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

ROOT = "CONSOLIDATED_LIST"
KINDS = {"INDIVIDUAL": "person", "ENTITY": "organisation"}
NAME_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
DOCUMENTS = (
    ("passport", "PASSPORT"),
    ("pasaporte", "PASSPORT"),
    ("passeport", "PASSPORT"),
    ("national", "NATIONAL-ID"),
)


def files(path: Path) -> tuple[Path, ...]:
    """One file is one edition."""
    return (path,)


def edition(path: Path) -> EditionRecord:
    """The day on which the list was generated."""
    root = next(pieces(path, ROOT, ()))
    generated = attribute(root, "dateGenerated")
    try:
        return EditionRecord(generated, date.fromisoformat(generated[:10]))
    except ValueError as error:
        raise ListRefused("date_of_file", path.name, name="dateGenerated", value=generated) from error


def entries(path: Path) -> Iterator[EntryRecord]:
    """Individuals and entities with their aliases and names in original script."""
    with Scratch() as known:
        for element in pieces(path, ROOT, tuple(KINDS)):
            if element.tag in KINDS:
                uid = text(element, "DATAID")
                if not uid or not known.first(uid):
                    raise ListRefused("own_number", path.name, uid=uid)
                yield _entry(element, uid, path)


def _entry(element: Element, uid: str, path: Path) -> EntryRecord:
    names = [NameRecord(" ".join(texts(element, *NAME_PARTS)), "primary")]
    if not names[0].text:
        raise ListRefused("entry_no_name", path.name, uid=uid)
    if native := text(element, "NAME_ORIGINAL_SCRIPT"):
        names.append(NameRecord(native, "native"))
    for alias in children(element, f"{element.tag}_ALIAS"):
        if spelled := text(alias, "ALIAS_NAME"):
            former = text(alias, "QUALITY").casefold().startswith("f")
            names.append(NameRecord(spelled, "former" if former else "alias"))
    return EntryRecord(
        uid=uid,
        kind=KINDS[element.tag],
        program=f"{text(element, 'UN_LIST_TYPE')} {text(element, 'REFERENCE_NUMBER')}".strip(),
        effect=Effect.PROHIBITED,
        names=tuple(dict.fromkeys(names)),
        intervals=(IntervalRecord(Standing.LISTED, _listed_on(element, uid, path)),),
        addresses=tuple(dict.fromkeys(_addresses(element))),
        identifiers=tuple(dict.fromkeys(_identifiers(element))),
        note=text(element, "COMMENTS1"),
    )


def _listed_on(element: Element, uid: str, path: Path) -> date | None:
    stated = text(element, "LISTED_ON")[:10]
    try:
        return date.fromisoformat(stated) if stated else None
    except ValueError as error:
        raise ListRefused("listed_on", path.name, uid=uid, value=stated) from error


def _addresses(element: Element) -> Iterator[AddressRecord]:
    for address in children(element, f"{element.tag}_ADDRESS"):
        line = ", ".join(texts(address, "STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE"))
        country = text(address, "COUNTRY")
        if line or country:
            yield AddressRecord(line, country_code(country), country)
    nationality = child(element, "NATIONALITY")
    for value in children(nationality, "VALUE") if nationality is not None else ():
        if country := text(value):
            yield AddressRecord("", country_code(country), country)


def _identifiers(element: Element) -> Iterator[IdentifierRecord]:
    for born in children(element, "INDIVIDUAL_DATE_OF_BIRTH"):
        if stated := text(born, "DATE") or text(born, "YEAR"):
            yield IdentifierRecord("DOB", stated, text(born, "TYPE_OF_DATE"))
    for document in children(element, "INDIVIDUAL_DOCUMENT"):
        kind, number = text(document, "TYPE_OF_DOCUMENT"), text(document, "NUMBER")
        scheme = next((scheme for word, scheme in DOCUMENTS if word in kind.casefold()), "")
        if scheme and number:
            yield IdentifierRecord(scheme, number, f"{kind} {text(document, 'ISSUING_COUNTRY')}".strip())
