"""Values as people state them, and how intervals compare with thresholds."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.controls.quantities import Stated, load

KNOWN = load()
NUMBERS = st.decimals("0", "1000", places=3)


@pytest.mark.parametrize(
    ("quantity", "text", "shown"),
    [
        ("purity", "99.95 %", "99.95"),
        ("purity", "99.95", "99.95"),
        ("purity", "≥99.9%", "≥ 99.9"),
        ("purity", "大于等于99.9％", "≥ 99.9"),
        ("purity", "99.9% min", "≥ 99.9"),
        ("purity", "5N", "≥ 99.999"),
        ("purity", "5N5", "≥ 99.9995"),
        ("purity", "4个9", "≥ 99.99"),
        ("purity", "120%", None),
        ("purity", "high", None),
        ("purity", "about 99.9%", None),
        ("purity", "约99.9%", None),
        ("particle_size", "45 µm", "45"),
        ("particle_size", "10-45um", "10–45"),
        ("particle_size", "10~45微米", "10–45"),
        ("particle_size", "0.1–0.3 mm", "100–300"),
        ("particle_size", "<50μm", "< 50"),
        ("particle_size", "不大于50微米", "≤ 50"),
        ("particle_size", "50µm以下", "≤ 50"),
        ("particle_size", "200 nm", "0.2"),
        ("particle_size", "325 mesh", None),
        ("particle_size", "45-10 µm", None),
        ("density", "1.73", "1.73"),
        ("density", "1730 kg/m³", "1.73"),
        ("tensile_strength", "1,270 MPa", "1270"),
        ("tensile_strength", "1.27 GPa", "1270"),
        ("magnetic_field", "1500 mT", "1.5"),
        ("magnetic_field", "15 kOe", "1.5"),
        ("window_diameter", "3 英寸", "3"),
        ("pressure", "5500 MPa", "5.5"),
        ("dislocations", "<50 /cm²", "< 50"),
        ("density", "1.7 MPa", None),
    ],
)
def test_a_value_is_read_in_the_unit_of_its_quantity(quantity: str, text: str, shown: str | None) -> None:
    stated = KNOWN[quantity].read(text)
    assert (str(stated) if stated else None) == shown


@pytest.mark.parametrize(
    ("stated", "op", "verdict"),
    [
        ("99.95", ">", "met"),
        ("99.9", ">", "outside"),
        ("99.9", ">=", "met"),
        (">99.9", ">", "met"),
        ("≥99.9", ">", "open"),
        ("≥99.5", ">", "open"),
        ("<99.9", ">", "outside"),
        ("<99.9", ">=", "outside"),
        ("99.5-99.8", ">=", "outside"),
        ("99.5-99.95", ">=", "open"),
    ],
)
def test_an_interval_that_reaches_over_a_threshold_leaves_it_open(stated: str, op: str, verdict: str) -> None:
    read = KNOWN["purity"].read(stated)
    assert read is not None
    assert read.against(op, Decimal("99.9")) == verdict


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.sampled_from([">", ">=", "<", "<="]))
def test_an_interval_agrees_with_every_value_in_it(
    one: Decimal, other: Decimal, inside: Decimal, threshold: Decimal, op: str
) -> None:
    low, high = sorted((one, other))
    value = min(max(inside, low), high)
    whole = Stated(low, high).against(op, threshold)
    alone = Stated(value, value).against(op, threshold)
    assert alone != "open"
    assert whole in (alone, "open")


@given(NUMBERS, NUMBERS, NUMBERS)
def test_more_impurity_never_brings_goods_over_a_threshold_of_purity(one: Decimal, other: Decimal, at: Decimal) -> None:
    less, more = sorted((one, other))
    if Stated(more, more).against(">=", at) == "outside":
        assert Stated(less, less).against(">=", at) == "outside"
    if Stated(less, less).against(">", at) == "met":
        assert Stated(more, more).against(">", at) == "met"


@pytest.mark.parametrize(
    ("quantity", "text", "op", "value", "near"),
    [
        ("purity", "99.85 %", ">", "99.9", True),
        ("purity", "99.7 %", ">", "99.9", False),
        ("density", "1.70", ">", "1.73", True),
        ("density", "1.60", ">", "1.73", False),
        ("particle_size", "54 µm", "<=", "50", True),
        ("particle_size", "60 µm", "<=", "50", False),
        ("particle_size", "54–90 µm", "<=", "50", True),
    ],
)
def test_what_is_near_a_threshold(quantity: str, text: str, op: str, value: str, near: bool) -> None:
    stated = KNOWN[quantity].read(text)
    assert stated is not None
    assert KNOWN[quantity].close(stated, op, Decimal(value)) is near
