"""How a party can be reached, made comparable with what lists print: addresses, telephones, e-mail, domains.

A mark is one such thing in its one spelling: a telephone number in E.164, an e-mail address, the registrable domain of
an e-mail address or site (by the public suffix list), and of an address some pairs of a number with what stands beside
it. Marks are what is looked up, by value; addresses that share a mark are then compared word by word.

What agrees confirms a name, or by itself asks somebody to look; it never makes a sure match alone.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import phonenumbers
import yaml
from anyascii import anyascii
from publicsuffixlist import PublicSuffixList
from rapidfuzz.distance import Indel

from portal.screening import names

DATA = Path(__file__).with_name("data") / "particulars.yaml"
Kind = Literal["email", "phone", "domain", "address", "number"]
Mark = tuple[Kind, str]
LONGEST_MARK = 200
MOST_NUMBERS, MOST_MARKS = 6, 16  # of an address
NEAR = 2  # words on either side of a number that make a mark with it
LONG_NUMBER = 4  # digits from which a number is rather a postal code than that of a house
COVERED, FEWEST_SHARED = 0.75, 3
ALIKE, FEW_LETTERS = 0.85, 5
LEAST_PHONE = 9  # digits of a number that no plan of numbers knows
HAN_PARTS = re.compile("[省市区县旗镇乡村路街道巷弄号楼室座栋幢层园里]")
TOKEN = re.compile(r"[0-9]+[a-z]?|[a-z]+[0-9]+[a-z0-9]*|[0-9][0-9a-z]*|[a-z]+")
ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)$")


@dataclass(frozen=True, slots=True)
class Particulars:
    """How a party can be reached, each as it was entered; any may be empty."""

    addresses: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()


NONE = Particulars()


@dataclass(frozen=True, slots=True)
class Agreement:
    """One thing that was compared: ``weight`` is what it takes of a doubt, or of the score where it differs."""

    kind: Kind
    party: str
    listed: str
    agrees: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Policy:
    """The weights of ``data/particulars.yaml``."""

    alone: dict[str, float]
    confirms: dict[str, float]
    most_alone: float
    address_differs: float
    number_differs: float
    one_for_each: frozenset[str]
    shared: frozenset[str]
    address_words: frozenset[str]
    version: str


@cache
def policy() -> Policy:
    """Read ``data/particulars.yaml`` once."""
    data: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return Policy(
        alone={kind: float(value) for kind, value in data["alone"].items()},
        confirms={kind: float(value) for kind, value in data["confirms"].items()},
        most_alone=float(data["most_alone"]),
        address_differs=float(data["address_differs"]),
        number_differs=float(data["number_differs"]),
        one_for_each=frozenset(data["one_for_each"]),
        shared=frozenset([*data["free_mail"], *data["shared_sites"]]),
        address_words=frozenset(data["address_words"].split()),
        version=data["version"],
    )


def marks(known: Particulars, countries: Collection[str]) -> dict[Mark, str]:
    """All marks of a party, each with the text that it was made of. ``countries`` (alpha-2) help to read numbers."""
    found: dict[Mark, str] = {}
    for text in known.phones:
        if number := phone(text, countries):
            found["phone", number] = text
    for text in known.emails:
        if address := email(text):
            found["email", address] = text
    for text in (*known.emails, *known.websites):
        if host := domain(text):
            found["domain", host] = text
    for text in known.addresses:
        found |= {("address", mark): text for mark in address_marks(text)}
    return {mark: text for mark, text in found.items() if len(mark[1]) <= LONGEST_MARK}


def phone(text: str, countries: Iterable[str]) -> str:
    """A telephone number in E.164, or "" where the text is none; read as of these countries, else as international."""
    digits = re.sub(r"[^0-9+]", "", re.sub(r"(?i)ext.*$", "", text))
    plain = "+" + digits[2:] if digits.startswith("00") else digits
    readings: list[tuple[str, str | None]] = (
        [(plain, None)] if plain.startswith("+") else [(plain, one) for one in countries if one]
    )
    readings += [("+" + plain.lstrip("+"), None)]
    for reading, country in readings:
        try:
            number = phonenumbers.parse(reading, country)
        except phonenumbers.NumberParseException:
            continue
        sure = phonenumbers.is_valid_number(number)
        if sure or (phonenumbers.is_possible_number(number) and len(plain) >= LEAST_PHONE):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ""


def email(text: str) -> str:
    """An e-mail address in small letters, or "" where the text is none."""
    plain = text.strip().strip("<>.").casefold()
    name, at, host = plain.rpartition("@")
    return plain if at and name and "." in host and not re.search(r"\s", plain) else ""


def domain(text: str) -> str:
    """The registrable domain of an e-mail address or site; "" for none, or one that unrelated people share."""
    host = text.strip().strip("<>.").casefold()
    try:
        host = (urlsplit(host if "://" in host else f"//{host}").hostname or "") if "@" not in host else host
        host = host.rpartition("@")[2].encode("idna").decode("ascii")
    except (UnicodeError, ValueError):
        return ""
    found = _suffixes().privatesuffix(host) if re.fullmatch(r"[a-z0-9.-]+\.[a-z][a-z0-9-]*", host) else None
    return "" if found is None or found in policy().shared else str(found)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


# ---- addresses


@lru_cache(maxsize=4096)
def address_tokens(text: str) -> tuple[str, ...]:
    """The numbers and the words of an address that name a place, in their order, in Latin letters."""
    spaced = text
    if names.HAN_RUN.search(text):
        parts = HAN_PARTS.sub(" ", names.simplified(text))
        spaced = names.HAN_RUN.sub(lambda run: f" {anyascii(run[0]).casefold()} ", parts)
    letters = anyascii(names.APOSTROPHES.sub("", spaced)).casefold()
    kept = []
    for token in TOKEN.findall(letters):
        word = ORDINAL.sub(r"\1", token)
        if _is_number(word) or (len(word) > 1 and word not in policy().address_words):
            kept.append(word.lstrip("0") or word)
    return tuple(kept)


def address_marks(text: str) -> frozenset[str]:
    """What an address is looked up by: each number with the words near it, and pairs of numbers. None without a number.

    Without a number an address names a village or an industrial zone, not a place that two parties share.
    """
    tokens = address_tokens(text)
    places = [at for at, token in enumerate(tokens) if _is_number(token)][:MOST_NUMBERS]
    made = []
    for at in places:
        before, after = ([word for word in side if not _is_number(word)] for side in (tokens[:at], tokens[at + 1 :]))
        made += [f"{tokens[at]} {word}" for word in (*before[-NEAR:], *after[:NEAR])]
    numbers = sorted({tokens[at] for at in places})
    made += [f"{one} {other}" for one, other in combinations(numbers, 2) if max(len(one), len(other)) >= LONG_NUMBER]
    return frozenset(mark for mark in list(dict.fromkeys(made))[:MOST_MARKS] if len(mark) <= LONGEST_MARK)


@lru_cache(maxsize=16384)
def same_address(one: str, other: str) -> bool:
    """Whether two addresses name the same place: all numbers of the shorter, and most of its words, are in the longer.

    Symmetric. A floor or suite that only one of them names does not count; another house number does.
    """
    shorter, longer = sorted((address_tokens(one), address_tokens(other)), key=lambda tokens: (len(tokens), tokens))
    few = list(dict.fromkeys(shorter))
    numbers = [token for token in few if _is_number(token)]
    if not numbers or any(number not in longer for number in numbers):
        return False
    words = [token for token in few if not _is_number(token)]
    shared = [word for word in words if any(_alike(word, token) for token in longer)]
    together = len(numbers) + len(shared)
    return bool(shared) and together >= FEWEST_SHARED and together >= COVERED * len(few)


def _alike(word: str, token: str) -> bool:
    if word == token:
        return True
    return min(len(word), len(token)) >= FEW_LETTERS and Indel.normalized_similarity(word, token) >= ALIKE


def _is_number(token: str) -> bool:
    return any(letter.isdigit() for letter in token)


# ---- weighing


def alone(agreed: Iterable[Agreement]) -> float:
    """The score of an entry that no name comes near: that of a party with whom somebody shares so much."""
    doubt = 1.0
    for kind in {one.kind for one in agreed if one.agrees}:
        doubt *= 1.0 - policy().alone[kind]
    return min(1.0 - doubt, policy().most_alone)


def weighed(value: float, compared: Iterable[Agreement], lowest: float) -> float:
    """A score after all particulars: what agrees takes away doubt, what differs weakens, but never below ``lowest``."""
    agreed = {one.kind for one in compared if one.agrees}
    for kind in sorted(agreed):
        value = 1.0 - (1.0 - value) * (1.0 - policy().confirms[kind])
    loss = sum(one.weight for one in compared if not one.agrees)
    return max(min(value, lowest), value - loss)


def sharing(kind: Kind, party: str, listed: str) -> Agreement:
    """An agreement with its weight."""
    return Agreement(kind, party, listed, True, policy().confirms[kind])


def differing_addresses(party: Iterable[str], listed: Iterable[str]) -> Iterator[Agreement]:
    """That the party's addresses are none of the list's, where both name a house."""
    ours = [text for text in party if address_marks(text)]
    theirs = [text for text in listed if address_marks(text)]
    if ours and theirs and not any(same_address(one, other) for one in ours for other in theirs):
        yield Agreement("address", ours[0], theirs[0], False, policy().address_differs)


def differing_numbers(party: Iterable[tuple[str, str]], listed: Iterable[tuple[str, str]]) -> Iterator[Agreement]:
    """That a number differs of which everybody has but one; values in the spelling that lists are kept in."""
    theirs = list(listed)
    for scheme in sorted(policy().one_for_each):
        mine = [value for one, value in party if one == scheme]
        other = [value for one, value in theirs if one == scheme]
        if mine and other and not set(mine) & set(other):
            yield Agreement("number", f"{scheme} {mine[0]}", f"{scheme} {other[0]}", False, policy().number_differs)
