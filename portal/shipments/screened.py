"""Everything of a shipment that is screened: the exporter, each party under all its names, its owners and its ship.

Screening a shipment and screening it again when a list changes both go through ``subjects``, so that what was screened
once is also what is looked at again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.accounts.models import Organisation
from portal.screening.particulars import Particulars
from portal.screening.parties import PartyNames
from portal.shipments.models import Party, Shipment


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is screened: its roles in the shipment, the name it is shown by, and all it is known by.

    ``party.id`` is the organisation's id for the exporter, the party's id for a party, ``<party id>:owner:<n>`` for an
    owner of it, counted from 0, ``<party id>:owner:<n>.<m>`` for an owner of that owner, and ``<party id>:vessel`` for
    its ship.
    """

    roles: tuple[str, ...]
    name: str
    party: PartyNames


def subjects(shipment: Shipment) -> tuple[Subject, ...]:
    """All that is screened in a shipment: the exporter, then each party, followed by its owners and its ship."""
    return (_exporter(shipment.organisation), *(one for party in shipment.parties for one in _all_of(party)))


def owner_id(party: Party, place: Iterable[int]) -> str:
    """The id of an owner, by its places in the chain from the party upwards."""
    return f"{party.id}:owner:{'.'.join(map(str, place))}"


def chain(
    owners: Iterable[Mapping[str, Any]], below: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], Mapping[str, Any]]]:
    """Each owner with its places in the chain, before those who own it."""
    for index, owner in enumerate(owners):
        yield (*below, index), owner
        yield from chain(owner.get("owners", ()), (*below, index))


def _exporter(home: Organisation) -> Subject:
    numbers = ((home.identifier_scheme, home.identifier or ""),) if home.identifier_scheme else ()
    reached = Particulars(_given(home.address))
    known = PartyNames(str(home.id), _given(home.name, home.name_en), home.country, numbers, reached)
    return Subject(("exporter",), home.name, known)


def _all_of(party: Party) -> Iterator[Subject]:
    numbers = tuple((scheme.upper(), value) for scheme, value in party.identifiers.items() if value)
    names = _given(party.name, party.name_native, *party.aliases, *party.former_names)
    reached = Particulars(_given(party.address), _given(party.phone), _given(party.email), _given(party.website))
    yield Subject(tuple(party.roles), party.name, PartyNames(str(party.id), names, party.country, numbers, reached))
    for place, owner in chain(party.owners):
        yield Subject(("owner",), owner["name"], _owner(owner_id(party, place), owner))
    if party.vessel or party.vessel_imo:
        numbers = (("IMO", party.vessel_imo),) if party.vessel_imo else ()
        name = party.vessel or f"IMO {party.vessel_imo}"
        yield Subject(("vessel",), name, PartyNames(f"{party.id}:vessel", _given(party.vessel), "", numbers))


def _owner(identity: str, owner: Mapping[str, Any]) -> PartyNames:
    number = owner.get("identifier")
    return PartyNames(
        identity,
        _given(owner["name"], owner.get("name_native"), *owner.get("aliases", ())),
        owner.get("country", ""),
        ((number["scheme"].upper(), number["value"]),) if number else (),
    )


def _given(*names: str | None) -> tuple[str, ...]:
    return tuple(name for name in names if name)
