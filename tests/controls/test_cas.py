"""CAS numbers: the check digit, the few on file, and that no other is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.controls import cas, classify, enquiry
from portal.controls.measures import load
from tests.controls.samples import TODAY

# Numbers that Announcement 56/2025 prints.
ON_FILE = {"14802-03-0", "298-07-7", "1338-24-5", "68814-95-9", "83411-71-6"}


def test_only_the_numbers_of_the_reference_are_on_file_and_each_leads_to_an_item() -> None:
    items = {(measure.number, item.id): item for measure in load().measures for item in measure.items}
    assert set(cas.substances()) == ON_FILE
    for number, substance in cas.substances().items():
        assert cas.checks(number)
        assert (substance.measure, substance.item) in items
        assert substance.mark == "V"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("P507, CAS 14802-03-0", "on_file"),
        ("CAS：298-07-7（P204）", "on_file"),
        ("7732-18-5", "not_on_file"),  # water
        ("7440-56-4", "known"),  # germanium
        ("14802-03-1", "wrong"),
    ],
)
def test_state(text: str, state: str) -> None:
    (found,) = cas.found(text)
    assert found.state == state
    assert (found.substance is not None) == (state == "on_file")
    assert (found.compound is not None) == (state == "known")


def test_what_general_chemistry_knows_leads_to_candidates_and_never_lets_goods_out() -> None:
    measures = load()
    for number, compound in cas.compounds().items():
        assert cas.checks(number), number
        asked = enquiry.read(f"CAS {number}", measures)
        assert classify.candidates(asked, measures, TODAY), compound.name.en
        assert classify.answer(asked, measures, TODAY).state == "review"
        assert "general chemistry" in asked.recognised[0].en


@pytest.mark.parametrize("text", ["2026-11-24", "8112-99-10-00", "+86-10-65-1", "no number", "1-23-4"])
def test_dates_and_codes_are_no_cas_numbers(text: str) -> None:
    assert cas.found(text) == ()


@given(st.integers(10, 9_999_999), st.integers(0, 99))
def test_exactly_one_check_digit_fits(first: int, second: int) -> None:
    assert sum(cas.checks(f"{first}-{second:02}-{digit}") for digit in range(10)) == 1
