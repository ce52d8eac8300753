"""Every type of answer: what it takes, what it says of what it does not take, and that nothing makes it fail."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from portal.questionnaires import fields
from portal.questionnaires.fields import Asking, Typed, Wrong
from portal.questionnaires.fields.money import currencies
from portal.questionnaires.fields.numbers import plain
from portal.questionnaires.model import Questionnaire

Tiny = Callable[[str], Questionnaire]
TODAY = date(2026, 11, 24)
HUGE = "长" * 10_000_000
ALL = (
    "a_radio",
    "a_checkboxes",
    "a_select",
    "a_text",
    "a_textarea",
    "an_integer",
    "a_decimal",
    "a_money",
    "a_date",
    "a_country",
    "a_declaration",
)


def _asking(tiny: Tiny, name: str) -> Asking:
    question = tiny("types").question(name)
    assert question is not None
    return Asking(question, "en", TODAY)


def _day(day: str, month: str, year: str) -> Typed:
    return {"day": [day], "month": [month], "year": [year]}


def _money(amount: str, currency: str) -> Typed:
    return {"amount": [amount], "currency": [currency]}


UNKNOWN: Typed = {"unknown": ["y"]}


@pytest.mark.parametrize(
    ("name", "typed", "value", "english", "chinese"),
    [
        ("a_radio", {"": ["yes"]}, "yes", "Yes", "是"),
        ("a_radio", {"": ["unknown"]}, "unknown", "I don’t know", "不清楚"),
        ("a_checkboxes", {"": ["two", "one", "two"]}, ["one", "two"], "One; Two", "一；二"),
        ("a_checkboxes", {"": ["none"]}, ["none"], "None of these", "以上均无"),
        ("a_checkboxes", {"": ["unknown"]}, {"unknown": True}, "I don’t know", "不清楚"),
        ("a_select", {"": ["y"]}, "y", "The y", "乙"),
        ("a_text", {"": ["  Lens\u3000 blank\n "]}, "Lens blank", "Lens blank", "Lens blank"),
        ("a_text", {"": ["e\u0301"]}, "é", "é", "é"),
        ("a_text", {"": ["unknown"]}, {"unknown": True}, "I don’t know", "不清楚"),
        ("a_text", UNKNOWN, {"unknown": True}, "I don’t know", "不清楚"),
        ("a_textarea", {"": ["one \r\n\r\ntwo\r"]}, "one\n\ntwo", "one\n\ntwo", "one\n\ntwo"),
        ("an_integer", {"": ["１２"]}, 12, "12 months", "12 个月"),
        ("an_integer", {"": [" 1,000 "]}, 1000, "1,000 months", "1,000 个月"),
        ("an_integer", {"": ["007"]}, 7, "7 months", "7 个月"),
        ("a_decimal", {"": ["１２．５０"]}, "12.50", "12.50 kg", "12.50 kg"),
        ("a_decimal", {"": [".5"]}, "0.5", "0.5 kg", "0.5 kg"),
        ("a_decimal", {"": ["-0"]}, "0", "0 kg", "0 kg"),
        ("a_decimal", {"": ["\u22120.00"]}, "0.00", "0.00 kg", "0.00 kg"),
        ("a_decimal", {"": ["1 234 567.8"]}, "1234567.8", "1,234,567.8 kg", "1,234,567.8 kg"),
        ("a_money", _money("1500", "usd"), {"amount": "1500.00", "currency": "USD"}, "USD 1,500.00", "USD 1,500.00"),
        ("a_money", _money("1,500.5", "CNY"), {"amount": "1500.50", "currency": "CNY"}, "CNY 1,500.50", "CNY 1,500.50"),
        ("a_money", _money("1500", "JPY"), {"amount": "1500", "currency": "JPY"}, "JPY 1,500", "JPY 1,500"),
        ("a_money", _money("1500.000", "JPY"), {"amount": "1500", "currency": "JPY"}, "JPY 1,500", "JPY 1,500"),
        ("a_money", _money("0.125", "KWD"), {"amount": "0.125", "currency": "KWD"}, "KWD 0.125", "KWD 0.125"),
        ("a_date", _day("２７", "3", "2026"), "2026-03-27", "27 March 2026", "2026年3月27日"),
        ("a_date", _day("24", "11", "2026"), "2026-11-24", "24 November 2026", "2026年11月24日"),
        ("a_date", _day("1", "②", "2026"), "2026-02-01", "1 February 2026", "2026年2月1日"),
        ("a_date", _day("29", "2", "2024"), "2024-02-29", "29 February 2024", "2024年2月29日"),
        ("a_date", UNKNOWN, {"unknown": True}, "I don’t know", "不清楚"),
        ("a_country", {"": ["de"]}, "DE", "Germany", "德国"),
        ("a_country", {"": ["TW"]}, "TW", "Taiwan, China", "中国台湾"),
        ("a_declaration", {"": ["y"]}, True, "Confirmed", "已确认"),
    ],
)
def test_taken(tiny: Tiny, name: str, typed: Typed, value: Any, english: str, chinese: str) -> None:
    asking = _asking(tiny, name)
    found = fields.parse(asking, typed)
    assert found == value
    assert type(found) is type(value)
    text = fields.summary(asking.question, found)
    assert (text.en, text.zh) == (english, chinese)
    assert fields.accept(asking, found) == found
    Draft202012Validator(fields.schema(asking.question)).validate(found)


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("a_radio", {}, "Choose an answer to “Radio?”"),
        ("a_radio", {"": ["maybe"]}, "Choose from the answers that are offered"),
        ("a_radio", {"": ["yes\x00"]}, "Choose from the answers that are offered"),
        ("a_radio", {"": ["yes", "no"]}, "Give one answer only"),
        ("a_radio", {"": [HUGE]}, "Choose from the answers that are offered"),
        ("a_select", {"": ["unknown"]}, "Choose from the answers that are offered"),
        ("a_checkboxes", {}, "Choose at least one answer to “Checkboxes?”"),
        ("a_checkboxes", {"": ["one", "three"]}, "Choose from the answers that are offered"),
        ("a_checkboxes", {"": ["none", "one"]}, "Choose “None of these” or other answers, not both"),
        ("a_checkboxes", {"": ["unknown", "one"]}, "Choose “I don’t know” or other answers, not both"),
        ("a_checkboxes", {"": [HUGE]}, "Choose from the answers that are offered"),
        ("a_text", {"": [" \u3000 "]}, "Enter an answer to “Text?”"),
        ("a_text", {"": ["a" * 21]}, "Shorten your answer to 20 characters or fewer"),
        ("a_text", {"": [HUGE]}, "Shorten your answer to 20 characters or fewer"),
        ("a_text", {"": ["a\x00b"]}, "Remove the characters that cannot be shown"),
        ("a_text", {"": ["\ud800"]}, "Remove the characters that cannot be shown"),
        ("a_text", {"": ["moc.\u202elive"]}, "Remove the characters that cannot be shown"),
        ("a_text", {"": ["x"], "unknown": ["y"]}, "Enter an answer or tick “I don’t know”, not both"),
        ("a_textarea", {"": ["字" * 51]}, "Shorten your answer to 50 characters or fewer"),
        ("a_textarea", {"": [HUGE]}, "Shorten your answer to 50 characters or fewer"),
        ("a_textarea", {"": ["\x1b[31m"]}, "Remove the characters that cannot be shown"),
        ("an_integer", {"": ["twelve"]}, "Enter a whole number, for example 12"),
        ("an_integer", {"": ["1.0"]}, "Enter a whole number, for example 12"),
        ("an_integer", {"": ["1e3"]}, "Enter a whole number, for example 12"),
        ("an_integer", {"": ["-0"]}, "Enter a number from 1 to 1,000"),
        ("an_integer", {"": ["1001"]}, "Enter a number from 1 to 1,000"),
        ("an_integer", {"": ["1", "2"]}, "Give one answer only"),
        ("an_integer", {"": ["9" * 16]}, "Enter a number with no more than 15 digits before the decimal point"),
        ("an_integer", {"": [HUGE]}, "Enter no more than 200 characters"),
        ("an_integer", {"": ["\x00"]}, "Enter a whole number, for example 12"),
        ("an_integer", {"": ["٣"]}, "Enter a whole number, for example 12"),
        ("a_decimal", {"": ["1e999999"]}, "Enter a number, for example 12.5"),
        ("a_decimal", {"": ["NaN"]}, "Enter a number, for example 12.5"),
        ("a_decimal", {"": ["Infinity"]}, "Enter a number, for example 12.5"),
        ("a_decimal", {"": ["12,5"]}, "Enter a number, for example 12.5"),
        ("a_decimal", {"": ["."]}, "Enter a number, for example 12.5"),
        ("a_decimal", {"": ["1_000"]}, "Enter a number, for example 12.5"),
        ("a_decimal", {"": ["0x10"]}, "Enter a number, for example 12.5"),
        ("a_decimal", {"": ["-1"]}, "Enter a number that is 0 or more"),
        ("a_decimal", {"": ["9" * 150]}, "Enter a number with no more than 15 digits before the decimal point"),
        ("a_decimal", {"": ["0." + "3" * 7]}, "Enter a number with no more than 6 decimal places"),
        ("a_decimal", {"": ["5"], "unknown": ["y"]}, "Enter an answer or tick “I don’t know”, not both"),
        ("a_money", {}, "Enter an answer to “Money?”"),
        ("a_money", _money("", "USD"), "Enter the amount"),
        ("a_money", _money("12", ""), "Choose the currency of the amount"),
        ("a_money", _money("12", "XAU"), "Choose the currency of the amount"),
        ("a_money", _money("12", "ZZZ"), "Choose the currency of the amount"),
        ("a_money", _money("12", HUGE), "Enter no more than 200 characters"),
        ("a_money", _money("1e5", "USD"), "Enter an amount of money, for example 1500.00"),
        ("a_money", _money("-1", "USD"), "Enter a number that is 0 or more"),
        ("a_money", _money("1.005", "USD"), "Enter an amount in USD with no more than 2 decimal places"),
        ("a_money", _money("1.5", "JPY"), "Enter an amount in JPY with no more than 0 decimal places"),
        ("a_money", _money("9" * 40, "USD"), "Enter a number with no more than 15 digits before the decimal point"),
        ("a_date", {}, "Enter a date in answer to “Date?”"),
        ("a_date", _day("", "3", "2026"), "Enter the day as well"),
        ("a_date", _day("1", "", ""), "Enter the month and year as well"),
        ("a_date", _day("30", "2", "2026"), "Enter a real date in digits"),
        ("a_date", _day("1", "13", "2026"), "Enter a real date in digits"),
        ("a_date", _day("0", "1", "2026"), "Enter a real date in digits"),
        ("a_date", _day("1", "march", "2026"), "Enter a real date in digits"),
        ("a_date", _day("1", "1", "0"), "Enter the year in four digits, from 1900 to 2100"),
        ("a_date", _day("1", "1", "26"), "Enter the year in four digits, from 1900 to 2100"),
        ("a_date", _day("1", "1", "9" * 200), "Enter the year in four digits, from 1900 to 2100"),
        ("a_date", _day("1", HUGE, "2026"), "Enter no more than 200 characters"),
        ("a_date", _day("25", "11", "2026"), "Enter today’s date or a date in the past"),
        ("a_date", _day("31", "12", "2019"), "Enter 1 January 2020 or a later date"),
        ("a_country", {"": ["XX"]}, "Choose a country or region from the list"),
        ("a_country", {"": ["Germany"]}, "Choose a country or region from the list"),
        ("a_declaration", {}, "Tick the box to confirm: I declare"),
        ("a_declaration", {"": ["no"]}, "Tick the box to confirm, or leave it empty"),
    ],
)
def test_refused_with_what_to_do(tiny: Tiny, name: str, typed: Typed, message: str) -> None:
    with pytest.raises(Wrong) as caught:
        fields.parse(_asking(tiny, name), typed)
    assert str(caught.value).startswith(message)


def test_future_is_today_or_later(tiny: Tiny) -> None:
    question = tiny("contradiction").question("ends")
    assert question is not None
    asking = Asking(question, "en", TODAY)
    assert fields.parse(asking, _day("24", "11", "2026")) == "2026-11-24"
    with pytest.raises(Wrong, match="Enter today’s date or a date in the future"):
        fields.parse(asking, _day("23", "11", "2026"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a_radio", True),
        ("a_radio", ["yes"]),
        ("a_checkboxes", "one"),
        ("a_checkboxes", [["one"]]),
        ("a_text", 5),
        ("a_text", {"unknown": False}),
        ("a_select", {"unknown": True}),
        ("an_integer", "5"),
        ("an_integer", 5.0),
        ("an_integer", True),
        pytest.param("an_integer", 10**5000, id="an_integer-of-5001-digits"),
        ("a_decimal", 12.5),
        ("a_decimal", 12),
        ("a_money", {"amount": 5, "currency": "USD"}),
        ("a_money", {"amount": "5"}),
        ("a_money", {"amount": "5", "currency": "USD", "more": "x"}),
        ("a_date", "27-03-2026"),
        ("a_date", "2026-W13-5"),
        ("a_date", 20260327),
        ("a_country", None.__class__),
        ("a_declaration", False),
        ("a_declaration", "y"),
    ],
)
def test_json_of_another_type_is_refused(tiny: Tiny, name: str, value: Any) -> None:
    with pytest.raises(Wrong) as caught:
        fields.accept(_asking(tiny, name), value)
    assert str(caught.value)


def _outcome(call: Callable[[], Any]) -> tuple[Any, str]:
    """The value, or the message in its place."""
    try:
        return call(), ""
    except Wrong as wrong:
        return None, str(wrong)


PIECES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["yes", "one", "none", "unknown", "x", "y", "DE", "USD", "12.5", "-0", "1e9", "NaN", "２", "29", "2024"]
    ),
)


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_anything_typed_is_taken_or_refused_in_words(tiny: Tiny, name: str, data: st.DataObject) -> None:
    asking = _asking(tiny, name)
    boxes = fields.box_names(asking.question)
    typed = {box: data.draw(st.lists(PIECES, max_size=2)) for box in boxes}
    value, message = _outcome(lambda: fields.parse(asking, typed))
    assert (value is None) == bool(message)
    if message:
        return
    json.dumps(value, allow_nan=False).encode()
    Draft202012Validator(fields.schema(asking.question)).validate(value)
    assert fields.accept(asking, value) == value
    assert fields.parse(asking, fields.typed(asking.question, value)) == value
    assert fields.summary(asking.question, value).zh


@pytest.mark.parametrize("name", ALL)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | PIECES,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["unknown", "amount", "currency", "x"]), inner, max_size=2)
        ),
        max_leaves=4,
    )
)
def test_any_json_is_taken_or_refused_in_words(tiny: Tiny, name: str, value: Any) -> None:
    asking = _asking(tiny, name)
    found, message = _outcome(lambda: fields.accept(asking, value))
    assert (found is None) == bool(message)
    if not message:
        Draft202012Validator(fields.schema(asking.question)).validate(found)


@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_plain_number_keeps_its_value_and_places(number: Decimal) -> None:
    text = format(number, "f")
    found = plain(text)
    assert found is not None
    assert Decimal(found) == number
    assert len(found.partition(".")[2]) == len(text.partition(".")[2])
    assert plain(format(number, ",f")) == found


def test_currencies_are_those_that_people_pay_with() -> None:
    assert currencies("zh")[0] == ("CNY", "CNY – 人民币")
    codes = [code for code, _name in currencies("en")]
    assert len(codes) == len(set(codes))
    assert {"USD", "XOF"} <= set(codes)
    assert not {"XAU", "XTS", "DEM"} & set(codes)
