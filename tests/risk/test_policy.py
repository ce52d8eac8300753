"""The policy file: read whole or refused with file, line and path; fit for the questionnaires; never changed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.questionnaires import model
from portal.risk import policy
from portal.risk.policy import ContentError

PUBLISHED = {"1.0.0": "bd29a257076d826f984576afcce1ac88b61cc684db8573000f28593251f8a6f5"}
SOURCE = policy.POLICIES / policy.POLICY_ID / "1.0.0.yaml"
QUESTIONNAIRES = (model.load("end-use"), model.load("end-user"))

Changed = Callable[[str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """The published file with one piece of text replaced by another."""

    def change(old: str, new: str) -> Path:
        text = SOURCE.read_text(encoding="utf-8")
        assert old in text
        place = tmp_path / "military-use" / "9.9.9.yaml"
        place.parent.mkdir()
        place.write_text(text.replace(old, new, 1), encoding="utf-8")
        return place

    return change


def test_published_versions_never_change() -> None:
    assert {version: policy.load(version).digest for version in policy.published()} == PUBLISHED


def test_the_newest_version_is_the_default() -> None:
    assert policy.load().version == policy.published()[-1]


@pytest.mark.parametrize("version", ["0.0.1", "../1.0.0"])
def test_a_version_that_is_not_there_is_named(version: str) -> None:
    with pytest.raises(LookupError, match=re.escape(version)):
        policy.load(version)


def test_every_answer_that_the_policy_reads_exists_and_every_option_is_weighed() -> None:
    assert policy.check_against(policy.load(), QUESTIONNAIRES) == []


def test_the_policy_says_that_its_weights_are_its_own() -> None:
    statement = policy.load().statement
    assert "No authority publishes numeric weights" in statement.en
    assert "没有任何主管部门公布" in statement.zh


BROKEN = [
    ("      unknown: {points: 5, review: true}\n", "      unknown: {points: 4, review: true}\n", "more points than"),
    ("      unknown: {points: 5, review: true}\n", "      unknown: {points: 5}\n", "force a review"),
    ("      unknown: {points: 5, review: true}\n", "      unknown: {points: 5, stop: true}\n", "cannot stop by itself"),
    ('sources: ["D28", "UEL"]', 'sources: ["D28", "D99"]', "'D99' is not among the sources"),
    ('group: "need"', 'group: "needs"', "'needs' is not among the groups"),
    ("is on {list}: {entry} ({program})", "is on {liste}: {entry} ({program})", "{liste} is not known here"),
    ('kind: "factor"\n    points: 3', 'kind: "factor"', "a factor needs points"),
    ('points_from: "elements"', 'points_from: "element"', "not among the tables"),
    ('- {band: "high", from: 35', '- {band: "high", from: 15', "above the band before"),
    ('from: 60, outcome: "refer"', 'from: 60, outcome: "certify"', "may not be milder"),
    ('{"==": [{fact: "this.binding"}, true]}', '{"=": [{fact: "this.binding"}, true]}', "not an operator"),
    ('id: "restricted_list_match"', 'id: "control_list_match"', "given twice"),
    ('match_score: "0.900"', "match_score: 0.9", "is not of type 'string'"),
    ("points: 8, stop: true", "points: 9, stop: true", "greater than the maximum"),
    (', zh: "军事用途风险"}', "}", "'zh' is a required property"),
    ('version: "1.0.0"', 'version: "1.0.0', ""),
]


@pytest.mark.parametrize(("old", "new", "message"), BROKEN, ids=[message or "not YAML" for _, _, message in BROKEN])
def test_a_broken_file_is_refused_with_its_line_and_path(changed: Changed, old: str, new: str, message: str) -> None:
    place = changed(old, new)
    with pytest.raises(ContentError) as caught:
        policy.read(place)
    fault = next(each for each in caught.value.faults if message in each.message)
    assert str(fault).startswith(f"military-use/9.9.9.yaml:{fault.line}: $")
    if new.strip():
        line = place.read_text(encoding="utf-8").split(new)[0].count("\n") + 1
        assert abs(fault.line - line) <= 20, "the fault is told far from where it is"


UNFIT = [
    ('question: "grade_needed"', 'question: "grade_wanted"', "there is no question 'grade_wanted'"),
    ("      above: {points: 5, text", "      abov: {points: 5, text", "above"),
    ('{answer: "military_items"}, "yes"]', '{answer: "military_items"}, "ja"]', "has no option 'ja'"),
    ('{answer: "end_user_type"}', '{answer: "end_user_kind"}', "there is no question 'end_user_kind'"),
    ('unless: {payer_nature: ["buyer"', 'unless: {payer_nature: ["customer"', "with option 'customer'"),
    ('also: ["yearly_need_basis"]', 'also: ["yearly_basis"]', "there is no question 'yearly_basis'"),
    ('  - question: "item_fate"\n    group: "need"\n    each: "goods"', '  - question: "item_fate"\n    group: "need"',
     "'each: goods' belongs"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), UNFIT)
def test_a_policy_that_does_not_fit_the_questionnaires_is_found(
    changed: Changed, old: str, new: str, message: str
) -> None:
    found = policy.check_against(policy.read(changed(old, new)), QUESTIONNAIRES)
    assert any(message in fault.message for fault in found), found
