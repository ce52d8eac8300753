"""Words that one name writes together and the other apart: by spelling, by known variants, and of Korean by sound.

``split`` holds the words that have no partner yet, by their place in the name.
"""

from collections.abc import Sequence
from functools import lru_cache

from portal.screening.names import FORM, variants, words
from portal.screening.sounds import KOREAN, korean

LONGEST_JOIN = 8


def join(word: str, split: dict[int, str], written: Sequence[str]) -> tuple[int, ...]:
    """Neighbouring words that together are the one word ("guang", "zhou" for "guangzhou"); () where none are."""
    spellings = () if word[0] == FORM else variants(word)
    if len(spellings) > 1:
        # Any small word would do for the end of a common name: "abd al" for Abdalla.
        split = {at: piece for at, piece in split.items() if piece[0] != FORM}
    for start, first in split.items():
        if start + 1 not in split:
            continue
        begun = _beginning(word, first)
        if not begun and not (written and _beginning(word, written[start])):
            continue
        if run := _run_of_variant(word, start, split, written or split):
            return run
        for spelled in begun:
            if word[0] != FORM and len(run := _run(spelled, start, split, LONGEST_JOIN)) > 1:
                return run
    return ()


@lru_cache(maxsize=262144)
def _beginning(word: str, first: str) -> tuple[str, ...]:
    """The spellings of a word that begin with any spelling of another: seldom any, and then no more has to be tried."""
    return tuple(spelled for spelled in variants(word) if spelled.startswith((first, *variants(first))))


def _run_of_variant(
    word: str, start: int, split: dict[int, str], written: Sequence[str] | dict[int, str]
) -> tuple[int, ...]:
    """Positions from ``start`` on whose words together are a spelling of ``word`` (Muham mad); () where none are."""
    single, joined, end = words().single, written[start], start + 1
    while end in split and end - start < LONGEST_JOIN:
        joined += written[end]
        end += 1
        if single.get(joined, joined) == word:
            return tuple(range(start, end))
    return ()


def join_heard(word: str, split: dict[int, str]) -> tuple[int, ...]:
    """As ``join``, where one side is of Korean letters: by sound, of the whole or of two parts."""
    whole = word.lstrip(KOREAN)
    for start, first in split.items():
        run, joined = [start], first.lstrip(KOREAN)
        while run[-1] + 1 in split and len(joined) <= 2 * len(whole):
            run.append(run[-1] + 1)
            joined += split[run[-1]].lstrip(KOREAN)
            if korean(joined) == korean(whole):
                return tuple(run)
        if len(run) > 1 and _two_parts(whole, first.lstrip(KOREAN), split[start + 1].lstrip(KOREAN)):
            return (start, start + 1)
    return ()


def _two_parts(whole: str, first: str, second: str) -> bool:
    one, other = korean(first), korean(second)
    return any(korean(whole[:cut]) == one and korean(whole[cut:]) == other for cut in range(1, len(whole)))


def _run(rest: str, position: int, split: dict[int, str], most: int) -> tuple[int, ...]:
    """Positions from ``position`` on whose words, in any of their spellings, make up ``rest``; () where none do."""
    if position not in split or not most:
        return ()
    spellings = variants(split[position])
    if not rest.startswith(spellings):
        return ()
    for word in spellings:
        if rest == word:
            return (position,)
        if rest.startswith(word) and (further := _run(rest[len(word) :], position + 1, split, most - 1)):
            return (position, *further)
    return ()
