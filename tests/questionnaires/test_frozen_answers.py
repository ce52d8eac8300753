"""What was answered reads the same for good, in both languages, and nothing off the path is in it."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.questionnaires import freeze, summary
from portal.questionnaires.model import Questionnaire
from portal.questionnaires.path import Item, walk

Tiny = Callable[[str], Questionnaire]
ANSWERS: dict[tuple[str, str], Any] = {
    ("military", ""): "unknown",
    ("which", ""): "off the path",
    ("fields", ""): ["optics"],
    ("mass", ""): "12.50",
    ("why_large", ""): "off the path",
    ("orbit", ""): "no",
    ("true_word", ""): True,
}


def test_record_has_labels_and_answers_in_both_languages(tiny: Tiny) -> None:
    questionnaire = tiny("routing")
    frozen = freeze.freeze(questionnaire, ANSWERS, {})
    assert frozen["questionnaire"] == {
        "id": "routing",
        "version": "1.0.0",
        "digest": questionnaire.digest,
        "title": {"en": "Routing", "zh": "路由"},
    }
    assert [page["page"]["id"] for page in frozen["pages"]] == ["use", "uses", "amount", "last", "sign"]
    assert frozen["pages"][2] == {
        "section": {"id": "deep", "title": {"en": "More", "zh": "更多"}},
        "page": {"id": "amount", "title": {"en": "How much", "zh": "数量"}},
        "item": None,
        "answers": [
            {
                "question": "mass",
                "label": {"en": "What mass?", "zh": "质量是多少？"},
                "value": "12.50",
                "text": {"en": "12.50 kg", "zh": "12.50 kg"},
            }
        ],
    }
    assert frozen["pages"][0]["answers"][0]["text"] == {"en": "I don’t know", "zh": "不清楚"}
    assert "off the path" not in freeze.canonical(frozen).decode()


def test_digest_depends_on_what_counts_and_on_nothing_else(tiny: Tiny) -> None:
    questionnaire = tiny("routing")
    digest = freeze.digest(freeze.freeze(questionnaire, ANSWERS, {}))
    shuffled = dict(reversed(ANSWERS.items())) | {("which", ""): "another", ("stranger", "x"): 1}
    assert freeze.digest(freeze.freeze(questionnaire, shuffled, {})) == digest
    changed = ANSWERS | {("mass", ""): "12.5"}
    assert freeze.digest(freeze.freeze(questionnaire, changed, {})) != digest


def test_optional_question_left_empty_is_in_the_record(tiny: Tiny) -> None:
    answers = {("military", ""): "no", ("fields", ""): None, ("true_word", ""): True}
    frozen = freeze.freeze(tiny("routing"), answers, {})
    left = frozen["pages"][1]["answers"][0]
    assert (left["value"], left["text"]) == (None, {"en": "Not answered", "zh": "未回答"})


def test_items_are_named(tiny: Tiny, goods: dict[str, list[Item]]) -> None:
    answers = {("becomes", "g1"): "used", ("becomes", "g2"): "used"}
    frozen = freeze.freeze(tiny("repeat"), answers, goods)
    assert [page["item"] for page in frozen["pages"]] == [
        {"id": "g1", "title": {"en": "Lens", "zh": "透镜"}},
        {"id": "g2", "title": {"en": "Magnet", "zh": "磁体"}},
    ]


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("routing", {key: value for key, value in ANSWERS.items() if key != ("orbit", "")}),
        ("contradiction", {("begins", ""): "2026-12-02", ("ends", ""): "2026-12-01"}),
    ],
)
def test_incomplete_is_not_frozen(tiny: Tiny, name: str, answers: dict[tuple[str, str], Any]) -> None:
    with pytest.raises(freeze.Incomplete):
        freeze.freeze(tiny(name), answers, {})


def test_check_your_answers(tiny: Tiny, goods: dict[str, list[Item]]) -> None:
    answers: dict[tuple[str, str], Any] = {("military", ""): "unknown", ("fields", ""): None}
    pages = summary.rows(walk(tiny("routing"), answers, {}), "zh", typed={("mass", ""): {"": ["much"]}})
    found = [(row.question_id, row.text, row.state) for page in pages for row in page.rows]
    assert found == [
        ("military", "不清楚", "unknown"),
        ("fields", "未回答", "empty"),
        ("mass", "未回答", "wrong"),
        ("true_word", "未回答", "missing"),
    ]
    assert pages[0].page.key == ("start", "use", "")
    repeated = summary.rows(walk(tiny("repeat"), {("becomes", "g2"): "sold"}, goods), "en")
    assert [(page.section_title, page.page_title, page.item_title) for page in repeated][1:3] == [
        ("Each of the goods", "What becomes of it", "Magnet"),
        ("Each of the goods", "Buyer", "Magnet"),
    ]
    assert (repeated[1].rows[0].label, repeated[1].rows[0].text) == ("What becomes of it?", "Sold")
    contradiction = {("begins", ""): "2026-12-02", ("ends", ""): "2026-12-01"}
    dates = summary.rows(walk(tiny("contradiction"), contradiction, {}), "en")
    assert [row.state for row in dates[0].rows] == ["answered", "wrong", "empty"]
