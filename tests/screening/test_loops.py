"""The loops: compiled or not they find the same, and what they say of two words is what the score says."""

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.screening import loops, names, score
from portal.screening.index import Index, Query
from portal.screening.lexicon import asked, known_by
from portal.screening.score import policy
from tests.bench import screening_names as made

DRAWS = random.Random(4)  # noqa: S311 - repeatable, not secret
ARABIC = ("محمد الحسيني", "شركة النور للتجارة", "عبد الرحمن صالح", "خالد الدين")


@dataclass(frozen=True)
class Both:
    """One index that looks up as it stands and compiled, and names to ask for; short to print."""

    index: Index
    known: list[str]

    def found(self, query: str, floor: float, how: loops.Loops) -> list[int]:
        self.index.lexicon.loops = how
        self.index.lexicon.near.cache_clear()
        return self.index.candidates(Query.of(query), floor)


@pytest.fixture(scope="module")
def both() -> Both:
    parties = [*made.invented(300), *made.koreans()]
    parties += [made.Entity(made.SOMEBODY, False, [name]) for name in (*ARABIC, *made.KOREAN)]
    return Both(made.index(parties), [name for party in parties for name in party.names])


@settings(max_examples=60, deadline=None)
@given(
    at=st.integers(min_value=0, max_value=10_000),
    change=st.sampled_from(sorted(made.LATIN)),
    seed=st.integers(min_value=0, max_value=1000),
    floor=st.sampled_from((0.0, 0.7, 0.9)),
)
def test_compiled_loops_find_what_the_plain_ones_find(
    both: Both, at: int, change: str, seed: int, floor: float
) -> None:
    name = both.known[at % len(both.known)]
    query = made.LATIN[change](name, random.Random(seed)) if names.script(name) == "latin" else name  # noqa: S311
    # Where two bounds are the same but for rounding, either may come first.
    assert set(both.found(query, floor, loops.compiled())) == set(both.found(query, floor, loops.PLAIN))


@settings(max_examples=60, deadline=None)
@given(at=st.integers(min_value=0, max_value=10_000), seed=st.integers(min_value=0, max_value=1000))
def test_words_are_as_near_as_the_score_says(both: Both, at: int, seed: int) -> None:
    """Of all words that share a key with one, changed or not, those are near that agree, and as well as they do."""
    lexicon = both.index.lexicon
    lexicon.loops = loops.compiled()
    lexicon.near.cache_clear()
    word = lexicon.words[at % len(lexicon.words)]
    word = made.typo(word, random.Random(seed)) if seed % 2 and word.isalpha() else word  # noqa: S311
    near = lexicon.near(word)
    sharing = range(len(lexicon.words)) if len(word) > 1 else [lexicon.number[word]] if word in lexicon.number else []
    alike = {at: score.similarity(word, lexicon.words[at])[0] for at in sharing}
    found = dict(zip(near.numbers.tolist(), near.values.tolist(), strict=True))
    assert found == pytest.approx({at: alike[at] for at in found}, abs=1e-6)
    keys = set(asked_by(both.index, word))
    missed = {at for at in keys if alike[at] > 0} - set(found)
    assert not missed, [lexicon.words[at] for at in missed]


def asked_by(index: Index, word: str) -> list[int]:
    """The numbers of the listed words that share a key with a word."""
    wanted = set(asked(word, index.lexicon.letters)) if len(word) > 1 else {word}
    return [at for at, other in enumerate(index.lexicon.words) if wanted & set(known_by(other))]


def test_the_room_that_the_loops_work_in_is_left_as_it_was_found(both: Both) -> None:
    lexicon = both.index.lexicon
    for name in DRAWS.sample(both.known, 20):
        both.found(name, policy().possible, loops.PLAIN)
    assert not lexicon.scratch().gained.any()
    assert not lexicon.scratch().place.any()
