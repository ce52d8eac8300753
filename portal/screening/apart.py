"""What keeps two names apart although words of them agree: both have others, their numbers differ, only sounds agree.

``Pair`` are partners found by ``score``: places of words in the party's name, places in the listed one, how alike they
are, and in what way.
"""

from collections.abc import Sequence
from typing import Literal

from rapidfuzz.distance import OSA

from portal.screening.names import FORM
from portal.screening.sounds import ARABIC, KOREAN

Kind = Literal["same", "joined", "spelling", "sound", "initial", "form", "character", "none"]
Pair = tuple[tuple[int, ...], tuple[int, ...], float, Kind]
UNLIKE = 0.2  # two words are no more alike than any two
# "I" is a small word, too.
ROMAN = frozenset(("v", "x", "vi", "xi", "xvi", FORM))


def conflict(
    party: Sequence[str], listed: Sequence[str], pairs: Sequence[Pair], weights: tuple[list[float], list[float]]
) -> float:
    """The weight, 0 to 1, of the words that each name has and the other lacks: that is rather somebody else than a name
    cut short. The lighter side counts; legal forms and initials do not, and words that are somewhat alike less.
    """
    ours = _alone(party, {i for one, *_ in pairs for i in one})
    theirs = _alone(listed, {j for _, other, *_ in pairs for j in other})
    if not ours or not theirs:
        return 0.0
    left = sum(weights[0][i] * _unlike(party[i], [listed[j] for j in theirs]) for i in ours)
    right = sum(weights[1][j] * _unlike(listed[j], [party[i] for i in ours]) for j in theirs)
    return min(1.0, left, right)


def numbers_differ(party: Sequence[str], listed: Sequence[str]) -> bool:
    """Whether both names have a number and none is in both: another plant, ship or fund of the same name. A Roman
    number counts where it ends the name.
    """
    ours = {word for word in party if word.isdecimal()}
    if ours and (theirs := {word for word in listed if word.isdecimal()}):
        return not ours & theirs
    one, other = party[-1:], listed[-1:]
    return one != other and all(last and (last[0] in ROMAN or last[0].isdecimal()) for last in (one, other))


def heard_only(party: Sequence[str], listed: Sequence[str], pairs: Sequence[Pair]) -> bool:
    """Whether all that two names in Latin letters share is some sounds: no word is the same or nearly spelled so."""
    agreed = [kind for one, *_, kind in pairs if party[one[0]][0] != FORM]
    if "sound" not in agreed or any(kind not in ("sound", "initial") for kind in agreed):
        return False
    return all(word[0] not in (ARABIC, KOREAN) for word in (*party, *listed))


def same_words(party: Sequence[str], listed: Sequence[str], pairs: Sequence[Pair]) -> bool:
    """Whether two names differ in nothing but legal forms, titles and small words."""
    ours, theirs = (sum(word[0] != FORM for word in side) for side in (party, listed))
    return sum(kind == "same" for *_, kind in pairs) == ours == theirs > 0


def _alone(side: Sequence[str], paired: set[int]) -> list[int]:
    return [at for at, word in enumerate(side) if at not in paired and len(word) > 1 and word[0] != FORM]


def _unlike(word: str, others: Sequence[str]) -> float:
    most = max(float(OSA.normalized_similarity(word, other)) for other in others)
    return min(1.0, (1.0 - most) / (1.0 - UNLIKE))
