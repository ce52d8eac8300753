"""A property: whatever name is on a list is found again after the changes that people make to names."""

import random
import unicodedata
import uuid
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.screening import lists, names, score
from portal.screening.agreement import Matcher
from portal.screening.index import Index, Shard
from portal.screening.match import Screener
from portal.screening.models import ListName
from portal.screening.opening import open_indexes
from portal.screening.rows import Row
from portal.screening.score import policy
from tests.bench.screening_names import LATIN

MARKS = ("\u0301", "\u0308", "\u0327", "")


class Listed:
    """A screener and every name on its lists; short to print when an example fails."""

    def __init__(self, screener: Screener, known: list[str], rows: list[Row]) -> None:
        self.screener, self.names = screener, known
        self.rows = rows


@pytest.fixture(scope="module")
def listed(reading: Session) -> Listed:
    rows = [row for one in open_indexes(reading, lists.current(reading)) for row in one.index.rows]
    return Listed(Screener.open(reading), list(reading.scalars(select(ListName.name))), rows)


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


@settings(max_examples=120, deadline=None)
@given(
    at=st.integers(min_value=0, max_value=10_000),
    change=st.sampled_from(sorted(LATIN)),
    seed=st.integers(min_value=0, max_value=1000),
)
def test_looking_up_loses_nothing_that_comparing_with_every_name_finds(
    listed: Listed, at: int, change: str, seed: int
) -> None:
    name = listed.names[at % len(listed.names)]
    query = LATIN[change](name, random.Random(seed)) if names.script(name) == "latin" else name  # noqa: S311
    floor = policy().possible
    found = set(listed.screener.agreements([query], floor))
    key = names.key(query).split()
    everything = {
        row.entry_id
        for row in listed.rows
        if not row.native
        and score.compare(key, row.key.split(), listed.screener.weight, firm=row.firm, explain=False).score >= floor
    }
    assert everything <= found, (name, query)


@pytest.mark.parametrize(
    "query", ["东方稀土功能材料有限公司", "東方稀土功能材料股份有限公司", "Orient Rare Earth Functional Materials Co."]
)
def test_a_translated_firm_name_is_found_in_either_script_where_the_list_has_both(query: str) -> None:
    firm, other = uuid.uuid4(), uuid.uuid4()
    listed = [
        (firm, "Orient Rare Earth Functional Materials Co., Ltd."),
        (firm, "东方稀土功能材料有限公司"),
        (other, "西部稀土功能材料有限公司"),
        (other, "Western Rare Earth Functional Materials Co., Ltd."),
    ]
    rows = [Row(uuid.uuid4(), entry, names.key(name), names.native(name), True) for entry, name in listed]
    found = Matcher([Index.of([Shard.of(rows)])]).agreements([query], policy().match)
    assert set(found) == {firm}, "translations share no sound: each is found by the name in its own script"
