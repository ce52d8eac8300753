"""How alike two names are: their words aligned, each weighing as much as it is rare, every step told.

A word agrees with another when it is the same, joins up from several, sounds alike, is one typing error away or is
its initial. Words shorter than four letters must be the same. Legal forms weigh little and are never left out.
Word order does not count. The score runs from 0 to 1 and lies between the shares of either side's weight that found
a partner. How near to the larger share is said by what agreed: rare words excuse what only the other name has, up to
``uneven`` of the difference; common ones, which together weigh less than ``evidence``, excuse less. What keeps two
names apart in spite of it is told in ``apart``, and only ever lowers the score.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from portal.screening import apart
from portal.screening.apart import Kind, Pair
from portal.screening.joining import join, join_heard
from portal.screening.names import FORM, native_core, variants, words
from portal.screening.sounds import ARABIC, KOREAN, abjad, korean, skeleton

MATCHING = Path(__file__).with_name("data") / "matching.yaml"
NAMES_BEHIND_FREQUENCIES = 50_000
SHORT = 4
HEARD, HEARD_LEAST, HEARD_WEAK, HEARD_SHORT = (ARABIC, KOREAN), 0.75, 0.55, 0.45
LEAST_SPELLED, FAIRLY_SPELLED = 0.5, 0.6
# A name found whole within a longer one is worth a look when what it consists of is rare enough.
CONTAINED_WEIGHT = 1.3
LONE_WORD_WEIGHT, LONE_WORD_LENGTH, LONE_WORD_LEAST = 0.85, 6, 0.6
COMMON_HAN_WEIGHT = 0.35
SHORT_HAN = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """The thresholds and weights of ``data/matching.yaml``."""

    match: float
    possible: float
    candidates: int
    form_weight: float
    uneven: float
    uneven_characters: float
    evidence: float
    lowest_similarity: float
    sound_similarity: float
    near_sound_similarity: float
    lone_word: float
    variant_similarity: float
    initial_similarity: float
    initial_weight: float
    other_head: float
    other_number: float
    conflict: float
    heard_only: float
    heard_similarity: float
    heard_near_similarity: float
    contained: float
    pinyin_cap: float
    homophone_cap: float
    country_agrees: float
    country_differs: float
    version: str


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the explanation. ``party`` and ``listed`` are what was compared, "" where there is no partner."""

    party: str
    listed: str
    similarity: float
    weight: float
    kind: Kind


@dataclass(frozen=True, slots=True)
class Scored:
    """A score with its explanation; ``contained`` says that one name lies whole within the other."""

    score: float
    parts: tuple[Part, ...]
    contained: bool


@cache
def policy() -> Policy:
    """Read ``data/matching.yaml`` once."""
    data: dict[str, Any] = yaml.safe_load(MATCHING.read_text(encoding="utf-8"))
    types = {"candidates": int, "version": str}
    return Policy(**{f.name: types.get(f.name, float)(data[f.name]) for f in fields(Policy)})


def weigher(count: Callable[[str], int], names: int) -> Callable[[str], float]:
    """Weight of a word, 0 to 1, from how many of the listed names have it and how common it is known to be."""
    whole = math.log(NAMES_BEHIND_FREQUENCIES + names)
    known = words().frequency

    @lru_cache(maxsize=65536)
    def weight(token: str) -> float:
        if token.startswith(FORM):
            return policy().form_weight
        if len(token) == 1 and token.isalpha():
            return policy().initial_weight
        return 1.0 - math.log1p(count(token) + known.get(token, 0)) / whole

    return weight


@lru_cache(maxsize=262144)
def similarity(party: str, listed: str) -> tuple[float, Kind]:
    """How alike two words are, and in what way; 0.0 where they do not agree."""
    if party == listed:
        return 1.0, "form" if party.startswith(FORM) else "same"
    if party[0] in HEARD or listed[0] in HEARD:
        return _heard(party, listed)
    if len(variants(party)) != 1 or len(variants(listed)) != 1:
        return _near_variant(party, listed)
    return spelled(party, listed, OSA.normalized_similarity(party, listed))


def spelled(party: str, listed: str, typed: float) -> tuple[float, Kind]:
    """How alike two words are that stand for their spelling only, from how alike they are as typed (OSA)."""
    shorter, longer = (party, listed) if len(party) <= len(listed) else (listed, party)
    if len(shorter) < SHORT:
        return _short(shorter, longer) if longer.isalpha() else (0.0, "none")
    if typed < LEAST_SPELLED or not (shorter.isalpha() and longer.isalpha()):
        return 0.0, "none"
    one, other = skeleton(shorter), skeleton(longer)
    if one[0] != other[0] and shorter[:2] != longer[1::-1]:
        typed *= policy().other_head
    if typed >= policy().sound_similarity:
        return typed, "spelling"
    longer_by = len(longer) - len(shorter)
    alike = (typed >= FAIRLY_SPELLED and longer_by <= 2) or (len(one) >= SHORT - 1 and longer_by <= 1)
    if len(one) > 1 and one == other and alike:
        return policy().sound_similarity, "sound"
    if typed >= policy().lowest_similarity:
        return typed, "spelling"
    near = alike and min(len(one), len(other)) >= SHORT and OSA.normalized_similarity(one, other) >= HEARD_LEAST
    return (policy().near_sound_similarity, "sound") if near else (0.0, "none")


def _heard(party: str, listed: str) -> tuple[float, Kind]:
    """A word of Arabic or Korean letters against another of the same, or against a Latin word by its sound."""
    letters = {word[0] for word in (party, listed) if word[0] in HEARD}
    plain = [word.lstrip(ARABIC + KOREAN) for word in (party, listed)]
    if len(letters) > 1 or any(word.startswith(FORM) or not word.isalpha() for word in plain):
        return 0.0, "none"
    if party[0] == listed[0]:
        typed = float(OSA.normalized_similarity(*plain))
        return (typed, "spelling") if typed >= policy().lowest_similarity else (0.0, "none")
    one, other = (abjad(word) if letters == {ARABIC} else korean(word) for word in plain)
    enough = 0.0 if letters == {KOREAN} or len(one) >= SHORT else HEARD_SHORT if len(one) > 1 else HEARD_WEAK
    if one == other and (not enough or Indel.normalized_similarity(*plain) >= enough):
        return policy().heard_similarity, "sound"
    near = min(len(one), len(other)) >= SHORT and float(OSA.normalized_similarity(one, other)) >= HEARD_LEAST
    return (policy().heard_near_similarity, "sound") if near else (0.0, "none")


def _short(shorter: str, longer: str) -> tuple[float, Kind]:
    """Short words are the same or nothing, but for initials and one vowel in how a name is romanised (Jon, John)."""
    if len(shorter) == 1:
        return (policy().initial_similarity, "initial") if longer.startswith(shorter) else (0.0, "none")
    near = len(shorter) == SHORT - 1 and len(longer) <= SHORT and shorter[0] == longer[0]
    if near and shorter[-1] == longer[-1] and len(skeleton(shorter)) > 1 and skeleton(shorter) == skeleton(longer):
        return policy().sound_similarity, "sound"
    return 0.0, "none"


def _near_variant(party: str, listed: str) -> tuple[float, Kind]:
    """A common word or legal form with a typing error, in whichever of its spellings (Holdigs, Limted)."""
    if party.startswith(FORM) and listed.startswith(FORM):
        return 0.0, "none"
    best = 0.0
    for one in variants(party):
        if len(one) >= SHORT and (found := _best_variant(one, listed)):
            best = max(best, found)
    if best:
        return best, "form" if FORM in (party[0], listed[0]) else "spelling"
    if _initial_of_variant(party, listed):
        return policy().initial_similarity, "initial"
    return (policy().near_sound_similarity, "sound") if _sounds_as_variant(party, listed) else (0.0, "none")


def _best_variant(word: str, other: str) -> float:
    """How alike the nearest of the longer words is that ``other`` stands for; 0.0 where none is near enough."""
    found = process.extractOne(
        word,
        _longer_variants(other, SHORT + (len(word) <= SHORT)),
        scorer=OSA.normalized_similarity,
        score_cutoff=policy().variant_similarity,
    )
    return float(found[1]) if found else 0.0


@lru_cache(maxsize=65536)
def _longer_variants(word: str, least: int) -> tuple[str, ...]:
    return tuple(variant for variant in variants(word) if len(variant) >= least)


def _sounds_as_variant(party: str, listed: str) -> bool:
    """Whether a word has the consonants of one of the other's spellings, and is about as long (Pevel, Pavel)."""
    if FORM in (party[0], listed[0]):
        return False
    heard = _variants_heard(listed)
    return any(
        size > SHORT and sound == other and abs(size - length) <= 1
        for sound, size in _variants_heard(party)
        for other, length in heard
    )


@lru_cache(maxsize=65536)
def _variants_heard(word: str) -> tuple[tuple[str, int], ...]:
    """The consonants of the words that a word stands for, where they say something, and how long each word is."""
    sounds = ((skeleton(variant), len(variant)) for variant in variants(word))
    return tuple((sound, size) for sound, size in sounds if len(sound) > 2)


def _initial_of_variant(party: str, listed: str) -> bool:
    initial, whole = sorted((party, listed), key=len)
    is_letter = len(initial) == 1 and initial.isalpha() and not whole.startswith(FORM)
    return is_letter and any(len(variant) > 1 and variant.startswith(initial) for variant in variants(whole))


def compare(
    party: Sequence[str],
    listed: Sequence[str],
    weight: Callable[[str], float],
    *,
    firm: bool,
    explain: bool = True,
    written: Sequence[str] = (),
    floor: float = 0.0,
) -> Scored:
    """Align the words of two names. ``firm`` allows a single rare word of a firm's name to be seen in a longer one;
    without ``explain``, and below a score of ``floor``, the parts are left out, which is quicker where only the score
    is wanted. ``written`` are the party's words before variants were put into one spelling, which tells what two pieces
    of a word make ("petro chemical").
    """
    pairs = list(_pairs(party, listed, weight, written))
    weights = _weights(party, listed, pairs, weight)
    left = _gained(weights[0], {i: value for left, _, value, _ in pairs for i in left})
    right = _gained(weights[1], {j: value for _, right, value, _ in pairs for j in right})
    low, high = sorted((_share(left, weights[0]), _share(right, weights[1])))
    score = (low + toll(max(left, right)) * (high - low)) * (
        1.0 - policy().conflict * apart.conflict(party, listed, pairs, weights)
    )
    if all(kind != "joined" for *_, kind in pairs) and _lone(party, listed, pairs, weight, firm=firm):
        score *= policy().lone_word
    if apart.heard_only(party, listed, pairs):
        score *= policy().heard_only
    if apart.numbers_differ(party, listed):
        score *= policy().other_number
    contained = score < policy().match and (
        _contained(party, pairs, high, weight, firm=firm) or apart.same_words(party, listed, pairs)
    )
    score = max(policy().contained, score) if contained else score
    parts = tuple(_parts(party, listed, pairs, weights)) if explain and score >= floor else ()
    return Scored(score, parts, contained)


def _lone(
    party: Sequence[str], listed: Sequence[str], pairs: Sequence[Pair], weight: Callable[[str], float], *, firm: bool
) -> bool:
    """Whether one name has a single word and the other more; a firm's rare word says enough where it is the same."""
    fewer, more = sorted(([word for word in side if not word.startswith(FORM)] for side in (party, listed)), key=len)
    if len(fewer) != 1 or len(more) < 2:
        return False
    same = any(kind == "same" and party[left[0]] == fewer[0] for left, _, _, kind in pairs)
    return not (firm and same and len(fewer[0]) >= SHORT and weight(fewer[0]) >= LONE_WORD_LEAST)


def compare_characters(party: str, listed: str) -> Scored:
    """Two names in Chinese characters (simplified, joined): characters in order, legal forms aside.

    Names of up to three characters must be the same: one other character is another person.
    """
    (party_core, _), (listed_core, _) = native_core(party), native_core(listed)
    if party_core == listed_core:
        return Scored(1.0, (Part(party, listed, 1.0, 1.0, "character"),), False)
    blocks = [op for op in Indel.opcodes(party_core, listed_core) if op.tag == "equal"]
    agreed = sum(_han_weight(party_core[op.src_start : op.src_end]) for op in blocks)
    shares = sorted((agreed / _han_weight(party_core), agreed / _han_weight(listed_core)))
    score = shares[0] + policy().uneven_characters * (shares[1] - shares[0])
    if min(len(party_core), len(listed_core)) <= SHORT_HAN:
        score = 0.0
    contained = shares[1] == 1.0 and agreed > SHORT_HAN and len(blocks) == 1 and score < policy().contained
    parts = tuple(_character_parts(party_core, listed_core))
    return Scored(policy().contained if contained else score, parts, contained)


def _pairs(
    party: Sequence[str], listed: Sequence[str], weight: Callable[[str], float], written: Sequence[str]
) -> Iterator[Pair]:
    """Partners: same words first, then words that join up, then the most alike, each word once."""
    free_party, free_listed = dict(enumerate(party)), dict(enumerate(listed))
    yield from _same(free_party, free_listed, forms=False)
    if free_party and free_listed:
        if len(free_listed) > 1:
            yield from _joined(free_party, free_listed)
        if len(free_party) > 1:
            for run, whole, value, kind in _joined(free_listed, free_party, written):
                yield whole, run, value, kind
        yield from _same(free_party, free_listed, forms=True)
    yield from _alike(free_party, free_listed, weight)


def _same(free_party: dict[int, str], free_listed: dict[int, str], *, forms: bool) -> Iterator[Pair]:
    common = set(free_party.values()).intersection(free_listed.values())
    for i, token in [(i, token) for i, token in free_party.items() if token in common]:
        j = next((j for j, other in free_listed.items() if other == token), None)
        if j is not None and token.startswith(FORM) == forms:
            del free_party[i], free_listed[j]
            yield (i,), (j,), *similarity(token, token)


def _joined(whole: dict[int, str], split: dict[int, str], written: Sequence[str] = ()) -> Iterator[Pair]:
    if not any(at + 1 in split for at in split):
        return
    heard = any(word[0] == KOREAN for word in (*whole.values(), *split.values()))
    for i, word in list(whole.items()):
        if len(word) < SHORT - 1:
            continue
        run = join_heard(word, split) if heard else join(word, split, written)
        if run:
            del whole[i]
            for j in run:
                del split[j]
            yield (i,), run, 1.0, "joined"


def _alike(free_party: dict[int, str], free_listed: dict[int, str], weight: Callable[[str], float]) -> Iterator[Pair]:
    found = []
    for i, one in free_party.items():
        for j, other in free_listed.items():
            value, kind = similarity(one, other)
            if value:
                found.append((value * (weight(one) + weight(other)), value, kind, i, j))
    for _, value, kind, i, j in sorted(found, reverse=True):
        if i in free_party and j in free_listed:
            del free_party[i], free_listed[j]
            yield (i,), (j,), value, kind


def _weights(
    party: Sequence[str], listed: Sequence[str], pairs: Sequence[Pair], weight: Callable[[str], float]
) -> tuple[list[float], list[float]]:
    """The words' weights; a misspelled common word weighs no more than the word that it stands for."""
    left, right = [weight(token) for token in party], [weight(token) for token in listed]
    for one, other, _, kind in pairs:
        if kind == "joined":
            _even(left, one, right, other)
        else:
            left[one[0]] = right[other[0]] = min(left[one[0]], right[other[0]])
    return left, right


def _even(left: list[float], one: Sequence[int], right: list[float], other: Sequence[int]) -> None:
    """What is written together on one side and apart on the other weighs as little as the lighter side does."""
    ours, theirs = sum(left[i] for i in one), sum(right[j] for j in other)
    for weights, places, whole in ((left, one, ours), (right, other, theirs)):
        for at in places:
            weights[at] *= min(ours, theirs) / whole if whole else 1.0


def toll(agreed: float) -> float:
    """How far the words that agreed, by their weight, excuse those that only one name has."""
    return policy().uneven * min(1.0, agreed / policy().evidence)


def _gained(weights: Sequence[float], partners: dict[int, float]) -> float:
    return sum([weights[at] * value for at, value in partners.items()])


def _share(gained: float, weights: Sequence[float]) -> float:
    whole = sum(weights)
    return gained / whole if whole else 0.0


def _contained(
    party: Sequence[str], pairs: Sequence[Pair], share: float, weight: Callable[[str], float], *, firm: bool
) -> bool:
    """Whether one name lies whole within the other, word for word, and is rare enough to say something."""
    if share < 1 - policy().form_weight or any(kind not in ("same", "joined", "form") for _, _, _, kind in pairs):
        return False
    agreed = [party[i] for left, _, _, _ in pairs for i in left if not party[i].startswith(FORM)]
    if len(agreed) > 1:
        return sum(map(weight, agreed)) >= CONTAINED_WEIGHT
    lone = firm and bool(agreed) and len(agreed[0]) >= LONE_WORD_LENGTH
    return lone and weight(agreed[0]) >= LONE_WORD_WEIGHT


def _parts(
    party: Sequence[str], listed: Sequence[str], pairs: Sequence[Pair], weights: tuple[list[float], list[float]]
) -> Iterator[Part]:
    for left, right, value, kind in sorted(pairs):
        mean = (sum(weights[0][i] for i in left) + sum(weights[1][j] for j in right)) / 2
        yield Part(" ".join(party[i] for i in left), " ".join(listed[j] for j in right), value, mean, kind)
    used_left = {i for left, _, _, _ in pairs for i in left}
    used_right = {j for _, right, _, _ in pairs for j in right}
    yield from (Part(t, "", 0.0, weights[0][i], "none") for i, t in enumerate(party) if i not in used_left)
    yield from (Part("", t, 0.0, weights[1][j], "none") for j, t in enumerate(listed) if j not in used_right)


def _han_weight(characters: str) -> float:
    common = words().common_han
    return sum(COMMON_HAN_WEIGHT if character in common else 1.0 for character in characters)


def _character_parts(party: str, listed: str) -> Iterator[Part]:
    for op in Indel.opcodes(party, listed):
        left, right = party[op.src_start : op.src_end], listed[op.dest_start : op.dest_end]
        same = op.tag == "equal"
        yield Part(left, right, float(same), _han_weight(left or right), "character" if same else "none")
