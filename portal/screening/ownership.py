"""How much of a firm listed parties own, over chains of owners, each list's holdings added up: the "50% rule".

A firm of which the parties of a list hold the rule's share counts as wholly theirs in what it owns in turn, as
OFAC's rule has it; below that share, what they hold is passed on in proportion. Both readings together are at least
as strict as either. What is not known never counts as harmless: a share that is not given, or owners that are not
named, could all belong to a listed party, so there is a least share, which is proved, and a most, which is possible.

Shares are counted in whole parts of ten thousand million, so that no order of adding up changes the result. The least
share is rounded down, the most is rounded up.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from portal.text import Text

RULES = Path(__file__).with_name("data") / "ownership.yaml"
Verdict = Literal["owned", "minority", "unknown"]
Standing = Literal["listed", "possible"]
WHOLE = 10**10  # all of a firm, in the parts that are counted in
PERCENT = WHOLE // 100
ROUNDS = 5000  # owners that own each other come nearer to the result with every round
MOST_CHAINS, LONGEST_CHAIN, MOST_WAYS = 20, 16, 1000  # that are told of; all count


@dataclass(frozen=True, slots=True)
class Holding:
    """``owner`` holds ``percent`` (above 0, at most 100) of ``owned``; ``None`` where the share is not known."""

    owner: str
    owned: str
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Rule:
    """From which share in per cent on a party counts as owned by a list's parties; what is said of it, how sure."""

    percent: Decimal
    text: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Chain:
    """How a listed owner comes to hold a party: the firms from that owner down to the party, with each step's share."""

    firms: tuple[str, ...]
    shares: tuple[Decimal | None, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Owned:
    """What the parties of one list own of ``party``: proved ``least`` and possible ``most``, in per cent.

    ``verdict`` is "owned" from the rule's share on, "minority" where even the most that is possible lies below it, and
    "unknown" else. ``chains`` come in the order of their firms, the shortest twenty or so.
    """

    party: str
    list: str
    verdict: Verdict
    least: Decimal
    most: Decimal
    rule: Rule
    chains: tuple[Chain, ...]


def rule(source: str) -> Rule:
    """The rule that holds for a list."""
    given = _rules()
    return given.get(source, given[""])


@cache
def _rules() -> Mapping[str, Rule]:
    data: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    rows = {"": data["default"], **data["lists"]}
    return {name: Rule(Decimal(row["percent"]), Text.read(row["rule"]), row["mark"]) for name, row in rows.items()}


def judge(
    holdings: Iterable[Holding],
    listed: Mapping[str, Mapping[str, Standing]],
    parties: Iterable[str],
    persons: Collection[str] = (),
) -> tuple[Owned, ...]:
    """For each party, and each list that has one of its owners, what that list's parties own of it.

    ``listed`` says of a firm on which lists it is, "possible" where nobody has decided yet; ``persons`` are known to be
    natural persons, whom nobody owns. A party's own listing is no ownership of it.
    """
    above = _above(holdings)
    found = []
    for party in sorted(set(parties)):
        owners = _all_owners(party, above)
        for source in sorted({source for owner in owners for source in listed.get(owner, ())}):
            here = {firm: on[source] for firm, on in listed.items() if source in on and firm != party}
            bound = rule(source)
            graph = _Graph((party, *sorted(owners)), above, here, persons, int(bound.percent * PERCENT))
            found.append(_owned(party, source, bound, graph))
    return tuple(found)


def _above(holdings: Iterable[Holding]) -> dict[str, tuple[Holding, ...]]:
    """The holdings in each firm. The same owner told of twice counts once, with the larger share."""
    best: dict[tuple[str, str], Holding] = {}
    for holding in holdings:
        if holding.owner == holding.owned:
            continue
        key = (holding.owned, holding.owner)
        other = best.get(key)
        if other is None or (holding.percent or Decimal(0)) > (other.percent or Decimal(0)):
            best[key] = holding
    above: dict[str, list[Holding]] = defaultdict(list)
    for key in sorted(best):
        above[key[0]].append(best[key])
    return {firm: tuple(some) for firm, some in above.items()}


def _all_owners(party: str, above: Mapping[str, tuple[Holding, ...]]) -> set[str]:
    found: set[str] = set()
    left = [party]
    while left:
        for holding in above.get(left.pop(), ()):
            if holding.owner not in found and holding.owner != party:
                found.add(holding.owner)
                left.append(holding.owner)
    return found


@dataclass(frozen=True, slots=True)
class _Graph:
    """What is known for one list: who holds what, who is listed, from which share on a firm counts as owned."""

    firms: tuple[str, ...]
    above: Mapping[str, tuple[Holding, ...]]
    listed: Mapping[str, Standing]
    persons: Collection[str]
    threshold: int

    def settled(self, *, possible: bool) -> dict[str, int]:
        """The parts of each firm that are held for the list's parties: those proved, or all that are possible.

        What is proved grows from nothing and what is possible shrinks from everything, round by round, until nothing
        changes. Owners in a circle need many rounds, all others as many as the chain is long.
        """
        held = dict.fromkeys(self.firms, WHOLE if possible else 0)
        for _ in range(ROUNDS):
            passed = {firm: WHOLE if parts >= self.threshold else parts for firm, parts in held.items()}
            after = {firm: self._most(firm, passed) if possible else self._least(firm, passed) for firm in self.firms}
            if after == held:
                break
            held = after
        return held

    def _least(self, firm: str, passed: Mapping[str, int]) -> int:
        if self.listed.get(firm) == "listed":
            return WHOLE
        known = (passed[one.owner] * _parts(one.percent) // WHOLE for one in self.above.get(firm, ()) if one.percent)
        return min(sum(known), WHOLE)

    def _most(self, firm: str, passed: Mapping[str, int]) -> int:
        if firm in self.listed:
            return WHOLE
        if firm in self.persons:
            return 0
        known = [(passed[one.owner], _parts(one.percent)) for one in self.above.get(firm, ()) if one.percent]
        unknown = max(0, WHOLE - sum(parts for _, parts in known))
        return min(sum(-(-share * parts // WHOLE) for share, parts in known) + unknown, WHOLE)


def _owned(party: str, source: str, bound: Rule, graph: _Graph) -> Owned:
    least, most = (graph.settled(possible=possible)[party] for possible in (False, True))
    verdict: Verdict = "unknown"
    if least >= graph.threshold:
        verdict = "owned"
    elif most < graph.threshold:
        verdict = "minority"
    chains = tuple(sorted(_chains(party, graph), key=lambda chain: chain.firms))
    return Owned(party, source, verdict, _percent(least), _percent(most), bound, chains)


def _chains(party: str, graph: _Graph) -> Iterator[Chain]:
    """The ways from listed owners down to the party, each firm at most once in a way; the first so many of them."""
    found = 0
    ways: list[tuple[tuple[str, ...], tuple[Decimal | None, ...]]] = [((party,), ())]
    while ways and found < MOST_CHAINS:
        firms, shares = ways.pop(0)
        for one in graph.above.get(firms[0], ()):
            if one.owner in firms:
                continue
            longer = ((one.owner, *firms), (one.percent, *shares))
            if standing := graph.listed.get(one.owner):
                found += 1
                yield Chain(*longer, standing)
            elif len(firms) < LONGEST_CHAIN and len(ways) < MOST_WAYS:
                ways.append(longer)


def _parts(percent: Decimal | None) -> int:
    return int((percent or Decimal(0)) * PERCENT)


def _percent(parts: int) -> Decimal:
    return (Decimal(parts) / PERCENT).normalize() + 0
