"""OFAC's advanced XML (``sdn_advanced.xml``, ``cons_advanced.xml``; United Nations sanctions schema 1.0).

An entry has the same number as in the legacy files, so that the two formats make the same list. The file is gone
through twice: programmes stand after the parties, and parties refer to places and documents by number.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from portal.screening.importers.markup import Element, attribute, child, children, local, pieces, text
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

ROOT, PARTY = "Sanctions", "DistinctParty"
TABLES = (
    "AliasTypeValues", "CountryValues", "LocPartTypeValues", "PartyTypeValues", "PartySubTypeValues",
    "IDRegDocTypeValues", "FeatureTypeValues", "SanctionsTypeValues", "ScriptValues",
)  # fmt: skip
KINDS = {"Individual": "person", "Entity": "organisation", "Vessel": "vessel", "Aircraft": "aircraft"}
SCHEMES = (
    ("vessel registration", "IMO"),
    ("passport", "PASSPORT"), ("national id", "NATIONAL-ID"), ("identification number", "NATIONAL-ID"),
    ("tax id", "TAX-ID"), ("unified social credit", "USCC"), ("legal entity number", "LEI"), ("lei", "LEI"),
    ("swift/bic", "BIC"), ("registration", "REGISTRATION"), ("company number", "REGISTRATION"),
    ("mmsi", "MMSI"),
)  # fmt: skip
PROGRAM, BIRTH = "Program", "Birthdate"
PLACE, DOCUMENT = "Location", "IDRegDocument"
CONTACTS = (("email", "EMAIL"), ("website", "WEBSITE"), ("phone", "PHONE"), ("fax", "PHONE"))
LATIN = ("Latin", "")


@dataclass(slots=True)
class Tables:
    """What parties refer to by number: the words of each table; places, documents and programmes in ``known``."""

    known: Scratch
    words: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    codes: dict[str, str] = field(default_factory=dict)
    party_types: dict[str, str] = field(default_factory=dict)


def files(path: Path) -> tuple[Path, ...]:
    """One file is one edition."""
    return (path,)


def edition(path: Path) -> EditionRecord:
    """The day of issue."""
    for element in pieces(path, ROOT, ("DateOfIssue",)):
        if local(element) == "DateOfIssue":
            day = _day(element)
            try:
                return EditionRecord(day, date.fromisoformat(day))
            except ValueError as error:
                raise ListRefused("issue_day", path.name, value=day) from error
    raise ListRefused("no_issue_day", path.name)


def entries(path: Path) -> Iterator[EntryRecord]:
    """Parties with their names in every script, places, documents and programmes."""
    with Scratch() as known:
        tables = _tables(path, known)
        for element in pieces(path, ROOT, (PARTY,)):
            if local(element) == PARTY:
                uid = attribute(element, "FixedRef")
                if not uid or not known.first(uid):
                    raise ListRefused("own_number", path.name, uid=uid)
                yield _entry(element, uid, tables, path)
        if stranger := known.stranger(PROGRAM):
            raise ListRefused("stranger_within", path.name, uid=stranger)


def _tables(path: Path, known: Scratch) -> Tables:
    tables = Tables(known)
    for element in pieces(path, ROOT, (*TABLES, "Location", "IDRegDocument", "SanctionsEntry")):
        name = local(element)
        if name in TABLES:
            _read_table(element, name, tables)
        elif name == "Location":
            place = _place(element, tables)
            known.put(PLACE, attribute(element, "ID"), place.text, place.country, place.country_name)
        elif name == "IDRegDocument":
            kind = tables.words["IDRegDocTypeValues"].get(attribute(element, "IDRegDocTypeID"), "")
            scheme = next((scheme for word, scheme in SCHEMES if word in kind.casefold()), "")
            if scheme and (number := text(element, "IDRegistrationNo")):
                known.put(DOCUMENT, attribute(element, "IdentityID"), scheme, number.removeprefix("IMO "), kind)
        elif name == "SanctionsEntry":
            for measure in children(element, "SanctionsMeasure"):
                kind = tables.words["SanctionsTypeValues"].get(attribute(measure, "SanctionsTypeID"), "")
                if kind == PROGRAM and (program := text(measure, "Comment")):
                    known.put(PROGRAM, attribute(element, "ProfileID"), program)
    return tables


def _read_table(element: Element, name: str, tables: Tables) -> None:
    for value in element:
        number = attribute(value, "ID")
        tables.words[name][number] = text(value)
        if name == "CountryValues":
            tables.codes[number] = attribute(value, "ISO2")
        if name == "PartySubTypeValues":
            tables.party_types[number] = attribute(value, "PartyTypeID")


def _place(element: Element, tables: Tables) -> AddressRecord:
    found = child(element, "LocationCountry")
    number = attribute(found, "CountryID") if found is not None else ""
    parts = []
    for part in children(element, "LocationPart"):
        values = list(children(part, "LocationPartValue"))
        chosen = next((one for one in values if attribute(one, "Primary") == "true"), values[0] if values else None)
        parts.append(text(chosen, "Value"))
    country = tables.words["CountryValues"].get(number, "")
    return AddressRecord(", ".join(filter(None, parts)), tables.codes.get(number, ""), country)


def _entry(element: Element, uid: str, tables: Tables, path: Path) -> EntryRecord:
    profile = child(element, "Profile")
    names = tuple(dict.fromkeys(_names(profile, tables))) if profile is not None else ()
    if profile is None or not names:
        raise ListRefused("entry_no_name", path.name, uid=uid)
    kind = attribute(profile, "PartySubTypeID")
    words = (tables.words["PartySubTypeValues"].get(kind, ""), tables.words["PartyTypeValues"].get(
        tables.party_types.get(kind, ""), ""
    ))  # fmt: skip
    return EntryRecord(
        uid=uid,
        kind=next((KINDS[word] for word in words if word in KINDS), "organisation"),
        program=", ".join(dict.fromkeys(found for (found,) in tables.known.get(PROGRAM, attribute(profile, "ID")))),
        effect=Effect.INFORMS,
        names=names,
        intervals=(IntervalRecord(Standing.LISTED),),
        addresses=tuple(dict.fromkeys(_addresses(profile, tables))),
        identifiers=tuple(dict.fromkeys(_identifiers(profile, tables))),
        note=text(element, "Comment"),
    )


def _names(profile: Element, tables: Tables) -> Iterator[NameRecord]:
    """The primary name first, as the legacy files have it; names of other scripts are native."""
    found: list[tuple[bool, NameRecord]] = []
    for identity in children(profile, "Identity"):
        for alias in children(identity, "Alias"):
            kind = tables.words["AliasTypeValues"].get(attribute(alias, "AliasTypeID"), "")
            primary = attribute(alias, "Primary") == "true"
            for document in children(alias, "DocumentedName"):
                parts = [value for part in children(document, "DocumentedNamePart") for value in part]
                name = " ".join(filter(None, map(text, parts)))
                script = tables.words["ScriptValues"].get(attribute(parts[0], "ScriptID"), "") if parts else ""
                if name:
                    found.append((primary and script in LATIN, NameRecord(name, _kind(kind, script, primary=primary))))
    yield from (name for _, name in sorted(found, key=lambda pair: not pair[0]))


def _kind(kind: str, script: str, *, primary: bool) -> NameKind:
    if script not in LATIN:
        return "native"
    if primary:
        return "primary"
    return "former" if kind.startswith("F") else "alias"


def _addresses(profile: Element, tables: Tables) -> Iterator[AddressRecord]:
    for feature in children(profile, "Feature"):
        for version in children(feature, "FeatureVersion"):
            for place in children(version, "VersionLocation"):
                for found in tables.known.get(PLACE, attribute(place, "LocationID"))[-1:]:
                    if found[0] or found[1]:
                        yield AddressRecord(*found)


def _identifiers(profile: Element, tables: Tables) -> Iterator[IdentifierRecord]:
    for identity in children(profile, "Identity"):
        known = tables.known.get(DOCUMENT, attribute(identity, "ID"))
        yield from (IdentifierRecord(*fields) for fields in known)
    for feature in children(profile, "Feature"):
        kind = tables.words["FeatureTypeValues"].get(attribute(feature, "FeatureTypeID"), "")
        scheme = next((scheme for word, scheme in CONTACTS if word in kind.casefold()), "")
        for version in children(feature, "FeatureVersion") if scheme else ():
            if value := text(version, "VersionDetail"):
                yield IdentifierRecord(scheme, value, kind)
        for version in children(feature, "FeatureVersion") if kind == BIRTH else ():
            for period in children(version, "DatePeriod"):
                start = child(period, "Start")
                if start is not None and (begun := child(start, "From")) is not None:
                    yield IdentifierRecord("DOB", _day(begun))


def _day(element: Element) -> str:
    parts = (text(element, "Year").zfill(4), text(element, "Month").zfill(2), text(element, "Day").zfill(2))
    return "-".join(parts)
