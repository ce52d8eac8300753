"""What is asked of the controls, line by line: each test is named after its line."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.controls import classify, enquiry
from portal.controls.judge import GoodsItem, judge
from portal.controls.measures import Measure, load
from tests.controls.samples import TODAY, checked

SHIPPED = load()
ONE = {measure.number: measure for measure in SHIPPED.measures}
LATE = ("2025-11-07", "2026-11-10", "70/2025")
# Number, day of issue, first day in force, suspension: from the reference's table of measures.
MEASURES: list[tuple[str, str, str, tuple[str, str, str] | None]] = [
    ("23/2023", "2023-07-03", "2023-08-01", None),
    ("39/2023", "2023-10-20", "2023-12-01", None),
    ("33/2024", "2024-08-15", "2024-09-15", None),
    ("46/2024 ¶1", "2024-12-03", "2024-12-03", None),
    ("46/2024 ¶2", "2024-12-03", "2024-12-03", ("2025-11-09", "2026-11-27", "72/2025")),
    ("51/2024", "2024-11-15", "2024-12-01", None),
    ("10/2025", "2025-02-04", "2025-02-04", None),
    ("18/2025", "2025-04-04", "2025-04-04", None),
    ("55/2025", "2025-10-09", "2025-11-08", LATE),
    ("56/2025", "2025-10-09", "2025-11-08", LATE),
    ("57/2025", "2025-10-09", "2025-11-08", LATE),
    ("58/2025", "2025-10-09", "2025-11-08", LATE),
    ("61/2025", "2025-10-09", "2025-10-09", LATE),
    ("62/2025", "2025-10-09", "2025-10-09", LATE),
    ("70/2025", "2025-11-07", "2025-11-07", None),
    ("72/2025", "2025-11-09", "2025-11-09", None),
    ("1/2026", "2026-01-06", "2026-01-06", None),
    ("Licence catalogue 2026", "2025-12-31", "2026-01-01", None),
]
# Item, control code, and HS codes as the reference has them, so that none is lost from the files.
ITEMS = [
    ("23/2023:gallium-arsenide", "", "2853909026 3818009004 3825690004"),
    ("23/2023:germanium-metal", "", "8112921010 8112921090 8112991000"),
    ("39/2023:artificial-graphite", "", "3801100030 3801909010 6815190020"),
    ("39/2023:natural-flake-graphite", "", "2504101000 2504109100 3801901000 3801909010 3824999940 6815190020"),
    ("33/2024:antimony-ore", "", "2617101000 2617109001 2617109090 2830902000"),
    ("33/2024:antimony-metal", "", "8110101000 8110102000 8110200000 8110900000"),
    ("33/2024:six-sided-press", "", "8479899956"),
    ("33/2024:mpcvd", "", "8479899957"),
    ("10/2025:tungsten-compounds", "1C117.d", "2841801000 2825901200 2825901910 2825901920 2849902000"),
    ("10/2025:solid-tungsten", "1C117.c", "8101940001 8101991001 8101999001"),
    ("10/2025:tungsten-heavy-alloy", "1C004", "8101940001 8101991001 8101999001"),
    ("10/2025:tellurium-metal", "6C002.a", "2804500001"),
    ("10/2025:cadmium-zinc-telluride", "6C002.b", "2842909025 3818009021"),
    ("10/2025:bismuth-metal", "6C001.a",
     "8106101091 8106101092 8106101099 8106109090 8106901019 8106901029 8106901099 8106909090"),
    ("10/2025:molybdenum-powder", "1C117.b", "8102100001"),
    ("10/2025:indium-phosphide", "3C004.a", "2853904051"),
    ("18/2025:samarium-metal", "1C902.a", "2805301910"),
    ("18/2025:samarium-oxide", "1C902.b", "2846901940 2846901993 3824999922"),
    ("18/2025:gadolinium-oxide", "1C903.b", "2846901930 2846901993 3824999922"),
    ("55/2025:diamond-powder", "2C902.a", "71051020"),
    ("55/2025:dcpcvd", "2B005.b", "84798999"),
    ("56/2025:extractants", "1C914.c", "29319000 29199000 38249999"),
    ("57/2025:holmium", "1C909", ""),
    ("57/2025:ytterbium", "1C913", ""),
    ("58/2025:lithium-ion-cells", "3A001", "85076000"),
    ("58/2025:lfp-cathode", "3C901.a.1", "28429040"),
]  # fmt: skip
SUSPENDED = [measure for measure in SHIPPED.measures if measure.suspensions]


@pytest.mark.parametrize(("number", "issued", "since", "suspended"), MEASURES)
def test_every_measure_of_the_reference_is_on_file_as_dated_intervals(
    number: str, issued: str, since: str, suspended: tuple[str, str, str] | None
) -> None:
    measure = ONE[number]
    assert (str(measure.issued), str(measure.since)) == (issued, since)
    found = [(str(one.interval.since), str(one.interval.until), one.by) for one in measure.suspensions]
    assert found == ([suspended] if suspended else [])
    assert measure.source
    assert measure.checked is None, "nobody has compared it with the official text; only two people may say so"


def test_no_measure_is_on_file_that_the_reference_does_not_have() -> None:
    assert set(ONE) == {number for number, *_ in MEASURES}


@pytest.mark.parametrize(("key", "code", "hs_codes"), ITEMS)
def test_items_have_their_control_codes_and_hs_codes(key: str, code: str, hs_codes: str) -> None:
    number, _, identity = key.partition(":")
    item = next(item for item in ONE[number].items if item.id == identity)
    assert item.control_codes == ((code,) if code else ())
    assert list(item.hs_codes) == hs_codes.split()


@pytest.mark.parametrize("measure", SUSPENDED, ids=lambda measure: measure.number)
def test_after_a_suspensions_end_with_nothing_newer_it_is_in_force_again_check(measure: Measure) -> None:
    last = measure.suspensions[-1].interval.until
    assert last is not None
    assert measure.standing(last) == "suspended"
    for day in (last + timedelta(days=1), last + timedelta(days=3000)):
        assert measure.standing(day) == "check"
        for item in measure.items:
            for code in item.control_codes:
                judgement = judge(GoodsItem("goods", control_code=code), "DE", day)
                assert judgement.state in ("review", "controlled")
                assert "in force again, check" in judgement.reasons[0].en
                worked = classify.answer(enquiry.read(code, SHIPPED), SHIPPED, day)
                assert worked.state in ("review", "controlled")


def test_after_72_2025_ended_gallium_to_the_united_states_is_barred_again_and_to_be_checked() -> None:
    gallium = GoodsItem("Gallium metal", "Ga", hs_code="8112929090")
    assert not judge(gallium, "US", date(2026, 11, 27)).prohibited
    after = judge(gallium, "US", date(2026, 11, 28))
    assert after.prohibited
    assert any("in force again, check" in reason.en for reason in after.reasons)


@pytest.mark.parametrize("age", [None, 181])
def test_a_stale_or_unverified_measure_asks_for_review_instead_of_passing(age: int | None) -> None:
    day = None if age is None else TODAY - timedelta(days=age)
    measures = replace(SHIPPED, measures=tuple(replace(one, checked=day) for one in SHIPPED.measures))
    for words, values in (("Sb2O3", {"purity": "99.5 %"}), ("molybdenum powder", {"particle_size": "100 µm"})):
        answers, _ = classify.stated(values)
        assert classify.answer(enquiry.read(words, measures), measures, TODAY, answers=answers).state == "review"
        assert judge(GoodsItem(words, **values), "DE", TODAY, measures).state == "review"
        assert judge(GoodsItem(words, **values), "DE", TODAY, checked()).state == "not_controlled"


@pytest.mark.parametrize(
    ("words", "chosen", "values", "remark"),
    [
        ("indium phosphide wafer", "10/2025:indium-phosphide", {}, "属于两用物项3C004.a"),
        ("Sb2O3", "33/2024:antimony-oxide", {"purity": "99.985%"}, "不属于管制物项，纯度99.985%"),
        ("Sb2O3", "33/2024:antimony-oxide", {"purity": "95%"}, None),
    ],
)
def test_the_customs_remark_that_recent_announcements_ask_for(
    words: str, chosen: str, values: dict[str, str], remark: str | None
) -> None:
    answers, _ = classify.stated(values)
    worked = classify.answer(
        enquiry.read(words, checked()), checked(), TODAY, chosen=frozenset({chosen}), answers=answers
    )
    assert (worked.remark.text if worked.remark else None) == remark
    if worked.remark:
        assert "55/2025" in worked.remark.source.en


@pytest.mark.parametrize(
    ("to", "day", "findings"),
    [
        ("US", date(2024, 12, 2), {}),
        ("US", date(2024, 12, 3), {"46/2024 ¶1": "conditional", "46/2024 ¶2": "controlled"}),
        ("US", date(2025, 11, 9), {"46/2024 ¶1": "conditional", "46/2024 ¶2": "suspended"}),
        ("US", date(2026, 11, 28), {"46/2024 ¶1": "conditional", "46/2024 ¶2": "review"}),
        ("JP", date(2026, 1, 5), {}),
        ("JP", date(2026, 1, 6), {"1/2026": "conditional"}),
        ("DE", TODAY, {}),
    ],
)
def test_destination_effects_for_the_united_states_and_japan_on_the_day(
    to: str, day: date, findings: dict[str, str]
) -> None:
    judgement = judge(GoodsItem("Germanium dioxide", "Ge", hs_code="2825600002"), to, day)
    found = {one.number: one.state for one in judgement.measures if one.number != "23/2023" and one.state != "not_yet"}
    assert found == findings


def test_days_are_written_as_every_page_writes_them() -> None:
    judgement = judge(GoodsItem("Holmium oxide", control_code="1C909"), "DE", TODAY)
    assert "ended on 10 Nov 2026" in judgement.reasons[0].en
    assert "于2026年11月10日届满" in judgement.reasons[0].zh
