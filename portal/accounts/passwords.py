"""Passwords: how they are kept (Argon2id, RFC 9106) and which are refused (NIST SP 800-63B, section 3.1.1)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from portal.text import Text

SHORTEST, LONGEST = 12, 200
# Characters that must be left once everything easy to guess is taken away.
ENOUGH = 8

TOO_SHORT = Text("Use at least 12 characters", "密码至少12个字符")
TOO_LONG = Text("Use at most 200 characters", "密码最多200个字符")
TOO_EASY = Text(
    "This password is easy to guess. Leave out your name, your organisation and your e-mail address, common words, "
    "repetitions and rows like 12345678",
    "该密码容易被猜到。请勿使用姓名、单位名称、电子邮箱、常用词、重复字符或12345678等连续字符",
)

_COMMON = (
    "password", "passw0rd", "passwort", "portal", "diligence", "iloveyou", "letmein", "welcome", "administrator",
    "admin", "secret", "changeme", "woaini", "5201314", "1314520", "mima", "密码", "门户", "尽职调查",
)  # fmt: skip
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn")
_NEXT = frozenset(pair for row in (*_ROWS, *(row[::-1] for row in _ROWS)) for pair in pairwise(row))


class WeakPassword(ValueError):
    """The password is refused; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs with Argon2id: passes over the memory, memory in KiB, lanes."""

    passes: int
    memory: int
    lanes: int


# RFC 9106, section 4, second recommended option.
STRONG = Cost(passes=3, memory=64 * 1024, lanes=4)


@lru_cache
def _hasher(cost: Cost) -> PasswordHasher:
    return PasswordHasher(
        time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes, hash_len=32, salt_len=16, type=Type.ID
    )


@lru_cache
def _nobody(cost: Cost) -> str:
    return _hasher(cost).hash("the password of nobody")


def _folded(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def keep(password: str, cost: Cost = STRONG) -> str:
    """The hash to keep of a password."""
    return _hasher(cost).hash(_folded(password))


def fits(password: str, kept: str | None, cost: Cost = STRONG) -> bool:
    """Whether the password is the one that ``kept`` was made of.

    ``None`` stands for a person who does not exist, and takes as long as one who does.
    """
    if len(password) > LONGEST:
        return False
    known = kept is not None and kept.startswith("$argon2id$")
    try:
        right = _hasher(cost).verify(str(kept) if known else _nobody(cost), _folded(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and known


def is_outdated(kept: str, cost: Cost = STRONG) -> bool:
    """Whether the hash was made with another cost and should be made anew at the next sign-in."""
    return _hasher(cost).check_needs_rehash(kept)


def refuse_weak(password: str, own: Iterable[str] = ()) -> None:
    """Raise ``WeakPassword`` for a password that is too short, too long or easy to guess.

    ``own`` holds what others know of the person: name, e-mail address, organisation. There is no rule on kinds
    of characters, since such rules make passwords worse.
    """
    if len(password) > LONGEST:
        raise WeakPassword(TOO_LONG)
    folded = _folded(password)
    if len(folded) < SHORTEST:
        raise WeakPassword(TOO_SHORT)
    if len(_hard_part(folded.casefold(), own)) < ENOUGH:
        raise WeakPassword(TOO_EASY)


def _hard_part(password: str, own: Iterable[str]) -> str:
    for word in sorted({*_COMMON, *_words(own)}, key=len, reverse=True):
        password = password.replace(word, "")
    kept: list[str] = []
    run = 0
    for before, character in zip(["", *password], password, strict=False):
        run = run + 1 if (before, character) in _NEXT else 0
        # The third and later steps of a row ("1234…") add nothing to guess.
        if run < 3:
            kept.append(character)
    return re.sub(r"(.{1,6}?)\1+", r"\1", "".join(kept))


def _words(own: Iterable[str]) -> set[str]:
    found = set()
    for text in own:
        folded = _folded(text[:400]).casefold()
        parts = [folded, *re.split(r"[\W_]+", folded)]
        # Two Chinese characters are a word; two Latin letters are not.
        found |= {part for part in parts if len(part) >= (4 if part.isascii() else 2)}
    return found
