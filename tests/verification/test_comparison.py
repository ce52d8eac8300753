"""The fourth verdict: does the certificate match what lies before the officer?"""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.certificates.seal import MAX_CODES
from portal.verification.comparison import covers, with_match
from portal.verification.presented import Presented, PresentedRefused, read
from portal.verification.report import Report
from portal.verification.verify import verify
from tests.certificates.samples import NOW, Issued

DIGITS = st.text("0123456789", min_size=6, max_size=10)


@pytest.fixture(scope="module")
def pdf(issued: Issued) -> Report:
    return verify(issued.pdf, trust=issued.trust, status=None, now=NOW)


@pytest.fixture(scope="module")
def seal(issued: Issued) -> Report:
    return verify(issued.seal.encode(), trust=issued.trust, status=None, now=NOW)


def answers(report: Report, **typed: str) -> dict[str, str]:
    found = with_match(report, read(typed)).match
    assert found is not None
    return {"all": found.verdict.key, **{one.field: one.verdict.key for one in found.fields}}


def test_all_that_agrees_is_yes(pdf: Report, seal: Report) -> None:
    assert pdf.statement is not None
    user = pdf.statement["parties"][0]["name"]
    typed = {"hs_codes": "8112.99", "net_weight_kg": "12.5", "consignee": user, "destination": "DE"}
    expected = {"all": "matches", "hs_codes": "hs-covered", "net_weight_kg": "weight-within",
                "consignee": "consignee-named", "destination": "destination-same"}  # fmt: skip
    assert answers(pdf, **typed) == expected
    assert answers(seal, **typed) == expected


@pytest.mark.parametrize(
    ("field", "typed", "key"),
    [
        ("hs_codes", "811299, 811292", "hs-not-covered"),
        ("hs_codes", "8112992000", "hs-not-covered"),
        ("net_weight_kg", "12.5001", "weight-exceeded"),
        ("destination", "KP", "destination-other"),
        ("consignee", "Somebody Else Ltd", "consignee-other"),
    ],
)
def test_one_thing_that_differs_is_no(pdf: Report, field: str, typed: str, key: str) -> None:
    found = answers(pdf, **{"destination": "DE", field: typed})
    assert found[field] == key
    assert found["all"] == "matches-not"
    assert with_match(pdf, read({field: typed})).summary == "not_valid"


def test_what_a_certificate_cannot_know_stays_open_and_is_never_valid(pdf: Report) -> None:
    valid = replace(pdf, status=replace(pdf.status, answer="yes"))
    assert valid.summary == "valid"
    for typed in ({"container": "CSQU3054383"}, {"declaration": "310120260000000001"}):
        report = with_match(valid, read(typed))
        assert report.match is not None
        assert report.match.verdict.key == "match-open"
        assert report.summary == "could_not_tell"


def test_a_spelling_that_is_close_is_left_to_a_person(pdf: Report) -> None:
    assert pdf.statement is not None
    user = pdf.statement["parties"][0]["name"]
    assert answers(pdf, consignee=user.upper() + ".")["consignee"] == "consignee-named"
    assert answers(pdf, consignee=user[:-1] + "x")["consignee"] == "consignee-spelled-otherwise"


def test_a_seal_does_not_name_every_receiver_nor_every_code(seal: Report) -> None:
    assert answers(seal, consignee="Hamburg Warehouse GmbH")["consignee"] == "consignee-not-told"
    assert seal.essentials is not None
    full = replace(seal, essentials=replace(seal.essentials, hs_codes=tuple(f"2804{n:06}" for n in range(MAX_CODES))))
    assert answers(full, hs_codes="811292")["hs_codes"] == "hs-not-all-told"


def test_weight_counts_by_code_where_the_lines_are_known(pdf: Report) -> None:
    assert pdf.statement is not None
    assert pdf.essentials is not None
    line = pdf.statement["goods"][0]
    goods = [line, {**line, "line": 2, "hs_code": "2804619000", "net_weight_kg": "100"}]
    two = replace(
        pdf, statement={**pdf.statement, "goods": goods}, essentials=replace(pdf.essentials, net_weight_kg="112.5")
    )
    assert answers(two, net_weight_kg="50")["net_weight_kg"] == "weight-within"
    assert answers(two, hs_codes="811299", net_weight_kg="50")["net_weight_kg"] == "weight-exceeded-of-codes"


def test_a_number_alone_is_no_way_to_guess_what_the_paper_says(pdf: Report) -> None:
    presented = read({"hs_codes": "811299", "net_weight_kg": "1", "consignee": "A", "destination": "DE"})
    found = with_match(pdf, presented, paper=False).match
    assert found is not None
    keys = {one.field: one.verdict.key for one in found.fields}
    assert keys.pop("hs_codes") == "hs-covered"
    assert set(keys.values()) == {"match-needs-paper"}
    assert found.verdict.answer == "could_not_tell"


def test_nothing_is_compared_with_what_was_not_verified(issued: Issued) -> None:
    broken = verify(issued.pdf[:-40] + b" " * 40, trust=issued.trust, status=None, now=NOW)
    found = with_match(broken, read({"destination": "DE"})).match
    assert found is not None
    assert (found.verdict.key, found.fields) == ("match-not-verified", ())


def test_with_nothing_put_in_the_report_stays_the_same(pdf: Report) -> None:
    assert with_match(pdf, Presented()) is pdf


@pytest.mark.parametrize(
    "typed",
    [
        {"hs_codes": "81"},
        {"hs_codes": "8112x9"},
        {"hs_codes": "811299 " * 51},
        {"net_weight_kg": "-1"},
        {"net_weight_kg": "0"},
        {"net_weight_kg": "NaN"},
        {"net_weight_kg": "1e99"},
        {"destination": "ZZ"},
        {"container": "CSQU3054384"},
        {"consignee": "x" * 201},
    ],
)
def test_what_cannot_be_is_refused_by_field(typed: dict[str, str]) -> None:
    with pytest.raises(PresentedRefused) as refused:
        read(typed)
    assert set(refused.value.errors) == set(typed)


@given(DIGITS, DIGITS)
def test_codes_cover_each_other_or_neither(one: str, other: str) -> None:
    assert covers(one, one)
    assert covers(one, other) == covers(other, one)
    assert not covers(one[:5], one)


@given(st.decimals("0.001", "1000000", places=3), st.decimals("0.001", "1000000", places=3))
def test_less_is_never_worse_than_more(pdf: Report, one: Decimal, other: Decimal) -> None:
    ranks = [
        with_match(pdf, Presented(net_weight_kg=each)).match.verdict.answer == "yes"  # type: ignore[union-attr]
        for each in sorted((one, other))
    ]
    assert ranks[0] >= ranks[1]
