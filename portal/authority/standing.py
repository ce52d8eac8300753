"""What the endorsements of a certificate come to: what is left of each line, and which of them something is wrong with.

A pure function of the endorsements, whatever the order in which they came in: ports without a network send theirs late,
and send them again. Adding one never makes more left, and never takes an alarm away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from portal.authority.endorsement_models import AlarmKind, Endorsement
from portal.certificates.models import CertificateEvent
from portal.certificates.status import end_of_term

NOTHING: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of goods: what was certified and what is left of it, never below nothing, in ``unit``."""

    number: int
    name: str
    name_zh: str
    unit: str
    total: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with ``endorsement``, and the other side of it: the endorsements that it contradicts."""

    endorsement: Endorsement
    kind: AlarmKind
    others: tuple[Endorsement, ...]


def lines(
    statement: Mapping[str, Any], endorsements: Iterable[Endorsement], carried: Mapping[str, Decimal] = NOTHING
) -> tuple[Line, ...]:
    """The goods of a statement with what is left of them, after what was ``carried`` over from an older revision."""
    now = used(endorsements, carried)
    return tuple(_line(goods, now.get(str(goods["line"]), Decimal(0))) for goods in statement["goods"])


def used(endorsements: Iterable[Endorsement], carried: Mapping[str, Decimal] = NOTHING) -> dict[str, Decimal]:
    """How much of each line was presented, by the number of the line, on top of what was ``carried`` over."""
    return _used(_counting(endorsements), carried)


def used_up(of: Iterable[Line]) -> bool:
    """Whether nothing is left of any line."""
    return all(line.left == 0 for line in of)


def findings(
    statement: Mapping[str, Any],
    endorsements: Iterable[Endorsement],
    events: Sequence[CertificateEvent],
    last_day: Any,
    carried: Mapping[str, Decimal] = NOTHING,
) -> list[Finding]:
    """Everything that is wrong, by the order of the moments at the ports."""
    ordered = _counting(endorsements)
    totals = {str(goods["line"]): Decimal(goods["quantity"]["value"]) for goods in statement["goods"]}
    found = []
    for at, one in enumerate(ordered):
        before = ordered[:at]
        altered = tuple(each for each in before if each.reference == one.reference)
        if altered:
            found.append(Finding(one, AlarmKind.ALTERED, altered))
        others = tuple(each for each in before if each.reference != one.reference)
        same = tuple(each for each in others if each.declaration == one.declaration)
        if same:
            found.append(Finding(one, AlarmKind.SAME_DECLARATION, same))
        spent = _used(others, carried)
        over = [line for line, value in one.quantities.items() if spent.get(line, 0) + Decimal(value) > totals[line]]
        if over:
            sharing = tuple(each for each in others if not set(over).isdisjoint(each.quantities))
            found.append(Finding(one, AlarmKind.EXCESS, sharing))
        if not _in_force(events, last_day, one.at):
            found.append(Finding(one, AlarmKind.NOT_IN_FORCE, ()))
    return found


def _counting(endorsements: Iterable[Endorsement]) -> list[Endorsement]:
    counting = (one for one in endorsements if one.withdrawn_at is None)
    return sorted(counting, key=lambda one: (one.at, str(one.reference), one.digest))


def _used(endorsements: Iterable[Endorsement], carried: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """How much of each line; of one reference with two contents the larger counts, until somebody has ruled."""
    largest: dict[tuple[str, str], Decimal] = {}
    for one in endorsements:
        for line, value in one.quantities.items():
            key = (str(one.reference), line)
            largest[key] = max(largest.get(key, Decimal(0)), Decimal(value))
    spent = dict(carried)
    for (_, line), quantity in largest.items():
        spent[line] = spent.get(line, Decimal(0)) + quantity
    return spent


def _line(goods: Mapping[str, Any], used: Decimal) -> Line:
    total = Decimal(goods["quantity"]["value"])
    left = max(total - used, Decimal(0))
    return Line(goods["line"], goods["name"], goods["name_zh"], goods["quantity"]["unit"], total, left)


def _in_force(events: Sequence[CertificateEvent], last_day: Any, at: datetime) -> bool:
    """Whether the certificate was in force at a moment. That it was used up tells nothing: it follows from these."""
    # Ports write whole seconds: a change within the second counts as before it.
    before = [event.state for event in events if event.at.replace(microsecond=0) <= at and event.state != "used_up"]
    return at < end_of_term(last_day) and (not before or before[-1] == "valid")
