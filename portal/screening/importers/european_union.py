"""The European Union's consolidated financial sanctions list, XML 1.1 (webgate.ec.europa.eu/fsd/fsf).

Binds persons within the Union; to the exporter it only informs.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from portal.screening.importers.markup import Element, attribute, child, children, pieces, text
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

ROOT, ENTITY = "export", "sanctionEntity"
KINDS = {"P": "person", "E": "organisation", "person": "person", "enterprise": "organisation"}
SCHEMES = {
    "passport": "PASSPORT", "id": "NATIONAL-ID", "ssn": "NATIONAL-ID", "regnumber": "REGISTRATION",
    "tradelic": "REGISTRATION", "fiscalcode": "TAX-ID", "imo": "IMO", "swiftbic": "BIC", "lei": "LEI",
}  # fmt: skip
CONTACTS = (("mail", "EMAIL"), ("web", "WEBSITE"), ("phone", "PHONE"), ("fax", "PHONE"))
SEVERAL = re.compile(r"[,;]")
UNKNOWN_COUNTRY = "00"


def files(path: Path) -> tuple[Path, ...]:
    """One file is one edition."""
    return (path,)


def edition(path: Path) -> EditionRecord:
    """The day on which the list was generated."""
    generated = attribute(next(pieces(path, ROOT, ())), "generationDate")
    try:
        return EditionRecord(generated, date.fromisoformat(generated[:10]))
    except ValueError as error:
        raise ListRefused("date_of_file", path.name, name="generationDate", value=generated) from error


def entries(path: Path) -> Iterator[EntryRecord]:
    """Persons and enterprises with all their names."""
    with Scratch() as known:
        for element in pieces(path, ROOT, (ENTITY,)):
            if element.tag.endswith(ENTITY):
                uid = attribute(element, "logicalId")
                if not uid or not known.first(uid):
                    raise ListRefused("own_number", path.name, uid=uid)
                yield _entry(element, uid, path)


def _entry(element: Element, uid: str, path: Path) -> EntryRecord:
    names = tuple(dict.fromkeys(_names(element)))
    if not names:
        raise ListRefused("entry_no_name", path.name, uid=uid)
    subject = child(element, "subjectType")
    code = (attribute(subject, "classificationCode") or attribute(subject, "code")) if subject is not None else ""
    programs = dict.fromkeys(attribute(rule, "programme") for rule in children(element, "regulation"))
    return EntryRecord(
        uid=uid,
        kind=KINDS.get(code, "organisation"),
        program=", ".join([*filter(None, programs), attribute(element, "euReferenceNumber")]).strip(", "),
        effect=Effect.INFORMS,
        names=names,
        intervals=(IntervalRecord(Standing.LISTED),),
        addresses=tuple(dict.fromkeys(_addresses(element))),
        identifiers=tuple(dict.fromkeys(_identifiers(element))),
        note=" ".join(filter(None, (text(remark) for remark in children(element, "remark")))),
    )


def _names(element: Element) -> Iterator[NameRecord]:
    for at, alias in enumerate(children(element, "nameAlias")):
        parts = (attribute(alias, part) for part in ("firstName", "middleName", "lastName"))
        name = attribute(alias, "wholeName") or " ".join(filter(None, parts))
        if name:
            yield NameRecord(name, "alias" if at else "primary")


def _addresses(element: Element) -> Iterator[AddressRecord]:
    for kind in ("address", "citizenship"):
        for address in children(element, kind):
            line = ", ".join(
                filter(None, (attribute(address, part) for part in ("street", "poBox", "city", "zipCode")))
            )
            code = attribute(address, "countryIso2Code").upper()
            country = "" if code == UNKNOWN_COUNTRY else code
            if line or country:
                yield AddressRecord(line, country, attribute(address, "countryDescription"))


def _identifiers(element: Element) -> Iterator[IdentifierRecord]:
    for born in children(element, "birthdate"):
        if stated := attribute(born, "birthdate") or attribute(born, "year"):
            yield IdentifierRecord("DOB", stated)
    for document in children(element, "identification"):
        scheme = SCHEMES.get(attribute(document, "identificationTypeCode").casefold(), "")
        number = attribute(document, "number") or attribute(document, "latinNumber")
        if scheme and number:
            yield IdentifierRecord(scheme, number, attribute(document, "identificationTypeDescription"))
    for address in children(element, "address"):
        for contact in children(address, "contactInfo"):
            key = attribute(contact, "key")
            scheme = next((scheme for word, scheme in CONTACTS if word in key.casefold()), "")
            for value in SEVERAL.split(attribute(contact, "value")):
                if scheme and value.strip():
                    yield IdentifierRecord(scheme, value.strip(), key)
