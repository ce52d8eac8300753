"""Everything of a shipment that is screened: the exporter, each party under all its names, and each of its owners.

Screening a shipment and screening it again when a list changes both go through ``subjects``, so that what was screened
once is also what is looked at again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.accounts.models import Organisation
from portal.screening.rescreen import PartyNames
from portal.shipments.models import Party, Shipment


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is screened: its roles in the shipment, the name it is shown by, and all it is known by.

    ``party.id`` is the organisation's id for the exporter, the party's id for a party, and ``<party id>:owner:<n>``
    for an owner of it, counted from 0.
    """

    roles: tuple[str, ...]
    name: str
    party: PartyNames


def subjects(shipment: Shipment) -> tuple[Subject, ...]:
    """All that is screened in a shipment, the exporter first, then its parties, each followed by its owners."""
    return (_exporter(shipment.organisation), *(one for party in shipment.parties for one in _with_owners(party)))


def _exporter(home: Organisation) -> Subject:
    numbers = ((home.identifier_scheme, home.identifier or ""),) if home.identifier_scheme else ()
    return Subject(
        ("exporter",), home.name, PartyNames(str(home.id), _given(home.name, home.name_en), home.country, numbers)
    )


def _with_owners(party: Party) -> Iterator[Subject]:
    numbers = tuple((scheme.upper(), value) for scheme, value in party.identifiers.items() if value)
    names = _given(party.name, party.name_native, *party.aliases)
    yield Subject(tuple(party.roles), party.name, PartyNames(str(party.id), names, party.country, numbers))
    for index, owner in enumerate(party.owners):
        known = PartyNames(f"{party.id}:owner:{index}", (owner["name"],), owner.get("country", ""))
        yield Subject(("owner",), owner["name"], known)


def _given(*names: str | None) -> tuple[str, ...]:
    return tuple(name for name in names if name)
