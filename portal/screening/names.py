"""Names made comparable: one script, one spelling of common words, tokens, and keys to find candidates by.

Keys are stored with the list (``ListName.key``, ``.native``); ``VERSION`` changes whenever the rules or the word
data change the keys, and a list stored under another version is keyed again when it is opened.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from anyascii import anyascii
from opencc import OpenCC

from portal.screening import sounds
from portal.screening.sounds import ARABIC, ARABIC_WORD, HANGUL_WORD, KOREAN, skeleton

__all__ = ["ARABIC", "FORM", "KOREAN", "VERSION", "Token", "from_key", "key", "native", "script", "skeleton", "tokens"]

VERSION = "7"
FORM = "~"
AS_IT_IS = "="
WORDS = Path(__file__).with_name("data") / "words.yaml"
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
HAN_RUN = re.compile(f"[{HAN}]+")
NOT_HAN = re.compile(f"[^{HAN}]+")
# S.A., O.O.O., U.S.A. but also "J.R." : letters that only dots hold apart are one word.
DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?")
# "Veldhoek 13S.A.", "VeldhoekS.A.": a dotted form that nothing holds apart from the name before it.
ATTACHED = re.compile(r"(?<=[a-z0-9]{3})((?:[a-z]\.){2,}(?:[a-z](?![a-z]))?)")
# "Veldhoek13": a number behind a word.
NUMBERED = re.compile(r"(?<=[a-z]{4})(?=\d+(?![^\W_]))")
SPACED_FORM = range(3, 5)  # letters of a legal form that may be written apart (S R L)
SLASHED = re.compile(r"(?<![^\W_])([^\W\d_])/([^\W\d_])(?![^\W_])")
APOSTROPHES = re.compile(r"['’‘`ʼʹʾʿ´\"]")
POSSESSIVE = re.compile(r"(?<=[a-z]{2})['’‘`ʼ]s(?![^\W_])")
# "A." is an initial where "a" is a small word.
INITIAL = re.compile(r"(?<![^\W_.])([a-z])\.(?![^\W_])")
SYLLABLE = re.compile("[aeiouy]")
# Se-hoon, Jae-in: of a name written in two short parts neither is a legal form, nor is the second a particle.
IN_TWO = re.compile(r"(?<![^\W_])(?<!-)([a-z]{2,5})-([a-z]{2,5})(?![^\W_])(?!-)")
WORD = re.compile(r"[0-9a-z]+")
LATIN_WORD = re.compile(r"[^\W_]+")
SCRIPTS = ("LATIN", "CYRILLIC", "ARABIC", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "GREEK", "HEBREW", "THAI")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a name: ``text`` is compared, ``word`` is shown. A legal form's text begins with ``~``."""

    text: str
    word: str


@dataclass(frozen=True, slots=True)
class Words:
    """The word data, ready to look up; ``longest_phrase`` is told for each word that begins one."""

    version: str
    single: dict[str, str]
    phrases: dict[tuple[str, ...], str]
    longest_phrase: dict[str, int]
    han_forms: dict[str, str]
    frequency: dict[str, int]
    common_han: frozenset[str]
    surnames: frozenset[str]
    institution: tuple[str, ...]
    arabic: dict[str, str]
    korean: dict[str, str]


@cache
def words() -> Words:
    """Read ``data/words.yaml`` once."""
    data: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    terms: dict[str, str] = dict.fromkeys(data["small"], FORM)
    for group in data["same"]:
        terms.update(dict.fromkeys(group, group[0]))
    for form, group in data["forms"].items():
        terms.update(dict.fromkeys(group, FORM + form))
    latin = {tuple(term.split()): value for term, value in terms.items() if term.isascii()}
    latin |= {tuple(part): latin[part,] for (part, *more) in list(latin) if not more and _may_be_spaced(part, latin)}
    han = sorted(((t, v) for t, v in terms.items() if not t.isascii()), key=lambda pair: -len(pair[0]))
    longest: dict[str, int] = {}
    for first, *more in latin:
        longest[first] = max(longest.get(first, 0), len(more) + 1)
    return Words(
        version=data["version"],
        single={parts[0]: value for parts, value in latin.items() if len(parts) == 1},
        phrases={parts: value for parts, value in latin.items() if len(parts) > 1},
        longest_phrase=longest,
        han_forms=dict(han),
        frequency={terms.get(word, word): int(count) for count, group in data["frequency"].items() for word in group},
        common_han=frozenset(data["common_han"]),
        surnames=frozenset(data["surnames"]),
        institution=tuple(data["institution"]),
        arabic={sounds.arabic_plain(word): spelled for word, spelled in data["arabic"].items()},
        korean=data["korean"],
    )


def _may_be_spaced(part: str, latin: dict[tuple[str, ...], str]) -> bool:
    """Whether a legal form is an abbreviation that may be written letter by letter."""
    form = latin[part,]
    return len(part) in SPACED_FORM and form.startswith(FORM) and form not in (FORM, "~title")


@lru_cache(maxsize=262144)
def variants(token: str) -> tuple[str, ...]:
    """The single words that are written for a common word or a legal form; the token itself where it has none."""
    return _variants().get(token, () if token.startswith(FORM) else (token,))


@cache
def _variants() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for term, value in words().single.items():
        found.setdefault(value, []).append(term)
    return {value: tuple(terms) for value, terms in found.items()}


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=8192)
def simplified(text: str) -> str:
    """Chinese characters in their simplified form."""
    return str(_simplifier().convert(text)) if HAN_RUN.search(text) else text


def script(text: str) -> str:
    """The script of most letters: "latin", "han", "cyrillic", "arabic", …; "" without letters."""
    counts: dict[str, int] = {}
    for character in text:
        if character.isalpha():
            name = unicodedata.name(character, "").split(" ")[0]
            if name in SCRIPTS:
                counts[name] = counts.get(name, 0) + 1
    if not counts:
        return ""
    found = max(counts, key=lambda name: counts[name]).lower()
    return "han" if found == "cjk" else found


def native(text: str) -> str:
    """The Chinese characters of a name, simplified, with nothing between; "" where it has fewer than two."""
    if text.isascii():
        return ""
    characters = NOT_HAN.sub("", _bare(unicodedata.normalize("NFKC", text)))
    return simplified(characters) if len(characters) > 1 else ""


@lru_cache(maxsize=4096)
def native_core(characters: str) -> tuple[str, tuple[str, ...]]:
    """Split ``native`` text into what names the party and the legal forms in it."""
    forms: list[str] = []
    known = words().han_forms
    if characters in known:
        return characters, ()
    for form, value in known.items():
        if value.startswith(FORM) and form in characters and form != characters:
            characters = characters.replace(form, "")
            forms.append(form)
    return characters, tuple(forms)


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a name in their order, romanised, with legal forms and variants in their common spelling."""
    plain = _bare(unicodedata.normalize("NFKC", text)).casefold()
    plain = _apart(sounds.whole_words(plain))
    if "." in plain:
        plain = DOTTED.sub(_undotted, plain)
    plain = APOSTROPHES.sub("", POSSESSIVE.sub("", plain))
    if "/" in plain:
        plain = SLASHED.sub(r"\1\2", plain)
    plain = plain.replace("&", " and ")
    pairs = _words(plain) if plain.isascii() else [pair for part in _by_script(plain) for pair in part]
    return tuple(_canonical(pairs))


def key(text: str) -> str:
    """The texts of ``tokens`` joined by spaces: what a list stores for each of its names."""
    return " ".join(token.text for token in tokens(text))


def from_key(stored: str) -> tuple[Token, ...]:
    """Tokens again from a stored key; what is shown is then what is compared."""
    return tuple(Token(part, part) for part in stored.split())


def _bare(text: str) -> str:
    """Without marks that did not join their letter, which would otherwise cut a word in two."""
    return text if text.isascii() else "".join(letter for letter in text if not unicodedata.combining(letter))


def _apart(plain: str) -> str:
    """With a space before a legal form or number that was written onto a word."""
    if "." in plain:
        plain = ATTACHED.sub(lambda found: f" {found[0]}" if _is_form(found[0]) else found[0], plain)
    return NUMBERED.sub(" ", plain)


def _is_form(dotted: str) -> bool:
    form = words().single.get(dotted.replace(".", ""), "")
    return form.startswith(FORM) and form not in (FORM, "~title")


def _undotted(found: re.Match[str]) -> str:
    """One word for a dotted legal form or an abbreviation of three letters and more; two letters are initials."""
    letters = found[0].replace(".", "")
    form = words().single.get(letters, "")
    if len(letters) > 2 or (form.startswith(FORM) and form != "~title"):
        return letters
    return found[0].replace(".", " ")


def _by_script(plain: str) -> Iterable[list[tuple[str, str]]]:
    """Pairs of (romanised word, word as written) for each stretch of Chinese and of anything else."""
    position = 0
    for run in HAN_RUN.finditer(plain):
        yield _words(plain[position : run.start()])
        yield _pinyin(simplified(run[0]))
        position = run.end()
    yield _words(plain[position:])


def _words(text: str) -> list[tuple[str, str]]:
    pairs = []
    kept = _parts_of_names(text) if "-" in text else frozenset()
    if "." in text:
        kept |= {found.start() for found in INITIAL.finditer(text) if words().single.get(found[1]) == FORM}
    for found in LATIN_WORD.finditer(text):
        if found.start() in kept:
            pairs.append((AS_IT_IS + found[0], found[0]))
            continue
        pairs += _word(found[0])
    return pairs


@lru_cache(maxsize=65536)
def _word(written: str) -> tuple[tuple[str, str], ...]:
    """What one word of letters and digits is romanised to, and how that is written."""
    if spoken := _spoken(written):
        return tuple((part, written) for part in spoken)
    ascii_text = written if written.isascii() else APOSTROPHES.sub("", anyascii(written)).lower()
    words = ((word, part) for word in WORD.findall(ascii_text) for part in sounds.servant_of(word))
    return tuple((part, written if part == word else part) for word, part in words)


def _parts_of_names(text: str) -> frozenset[int]:
    """Where a word begins that would be taken for a legal form or a particle, and is a part of a name."""
    forms, kept = words().single, set()
    for found in IN_TWO.finditer(text):
        first, second = (forms.get(part, "") for part in found.groups())
        if len(first) > 1 and first[0] == FORM and SYLLABLE.search(found[1]):
            kept.add(found.start(1))
        if second.startswith(FORM) and SYLLABLE.search(found[2]):
            kept.add(found.start(2))
    return frozenset(kept)


def _spoken(word: str) -> list[str]:
    """Words of letters that are romanised by a table of their own; [] for all other letters."""
    if word.isascii():
        return []
    if ARABIC_WORD.match(word):
        return sounds.arabic_words(sounds.arabic_plain(word), words().arabic)
    if HANGUL_WORD.match(word):
        return [words().korean[word]] if word in words().korean else sounds.korean_words(word)
    return []


@lru_cache(maxsize=8192)
def _pinyin(characters: str) -> list[tuple[str, str]]:
    """Pinyin of a run of Chinese: a person as surname and given name, anything else syllable by syllable."""
    from pypinyin import lazy_pinyin  # takes half a second to load, and is needed for Chinese only

    core, forms = native_core(characters)
    syllables = list(zip(lazy_pinyin(core, errors="ignore"), core, strict=False))
    tail = [(words_form, words_form) for words_form in forms]
    if 2 <= len(core) <= 4 and not forms and not any(word in characters for word in words().institution):
        split = 2 if core[:2] in words().surnames else 1
        parts = (syllables[:split], syllables[split:])
        return [("".join(s for s, _ in part), "".join(c for _, c in part)) for part in parts if part] + tail
    return syllables + tail


def _canonical(pairs: list[tuple[str, str]]) -> Iterable[Token]:
    """Legal forms and variants, longest phrase first, in one pass."""
    data = words()
    position = 0
    while position < len(pairs):
        longest = data.longest_phrase.get(pairs[position][0], 1)
        for length in range(min(longest, len(pairs) - position), 1, -1):
            part = pairs[position : position + length]
            if value := data.phrases.get(tuple(text for text, _ in part)):
                yield Token(value, " ".join(word for _, word in part))
                position += length
                break
        else:
            text, word = pairs[position]
            kept = text.startswith(AS_IT_IS)
            yield Token(text[1:] if kept else data.han_forms.get(text) or data.single.get(text, text), word)
            position += 1
