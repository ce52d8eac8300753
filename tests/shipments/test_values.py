"""What single values may look like."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.shipments import entries, values, vocabulary
from portal.shipments.values import Wrong


@pytest.mark.parametrize(
    ("check", "given_value", "expected"),
    [
        (values.hs_code, "8112.99.1000", "8112991000"),
        (values.hs_code, "811299", "811299"),
        (values.control_code, "1c117.D", "1C117.d"),
        (values.control_code, "1C902", "1C902"),
        (values.control_code, "3C901.a.1", "3C901.a.1"),
        (values.control_code, " ", ""),
        (values.country, "de", "DE"),
        (values.currency, "cny", "CNY"),
        (values.unit, "kgm", "KGM"),
        (values.decimal_number, "12.50", Decimal("12.50")),
        (values.decimal_number, 3, Decimal(3)),
        (values.imo, "IMO 9074729", "9074729"),
        (values.bic, "deutdeff", "DEUTDEFF"),
        (values.lei, "529900odi3047e2liv03", "529900ODI3047E2LIV03"),
        (values.uscc, "91530100MA6EX0GE15", None),
        (values.website, "saale-feinoptik.example", "https://saale-feinoptik.example"),
        (values.phone, "+49 3641 5550142", "+49 3641 5550142"),
        (values.incoterm, "cip", "CIP"),
        (values.plain_text, "a\u200bb", "ab"),
        (values.plain_text, "e\u0301", "é"),
    ],
)
def test_values_are_brought_to_one_spelling(check: object, given_value: object, expected: object) -> None:
    if expected is None:
        with pytest.raises(Wrong):
            check(given_value)  # type: ignore[operator]
        return
    assert check(given_value) == expected  # type: ignore[operator]


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (values.hs_code, "81129"),
        (values.hs_code, "81129910001"),
        (values.hs_code, "7712991000"),
        (values.hs_code, "0012991000"),
        (values.hs_code, "9801000000"),
        (values.hs_code, "8100000000"),
        (values.hs_code, "８１１２９９"),
        (values.control_code, "C117"),
        (values.control_code, "1F117"),
        (values.control_code, "1C117.D.E.F.G.H"),
        (values.country, "UK"),
        (values.country, "XX"),
        (values.currency, "XAU"),
        (values.currency, "EURO"),
        (values.unit, "KG"),
        (values.decimal_number, "0"),
        (values.decimal_number, "-1"),
        (values.decimal_number, "1e3"),
        (values.decimal_number, "1,000"),
        (values.decimal_number, "NaN"),
        (values.decimal_number, True),
        (values.decimal_number, "1" * 16),
        (values.decimal_number, "٣"),
        (values.calendar_day, "2026-02-30"),
        (values.calendar_day, "26-02-03"),
        (values.calendar_day, "1889-01-01"),
        (values.calendar_day, 20260101),
        (values.imo, "9074728"),
        (values.bic, "DEUT"),
        (values.lei, "529900ODI3047E2LIV04"),
        (values.phone, "call me"),
        (values.email, "nobody at home"),
        (values.website, "javascript:alert(1)"),
        (values.website, "https://user:word@host.example"),
        (values.website, "http://"),
        (values.name, "---"),
        (values.plain_text, "Acme\u202egmbh"),
        (values.plain_text, "a\x00b"),
        (values.plain_text, "two\nlines"),
        (values.incoterm, "DAT"),
        (values.role, "enduser"),
    ],
)
def test_what_cannot_be_right_is_refused_in_both_languages(check: object, wrong: object) -> None:
    with pytest.raises(Wrong) as refused:
        check(wrong)  # type: ignore[operator]
    assert refused.value.text.en.endswith(".")
    assert refused.value.text.zh.endswith("。")


@given(st.text(max_size=40))
def test_any_text_is_taken_or_refused(text: str) -> None:
    checks = (values.hs_code, values.control_code, values.website, values.email, values.phone, values.decimal_number,
              values.calendar_day, values.plain_text, values.uscc, values.bic, values.imo)  # fmt: skip
    for check in checks:
        try:
            taken = check(text)
        except Wrong:
            continue
        assert check(str(taken)) == taken, "a value once taken is taken again unchanged"


def test_every_word_has_both_languages() -> None:
    groups = (vocabulary.roles, vocabulary.modes, vocabulary.incoterms, vocabulary.document_kinds,
              vocabulary.licence_scopes, vocabulary.elements)  # fmt: skip
    for group in groups:
        assert all(text.en and text.zh for text in group().values())
    assert all(unit.name.en and unit.name.zh and unit.maximum > 0 for unit in vocabulary.units().values())


@pytest.mark.parametrize("unit", ["KGM", "GRM", "TNE", "MGM"])
def test_a_unit_of_mass_gives_the_weight(unit: str) -> None:
    goods = {"name": "x", "element": "Ge", "hs_code": "811299", "quantity": "0.5", "unit": unit, "value": "1",
             "currency": "USD", "origin": "CN"}  # fmt: skip
    found, faults = entries.read(entries.GoodsEntry, goods)
    assert not faults
    assert found is not None
    assert (
        found.weight
        == Decimal("0.5") * {"KGM": 1, "GRM": Decimal("0.001"), "TNE": 1000, "MGM": Decimal("0.000001")}[unit]
    )
