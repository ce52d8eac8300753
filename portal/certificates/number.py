"""Certificate numbers: ``DDC-<year>-<at least 7 digits>-<check letter>``."""

import re
import unicodedata

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session
from stdnum.iso7064 import mod_37_36

from portal.certificates.models import NumberSequence

PREFIX = "DDC"
_FORM = re.compile(r"DDC-([0-9]{4})-([0-9]{7,9})-([A-Z])")
_TYPED = re.compile(r"DDC([0-9]{4})([0-9]{7,9})([A-Z])")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TO_LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
_LOOK_ALIKE = {"0": "O", "1": "I", "5": "S", "8": "B"}


class NumberError(ValueError):
    """A text is no certificate number; the message says what is wrong with it."""


def check(text: str) -> str:
    """The number itself when it is written exactly as numbers are, and its check letter fits."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise NumberError(f"a certificate number looks like {example()}")
    year, digits, letter = match.groups()
    if check_letter(year, digits) != letter:
        raise NumberError("the check letter does not fit: a digit was mistyped")
    return text


def parse(text: str) -> str:
    """The number that a person typed: spaces, hyphens, case and full-width forms do not matter.

    Raises ``NumberError`` for anything else, and when the check letter shows a slip of the finger.
    """
    if len(text) > 64:
        raise NumberError(f"a certificate number looks like {example()}")
    plain = re.sub(r"[\s\-–—_./]+", "", unicodedata.normalize("NFKC", text)).upper()
    if plain and plain[-1] in _LOOK_ALIKE:
        plain = plain[:-1] + _LOOK_ALIKE[plain[-1]] if len(plain) > 14 else plain
    match = _TYPED.fullmatch(plain)
    if match is None:
        raise NumberError(f"a certificate number looks like {example()}")
    return check("-".join((PREFIX, *match.groups())))


def compose(year: int, count: int) -> str:
    """The number of the ``count``-th certificate of a year."""
    digits = f"{count:07d}"
    if not 1 <= count < 10**9:
        raise NumberError(f"{count} cannot be counted in a certificate number")
    return f"{PREFIX}-{year:04d}-{digits}-{check_letter(f'{year:04d}', digits)}"


def check_letter(year: str, digits: str) -> str:
    """The letter that makes one mistyped digit, and nearly every swap of two neighbours, show.

    ISO/IEC 7064 hybrid system MOD 27,26 with digits written as A to J, so that the check is always a letter.
    """
    return str(mod_37_36.calc_check_digit((year + digits).translate(_TO_LETTERS), alphabet=_LETTERS))


def example() -> str:
    """A number of the right form, for messages."""
    return compose(2026, 123)


def allocate(session: Session, year: int) -> str:
    """The next number of a year, in the session's transaction: if that fails, the number was never given.

    One row a year is locked until the transaction ends, which keeps numbers unique and without gaps, and makes
    issuing one after another; this is the one place to change when a year needs several counters.
    """
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    session.execute(insert(NumberSequence).values(year=year, last=0).on_conflict_do_nothing())
    count = session.execute(
        update(NumberSequence)
        .where(NumberSequence.year == year)
        .values(last=NumberSequence.last + 1)
        .returning(NumberSequence.last)
    ).scalar_one()
    return compose(year, count)
