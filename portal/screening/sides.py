"""What is known of the two sides of a hit, as it is kept with a judgement and compared later."""

from typing import Any

from portal.screening.lists import identifier_value
from portal.screening.models import ListEntry
from portal.screening.parties import PartyNames


def seen(party: PartyNames, entry: ListEntry | None) -> dict[str, Any]:
    """Both sides as JSON values: what the party is known by, and what the list says of the entry."""
    return {"party": of_party(party), "listed": of_entry(entry) if entry else {}}


def of_party(party: PartyNames) -> dict[str, Any]:
    """The party's names, country (alpha-2 or "") and identifiers, in an order of their own, and how it is reached."""
    return {
        "names": sorted(set(party.names)),
        "country": party.country,
        "identifiers": sorted({(scheme.upper(), value) for scheme, value in party.identifiers if value}),
        "addresses": list(party.reached.addresses),
        "contacts": [*party.reached.phones, *party.reached.emails, *party.reached.websites],
    }


def of_entry(entry: ListEntry) -> dict[str, Any]:
    """What the list says: names, addresses, identifiers, dates, programme."""
    return {
        "edition": entry.edition.edition,
        "names": [name.name for name in entry.names],
        "program": entry.program,
        "addresses": [
            " · ".join(part for part in (address.text, address.country or address.country_name) if part)
            for address in entry.addresses
        ],
        "identifiers": [(each.scheme, each.value) for each in entry.identifiers],
        "intervals": [
            [str(each.standing), _day(each.since), _day(each.until), each.announcement] for each in entry.intervals
        ],
    }


def same_party(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two records of a party say the same, letter case and blanks in names and numbers aside."""
    return _plain(one) == _plain(other)


def share_a_name(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two records of a party have a name in common."""
    return bool({_folded(name) for name in one["names"]} & {_folded(name) for name in other["names"]})


def _plain(party: dict[str, Any]) -> tuple[set[str], str, set[tuple[str, str]]]:
    numbers = {(scheme, identifier_value(value)) for scheme, value in party["identifiers"]}
    return {_folded(name) for name in party["names"]}, party["country"], numbers


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _day(day: Any) -> str:
    return day.isoformat() if day else ""
