"""Answers from a case file: as strictly checked as typed ones, and every fault told at once with its JSON path."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from portal.questionnaires import case
from portal.questionnaires.freeze import AnswerError, validate_case
from portal.questionnaires.model import Questionnaire
from portal.questionnaires.path import Item
from portal.text import Text

Tiny = Callable[[str], Questionnaire]
TODAY = date(2026, 11, 24)
GOODS = {"goods": [Item("1", Text("Lens", "透镜")), Item("2", Text("Magnet", "磁体"))]}


def _faults(questionnaire: Questionnaire, answers: Any, lists: Any = None, at: str = "") -> dict[str, str]:
    with pytest.raises(AnswerError) as caught:
        validate_case(questionnaire, answers, lists or {}, today=TODAY, at=at)
    assert all(str(fault) in str(caught.value) for fault in caught.value.faults)
    return {fault.path: fault.message for fault in caught.value.faults}


def test_good_answers_are_given_back_by_question_and_item(tiny: Tiny) -> None:
    answers = {"becomes": {"1": "used", "2": "sold"}, "buyer_country": {"2": "de"}, "permission": "yes"}
    assert validate_case(tiny("repeat"), answers, GOODS, today=TODAY) == {
        ("becomes", "1"): "used",
        ("becomes", "2"): "sold",
        ("buyer_country", "2"): "DE",
        ("permission", ""): "yes",
    }


def test_every_fault_is_told(tiny: Tiny) -> None:
    answers = {
        "military": "yes",
        "which": 5,
        "mas": "3",
        "mass": "heavy",
        "fields": ["none", "space"],
        "true_word": None,
    }
    assert _faults(tiny("routing"), answers) == {
        "$.answers.routing.which": "Give this answer in the form that the schema of the case file describes",
        "$.answers.routing.mas": "there is no such question in routing 1.0.0; did you mean 'mass'?",
        "$.answers.routing.mass": "Enter a number, for example 12.5, with a point before the decimal places",
        "$.answers.routing.fields": "Choose “None of these” or other answers, not both",
        "$.answers.routing.true_word": "is required: These answers are true",
    }


def test_repeated_answers_are_named_by_item(tiny: Tiny) -> None:
    found = _faults(tiny("repeat"), {"becomes": {"1": "sold", "9": "used"}, "buyer_country": "DE"}, GOODS, at="$.a")
    expected = "expected an object with a member for each of the goods; there are: 1, 2"
    assert found == {
        "$.a.becomes['9']": expected,
        "$.a.becomes['2']": "is required: What becomes of it?",
        "$.a.buyer_country": expected,
        "$.a.permission": "is required: May they be sold?",
    }


def test_contradictions_are_told(tiny: Tiny) -> None:
    answers = {"begins": "2026-12-02", "ends": "2026-12-01"}
    assert _faults(tiny("contradiction"), answers) == {
        "$.answers.contradiction.ends": "The end must not come before the beginning"
    }


def test_answers_off_the_path_must_still_be_answers(tiny: Tiny) -> None:
    answers = {"military": "no", "true_word": True, "mass": "5"}
    assert validate_case(tiny("routing"), answers, {}, today=TODAY)["mass", ""] == "5"
    assert list(_faults(tiny("routing"), answers | {"mass": "x"})) == ["$.answers.routing.mass"]


@pytest.mark.parametrize("answers", [None, [], "x", 5, True])
def test_answers_that_are_no_object(tiny: Tiny, answers: Any) -> None:
    assert _faults(tiny("routing"), answers) == {
        "$.answers.routing": "expected an object with a member for each question"
    }


def test_hostile_names_stay_readable(tiny: Tiny) -> None:
    found = _faults(tiny("routing"), {"x']\\": 1, "y" * 10_000: 1})
    assert "$.answers.routing['x\\']\\\\']" in found
    assert max(len(path) for path in found) < 100


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["yes", "sold", "1"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["1", "2", "unknown"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("name", ["routing", "repeat", "types"])
@given(data=st.data())
def test_any_case_is_taken_or_refused_with_paths(tiny: Tiny, name: str, data: st.DataObject) -> None:
    questionnaire = tiny(name)
    ids = [question.id for question in questionnaire.questions]
    answers = data.draw(st.dictionaries(st.sampled_from(ids), JSON))
    values, paths = _outcome(questionnaire, answers)
    assert all(value is not None for value in values.values())
    assert len(paths) == len(set(paths))
    assert all(path.startswith(f"$.answers.{name}") for path in paths)


def _outcome(questionnaire: Questionnaire, answers: Any) -> tuple[dict[Any, Any], list[str]]:
    try:
        return validate_case(questionnaire, answers, GOODS, today=TODAY), []
    except AnswerError as error:
        return {}, [fault.path for fault in error.faults]


def test_schema_describes_what_is_taken(tiny: Tiny) -> None:
    questionnaire = tiny("types")
    schema = case.schema(questionnaire)
    Draft202012Validator.check_schema(schema)
    json.dumps(schema)
    validator = Draft202012Validator(schema)
    validator.validate({"a_money": {"amount": "5.00", "currency": "USD"}, "a_date": {"unknown": True}, "an_integer": 5})
    for wrong in ({"a_money": "5"}, {"a_select": {"unknown": True}}, {"stranger": 1}, {"an_integer": 0}):
        assert not validator.is_valid(wrong), wrong
    repeated = Draft202012Validator(case.schema(tiny("repeat")))
    repeated.validate({"becomes": {"1": "sold"}})
    assert not repeated.is_valid({"becomes": "sold"})
