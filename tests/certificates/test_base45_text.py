"""Reading base45 quickly gives what reading it slowly gives, and refuses the same."""

import base45
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.certificates import base45_text


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_what_was_written_is_read(data: bytes) -> None:
    assert base45_text.decode(base45.b45encode(data).decode()) == data


@settings(max_examples=300)
@given(st.text(alphabet="0129ABYZ $%*+-./:aé\n", max_size=9))
def test_every_other_text_is_refused_by_both(text: str) -> None:
    try:
        slow = base45.b45decode(text) if "\n" not in text else None
    except ValueError:
        slow = None
    if slow is None:
        with pytest.raises(ValueError, match=r"base45|two bytes|ordinal"):
            base45_text.decode(text)
    else:
        assert base45_text.decode(text) == slow


@pytest.mark.parametrize("text", ["::::::", "FGW000", "000GGW", "GGW", ":::", "FGX", "000U5U", ":6", "0", "0000"])
def test_groups_that_stand_for_too_much_are_refused(text: str) -> None:
    try:
        assert base45_text.decode(text) == base45.b45decode(text)
    except ValueError:
        with pytest.raises(ValueError, match="base45"):
            base45.b45decode(text)
