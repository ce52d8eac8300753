"""The assistant: what it recognises, what it asks, and the worked answer with each comparison shown."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.controls import classify, enquiry, quantities
from portal.controls.classify import Candidate, Worked
from portal.controls.measures import MeasureSet, load
from portal.controls.quantities import Stated
from tests.controls.samples import TODAY, checked

SHIPPED, CHECKED = load(), checked()
GRAPHITE = "39/2023:artificial-graphite"


def ask(
    text: str,
    measures: MeasureSet = SHIPPED,
    on: date = TODAY,
    chosen: str | None = None,
    destination: str = "",
    **values: str,
) -> Worked:
    """The worked answer to a text; ``chosen`` are keys with blanks between, values as somebody types them."""
    answers, wrong = classify.stated(values)
    assert not wrong
    return classify.answer(
        enquiry.read(text, measures),
        measures,
        on,
        destination=destination,
        chosen=None if chosen is None else frozenset(chosen.split()),
        answers=answers,
    )


def candidates(text: str) -> tuple[Candidate, ...]:
    return classify.candidates(enquiry.read(text, SHIPPED), SHIPPED, TODAY)


def asked(text: str) -> set[str]:
    return {question.quantity.id for question in classify.questions(candidates(text))}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("3818009004", "23/2023:gallium-arsenide"),
        ("HS 3818.00.90.04", "23/2023:gallium-arsenide"),
        ("GaAs", "23/2023:gallium-arsenide"),
        ("砷化镓衬底", "23/2023:gallium-arsenide"),
        ("Ga₂O₃", "23/2023:gallium-oxide"),
        ("(NH4)10W12O41·5H2O", "10/2025:tungsten-compounds"),
        ("仲钨酸铵", "10/2025:tungsten-compounds"),
        ("SmCo5", "18/2025:samarium-cobalt-magnets"),
        ("Nd2Fe14B with Dy", "18/2025:neodymium-magnets"),
        ("Bi4Ge3O12", "10/2025:bismuth-germanate"),
        ("Cd0.9Zn0.1Te晶片", "10/2025:cadmium-zinc-telluride"),
        ("Hg1-xCdxTe", "10/2025:mercury-cadmium-telluride"),
        ("90W-7Ni-3Fe rod", "10/2025:tungsten-heavy-alloy"),
        ("P507, CAS 14802-03-0", "56/2025:extractants"),
        ("298-07-7", "56/2025:extractants"),
        ("1c117.D", "10/2025:tungsten-compounds"),
        ("Mo powder", "10/2025:molybdenum-powder"),
        ("钼粉", "10/2025:molybdenum-powder"),
        ("W", "10/2025:solid-tungsten"),
        ("磁场压机", "56/2025:magnetic-forming-press"),
        ("Terfenol-D", "18/2025:terbium-metal"),
        ("ITO target", "10/2025:indium-phosphide"),
    ],
)
def test_candidates(text: str, key: str) -> None:
    assert key in {candidate.key for candidate in candidates(text)}


def test_what_names_the_item_comes_before_what_only_holds_its_element() -> None:
    first, *others = candidates("Bi4Ge3O12")
    assert first.item.id == "bismuth-germanate"
    assert {other.measure.number for other in others} == {"23/2023"}


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("人造石墨", {"purity", "flexural_strength", "density"}),
        ("InSb", {"crystal", "dislocations", "purity"}),
        ("cubic press", {"cylinder_bore", "pressure"}),
        ("MPCVD", {"microwave_power", "microwave_frequency"}),
        ("diamond powder", {"particle_size"}),
        ("NdFeB magnet", {"terbium_or_dysprosium"}),
        ("magnetic press", {"magnetic_field"}),
        ("Li-ion cells", {"energy_density"}),
        ("W-Ni-Fe", {"density", "elastic_limit", "tensile_strength", "elongation"}),
        ("GaAs", set()),
    ],
)
def test_threshold_questions_come_from_the_data(text: str, quantities: set[str]) -> None:
    assert asked(text) == quantities


def test_every_comparison_on_file_can_be_asked_in_both_languages() -> None:
    every = [Candidate(m, item, "name", True) for m in SHIPPED.measures for item in m.items]
    questions = classify.questions(every)
    assert {question.quantity.id for question in questions} == set(quantities.load())
    assert all(question.quantity.question.en and question.quantity.question.zh for question in questions)


def test_controlled_because_the_goods_are_the_item_and_meet_every_threshold() -> None:
    worked = ask("artificial graphite", chosen=GRAPHITE, purity="99.95 %", flexural_strength="45 MPa", density="1.82")
    assert worked.state == "controlled"
    (item,) = worked.items
    assert [(c.stated, c.threshold, c.unit, c.margin) for c in item.comparisons] == [
        ("99.95", "> 99.9", "%", "+0.05"),
        ("45", "> 30", "MPa", "+15"),
        ("1.82", "> 1.73", "g/cm³", "+0.09"),
    ]
    assert "Controlled under Announcement 39/2023" in item.reason.en
    assert "Purity 99.95%, threshold > 99.9% (+0.05%)" in item.reason.en
    assert "密度为1.82 g/cm³，阈值> 1.73 g/cm³（差值+0.09 g/cm³）" in item.reason.zh
    assert worked.remark is not None
    assert worked.remark.text == "属于两用物项"
    assert "not on file" in worked.remark.notes[0].en


def test_near_a_threshold_gives_the_remark_with_the_actual_parameters() -> None:
    worked = ask("人造石墨", CHECKED, chosen=GRAPHITE, purity="99.85%", flexural_strength="45 MPa", density="1.82")
    assert (worked.state, worked.near) == ("not_controlled", True)
    assert worked.headline.zh == "接近管制阈值；未查到在库管制措施管制该物项"
    assert worked.remark is not None
    assert worked.remark.text == "不属于管制物项，纯度99.85%，抗折强度45MPa，密度1.82g/cm³"
    assert worked.remark.notes == ()
    assert (worked.remark.mark, "55/2025" in worked.remark.source.en) == ("V", True)


def test_the_same_from_measures_that_nobody_compared_is_for_review_and_the_remark_a_draft() -> None:
    worked = ask("人造石墨", chosen=GRAPHITE, purity="99.85%")
    assert (worked.state, worked.near) == ("review", True)
    assert "须经复核方可采用" in worked.items[0].reason.zh
    assert worked.remark is not None
    assert worked.remark.text == "不属于管制物项，纯度99.85%"
    assert "仅为草稿" in worked.remark.notes[0].zh


def test_far_from_the_threshold_is_not_controlled_and_needs_no_remark() -> None:
    worked = ask("Sb2O3", CHECKED, chosen="33/2024:antimony-oxide", purity="99.5 %")
    assert (worked.state, worked.near, worked.remark) == ("not_controlled", False, None)
    assert "because Purity 99.5%, threshold ≥ 99.99% (−0.49%)" in worked.items[0].reason.en


def test_a_verified_code_stands_in_the_remark() -> None:
    worked = ask("indium phosphide wafer", chosen="10/2025:indium-phosphide")
    assert worked.state == "controlled"
    assert worked.remark is not None
    assert worked.remark.text == "属于两用物项3C004.a"


def test_an_unverified_code_does_not() -> None:
    worked = ask("scandium oxide", chosen="18/2025:scandium")
    assert "unverified, mark I" in worked.items[0].reason.en
    assert worked.remark is not None
    assert worked.remark.text == "属于两用物项"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("artificial graphite", {"purity": "≥99.5%"}),
        ("artificial graphite", {"purity": "99.95%"}),
        ("Sb2O3", {}),
        ("W-Ni-Fe", {"density": "18", "elastic_limit": "900", "tensile_strength": "1300", "elongation": "5"}),
        ("diamond wire saw", {"grit_size": "5"}),
    ],
)
def test_what_is_not_stated_or_not_sure_is_for_review(text: str, values: dict[str, str]) -> None:
    (only,) = candidates(text)
    worked = ask(text, CHECKED, chosen=only.key, **values)
    assert worked.state == "review"
    assert worked.remark is None


def test_an_unverified_threshold_never_lets_goods_out_but_a_verified_one_does() -> None:
    key = "10/2025:tungsten-heavy-alloy"
    others = {"elastic_limit": "900", "tensile_strength": "1300"}
    assert ask("W-Ni-Fe", CHECKED, chosen=key, elongation="5", density="18", **others).state == "review"
    assert ask("W-Ni-Fe", CHECKED, chosen=key, elongation="9", density="17", **others).state == "not_controlled"


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"tungsten_kind": "tungsten", "tungsten_content": "99.9", "shape": "cylinder", "diameter": "120",
          "length": "50"}, "controlled"),
        ({"tungsten_kind": "tungsten", "tungsten_content": "99.9", "shape": "cylinder", "diameter": "119",
          "length": "50"}, "not_controlled"),
        ({"tungsten_kind": "copper", "tungsten_content": "80", "shape": "tube", "inner_diameter": "6.5 cm",
          "wall_thickness": "25", "length": "60"}, "controlled"),
        ({"tungsten_kind": "tungsten", "tungsten_content": "80", "shape": "tube"}, "not_controlled"),
        ({"tungsten_kind": "tungsten", "tungsten_content": "99", "shape": "block", "longest_side": "200",
          "middle_side": "119", "shortest_side": "60"}, "not_controlled"),
        ({"tungsten_kind": "tungsten", "tungsten_content": "99", "shape": "other"}, "not_controlled"),
        ({"tungsten_kind": "tungsten", "tungsten_content": "99"}, "review"),
    ],
)  # fmt: skip
def test_content_and_size_of_solid_tungsten(values: dict[str, str], state: str) -> None:
    assert ask("tungsten copper", CHECKED, chosen="10/2025:solid-tungsten", **values).state == state


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"crystal": "single", "dislocations": "49"}, "controlled"),
        ({"crystal": "single", "dislocations": "50"}, "not_controlled"),
        ({"crystal": "poly", "purity": "99.999999"}, "controlled"),
        ({"crystal": "poly", "purity": "6N"}, "review"),
        ({"crystal": "poly", "purity": "99.9999"}, "not_controlled"),
        ({"dislocations": "5000", "purity": "99.9"}, "not_controlled"),
        ({"purity": "99.9"}, "review"),
    ],
)
def test_either_way_into_indium_antimonide(values: dict[str, str], state: str) -> None:
    assert ask("InSb", CHECKED, chosen="33/2024:indium-antimonide", **values).state == state


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2025, 11, 6), "idle"),
        (date(2025, 11, 7), "idle"),
        (date(2026, 11, 10), "idle"),
        (date(2026, 11, 11), "review"),
        (TODAY, "review"),
    ],
)
def test_days_around_a_suspension(day: date, state: str) -> None:
    worked = ask("P507", on=day, chosen="56/2025:extractants")
    assert worked.items[0].state == state
    if state == "idle":
        assert "no effect on this day" in worked.items[0].reason.en
        assert worked.state == "not_controlled"
    else:
        assert worked.state == "review"
        assert "须立即核实" in worked.items[0].reason.zh


@pytest.mark.parametrize(("age", "state"), [(0, "not_controlled"), (180, "not_controlled"), (181, "review")])
def test_a_stale_measure_asks_for_review(age: int, state: str) -> None:
    measures = replace(
        SHIPPED,
        measures=tuple(replace(m, checked=TODAY - timedelta(days=age)) for m in SHIPPED.measures),
    )
    assert ask("Sb2O3", measures, chosen="33/2024:antimony-oxide", purity="99.5 %").state == state


def test_saying_that_goods_are_something_else_against_their_code_or_name_is_for_review() -> None:
    by_code = ask("3818009004", CHECKED, chosen="none")
    assert by_code.state == "review"
    assert "you say that the goods are something else, but the HS code" in by_code.items[0].reason.en
    assert ask("gallium arsenide", CHECKED, chosen="none").state == "review"


def test_an_element_alone_that_is_in_none_of_the_items_is_not_controlled_once_measures_are_checked() -> None:
    assert ask("ITO target", CHECKED, chosen="none").state == "not_controlled"
    assert ask("ITO target", SHIPPED, chosen="none").state == "review"
    assert ask("ITO target", CHECKED).state == "review"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("7732-18-5", "The CAS number is not on file"),
        ("CAS号：7732-18-5", "The CAS number is not on file"),
        ("14802-03-1", "check digit does not fit"),
        ("steel bolts 14802-03-1", "check digit does not fit"),
        ("7318150000", "An HS code alone settles nothing"),
        ("2B350", "is not on file here"),
        ("1234567", "Nothing here names the goods"),
        ("", "Nothing here names the goods"),
    ],
)
def test_what_says_too_little_is_for_review(text: str, says: str) -> None:
    worked = ask(text)
    assert worked.state == "review"
    assert any(says in reason.en for reason in worked.reasons)


@pytest.mark.parametrize("text", ["不锈钢螺栓", "stainless steel bolts", "CAS 7732-18-5 water"])
def test_goods_that_nothing_names_are_not_found_and_the_answer_says_of_what_set(text: str) -> None:
    worked = ask(text)
    assert (worked.state, worked.items) == ("not_controlled", ())
    assert "about 700 items, which are not all on file" in worked.reasons[0].en
    assert worked.version == SHIPPED.version


def test_a_destination_adds_its_measures_to_what_may_be_controlled() -> None:
    worked = ask("GaAs", chosen="23/2023:gallium-arsenide", destination="US", on=date(2026, 11, 28))
    assert {finding.number: finding.prohibited for finding in worked.destination} == {
        "46/2024 ¶1": False,
        "46/2024 ¶2": True,
    }
    assert ask("stainless steel bolts", destination="US").destination == ()


def test_values_stated_in_the_text_itself_count() -> None:
    read = enquiry.read("三氧化二锑 纯度99.5%", SHIPPED)
    assert read.answers["purity"] == Stated(Decimal("99.5"), Decimal("99.5"))
    assert "purity" not in enquiry.read("alloy W 97%, Ag 98%", SHIPPED).answers
    assert enquiry.read("NdFeB with Dy", SHIPPED).answers["terbium_or_dysprosium"] == "yes"


def test_what_cannot_be_read_is_named_and_not_guessed() -> None:
    read, wrong = classify.stated({"purity": "rather pure", "crystal": "liquid", "density": "1.8", "other": "1"})
    assert wrong == {"purity", "crystal"}
    assert read == {"density": Stated(Decimal("1.8"), Decimal("1.8"))}


PURITIES = st.decimals("90", "100", places=4)
RANK = {"not_controlled": 0, "review": 1, "controlled": 2}


@settings(max_examples=60, deadline=None)
@given(PURITIES, PURITIES, st.sampled_from(["exact", ">=", "<="]), st.booleans())
def test_more_impurity_never_makes_goods_more_controlled(one: Decimal, other: Decimal, how: str, full: bool) -> None:
    def state(purity: Decimal) -> int:
        sign = "" if how == "exact" else how
        values = {"flexural_strength": "45", "density": "1.8"} if full else {}
        return RANK[ask("artificial graphite", CHECKED, chosen=GRAPHITE, purity=f"{sign}{purity}", **values).state]

    less, more = sorted((one, other))
    assert state(less) <= state(more)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(["purity", "flexural_strength", "density"])), st.booleans())
def test_saying_less_never_lets_goods_out(told: set[str], inside: bool) -> None:
    values = {"purity": "99.95", "flexural_strength": "45", "density": "1.82" if inside else "1.5"}
    whole = ask("artificial graphite", CHECKED, chosen=GRAPHITE, **values).state
    part = ask("artificial graphite", CHECKED, chosen=GRAPHITE, **{name: values[name] for name in told}).state
    if whole != "not_controlled":
        assert part != "not_controlled"


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    worked = ask(text)
    assert worked.headline.zh
    assert not any("{" in one.reason.en + one.reason.zh for one in worked.items)
