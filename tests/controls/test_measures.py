"""The measures on file: complete, in both languages, and standing rightly on the days around their dates."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from portal.controls import measures

REGULATION_NUMBERS = {
    "23/2023", "39/2023", "33/2024", "46/2024 ¶1", "46/2024 ¶2", "51/2024", "10/2025", "18/2025", "55/2025", "56/2025",
    "57/2025", "58/2025", "61/2025", "62/2025", "70/2025", "72/2025", "1/2026", "Licence catalogue 2026",
}  # fmt: skip


def one(number: str) -> measures.Measure:
    return next(measure for measure in measures.load().measures if measure.number == number)


def test_every_measure_of_the_reference_is_on_file() -> None:
    assert {measure.number for measure in measures.load().measures} == REGULATION_NUMBERS


@pytest.mark.parametrize(
    ("number", "day", "standing"),
    [
        ("23/2023", date(2023, 7, 31), "not_yet"),
        ("23/2023", date(2023, 8, 1), "in_force"),
        ("23/2023", date(2026, 11, 24), "in_force"),
        ("33/2024", date(2024, 9, 14), "not_yet"),
        ("33/2024", date(2024, 9, 15), "in_force"),
        ("18/2025", date(2025, 4, 3), "not_yet"),
        ("18/2025", date(2025, 4, 4), "in_force"),
        ("18/2025", date(2025, 12, 1), "in_force"),
        ("57/2025", date(2025, 11, 6), "not_yet"),
        ("57/2025", date(2025, 11, 7), "suspended"),
        ("57/2025", date(2026, 11, 10), "suspended"),
        ("57/2025", date(2026, 11, 11), "check"),
        ("57/2025", date(2026, 11, 24), "check"),
        ("61/2025", date(2025, 10, 9), "in_force"),
        ("61/2025", date(2025, 11, 7), "suspended"),
        ("46/2024 ¶2", date(2024, 12, 2), "not_yet"),
        ("46/2024 ¶2", date(2024, 12, 3), "in_force"),
        ("46/2024 ¶2", date(2025, 11, 8), "in_force"),
        ("46/2024 ¶2", date(2025, 11, 9), "suspended"),
        ("46/2024 ¶2", date(2026, 11, 27), "suspended"),
        ("46/2024 ¶2", date(2026, 11, 28), "check"),
        ("70/2025", date(2026, 11, 10), "in_force"),
        ("70/2025", date(2026, 11, 11), "ended"),
    ],
)
def test_standing_the_day_before_on_and_after(number: str, day: date, standing: str) -> None:
    assert one(number).standing(day) == standing


def test_a_measure_confirmed_after_its_suspension_needs_no_check(tmp_path: Path) -> None:
    source = measures.DATA / "measures" / "2025-57-rare-earths.yaml"
    copy = tmp_path / "measure-confirmed-after-suspension.yaml"
    copy.write_text(source.read_text(encoding="utf-8").replace("after: null", 'after: "in_force"'), encoding="utf-8")
    assert measures.read(copy).standing(date(2026, 11, 24)) == "in_force"


@pytest.mark.parametrize("number", ["55/2025", "56/2025", "57/2025", "58/2025", "61/2025", "62/2025"])
def test_what_70_2025_suspends_is_never_simply_in_force_or_gone_today(number: str) -> None:
    assert one(number).standing(date(2026, 11, 24)) == "check"


def test_codes_that_were_not_found_are_empty_and_not_guessed() -> None:
    for number in ("23/2023", "39/2023", "33/2024"):
        assert all(item.control_codes == () for item in one(number).items)


def test_unverified_facts_keep_their_marks_and_none_was_checked_by_a_person() -> None:
    found = measures.load().measures
    assert all(measure.checked is None for measure in found)
    dysprosium = next(item for item in one("18/2025").items if item.id == "dysprosium-metal")
    assert (dysprosium.mark, dysprosium.code_mark) == ("V2", "I")


def test_the_listing_says_in_both_languages_how_each_measure_stands() -> None:
    lines = {line.number: line for line in measures.listing(date(2026, 11, 24))}
    assert lines.keys() == REGULATION_NUMBERS
    assert "in force again, check" in lines["57/2025"].state.en
    assert "2025年第70号公告规定的暂停期已于2026年11月10日届满" in lines["57/2025"].state.zh
    assert lines["46/2024 ¶2"].state.en == "suspended by Announcement 72/2025 from 9 Nov 2025 to 27 Nov 2026"
    assert lines["10/2025"].control_codes[:2] == ("1C004", "1C117.b")
    assert not any("{" in line.state.en + line.state.zh for line in lines.values())


def test_announcements_are_cited_as_each_language_does() -> None:
    assert measures.cited("46/2024 ¶2").en == "Announcement 46/2024, paragraph 2"
    assert measures.cited("46/2024 ¶2").zh == "2024年第46号公告第二款"
    assert measures.cited("Licence catalogue 2026").zh == "2026年许可证管理目录"


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('issued: "2025-10-09"', 'issued: "2025-13-09"', 5, "issued: "),
        ('mark: "V2"\nchecked', 'mark: "sure"\nchecked', 10, "mark: 'sure' is not one of"),
        ('hs_doubtful: ["28053019"]}', 'hs_doubtful: ["2805"]}', 16, "items/0/hs_doubtful/0: "),
        ('effect: "licence"\n', "", 1, "'effect' is a required property"),
        ('to: "2026-11-10", by', 'to: "2025-11-06", by', 7, "ends before it begins"),
        ('number: "57/2025"', 'number: "57/2025', 1, "broken YAML"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    text = (measures.DATA / "measures" / "2025-57-rare-earths.yaml").read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "measure-broken.yaml"
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(measures.MeasureError) as caught:
        measures.read(broken)
    assert reason in caught.value.reason
    if "broken YAML" not in reason:
        assert caught.value.line == line


def test_a_number_twice_on_file_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(measures.DATA, data)
    first = data / "measures" / "2023-39-graphite.yaml"
    shutil.copy(first, data / "measures" / "2023-39-graphite-again.yaml")
    with pytest.raises(measures.MeasureError, match="more than once"):
        measures.load(data)


def test_a_change_of_any_file_changes_the_digest(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(measures.DATA, data)
    assert measures.load(data).digest == measures.load().digest
    other = tmp_path / "other"
    shutil.copytree(measures.DATA, other)
    path = other / "measures" / "2023-39-graphite.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# checked\n", encoding="utf-8")
    assert measures.load(other).digest != measures.load().digest
