"""What a change of measures can touch: nothing is missed, and most is turned away without being judged."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.controls import overlay, reach
from portal.controls.judge import GoodsItem, judge
from portal.controls.measures import Measure, MeasureSet, load
from portal.controls.models import ChangeKind
from portal.controls.overlay import Change
from tests.controls.samples import TODAY

EXTENSION = Change("57/2025", ChangeKind.EXTENSION, date(2026, 11, 11), date(2027, 11, 10), "TEST", "", "test", "V")
AHEAD = replace(EXTENSION, number="18/2025", kind=ChangeKind.SUSPENSION, effective=date(2026, 12, 1))
TO_US = replace(EXTENSION, number="46/2024 ¶2", effective=date(2026, 11, 28))
CHECK = replace(EXTENSION, number="33/2024", kind=ChangeKind.CHECK, effective=TODAY, until=None, announcement="")
SHIPPED = load()
WORDS = sorted(
    {term for one in SHIPPED.measures for item in one.items for term in item.terms}
    | {name for element in SHIPPED.elements for name in element.names}
    | {word for material in SHIPPED.materials for word in material.words}
    | {"steel bolts", "不锈钢螺栓", "powder", "target", "Sb₂O₃", "(Nd,Dy)2Fe14B", "W-Ni-Fe", "Ｇａ２Ｏ３", "In 99.99%"}
)
CODES = sorted({code for one in SHIPPED.measures for item in one.items for code in item.hs_codes + item.hs_doubtful})
CONTROL = sorted({code for one in SHIPPED.measures for item in one.items for code in item.control_codes})
NUMBERS = [one.number for one in SHIPPED.measures]


def without(number: str) -> MeasureSet:
    return replace(SHIPPED, measures=tuple(one for one in SHIPPED.measures if one.number != number))


GOODS = st.builds(
    GoodsItem,
    name=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
    element=st.sampled_from(["", "Ge", "Ho", "W", "Sb"]),
    purity=st.sampled_from(["", "99.5 %", "5N"]),
    hs_code=st.sampled_from(["", "7318150000", *CODES]) | st.sampled_from(CODES).map(lambda code: code[:6]),
    control_code=st.sampled_from(["", "", "9A999", *CONTROL]),
)


@settings(max_examples=150, deadline=None)
@given(GOODS, st.sampled_from(["US", "JP", "DE"]), st.sampled_from(NUMBERS), st.booleans())
def test_goods_that_are_turned_away_are_judged_alike(goods: GoodsItem, to: str, number: str, added: bool) -> None:
    before, after = (without(number), SHIPPED) if added else (SHIPPED, without(number))
    if not reach.of(reach.changed(before, after), after).may(goods, to):
        for day in (TODAY, date(2025, 6, 1), date(2026, 11, 28)):
            old, new = judge(goods, to, day, before), judge(goods, to, day, after)
            assert (old.state, old.prohibited) == (new.state, new.prohibited)


@pytest.mark.parametrize(
    ("change", "goods", "to", "may"),
    [
        (EXTENSION, GoodsItem("Holmium oxide"), "DE", True),
        (EXTENSION, GoodsItem("Er2O3 powder"), "DE", True),
        (EXTENSION, GoodsItem("Metal", hs_code="280530"), "DE", True),
        (EXTENSION, GoodsItem("Metal", control_code="1c909"), "DE", True),
        (EXTENSION, GoodsItem("Gallium arsenide wafer", hs_code="2853909026"), "DE", False),
        (EXTENSION, GoodsItem("Hollow steel bolts"), "DE", False),
        (TO_US, GoodsItem("Steel bolts"), "US", True),
        (TO_US, GoodsItem("Gallium arsenide wafer"), "DE", False),
    ],
)
def test_what_may_be_touched(change: Change, goods: GoodsItem, to: str, may: bool) -> None:
    after = overlay.apply(SHIPPED, [change])
    assert reach.of(reach.changed(SHIPPED, after), after).may(goods, to) is may


@pytest.mark.parametrize(
    ("change", "days"),
    [
        (EXTENSION, [TODAY]),
        (AHEAD, [date(2026, 12, 1), date(2027, 11, 11)]),
        (TO_US, [date(2026, 11, 28)]),
        (CHECK, [TODAY]),
    ],
)
def test_the_days_from_which_a_change_makes_a_difference(change: Change, days: list[date]) -> None:
    assert list(reach.days(SHIPPED, overlay.apply(SHIPPED, [change]), TODAY)) == days
    assert reach.days(SHIPPED, SHIPPED, TODAY) == ()


def test_a_measure_that_is_added_is_reached_from_its_first_day() -> None:
    late: Measure = replace(
        SHIPPED.measures[0],
        number="9/2099",
        in_force=(replace(SHIPPED.measures[0].in_force[0], since=date(2027, 1, 1)),),
    )
    after = replace(SHIPPED, measures=(*SHIPPED.measures, late))
    assert reach.days(SHIPPED, after, TODAY) == (date(2027, 1, 1),)
