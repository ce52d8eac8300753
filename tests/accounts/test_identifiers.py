"""Identifiers are proved by their standard's own check digits, and the message names what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts import identifiers
from portal.accounts.identifiers import WrongIdentifier, check

USCC, LEI = "91110000600037341L", "213800KUD8LAJWSQ9D15"
USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    ("scheme", "typed", "kept"),
    [
        ("USCC", USCC, USCC),
        ("USCC", " 9111 0000-6000 37341l ", USCC),
        ("USCC", "９１１１００００６０００３７３４１Ｌ", USCC),
        ("USCC", "91110000\u200b600037341L", USCC),
        ("LEI", LEI.lower(), LEI),
        ("LEI", "2138 00KU D8LA JWSQ 9D15", LEI),
    ],
)
def test_what_people_copy_is_brought_into_normal_form(scheme: identifiers.Scheme, typed: str, kept: str) -> None:
    assert check(scheme, typed) == kept


def test_a_letter_may_stand_in_the_first_two_places_of_a_code() -> None:
    """GB 32100 gives rural collectives codes that begin with N."""
    from stdnum.cn import uscc

    body = "N2110000600037341"
    assert check("USCC", body + uscc.calc_check_digit(body)).startswith("N2")


@pytest.mark.parametrize(
    ("scheme", "typed", "fault"),
    [
        ("USCC", "", "length"),
        ("USCC", USCC[:-1], "length"),
        ("USCC", USCC + "0", "length"),
        ("USCC", LEI, "length"),
        ("USCC", "9" * 10_000_000, "length"),
        ("USCC", "9111000060003734IL", "characters"),
        ("USCC", "91A10000600037341L", "characters"),
        ("USCC", "91110000\x0000037341L", "characters"),
        ("USCC", "9111000060003734１M", "check_digit"),
        ("USCC", "٩1110000600037341L", "characters"),
        ("LEI", USCC, "length"),
        ("LEI", "213800KUD8LAJWSQ9D1X", "characters"),
        ("LEI", "213800KUD8LАJWSQ9D15", "characters"),  # the A is Cyrillic
        ("LEI", "213800KUD8LXJWSQ9D15", "check_digit"),
    ],
)
def test_the_message_says_what_is_wrong(scheme: identifiers.Scheme, typed: str, fault: str) -> None:
    with pytest.raises(WrongIdentifier) as caught:
        check(scheme, typed)
    assert caught.value.fault == fault
    assert caught.value.text.en != caught.value.text.zh


def test_a_wrong_length_is_named_in_both_languages() -> None:
    with pytest.raises(WrongIdentifier) as caught:
        check("USCC", USCC[:-1])
    assert caught.value.text.en == "A Unified Social Credit Code has 18 characters; this has 17"
    assert caught.value.text.zh == "统一社会信用代码应为18位，您输入了17位"


@given(place=st.sampled_from([*range(2), *range(8, 18)]), letter=st.sampled_from(USCC_LETTERS))
def test_no_single_slip_in_a_code_passes(place: int, letter: str) -> None:
    slipped = USCC[:place] + letter + USCC[place + 1 :]
    if slipped == USCC:
        return
    with pytest.raises(WrongIdentifier):
        check("USCC", slipped)


@given(place=st.integers(0, 19), letter=st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_no_single_slip_in_an_lei_passes(place: int, letter: str) -> None:
    slipped = LEI[:place] + letter + LEI[place + 1 :]
    # A digit taken for a letter lengthens the number that is checked, so only slips of one kind are sure to show.
    if slipped == LEI or letter.isdigit() != LEI[place].isdigit():
        return
    with pytest.raises(WrongIdentifier):
        check("LEI", slipped)


@given(st.text(max_size=40))
def test_any_text_is_refused_or_proved(text: str) -> None:
    for scheme in ("USCC", "LEI"):
        try:
            kept = check(scheme, text)  # type: ignore[arg-type]
        except WrongIdentifier:
            continue
        assert check(scheme, kept) == kept  # type: ignore[arg-type]


@pytest.mark.parametrize(("country", "scheme"), [("CN", "USCC"), ("DE", "LEI"), ("HK", "LEI"), ("MO", "LEI")])
def test_only_a_mainland_organisation_has_a_code(country: str, scheme: str) -> None:
    assert identifiers.scheme_of(country) == scheme
