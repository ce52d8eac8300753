"""Certificate numbers: a slip of the finger shows, and no number is given twice."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.certificates import number
from portal.db import open_engine, session_factory, transaction

counts = st.integers(min_value=1, max_value=10**9 - 1)
years = st.integers(min_value=2026, max_value=2199)


@given(years, counts)
def test_a_number_is_read_back_however_it_is_typed(year: int, count: int) -> None:
    made = number.compose(year, count)
    full_width = made.replace("-", "－").translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789DC"})
    for typed in (made, made.lower(), f"  {made} ", made.replace("-", ""), made.replace("-", " – "), full_width):
        assert number.parse(typed) == made


@given(years, counts, st.data())
def test_one_mistyped_digit_always_shows(year: int, count: int, data: st.DataObject) -> None:
    made = number.compose(year, count)
    places = [index for index, letter in enumerate(made) if letter.isdigit()]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != made[place]]))
    with pytest.raises(number.NumberError, match="check letter"):
        number.parse(made[:place] + other + made[place + 1 :])


def test_nearly_every_swap_of_neighbours_shows() -> None:
    missed = tried = 0
    for count in range(1, 3000):
        made = number.compose(2026, count)
        digits = made[9:16]
        for at in range(6):
            if digits[at] != digits[at + 1]:
                tried += 1
                swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
                missed += number.check_letter("2026", swapped) == made[-1]
    assert tried > 5000
    assert missed / tried < 0.05


@pytest.mark.parametrize("typed", ["", "DDC", "2026-0000123-S", "DDC-2026-123-S", "DDC-2026-0000123", "x" * 10_000])
def test_something_else_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(number.NumberError, match="looks like DDC-2026-"):
        number.parse(typed)


def test_a_letter_typed_as_its_look_alike_is_understood() -> None:
    for count in range(1, 200):
        made = number.compose(2026, count)
        if made[-1] in "OISB":
            assert number.parse(made[:-1] + {"O": "0", "I": "1", "S": "5", "B": "8"}[made[-1]]) == made


def test_numbers_follow_one_another_and_a_failed_transaction_gives_its_number_back(session: Session) -> None:
    assert number.allocate(session, 2026) == number.compose(2026, 1)
    session.commit()
    assert number.allocate(session, 2026) == number.compose(2026, 2)
    session.rollback()
    assert number.allocate(session, 2026) == number.compose(2026, 2)
    assert number.allocate(session, 2027) == number.compose(2027, 1)


def test_many_at_once_get_different_numbers_without_a_gap(database_url: str) -> None:
    engine = open_engine(database_url)
    factory = session_factory(engine)
    given_out: list[str] = []

    def work() -> None:
        for _ in range(5):
            with transaction(factory) as own:
                given_out.append(number.allocate(own, 2026))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert sorted(given_out) == [number.compose(2026, count) for count in range(1, 21)]
