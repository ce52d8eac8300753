"""Formulas as people write them, in both scripts; what is a word stays a word."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.controls import formula
from portal.controls.formula import Formula, FormulaError, Part, Unit, parse
from portal.controls.goods import GoodsItem, elements_named
from portal.controls.measures import load

ATOMS = st.sampled_from(formula.SYMBOLS.split("|"))
WHOLE = st.integers(1, 40).map(Decimal)
COUNTS = st.one_of(
    WHOLE,
    st.decimals("0.01", "30", places=2).map(lambda count: count.normalize() if count % 1 else Decimal(int(count))),
    st.sampled_from(["x", "1-x", "7-δ", "2+y"]),
)


def branches(inner: st.SearchStrategy[Unit]) -> st.SearchStrategy[tuple[tuple[Unit, ...], ...]]:
    return st.lists(st.lists(inner, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)


UNITS = st.recursive(
    st.builds(Unit, ATOMS, COUNTS),
    lambda inner: st.builds(Unit, branches(inner), COUNTS),
    max_leaves=4,
)
PARTS = st.builds(Part, st.lists(UNITS, min_size=1, max_size=5).map(tuple), WHOLE)
FORMULAS = st.builds(
    Formula, st.lists(PARTS, min_size=1, max_size=3).map(tuple), st.lists(PARTS, max_size=2).map(tuple)
).filter(lambda one: len(str(one)) <= formula.LONGEST)


@settings(max_examples=60, deadline=None)
@given(FORMULAS)
def test_a_formula_that_was_written_is_read_the_same(one: Formula) -> None:
    again = parse(str(one))
    assert str(again) == str(one)
    assert again.elements == one.elements
    assert again.atoms == one.atoms


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_searched_without_a_fault(text: str) -> None:
    for one in formula.found(text):
        assert one.alloy or parse(str(one)).elements == one.elements


@pytest.mark.parametrize(
    ("text", "atoms"),
    [
        ("GaAs", {"Ga": 1, "As": 1}),
        ("Ga2O3", {"Ga": 2, "O": 3}),
        ("Ga₂O₃", {"Ga": 2, "O": 3}),
        ("Ｇａ２Ｏ３", {"Ga": 2, "O": 3}),
        ("(NH4)10W12O41·5H2O", {"N": 10, "H": 50, "W": 12, "O": 46}),
        ("(NH4)10W12O41•5H2O", {"N": 10, "H": 50, "W": 12, "O": 46}),
        ("SmCo5", {"Sm": 1, "Co": 5}),
        ("Nd2Fe14B", {"Nd": 2, "Fe": 14, "B": 1}),
        ("Bi4Ge3O12", {"Bi": 4, "Ge": 3, "O": 12}),
        ("CdZnTe", {"Cd": 1, "Zn": 1, "Te": 1}),
        ("Hg0.8Cd0.2Te", {"Hg": "0.8", "Cd": "0.2", "Te": 1}),
        ("In(CH3)3", {"In": 1, "C": 3, "H": 9}),
        ("[Co(NH3)6]Cl3", {"Co": 1, "N": 6, "H": 18, "Cl": 3}),
        ("Gd3+", {"Gd": 1}),
    ],
)
def test_atoms(text: str, atoms: dict[str, int | str]) -> None:
    assert parse(text).atoms == {symbol: Decimal(count) for symbol, count in atoms.items()}


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("Hg1-xCdxTe", "Hg Cd Te"),
        ("In1-xGaxAs", "In Ga As"),
        ("(Nd,Dy)2Fe14B", "Nd Dy Fe B"),
        ("(Nd0.9Tb0.1)2Fe14B", "Nd Tb Fe B"),
        ("YBa2Cu3O7-δ", "Y Ba Cu O"),
        ("Y3Al5O12:Ce", "Y Al O Ce"),
        ("Sm(Co,Fe,Cu,Zr)7.5", "Sm Co Fe Cu Zr"),
    ],
)
def test_variables_shared_places_and_dopants(text: str, elements: str) -> None:
    assert parse(text).elements == set(elements.split())


def test_brackets_may_be_nested_deeply() -> None:
    assert parse("(" * 99 + "Ga" + ")" * 99).elements == {"Ga"}
    with pytest.raises(FormulaError):
        parse("(" * 199)


@pytest.mark.parametrize("text", ["", "gaas", "Ga2O3)", "(GaAs", "Ga0As", "Xx2", "GaAs!", "5", "()", "Ga,As"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("Sputtering target Tb-Fe-Co, 99.9%", "Tb Fe Co"),
        ("90W-7Ni-3Fe heavy alloy rod", "W Ni Fe"),
        ("Al-Sc master alloy", "Al Sc"),
        ("wafers of GaAs,InP and (InSb)", "Ga As In P Sb"),
        ("GaAs-based amplifier", "Ga As"),
        ("仲钨酸铵（(NH4)10W12O41·5H2O）粉末", "N H W O"),
        ("碲锌镉Cd0.9Zn0.1Te晶片", "Cd Zn Te"),
        ("NdFeB magnet with Dy", "Nd Fe B Dy"),
        ("Inch ruler in a BIS box from NYC", ""),
        ("YES, a T-shirt. In stock: I/O card, USB, Co. Ltd", ""),
        ("不锈钢螺栓", ""),
        ("Mo powder, 3 drums", "Mo"),
        ("W粉", "W"),
        ("Bi ingots", "Bi"),
        ("sputtering target of Te", "Te"),
        ("In metal boxes, as powder", ""),
    ],
)
def test_found_in_a_text(text: str, elements: str) -> None:
    assert formula.elements_in(text) == set(elements.split())


@pytest.mark.parametrize(
    ("name", "elements"),
    [
        ("ITO sputtering target", "In"),
        ("Terfenol-D rod", "Tb Dy"),
        ("YSZ powder, 8 mol", "Y"),
        ("Nd:YAG rod", "Y"),
        ("BGO scintillator", "Bi Ge"),
        ("硬质合金刀片", "W"),
        ("Galinstan", "Ga In"),
        ("镓铟锡液态金属", "Ga In"),
        ("Portrait of Mr Ito, apt 5, ggg", ""),
    ],
)
def test_elements_hidden_in_the_trade_names_of_materials(name: str, elements: str) -> None:
    measures = load()
    found = elements_named(GoodsItem(name), measures.elements, measures.materials)
    assert found == set(elements.split())
