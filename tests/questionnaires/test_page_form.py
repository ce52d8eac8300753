"""A page as a form: what is read, what is kept though wrong, and how it looks in both languages."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.questionnaires.form import DRAFT_LENGTH, PageForm, invalid, page_form, read
from portal.questionnaires.model import Questionnaire
from portal.questionnaires.path import PathPage, walk
from portal.text import Language

Tiny = Callable[[str], Questionnaire]
TODAY = date(2026, 11, 24)
PAGE = """
{% import "web/fields.html" as fields with context %}
{% import "questionnaires/question.html" as question with context %}
{{ fields.errors(form) }}
{{ question.questions(form, language, guidance_href="/guidance/end-use") }}
"""
GOOD = {
    "a_radio": ["yes"],
    "a_checkboxes": ["one", "two"],
    "a_select": ["x"],
    "a_text": ["Lens"],
    "a_textarea": ["one\r\ntwo"],
    "an_integer": ["12"],
    "a_decimal": ["12.50"],
    "a_money-amount": ["1500"],
    "a_money-currency": ["USD"],
    "a_date-day": ["27"],
    "a_date-month": ["3"],
    "a_date-year": ["2026"],
    "a_country": ["DE"],
    "a_declaration": ["y"],
}
VALUES = {
    "a_radio": "yes",
    "a_checkboxes": ["one", "two"],
    "a_select": "x",
    "a_text": "Lens",
    "a_textarea": "one\ntwo",
    "an_integer": 12,
    "a_decimal": "12.50",
    "a_money": {"amount": "1500.00", "currency": "USD"},
    "a_date": "2026-03-27",
    "a_country": "DE",
    "a_declaration": True,
}


def _page(tiny: Tiny, name: str, answers: dict[Any, Any] | None = None) -> PathPage:
    return walk(tiny(name), answers or {}, {}).pages[0]


def _post(page: PathPage, *pairs: tuple[str, str], language: Language = "en", **more: list[str]) -> PageForm:
    sent: MultiDict[str, str] = MultiDict(pairs)
    for name, texts in more.items():
        sent.setlist(name, texts)
    return page_form(page, {}, language, sent, today=TODAY)


def _messages(form: PageForm) -> dict[str, str]:
    return {field.name: str(field.errors[0]) for field in form if field.errors}


def test_every_type_is_read(tiny: Tiny) -> None:
    form = _post(_page(tiny, "types"), **GOOD)
    assert form.validate()
    assert read(form) == {(name, ""): value for name, value in VALUES.items()}
    assert invalid(form) == {}


def test_unknown_for_every_type_that_offers_it(tiny: Tiny) -> None:
    names = ("a_text", "an_integer", "a_decimal", "a_money", "a_date", "a_country")
    form = _post(
        _page(tiny, "types"),
        *((f"{name}-unknown", "y") for name in names),
        a_radio=["unknown"],
        a_checkboxes=["unknown"],
        a_select=["x"],
        a_textarea=["t"],
        a_declaration=["y"],
    )
    assert form.validate(), _messages(form)
    found = read(form)
    assert {name for (name, _item), value in found.items() if value == {"unknown": True}} == {*names, "a_checkboxes"}
    assert found["a_radio", ""] == "unknown"


def test_stored_answers_fill_the_form_as_typed(tiny: Tiny) -> None:
    answers = {(name, ""): value for name, value in VALUES.items()}
    page = _page(tiny, "types", answers)
    form: Any = page_form(page, answers, "en", today=TODAY)
    assert form.validate()
    assert form["a_radio"].data == "yes"
    assert form["a_checkboxes"].data == ["one", "two"]
    assert form["a_textarea"].data == "one\ntwo"
    assert form["a_decimal"]._value() == "12.50"
    assert (form["a_date"].day.name, form["a_date"].day._value()) == ("a_date-day", "27")
    assert form["a_date"].year._value() == "2026"
    assert form["a_money"].amount._value() == "1500.00"
    assert [code for code, _name, chosen, _more in form["a_money"].currency.iter_choices() if chosen] == ["USD"]
    assert form["a_declaration"].data is True
    unknown: Any = page_form(page, {("an_integer", ""): {"unknown": True}}, "en", today=TODAY)
    assert unknown["an_integer"].unknown_box.data is True
    assert unknown["an_integer"]._value() == ""


def test_labels_are_in_the_language_that_is_passed(tiny: Tiny) -> None:
    form: Any = page_form(_page(tiny, "types"), {}, "zh", today=TODAY)
    assert form["a_radio"].label.text == "单选？"
    assert form["a_radio"].description == "一项"
    assert [label for _value, label, *_ in form["a_radio"].iter_choices()] == ["是", "否", "不清楚"]
    assert form["an_integer"].suffix == "个月"
    assert form["a_text"].unknown_box.label.text == "不清楚"
    assert form["a_checkboxes"].hints == {"one": "第一"}
    assert form["a_checkboxes"].exclusive == "none"
    assert ("DE", "德国", False, {}) in form["a_country"].iter_choices()


def test_nothing_typed_is_missing_and_leaves_no_draft(tiny: Tiny) -> None:
    form = page_form(_page(tiny, "types"), {}, "en", MultiDict(), today=TODAY)
    assert not form.validate()
    assert len(_messages(form)) == len(VALUES)
    assert read(form) == {}
    assert invalid(form) == {(name, ""): {} for name in VALUES}


def test_wrong_answers_are_kept_and_shown_again_with_their_message(tiny: Tiny) -> None:
    page = _page(tiny, "contradiction")
    form = _post(page, ("begins-day", "30"), ("begins-month", "2"), ("begins-year", "2026"), ("remark", "kept"))
    assert not form.validate()
    assert read(form) == {("remark", ""): "kept"}
    kept = invalid(form)
    assert kept == {("begins", ""): {"day": ["30"], "month": ["2"], "year": ["2026"]}, ("ends", ""): {}}
    again: Any = page_form(
        page, {("remark", ""): "kept"}, "en", today=TODAY, typed={("begins", ""): kept["begins", ""]}
    )
    assert _messages(again) == {"begins": "Enter a real date in digits, for example 27 3 2026"}
    assert again["begins"].month._value() == "2"
    assert again["remark"]._value() == "kept"


def test_contradiction_stands_at_its_question_and_the_answers_are_kept(tiny: Tiny) -> None:
    sent = {"begins-day": "2", "begins-month": "12", "begins-year": "2026"}
    sent |= {"ends-day": "1", "ends-month": "12", "ends-year": "2026"}
    form = page_form(_page(tiny, "contradiction"), {}, "zh", MultiDict(sent), today=TODAY)
    assert not form.validate()
    assert _messages(form) == {"ends": "结束日期不得早于开始日期"}
    assert read(form) == {("begins", ""): "2026-12-02", ("ends", ""): "2026-12-01", ("remark", ""): None}
    assert invalid(form) == {}
    stored = {key: value for key, value in read(form).items() if value}
    returned = page_form(_page(tiny, "contradiction", stored), stored, "en", today=TODAY)
    assert _messages(returned) == {"ends": "The end must not come before the beginning"}


def test_equal_messages_name_their_question(tiny: Tiny) -> None:
    parts = [(f"{name}-{box}", text) for name in ("begins", "ends") for box, text in (("day", "1"), ("month", "1"))]
    assert _messages(_post(_page(tiny, "contradiction"), *parts)) == {
        "begins": "Enter the year as well: “When does it begin?”",
        "ends": "Enter the year as well: “When does it end?”",
    }


def test_a_question_that_comes_onto_the_page_is_not_yet_missing(tiny: Tiny) -> None:
    fresh = _post(_page(tiny, "routing"), ("military", "yes"))
    assert fresh.validate()
    assert [field.name for field in fresh] == ["military", "which"]
    shown = _page(tiny, "routing", {("military", ""): "yes"})
    assert _messages(_post(shown, ("military", "yes"))) == {"which": "Enter an answer to “Which use?”"}


def test_a_question_that_leaves_the_page_cannot_be_wrong_but_keeps_its_answer(tiny: Tiny) -> None:
    shown = _page(tiny, "routing", {("military", ""): "yes"})
    form = _post(shown, ("military", "no"), ("which", "x" * 9999))
    assert form.validate()
    assert [field.name for field in form] == ["military"]
    assert read(form) == {("military", ""): "no"}
    assert read(_post(shown, ("military", "no"), ("which", "radar"))) == {
        ("military", ""): "no",
        ("which", ""): "radar",
    }
    lost = _post(shown, ("which", "radar"))
    assert not lost.validate()
    assert lost["which"].data == "radar"


def test_draft_is_fit_for_a_database(tiny: Tiny) -> None:
    form = _post(_page(tiny, "types"), a_text=["a\x00b\ud800" + "x" * 10_000_000])
    kept = invalid(form)["a_text", ""][""][0]
    assert len(kept) == DRAFT_LENGTH
    assert kept.startswith("a\ufffdb?xxx")
    kept.encode("utf-8")


def test_what_belongs_to_no_question_is_ignored(tiny: Tiny) -> None:
    form = _post(
        _page(tiny, "routing"), ("military", "no"), ("true_word", "y"), ("csrf_token", "z"), ("__proto__", "x")
    )
    assert read(form) == {("military", ""): "no"}


@given(
    sent=st.dictionaries(
        st.sampled_from([*GOOD, "a_text-unknown", "a_money-unknown", "a_money", "a_date", "a_country-unknown"]),
        st.lists(st.text(max_size=8) | st.sampled_from(["y", "yes", "one", "12", "USD"]), max_size=2),
    )
)
def test_any_post_is_read_or_told_what_is_wrong(tiny: Tiny, sent: dict[str, list[str]]) -> None:
    form = _post(_page(tiny, "types"), **sent)
    valid, wrong = set(read(form)), set(invalid(form))
    assert not valid & wrong
    assert valid | wrong == {(name, "") for name in VALUES}
    assert form.validate() is (not wrong)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_shows_questions_reasons_and_marks(app: Flask, tiny: Tiny, language: Language) -> None:
    page = _page(tiny, "types")
    with app.test_request_context(f"/?lang={language}"):
        form = page_form(page, {}, language, MultiDict({"a_text": "<script>", "an_integer": "１x"}), today=TODAY)
        html = render_template_string(PAGE, form=form, language=language)
        context: Any = {"en": "Enter a whole number, for example 12", "zh": "请填写整数，例如12"}
    assert html.count(context[language]) == 2  # beside the field and in the summary
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    for field in ("a_radio", "a_checkboxes", "a_date-day", "a_money-amount", "a_country", "a_declaration"):
        assert f'id="{field}"' in html, field
        assert f'href="#{field}"' in html, field
    texts = {
        "en": ["Why we ask", "Because of radio", "read in a reproduction only", "from memory", "our inference"],
        "zh": ["为何询问", "因为单选", "仅见于转载", "凭记忆记载", "系本门户推断"],
    }
    for text in texts[language]:
        assert html.count(text) >= 1, text
    assert html.count('class="portal-mark"') == 3
    assert html.count('name="a_text-unknown"') == 1
    assert len(re.findall(r'name="a_radio"', html)) == 3
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
