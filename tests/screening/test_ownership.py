"""The 50% rule over chains of owners: what is proved, what is possible, and that nothing unknown passes as no."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.screening.ownership import Holding, Owned, Standing, judge, rule
from portal.screening.sources import sources

HALF = Decimal(50)
Graph = tuple[list[Holding], dict[str, dict[str, Standing]]]


def held(*steps: str) -> list[Holding]:
    """Holdings written ``owner 50 owned``, or ``owner ? owned`` where the share is not known."""
    parts = [step.split() for step in steps]
    return [Holding(owner, owned, None if share == "?" else Decimal(share)) for owner, share, owned in parts]


def of(holdings: list[Holding], *listed: str, persons: tuple[str, ...] = (), possible: tuple[str, ...] = ()) -> Owned:
    on: dict[str, dict[str, Standing]] = {firm: {"cn": "listed"} for firm in listed}
    on |= {firm: {"cn": "possible"} for firm in possible}
    (found,) = judge(holdings, on, ["P"], persons)
    return found


CASES = [
    ("half of it", held("L 50 P"), ("L",), (), "owned", 50, 100),
    ("a hair below half, the rest named", held("L 49.99999999 P", "M 50.00000001 P"), ("L",), ("M",), "minority", 0, 0),
    ("a hair below half, the rest unnamed", held("L 49.99999999 P"), ("L",), (), "unknown", 0, 100),
    ("two that add up", held("L 25 P", "K 25 P"), ("L", "K"), (), "owned", 50, 100),
    ("owned by one that is owned", held("L 50 A", "A 50 P"), ("L",), (), "owned", 50, 100),
    ("in proportion, below", held("L 49 A", "A 100 P", "M 51 A"), ("L",), ("M",), "minority", 49, 49),
    ("in proportion and directly", held("L 49 A", "M 51 A", "A 60 P", "L 25 P"), ("L",), ("M",), "owned", 54.4, 69.4),
    ("share not known", held("L ? P"), ("L",), (), "unknown", 0, 100),
    ("owner's owners not named", held("L 10 P", "A 90 P"), ("L",), (), "unknown", 10, 100),
    ("all others persons", held("L 10 P", "M 90 P"), ("L",), ("M",), "minority", 10, 10),
    ("by itself", held("P 60 A", "A 60 P", "L 10 P"), ("L",), (), "unknown", 15.625, 100),
]


@pytest.mark.parametrize(("name", "holdings", "listed", "persons", "verdict", "least", "most"), CASES, ids=lambda v: "")
def test_worked_examples(
    name: str, holdings: list[Holding], listed: tuple[str, ...], persons: tuple[str, ...], verdict: str,
    least: float, most: float,
) -> None:  # fmt: skip
    found = of(holdings, *listed, persons=persons)
    assert found.verdict == verdict, name
    if least:
        assert abs(float(found.least) - least) < 1e-6, name
        assert abs(float(found.most) - most) < 1e-6, name


def test_one_that_may_be_listed_is_possible_and_not_proved() -> None:
    found = of(held("L 60 P", "M 40 P"), possible=("L",), persons=("M",))
    assert (found.verdict, found.least, found.most) == ("unknown", 0, 60)
    assert found.chains[0].standing == "possible"


def test_the_chain_is_told_from_the_listed_owner_down() -> None:
    found = of(held("L 60 A", "A 70 B", "B ? P", "L 5 P"), "L")
    assert [(chain.firms, chain.shares) for chain in found.chains] == [
        (("L", "A", "B", "P"), (Decimal(60), Decimal(70), None)),
        (("L", "P"), (Decimal(5),)),
    ]


def test_a_party_that_is_listed_itself_is_not_its_own_owner() -> None:
    assert judge(held("A 60 P"), {"P": {"cn": "listed"}}, ["P"]) == ()


def test_owners_in_a_circle_come_to_an_end_and_are_not_known() -> None:
    round_about = held("A 99 B", "B 99 A", "B 100 P", "L 1 A")
    assert of(round_about, "L").verdict in ("owned", "unknown")
    assert of(held("A 100 B", "B 100 A", "B 60 P", "L 10 P", "M 30 P"), "L", persons=("M",)).verdict == "unknown"


def test_holdings_of_different_lists_are_not_added_up() -> None:
    found = judge(held("L 30 P", "K 30 P", "M 40 P"), {"L": {"cn": "listed"}, "K": {"un": "listed"}}, ["P"], ["M"])
    assert [(one.list, one.verdict, one.least) for one in found] == [("cn", "unknown", 30), ("un", "unknown", 30)]


def test_every_list_has_a_rule_with_source_and_mark() -> None:
    for source in [*sources(), "a list that is not known"]:
        bound = rule(source)
        assert bound.percent == HALF
        assert bound.mark in ("V", "V2", "M", "I")
        assert bound.text.en
        assert bound.text.zh


FIRMS = ["P", "A", "B", "C", "D", "E"]
shares = st.one_of(st.none(), st.decimals(min_value="0.01", max_value=100, places=2))
holding = st.builds(Holding, st.sampled_from(FIRMS[1:]), st.sampled_from(FIRMS), shares)
graphs = st.tuples(
    st.lists(holding, max_size=10),
    st.dictionaries(st.sampled_from(FIRMS), st.just({"cn": "listed"}) | st.just({"cn": "possible"}), max_size=3),
)
RANK = {"minority": 0, "unknown": 1, "owned": 2}


@given(graphs, st.randoms())
def test_the_order_of_the_facts_does_not_count(graph: Graph, chance: random.Random) -> None:
    holdings, listed = graph
    mixed = chance.sample(holdings, len(holdings))
    turned = dict(chance.sample(list(listed.items()), len(listed)))
    assert judge(mixed, turned, FIRMS[::-1]) == judge(holdings, listed, FIRMS)


@given(graphs, st.sampled_from(FIRMS[1:]), st.sampled_from(["listed", "possible"]))
def test_one_more_listed_owner_never_lowers_anything(graph: Graph, firm: str, standing: Standing) -> None:
    holdings, listed = graph
    before = {one.party: one for one in judge(holdings, listed, FIRMS)}
    if listed.get(firm) == {"cn": "listed"}:
        return
    after = {one.party: one for one in judge(holdings, listed | {firm: {"cn": standing}}, FIRMS)}
    for party, one in before.items():
        assert after[party].least >= one.least
        assert after[party].most >= one.most
        assert RANK[after[party].verdict] >= RANK[one.verdict]


@given(graphs, st.sampled_from(FIRMS), shares)
def test_one_more_holding_of_a_listed_party_never_lowers_what_is_proved(
    graph: Graph, owned: str, share: Decimal | None
) -> None:
    holdings, listed = graph
    on: dict[str, dict[str, Standing]] = {**listed, "new": {"cn": "listed"}}
    before = {one.party: one for one in judge(holdings, on, FIRMS)}
    after = {one.party: one for one in judge([*holdings, Holding("new", owned, share)], on, FIRMS)}
    for party, one in before.items():
        assert after[party].least >= one.least


@given(graphs)
def test_what_is_possible_is_never_less_than_what_is_proved(graph: Graph) -> None:
    for one in judge(*graph, FIRMS):
        assert 0 <= one.least <= one.most <= 100
        assert (one.verdict == "owned") == (one.least >= HALF)
        assert one.verdict != "minority" or one.most < HALF
