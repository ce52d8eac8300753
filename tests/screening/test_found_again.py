"""A property: whatever name is on a list is found again after the changes that people make to names."""

import random
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.db import Base, open_engine, session_factory
from portal.screening import lists, names
from portal.screening.match import Screener
from portal.screening.models import ListName
from tests.screening.conftest import ACTOR, DATA

NOW = datetime(2026, 11, 24, tzinfo=UTC)
MARKS = ("\u0301", "\u0308", "\u0327", "")


class Listed:
    """A screener and every name on its lists; short to print when an example fails."""

    def __init__(self, screener: Screener, known: list[str]) -> None:
        self.screener, self.names = screener, known


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Listed"]:
    place: Path = tmp_path_factory.mktemp("listed")
    engine = open_engine(f"sqlite:///{place / 'test.sqlite3'}")
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        lists.load_shipped(session, actor=ACTOR, now=NOW)
        lists.import_list(session, "ofac-sdn", DATA / "ofac" / "sdn.csv", actor=ACTOR, now=NOW)
        session.commit()
        yield Listed(Screener.open(session), list(session.scalars(select(ListName.name))))
    engine.dispose()


def changed(name: str, case: str, mark: str, pause: str, seed: int) -> str:
    """The name in another case, with diacritics, other punctuation and, in Latin script, another word order."""
    if names.script(name) == "latin":
        words = name.replace(",", " ").split()
        random.Random(seed).shuffle(words)  # noqa: S311 - repeatable, not secret
        name = pause.join(words)
        name = "".join(letter + mark if letter in "aeoAEO" else letter for letter in name)
    return unicodedata.normalize("NFC", {"upper": name.upper(), "lower": name.lower(), "title": name.title()}[case])


@settings(max_examples=150, deadline=None)
@given(
    at=st.integers(min_value=0, max_value=10_000),
    case=st.sampled_from(("upper", "lower", "title")),
    mark=st.sampled_from(MARKS),
    pause=st.sampled_from((" ", "  ", ", ", " - ", "\u00a0")),
    seed=st.integers(min_value=0, max_value=1000),
)
def test_a_listed_name_is_found_again(listed: Listed, at: int, case: str, mark: str, pause: str, seed: int) -> None:
    screener, known = listed.screener, listed.names
    name = known[at % len(known)]
    query = changed(name, case, mark, pause, seed)
    result = screener.screen([query], "", date(2026, 11, 24))
    assert any(name in hit.listed_names for hit in result.hits), (name, query)


@settings(max_examples=150, deadline=None)
@given(name=st.text(max_size=60))
def test_any_text_at_all_is_answered(listed: Listed, name: str) -> None:
    result = listed.screener.screen([name], "", date(2026, 11, 24))
    assert result.state in ("clear", "possible", "match")
    assert all(0.0 <= hit.score <= 1.0 for hit in result.hits)
