"""The path is a function of the answers alone: what it holds, what it leaves out, and what never matters."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.questionnaires import model
from portal.questionnaires.model import Questionnaire
from portal.questionnaires.path import Item, Key, Path, walk
from portal.text import Text

Tiny = Callable[[str], Questionnaire]
GOODS = {"goods": [Item("g1", Text("Lens", "透镜")), Item("g2", Text("Magnet", "磁体"))], "parties": []}


def _keys(path: Path) -> list[str]:
    return [".".join(part for part in page.key if part) for page in path.pages]


def test_nothing_answered_yet(tiny: Tiny) -> None:
    path = walk(tiny("routing"), {}, {})
    assert _keys(path) == ["start.use", "start.uses", "end.sign"]
    assert [page.status for page in path.pages] == ["not_started"] * 3
    assert path.missing == (("military", ""), ("true_word", ""))
    assert not path.complete
    assert dict(path.answers) == {}


def test_answers_bring_section_page_and_question(tiny: Tiny) -> None:
    answers: dict[Key, Any] = {("military", ""): "yes", ("mass", ""): "100.5", ("fields", ""): ["optics"]}
    path = walk(tiny("routing"), answers, {})
    assert _keys(path) == ["start.use", "start.uses", "deep.amount", "deep.large", "end.last", "end.sign"]
    assert [question.id for question in path.pages[0].questions] == ["military", "which"]
    assert path.pages[0].status == "in_progress"
    assert path.missing == (("which", ""), ("why_large", ""), ("orbit", ""), ("true_word", ""))


def test_unknown_is_never_the_safe_way_round(tiny: Tiny) -> None:
    path = walk(tiny("routing"), {("military", ""): "unknown", ("mass", ""): {"unknown": True}}, {})
    assert "deep.amount" in _keys(path)
    assert "deep.large" not in _keys(path)


def test_an_answer_off_the_path_brings_nothing_back(tiny: Tiny) -> None:
    answers: dict[Key, Any] = {("military", ""): "no", ("mass", ""): "500", ("why_large", ""): "x", ("which", ""): "y"}
    path = walk(tiny("routing"), answers, {})
    assert _keys(path) == ["start.use", "start.uses", "end.sign"]
    assert dict(path.answers) == {("military", ""): "no"}


def test_complete_needs_required_answers_only(tiny: Tiny) -> None:
    path = walk(tiny("routing"), {("military", ""): "no", ("true_word", ""): True}, {})
    assert path.complete
    assert path.page("start", "uses").status == "not_started"  # type: ignore[union-attr]
    left_empty = walk(tiny("routing"), {("military", ""): "no", ("fields", ""): None, ("true_word", ""): True}, {})
    assert left_empty.page("start", "uses").status == "complete"  # type: ignore[union-attr]
    assert ("fields", "") not in left_empty.answers


def test_typed_but_wrong_shows_and_blocks(tiny: Tiny) -> None:
    answers: dict[Key, Any] = {("military", ""): "no", ("true_word", ""): True}
    path = walk(tiny("routing"), answers, {}, invalid={("fields", "")})
    assert path.page("start", "uses").status == "has_errors"  # type: ignore[union-attr]
    assert not path.complete
    assert walk(tiny("routing"), answers, {}, invalid={("mass", "")}).complete  # not on the path: counts nowhere


def test_contradiction_is_an_error_of_the_page(tiny: Tiny) -> None:
    answers: dict[Key, Any] = {("begins", ""): "2026-12-02", ("ends", ""): "2026-12-01"}
    path = walk(tiny("contradiction"), answers, {})
    assert [check.at for check in path.pages[0].wrong] == ["ends"]
    assert path.pages[0].status == "has_errors"
    assert not path.complete
    assert walk(tiny("contradiction"), answers | {("ends", ""): "2026-12-02"}, {}).complete


def test_section_repeats_for_each_item_in_order(tiny: Tiny) -> None:
    path = walk(tiny("repeat"), {("becomes", "g2"): "sold"}, GOODS)
    assert _keys(path) == ["each.fate.g1", "each.fate.g2", "each.buyer.g2", "all.sales"]
    assert [(part.section.id, part.item.id if part.item else "", part.status) for part in path.sections] == [
        ("each", "g1", "not_started"),
        ("each", "g2", "in_progress"),
        ("all", "", "not_started"),
    ]
    three = {"goods": [*GOODS["goods"], Item("g3", Text("Powder", "粉末"))]}
    assert "all.many" in _keys(walk(tiny("repeat"), {}, three))
    assert _keys(walk(tiny("repeat"), {("becomes", "gone"): "sold"}, GOODS)) == ["each.fate.g1", "each.fate.g2"]


def test_where_to_go_next(tiny: Tiny) -> None:
    questionnaire = tiny("routing")
    path = walk(questionnaire, {("military", ""): "yes"}, {})
    first = path.pages[0]
    assert path.after(first) is first  # a question of the same page has come onto the path
    answered = walk(questionnaire, {("military", ""): "yes", ("which", ""): "x"}, {})
    assert answered.after(first) is answered.page("start", "uses")
    assert answered.before(answered.pages[1]) is answered.pages[0]
    assert answered.before(answered.pages[0]) is None
    assert answered.after(answered.pages[-1]) is None
    large = walk(questionnaire, {("military", ""): "yes", ("mass", ""): "500"}, {}).page("deep", "large")
    assert large is not None
    gone = walk(questionnaire, {("military", ""): "no"}, {})
    assert gone.page("deep", "large") is None
    assert gone.after(large) is gone.page("start", "uses")


def test_what_is_typed_decides_what_the_page_asks(tiny: Tiny) -> None:
    page = walk(tiny("routing"), {("military", ""): "yes", ("which", ""): "old"}, {}).pages[0]
    assert [question.id for question in page.given({"military": "no", "which": "old"})[0]] == ["military"]
    assert [question.id for question in page.given({"military": "yes"})[0]] == ["military", "which"]
    dates = walk(tiny("contradiction"), {("begins", ""): "2026-12-02"}, {}).pages[0]
    assert dates.given({"begins": "2026-01-01", "ends": "2026-12-01"})[1] == ()
    assert len(dates.given({"begins": "2026-12-02", "ends": "2026-12-01"})[1]) == 1


VALUES = st.one_of(
    st.sampled_from(["yes", "no", "unknown", "used", "sold", "101", "99.5", "DE", "x"]),
    st.sampled_from([["space"], ["none"], ["optics", "space"], {"unknown": True}, True, None, 7]),
)


def _answers(questionnaire: Questionnaire) -> st.SearchStrategy[dict[Key, Any]]:
    keys = [(question.id, item) for question in questionnaire.questions for item in ("", "g1", "g2")]
    return st.dictionaries(st.sampled_from(keys), VALUES)


@pytest.mark.parametrize("name", ["routing", "repeat", "contradiction", "types"])
@given(data=st.data())
def test_path_is_a_function_of_the_answers_on_it(tiny: Tiny, name: str, data: st.DataObject) -> None:
    questionnaire = tiny(name)
    answers = data.draw(_answers(questionnaire))
    before = dict(answers)
    path = walk(questionnaire, answers, GOODS)
    assert answers == before
    on_path = {(question.id, page.item_id) for page in path.pages for question in page.questions}
    assert set(path.answers) <= on_path
    for again in (answers, {key: value for key, value in answers.items() if key in on_path}, path.answers):
        other = walk(questionnaire, again, GOODS)
        assert _keys(other) == _keys(path)
        assert [page.questions for page in other.pages] == [page.questions for page in path.pages]
        assert (other.answers, other.missing, other.complete) == (path.answers, path.missing, path.complete)


@pytest.mark.parametrize("name", ["routing", "repeat"])
@given(data=st.data())
def test_saving_an_answer_off_the_path_changes_nothing(tiny: Tiny, name: str, data: st.DataObject) -> None:
    questionnaire = tiny(name)
    answers = data.draw(_answers(questionnaire))
    path = walk(questionnaire, answers, GOODS)
    on_path = {(question.id, page.item_id) for page in path.pages for question in page.questions}
    more = {key: value for key, value in data.draw(_answers(questionnaire)).items() if key not in on_path}
    other = walk(questionnaire, answers | more, GOODS)
    assert [(page.key, page.status) for page in other.pages] == [(page.key, page.status) for page in path.pages]
    assert other.answers == path.answers


@pytest.mark.parametrize("name", ["routing", "repeat"])
@given(data=st.data())
def test_an_answer_changes_no_page_before_it(tiny: Tiny, name: str, data: st.DataObject) -> None:
    questionnaire = tiny(name)
    answers = data.draw(_answers(questionnaire))
    path = walk(questionnaire, answers, GOODS)
    page = data.draw(st.sampled_from(path.pages))
    changed = answers | {(question.id, page.item_id): data.draw(VALUES) for question in page.questions}
    index = _keys(path).index(".".join(part for part in page.key if part))
    assert _keys(walk(questionnaire, changed, GOODS))[: index + 1] == _keys(path)[: index + 1]


def test_walking_the_published_questionnaires_takes_under_a_millisecond() -> None:
    for name, version in model.published():
        questionnaire = model.load(name, version)
        answers: dict[Key, Any] = {}
        for question in questionnaire.questions:
            value = question.options[-1].value if question.options else "5"
            for item in ("", "g1", "g2"):
                answers[question.id, item] = [value] if question.type == "checkboxes" else value
        best = min(_seconds(questionnaire, answers) for _ in range(20))
        assert best < 0.001, f"{name} {version} took {best * 1000:.2f} ms"


def _seconds(questionnaire: Questionnaire, answers: dict[Key, Any]) -> float:
    began = time.perf_counter()
    walk(questionnaire, answers, GOODS)
    return time.perf_counter() - began
