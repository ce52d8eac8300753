"""The rule language: what each operator means, that nothing makes it fail, and that bad rules are found."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.questionnaires import rules
from portal.questionnaires.rules import Reference, RuleError, Values, evaluate

CONTEXT = Values(
    answers={
        "mass": "12.50",
        "count": 3,
        "day": "2026-03-01",
        "one": "yes",
        "several": ["a", "b"],
        "not_known": {"unknown": True},
        "not_known_option": "unknown",
        "price": {"amount": "1500.00", "currency": "USD"},
        "each": {"g1": "sold", "g2": "used"},
        "each_unknown": {"g1": "sold", "g2": {"unknown": True}},
        "none": [],
        "confirmed": True,
        "code": "0810",
    },
    metas={"today": date(2026, 11, 24)},
    facts={
        "destination": "DE",
        "parties": [
            {"country": "DE", "hits": [{"score": "0.910", "binding": True}]},
            {"country": "SG", "hits": []},
        ],
        "route": ["SG", "MY"],
        "age": None,
    },
    lists={"goods": ["x", "y", "z"], "parties": []},
)


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ({"==": [{"answer": "one"}, "yes"]}, True),
        ({"==": [{"answer": "one"}, "no"]}, False),
        ({"!=": [{"answer": "one"}, "no"]}, True),
        ({"==": [{"answer": "mass"}, 12.5]}, True),
        ({"==": [{"answer": "mass"}, "12.5"]}, False),
        ({"==": [{"answer": "code"}, "810"]}, False),
        ({">": [{"answer": "mass"}, "9"]}, True),
        ({"<": [{"answer": "mass"}, Decimal("12.51")]}, True),
        ({"<=": [{"answer": "count"}, 3]}, True),
        ({"<": [{"answer": "count"}, 3]}, False),
        ({">=": [{"answer": "count"}, 3]}, True),
        ({">": [{"answer": "count"}, 3]}, False),
        ({"<": [{"answer": "day"}, "2026-11-02"]}, True),
        ({"<": [{"answer": "day"}, {"meta": "today"}]}, True),
        ({"==": [{"answer": "day"}, date(2026, 3, 1)]}, True),
        ({"<": [{"answer": "day"}, 5]}, False),
        ({"<": [{"answer": "one"}, "z"]}, False),
        ({"<": ["2026-02-30", {"answer": "day"}]}, False),
        ({"==": [{"answer": "confirmed"}, True]}, True),
        ({"==": [{"answer": "confirmed"}, 1]}, False),
        ({"==": [{"answer": "count"}, True]}, False),
        ({"in": [{"answer": "one"}, ["no", "yes"]]}, True),
        ({"in": [{"answer": "several"}, ["a", "b"]]}, False),
        ({"in": [{"fact": "destination"}, {"fact": "route"}]}, False),
        ({"any_in": [{"answer": "several"}, ["b", "c"]]}, True),
        ({"any_in": [{"answer": "several"}, ["c"]]}, False),
        ({"all_in": [{"answer": "several"}, ["a", "b", "c"]]}, True),
        ({"all_in": [{"answer": "several"}, ["a"]]}, False),
        ({"all_in": [{"answer": "none"}, ["a"]]}, False),
        ({"any_in": [{"answer": "each"}, ["sold"]]}, True),
        ({"any_in": [{"answer": "not_known"}, ["unknown"]]}, True),
        ({"unknown": {"answer": "not_known"}}, True),
        ({"unknown": {"answer": "not_known_option"}}, True),
        ({"unknown": {"answer": "each_unknown"}}, True),
        ({"unknown": {"answer": "each"}}, False),
        ({"unknown": {"answer": "gone"}}, False),
        ({"==": [{"answer": "not_known"}, "unknown"]}, True),
        ({"answered": {"answer": "not_known"}}, True),
        ({"answered": {"answer": "gone"}}, False),
        ({"==": [{"answer": "price.currency"}, "USD"]}, True),
        ({">": [{"answer": "price.amount"}, 1000]}, True),
        ({">": [{"answer": "price"}, 1000]}, False),
        ({"and": [{"answered": {"answer": "one"}}, {"not": {"answered": {"answer": "gone"}}}]}, True),
        ({"or": [{"answered": {"answer": "gone"}}, {"answered": {"answer": "one"}}]}, True),
        ({"==": [{"count": ["goods"]}, 3]}, True),
        ({"==": [{"count": ["absent"]}, 0]}, True),
        ({"==": [{"count": [{"answer": "several"}, {"answered": {"answer": "one"}}, "goods"]}, 6]}, True),
        ({"any": {"over": {"fact": "parties"}, "where": {"==": [{"item": "country"}, "SG"]}}}, True),
        ({"all": {"over": {"fact": "parties"}, "where": {"==": [{"item": "country"}, "SG"]}}}, False),
        ({"all": {"over": {"fact": "gone"}, "where": {"answered": {"item": "country"}}}}, False),
        (
            {
                "any": {
                    "over": {"fact": "parties"},
                    "where": {"any": {"over": {"item": "hits"}, "where": {">=": [{"item": "score"}, "0.9"]}}},
                }
            },
            True,
        ),
        ({"any": {"over": {"fact": "route"}, "where": {"==": [{"item": "."}, "MY"]}}}, True),
        (
            {"==": [{"count_where": {"over": {"fact": "parties"}, "where": {"answered": {"item": "country"}}}}, 2]},
            True,
        ),
        ({"any_in": [{"fact": "parties.country"}, ["SG"]]}, True),
        ({"any_in": [{"fact": "parties.hits.binding"}, [True]]}, True),
        ({"<": [{"fact": "age"}, 30]}, False),
        ({"!=": [{"fact": "age"}, 30]}, False),
        ({"not": {"<": [{"fact": "age"}, 30]}}, True),
    ],
)
def test_meaning(rule: dict[str, Any], holds: bool) -> None:
    assert rules.check(rule, kinds=("answer", "meta", "fact", "list")) == []
    assert evaluate(rule, CONTEXT) is holds


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">=", "in", "any_in", "all_in"])
@pytest.mark.parametrize("operand", [{"answer": "gone"}, {"meta": "gone"}, {"fact": "gone.deeper"}, {"fact": "age"}])
def test_comparison_with_something_missing_is_false(operator: str, operand: dict[str, str]) -> None:
    other: Any = ["a", None] if operator.endswith("in") else "a"
    assert evaluate({operator: [operand, other]}, CONTEXT) is False


@pytest.mark.parametrize(
    ("rule", "where", "what"),
    [
        ("yes", "", "exactly one operator"),
        ({"and": [], "or": []}, "", "exactly one operator"),
        ({"=": [{"answer": "a"}, 1]}, "", "'=' is not an operator"),
        ({"==": [{"answer": "a"}]}, ".==", "two operands"),
        ({"==": [1, 1]}, ".==", "two literals"),
        ({"==": [{"answer": "a"}, ["x"]]}, ".==[1]", "literal"),
        ({"in": [{"answer": "a"}, "x"]}, ".in[1]", "list of values"),
        ({"in": [{"answer": "a"}, []]}, ".in[1]", "empty"),
        ({"in": [{"answer": "a"}, [["x"]]]}, ".in[1][0]", "literal"),
        ({"and": []}, ".and", "list of rules"),
        ({"and": [{"==": [{"answer": "a"}, 1]}, {"or": [3]}]}, ".and[1].or[0]", "exactly one"),
        ({"not": {"fact": "x"}}, ".not", "'fact' is not an operator"),
        ({"==": [{"fact": "x"}, 1]}, ".==[0]", "'fact' may not be used here"),
        ({"==": [{"item": "x"}, 1]}, ".==[0]", "only under"),
        ({"==": [{"answer": 3}, 1]}, ".==[0].answer", "dotted path"),
        ({"==": [{"answers": "a"}, 1]}, ".==[0]", "not an operand"),
        ({"unknown": "a"}, ".unknown", "not a literal"),
        ({"any": {"over": {"answer": "a"}}}, ".any", "expected {over"),
        ({"any": {"over": "a", "where": {"answered": {"item": "b"}}}}, ".any.over", "reference to a list"),
        ({">": [{"count": []}, 1]}, ".>[0].count", "expected a list"),
        ({">": [{"count": ["goods"]}, 1]}, ".>[0].count[0]", "no named lists"),
    ],
)
def test_bad_rule_is_found_where_it_is(rule: Any, where: str, what: str) -> None:
    found = rules.check(rule)
    assert [problem.path for problem in found] == [where]
    assert what in found[0].message


@pytest.mark.parametrize("rule", [{}, {"=": [1, 2]}, {"==": [{"answers": "a"}, 1]}])
def test_evaluating_a_bad_rule_is_an_error_of_its_author(rule: Any) -> None:
    with pytest.raises(RuleError):
        evaluate(rule, CONTEXT)


def test_references_are_all_found() -> None:
    rule = {
        "and": [
            {"==": [{"answer": "a"}, {"meta": "m"}]},
            {"any": {"over": {"fact": "f"}, "where": {"==": [{"item": "i"}, {"answer": "b.amount"}]}}},
            {">": [{"count": ["goods", {"answer": "c"}, {"unknown": {"answer": "d"}}]}, 1]},
        ]
    }
    answers = {Reference("answer", name) for name in ("a", "b.amount", "c", "d")}
    others = {Reference("meta", "m"), Reference("fact", "f"), Reference("item", "i"), Reference("list", "goods")}
    assert rules.references(rule) == answers | others


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates().map(str),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "unknown"]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(["a", "b", "a.b", "gone"])
REFERENCE = st.builds(lambda kind, name: {kind: name}, st.sampled_from(["answer", "meta", "fact"]), NAMES)
LITERAL = st.text(max_size=5) | st.integers() | st.booleans() | st.floats() | st.dates() | st.decimals()


def _rule(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    operand = REFERENCE | st.lists(inner | REFERENCE | st.just("goods"), min_size=1, max_size=3).map(
        lambda parts: {"count": parts}
    )
    quantified = st.builds(lambda over, where: {"over": over, "where": where}, REFERENCE, inner)
    return st.one_of(
        st.builds(
            lambda op, rules: {op: rules}, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)
        ),
        inner.map(lambda rule: {"not": rule}),
        st.builds(lambda op, body: {op: body}, st.sampled_from(["any", "all"]), quantified),
        st.builds(
            lambda op, left, right: {op: [left, right]},
            st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
            operand,
            operand | LITERAL,
        ),
        st.builds(
            lambda op, left, right: {op: [left, right]},
            st.sampled_from(["in", "any_in", "all_in"]),
            REFERENCE,
            REFERENCE | st.lists(LITERAL, min_size=1, max_size=3),
        ),
    )


RULES = st.recursive(
    st.builds(lambda op, body: {op: body}, st.sampled_from(["answered", "unknown"]), REFERENCE), _rule, max_leaves=8
)
DATA = st.dictionaries(st.sampled_from(["a", "b"]), JSON)


@given(rule=RULES, answers=DATA, facts=DATA, metas=DATA)
def test_every_well_formed_rule_ends_in_true_or_false(rule: Any, answers: Any, facts: Any, metas: Any) -> None:
    assert rules.check(rule, kinds=("answer", "meta", "fact", "list")) == []
    context = Values(answers=answers, facts=facts, metas=metas, lists={"goods": [1]})
    first = evaluate(rule, context)
    assert first is evaluate(rule, context)
    assert isinstance(first, bool)


@given(
    left=st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9),
    right=st.integers(-(10**9), 10**9),
)
def test_order_of_numbers_is_that_of_decimals(left: Decimal, right: int) -> None:
    context = Values(answers={"left": format(left, "f"), "right": right})
    assert evaluate({"<": [{"answer": "left"}, {"answer": "right"}]}, context) is (left < right)
    assert evaluate({"==": [{"answer": "left"}, {"answer": "right"}]}, context) is (left == right)
