"""What the judgement says of goods: by code, by name in either language, by formula, by day and destination."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.controls import goods
from portal.controls.judge import GoodsItem, Judgement, MeasureFinding, judge
from portal.controls.measures import MeasureSet, load

TODAY = date(2026, 11, 24)


def finding(judgement: Judgement, number: str) -> MeasureFinding:
    return next(found for found in judgement.measures if found.number == number)


@pytest.mark.parametrize(
    ("item", "state", "number"),
    [
        (GoodsItem("Germanium metal", "Ge", hs_code="8112991000"), "controlled", "23/2023"),
        (GoodsItem("Germanium metal", "Ge", hs_code="8112.9910.00"), "controlled", "23/2023"),
        (GoodsItem("SmCo magnets", "Sm", hs_code="8505111000", control_code="1C902.a"), "controlled", "18/2025"),
        (GoodsItem("Samarium", control_code="1c902"), "controlled", "18/2025"),
        (GoodsItem("Indium phosphide wafer", hs_code="2853904051"), "controlled", "10/2025"),
        (GoodsItem("Germanium lens blank", "Ge", hs_code="9001909090"), "review", "23/2023"),
        (GoodsItem("锗镜片毛坯"), "review", "23/2023"),
        (GoodsItem("钐钴磁体"), "review", "18/2025"),
        (GoodsItem("SmCo magnet"), "review", "18/2025"),
        (GoodsItem("NdFeB magnet with Dy"), "review", "18/2025"),
        (GoodsItem("钕铁硼磁钢"), "review", "18/2025"),
        (GoodsItem("Wafers, GaAs"), "review", "23/2023"),
        (GoodsItem("Optical crystal", chemical_form="Bi4Ge3O12"), "review", "10/2025"),
        (GoodsItem("Sputtering target Tb-Fe-Co"), "review", "18/2025"),
        (GoodsItem("Artificial graphite block", purity="99.95 %"), "review", "39/2023"),
        (GoodsItem("Unnamed metal", hs_code="811299"), "review", "23/2023"),
        (GoodsItem("Unnamed metal", hs_code="81129910"), "review", "23/2023"),
        (GoodsItem("Dysprosium metal", "Dy", control_code="1C905.a"), "review", "18/2025"),
        (GoodsItem("Germanium tetrachloride", "Ge", hs_code="2827399001"), "review", "23/2023"),
        (GoodsItem("Erbium fibre", "Er", control_code="1C910"), "review", "57/2025"),
        (GoodsItem("Rare earth mixture"), "review", "18/2025"),
    ],
)
def test_state_and_measure(item: GoodsItem, state: str, number: str) -> None:
    judgement = judge(item, "DE", TODAY)
    assert judgement.state == state
    assert finding(judgement, number).state == state
    assert not judgement.prohibited


@pytest.mark.parametrize(
    "name",
    [
        "Stainless steel bolts",
        "Inch ruler in a BIS box from NYC",
        "Cotton T-shirts, YES brand",
        "不锈钢螺栓",
        "Bicycle, In",
    ],
)
def test_words_that_look_like_symbols_control_nothing(name: str) -> None:
    judgement = judge(GoodsItem(name, hs_code="7318150000"), "FR", TODAY)
    assert (judgement.state, judgement.measures) == ("not_controlled", ())
    assert "No measure on file (version 1.4.0, facts to 22 Aug 2026) names this item" in judgement.reasons[0].en
    assert "catch-all still applies" in judgement.reasons[1].en
    assert "全面管制仍然适用" in judgement.reasons[1].zh


def test_a_code_that_is_not_on_file_is_for_review_never_passed() -> None:
    judgement = judge(GoodsItem("Valve", control_code="2B350"), "FR", TODAY)
    assert judgement.state == "review"
    assert "2B350" in judgement.reasons[-1].zh


@pytest.mark.parametrize(
    ("day", "state", "measure_state"),
    [
        (date(2025, 11, 6), "not_controlled", "not_yet"),
        (date(2025, 11, 7), "not_controlled", "suspended"),
        (date(2026, 11, 10), "not_controlled", "suspended"),
        (date(2026, 11, 11), "review", "review"),
        (TODAY, "review", "review"),
    ],
)
def test_a_suspended_measure_reports_its_end_and_comes_back_for_review(
    day: date, state: str, measure_state: str
) -> None:
    judgement = judge(GoodsItem("Holmium oxide", "Ho", control_code="1C909"), "FR", day)
    assert judgement.state == state
    reported = finding(judgement, "57/2025")
    assert reported.state == measure_state
    if measure_state == "suspended":
        assert "to 10 Nov 2026" in reported.reason.en
        assert "至2026年11月10日暂停实施" in reported.reason.zh
        assert "names this item" in judgement.reasons[-2].en


@pytest.mark.parametrize(
    ("day", "prohibited", "state"),
    [
        (date(2024, 12, 2), False, "not_yet"),
        (date(2024, 12, 3), True, "controlled"),
        (date(2025, 11, 8), True, "controlled"),
        (date(2025, 11, 9), False, "suspended"),
        (date(2026, 11, 27), False, "suspended"),
        (date(2026, 11, 28), True, "review"),
    ],
)
def test_gallium_to_the_united_states_around_the_dates_of_46_and_72(day: date, prohibited: bool, state: str) -> None:
    gallium = GoodsItem("Gallium metal", "Ga", hs_code="8112929090")
    judgement = judge(gallium, "US", day)
    assert judgement.state == "controlled"
    assert judgement.prohibited is prohibited
    assert finding(judgement, "46/2024 ¶2").state == state
    assert not judge(gallium, "DE", day).prohibited


def test_graphite_to_the_united_states_is_checked_more_strictly_but_not_barred() -> None:
    graphite = GoodsItem("Flake graphite", hs_code="2504101000")
    reported = finding(judge(graphite, "US", date(2025, 1, 2)), "46/2024 ¶2")
    assert (reported.state, reported.prohibited) == ("review", False)
    assert "stricter check" in reported.reason.en


@pytest.mark.parametrize(("destination", "number"), [("US", "46/2024 ¶1"), ("JP", "1/2026")])
def test_bans_on_military_use_are_reported_for_their_destination(destination: str, number: str) -> None:
    reported = finding(judge(GoodsItem("Tellurium", "Te", hs_code="2804500001"), destination, TODAY), number)
    assert (reported.state, reported.prohibited) == ("conditional", False)
    assert "depends on the user and the use" in reported.reason.en
    assert judge(GoodsItem("Steel bolts"), destination, TODAY).measures == ()


def test_a_stated_value_outside_a_threshold_asks_for_review_and_names_it() -> None:
    coarse = GoodsItem("Molybdenum powder", "Mo", purity="99.9 %", particle_size="100 µm", hs_code="8102100001")
    reported = finding(judge(coarse, "KR", TODAY), "10/2025")
    assert reported.state == "review"
    assert "particles of 50 µm or less" in reported.reason.en
    assert "颗粒尺寸小于等于50微米" in reported.reason.zh
    fine = GoodsItem("Molybdenum powder", "Mo", purity="99.9 %", particle_size="30 µm", hs_code="8102100001")
    assert judge(fine, "KR", TODAY).state == "controlled"


def compared(number: str, on: date) -> MeasureSet:
    """The shipped measures after somebody compared one with the official text on a day."""
    measures = tuple(replace(one, checked=on) if one.number == number else one for one in load().measures)
    return replace(load(), measures=measures)


IMPURE = GoodsItem("Antimony trioxide", "Sb", purity="99.5 %", hs_code="2825800010")


@pytest.mark.parametrize(("age", "state"), [(0, "not_controlled"), (180, "not_controlled"), (181, "review")])
def test_outside_a_threshold_passes_only_while_somebody_lately_compared_the_measure(age: int, state: str) -> None:
    judgement = judge(IMPURE, "US", TODAY, compared("33/2024", TODAY - timedelta(days=age)))
    assert judgement.state == state
    reported = finding(judgement, "33/2024")
    if state == "review":
        assert "more than 180 days ago" in reported.reason.en
        assert "已超过180天" in reported.reason.zh
        return
    assert reported.state == "outside"
    assert "Not controlled as Antimony oxide of 99.99 % purity and more" in reported.reason.en
    assert "because Purity 99.5%, threshold ≥ 99.99% (−0.49%)" in reported.reason.en
    assert "纯度为99.5%，阈值≥ 99.99%" in reported.reason.zh
    assert "全面管制仍然适用" in judgement.reasons[-1].zh
    assert not any("names this item" in reason.en for reason in judgement.reasons)
    assert [each.number for each in judgement.measures] == ["33/2024"], "what is outside is no dual-use item for a ban"


def test_before_anybody_compared_the_measure_the_same_goods_are_for_review() -> None:
    judgement = judge(IMPURE, "DE", TODAY)
    assert judgement.state == "review"
    assert "lies outside a threshold (Purity 99.5%, threshold ≥ 99.99% (−0.49%)" in judgement.reasons[0].en
    assert "No person has yet compared this measure with the official text" in judgement.reasons[0].en


@pytest.mark.parametrize(
    "item",
    [
        GoodsItem("Antimony trioxide", "Sb", purity="99.995 %", hs_code="2825800010"),
        GoodsItem("Antimony trioxide", "Sb", hs_code="2825800010"),
        GoodsItem("Antimony trioxide and indium antimonide", purity="99.5 %"),
        GoodsItem("Antimony ingot", "Sb", purity="99.5 %", hs_code="2825800010"),
        GoodsItem("Antimony trioxide 99.5 % with gallium oxide", purity="99.5 %", hs_code="2825800010"),
    ],
)
def test_goods_that_may_be_another_item_too_are_not_let_out(item: GoodsItem) -> None:
    assert judge(item, "DE", TODAY, compared("33/2024", TODAY)).state != "not_controlled"


def test_words_settle_which_item_a_shared_code_means() -> None:
    judgement = judge(GoodsItem("Trimethylindium", hs_code="2931900032"), "KR", TODAY)
    assert finding(judgement, "10/2025").control_code == "3C004.b"
    assert finding(judgement, "10/2025").state == "controlled"
    assert finding(judgement, "33/2024").state == "review"


def test_a_finding_says_what_is_not_verified_in_both_languages() -> None:
    reported = finding(judge(GoodsItem("Germanium metal", "Ge", hs_code="8112991000"), "DE", TODAY), "23/2023")
    assert (reported.mark, reported.checked) == ("V2", None)
    assert "No person has yet compared this measure with the official text (mark V2)" in reported.reason.en
    assert "尚未经人工对照官方文本核对（标记V2）" in reported.reason.zh
    assert "2023年第23号公告" in reported.reason.zh


def test_every_item_on_file_is_found_again_by_each_of_its_codes_and_words() -> None:
    for measure in load().measures:
        for item in measure.items:
            for code in item.control_codes:
                assert judge(GoodsItem("goods", control_code=code), "DE", TODAY).state != "not_controlled", code
            for hs_code in item.hs_codes + item.hs_doubtful:
                assert judge(GoodsItem("goods", hs_code=hs_code), "DE", TODAY).state != "not_controlled", hs_code
            for term in item.terms:
                assert judge(GoodsItem(f"A {term}"), "DE", TODAY).state != "not_controlled", term


@pytest.mark.parametrize(
    ("text", "value"),
    [("99.999 %", "99.999"), ("≥99.9%", "99.9"), ("6N", "99.9999"), ("5N5", "99.9995"), ("99.99", "99.99"),
     ("高纯 4N", "99.99"), ("high", None), ("", None), ("12 kg", None)],
)  # fmt: skip
def test_purity_is_read_from_what_people_write(text: str, value: str | None) -> None:
    assert goods.purity(text) == (Decimal(value) if value else None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("≤50 µm", "50"),
        ("30um", "30"),
        ("200 nm", "0.2"),
        ("0.1-0.3 mm", "300"),
        ("10 to 45 微米", "45"),
        ("325 mesh", None),
    ],
)
def test_particle_size_is_read_in_micrometres(text: str, value: str | None) -> None:
    assert goods.particle_size(text) == (Decimal(value) if value else None)
