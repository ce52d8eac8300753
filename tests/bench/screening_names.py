"""Names for the measurements of matching: real lists by path, recombined ones, and changes that people make.

Nothing of the real lists is kept here. Every draw comes from a seeded generator, so a run can be repeated.
"""

import csv
import json
import random
import re
import uuid
import xml.etree.ElementTree as Tree
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from opencc import OpenCC
from pypinyin import lazy_pinyin

from portal.screening import names
from portal.screening.index import Index, Shard
from portal.screening.rows import Row
from tests.bench.world import invented_han, invented_name

LETTERS = "abcdefghijklmnopqrstuvwxyz"
TRADITIONAL = OpenCC("s2t")
SOMEBODY = uuid.UUID(int=1)
# Customary Latin spellings of Korean names, family name first or last; no list at hand has Korean letters.
KOREAN = {
    "김철수": "Kim Chul-soo", "이영희": "Lee Young-hee", "박민준": "Park Min-jun", "최지훈": "Choi Ji-hoon",
    "정현우": "Jung Hyun-woo", "강성호": "Kang Sung-ho", "조은정": "Cho Eun-jung", "윤서연": "Yoon Seo-yeon",
    "장동건": "Jang Dong Gun", "임재범": "Lim Jae-beom", "한상우": "Han Sang Woo", "오세훈": "Oh Se-hoon",
    "신동빈": "Shin Dong-bin", "서정진": "Seo Jung-jin", "권오현": "Kwon Oh-hyun", "황교안": "Hwang Kyo-ahn",
    "안철수": "Ahn Cheol-soo", "송강호": "Song Kang-ho", "홍길동": "Hong Gil-dong", "전두환": "Chun Doo-hwan",
    "노태우": "Roh Tae-woo", "고은": "Ko Un", "문재인": "Moon Jae-in", "양현석": "Yang Hyun-suk",
    "손흥민": "Son Heung-min", "배용준": "Bae Yong-joon", "백종원": "Paik Jong-won", "허준호": "Heo Joon-ho",
    "남주혁": "Nam Joo-hyuk", "심상정": "Sim Sang-jung", "김정은": "Kim Jong Un", "리수용": "Ri Su Yong",
    "최룡해": "Choe Ryong Hae", "김여정": "Kim Yo Jong", "박봉주": "Pak Pong Ju", "김영철": "Kim Yong Chol",
    "리용호": "Ri Yong Ho", "황병서": "Hwang Pyong So", "현영철": "Hyon Yong Chol", "김기남": "Kim Ki Nam",
    "이재용": "Lee Jae-yong", "정의선": "Chung Eui-sun", "박근혜": "Park Geun-hye", "이명박": "Lee Myung-bak",
    "반기문": "Ban Ki-moon", "류현진": "Ryu Hyun-jin", "유재석": "Yoo Jae-suk", "차범근": "Cha Bum-kun",
}  # fmt: skip


@dataclass(slots=True)
class Entity:
    """One listed party with all its names; the first is the main one."""

    id: uuid.UUID
    firm: bool
    names: list[str] = field(default_factory=list)


Change = Callable[[str, random.Random], str]


def typo(name: str, chance: random.Random) -> str:
    """One letter left out, added, changed, or two changed about, in one of the longer words."""
    words = name.split()
    at = chance.choice([i for i, word in enumerate(words) if len(word) > 4] or range(len(words)))
    word = words[at]
    i = chance.randrange(1, max(2, len(word) - 1))
    letter = chance.choice(LETTERS)
    words[at] = chance.choice(
        (
            word[:i] + word[i + 1 :],
            word[:i] + letter + word[i:],
            word[:i] + letter + word[i + 1 :],
            word[: i - 1] + word[i : i + 1] + word[i - 1 : i] + word[i + 1 :],
        )
    )
    return " ".join(words)


def transposition(name: str, chance: random.Random) -> str:
    words = name.split()
    at = max(range(len(words)), key=lambda i: len(words[i]))
    word = words[at]
    i = chance.randrange(1, max(2, len(word) - 1))
    words[at] = word[: i - 1] + word[i : i + 1] + word[i - 1 : i] + word[i + 1 :]
    return " ".join(words)


def reorder(name: str, chance: random.Random) -> str:
    words = name.replace(",", " ").split()
    chance.shuffle(words)
    return " ".join(words)


def without_form(name: str, chance: random.Random) -> str:
    del chance
    return " ".join(token.word for token in names.tokens(name) if not token.text.startswith(names.FORM)) or name


def other_form(name: str, chance: random.Random) -> str:
    """The legal form written out, shortened or in another language."""
    kept = []
    for token in names.tokens(name):
        spelled = [word for word in names.variants(token.text) if token.text.startswith(names.FORM)]
        kept.append(chance.choice(spelled) if spelled and len(token.text) > 1 else token.word)
    return " ".join(kept)


def missing(name: str, chance: random.Random) -> str:
    words = name.replace(",", " ").split()
    if len(words) > 2:
        words.pop(chance.randrange(len(words)))
    return " ".join(words)


def initial(name: str, chance: random.Random) -> str:
    words = name.replace(",", " ").split()
    if len(words) > 2:
        at = chance.randrange(1, len(words))
        words[at] = words[at][0] + "."
    return " ".join(words)


def joined(name: str, chance: random.Random) -> str:
    words = name.replace(",", " ").replace("-", " ").split()
    if len(words) < 2:
        return name
    at = chance.randrange(len(words) - 1)
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


def split(name: str, chance: random.Random) -> str:
    words = name.split()
    at = max(range(len(words)), key=lambda i: len(words[i]))
    i = chance.randrange(2, max(3, len(words[at]) - 1))
    words[at] = words[at][:i] + " " + words[at][i:]
    return " ".join(words)


def vowels(name: str, chance: random.Random) -> str:
    at = [i for i, letter in enumerate(name) if letter.lower() in "aeiou" and i]
    for i in chance.sample(at, min(2, len(at))):
        name = name[:i] + chance.choice("aeiou") + name[i + 1 :]
    return name


def accents(name: str, chance: random.Random) -> str:
    marks = {"a": "á", "e": "é", "i": "í", "o": "ö", "u": "ü", "c": "ç", "n": "ñ", "s": "š"}
    return "".join(marks.get(letter, letter) if chance.random() < 0.5 else letter for letter in name.lower())


def two(first: Change, second: Change) -> Change:
    return lambda name, chance: second(first(name, chance), chance)


LATIN: dict[str, Change] = {
    "as printed, other case": lambda name, _: name.title(),
    "accents": accents,
    "typing error": typo,
    "letters changed about": transposition,
    "word order": reorder,
    "word order + typing error": two(reorder, typo),
    "legal form dropped": without_form,
    "legal form dropped + typing error": two(without_form, typo),
    "legal form in another way": other_form,
    "a word missing": missing,
    "an initial": initial,
    "words joined": joined,
    "a word split": split,
    "two vowels": vowels,
}


def entities(folder: Path) -> list[Entity]:
    """Every party of the lists in the folder, with all names."""
    return [*ofac(folder / "ofac-2", "sdn"), *ofac(folder / "ofac-1", "cons"), *united_nations(folder), *others(folder)]


def invented(count: int, seed: int = 20261124) -> list[Entity]:
    """Parties with made-up names: aliases are the name as people change it, and some names are of other scripts.

    ``entities`` with names that nobody published; native names of Arabic and Cyrillic letters have no relation to
    their Latin one, so these two scripts say nothing here and are left out.
    """
    chance = random.Random(seed)  # noqa: S311
    changes = [LATIN[label] for label in ("typing error", "a word missing", "two vowels", "word order + typing error")]
    made = []
    for at in range(count):
        firm = chance.random() < 0.5
        name = invented_name(chance, not firm)
        known = [name, *(change(name, chance) for change in changes if chance.random() < 0.4)]
        known += [invented_han(chance)] if chance.random() < 0.05 else []
        made.append(Entity(uuid.UUID(int=at + 2), firm, known))
    return made


def strangers(count: int) -> list[str]:
    """Made-up names of the same words that are on no list."""
    chance = random.Random(7)  # noqa: S311
    return [invented_name(chance, chance.random() < 0.5) for _ in range(count)]


def ofac(folder: Path, which: str) -> Iterator[Entity]:
    primary, aliases = ("sdn.csv", "alt.csv") if which == "sdn" else ("cons_prim.csv", "cons_alt.csv")
    found: dict[str, Entity] = {}
    for row in csv.reader((folder / primary).open(encoding="utf-8", errors="replace")):
        if len(row) > 2:
            found[row[0]] = Entity(uuid.uuid4(), row[2].strip(" -0") == "", [row[1]])
    for row in csv.reader((folder / aliases).open(encoding="utf-8", errors="replace")):
        if len(row) > 3 and row[0] in found:
            found[row[0]].names.append(row[3])
    yield from found.values()


def united_nations(folder: Path) -> Iterator[Entity]:
    for node in Tree.parse(folder / "un_consolidated.xml").getroot().iter():  # noqa: S314 - a file given by hand
        if node.tag in ("INDIVIDUAL", "ENTITY"):
            parts = [node.findtext(part) or "" for part in ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")]
            known = [" ".join(part.strip() for part in parts if part.strip())]
            known += [alias.text for alias in node.iter("ALIAS_NAME") if alias.text and alias.text.strip()]
            known += [name.text for name in node.iter("NAME_ORIGINAL_SCRIPT") if name.text]
            yield Entity(uuid.uuid4(), node.tag == "ENTITY", [re.sub(r"\s+", " ", name).strip() for name in known])


def others(folder: Path) -> Iterator[Entity]:
    for name in denied(folder):
        yield Entity(uuid.uuid4(), False, [name])
    for row in csv.DictReader((folder / "cn_sanctions_reference_only.csv").open(encoding="utf-8-sig")):
        known = [row["Name"], *row["Alias"].split(";"), row["Chinese name"]]
        yield Entity(uuid.uuid4(), row["Type"] != "Person", [name.strip() for name in known if name.strip()])


def denied(folder: Path) -> list[str]:
    text = (folder / "us_dpl.txt").read_text(encoding="utf-8", errors="replace").splitlines()[1:]
    return sorted({line.split("\t")[0].strip(' "') for line in text if line.strip()})


def recombined(real: list[Entity], whole: int, chance: random.Random) -> list[Entity]:
    """Further parties made of words of the real ones, with a typing error each, until there are ``whole`` names."""
    latin = [entity for entity in real if names.script(entity.names[0]) == "latin"]
    made = [*real]
    count = sum(len(entity.names) for entity in real)
    while count < whole:
        left, right = (chance.choice(latin) for _ in range(2))
        one, other = (entity.names[0].replace(",", " ").split() for entity in (left, right))
        name = " ".join([*one[: (len(one) + 1) // 2], *other[len(other) // 2 :]])
        made.append(Entity(uuid.uuid4(), left.firm, [typo(name, chance)]))
        count += 1
    return made


def as_entities(file: Path, parties: list[Entity]) -> Path:
    """The parties as a file of FollowTheMoney entities, one a line."""
    with file.open("w", encoding="utf-8") as lines:
        for at, party in enumerate(parties):
            schema = "Company" if party.firm else "Person"
            entity = {"id": f"NK-{at}", "schema": schema, "properties": {"name": party.names}}
            lines.write(json.dumps(entity, ensure_ascii=False) + "\n")
    return file


def index(parties: list[Entity], drop: Callable[[Entity, str], bool] = lambda entity, name: False) -> Index:
    """An index of the parties' names; ``drop`` leaves names out."""
    rows = [
        Row(uuid.uuid4(), party.id, names.key(name), names.native(name), party.firm)
        for party in parties
        for name in dict.fromkeys(party.names)
        if not drop(party, name)
    ]
    return Index.of([Shard.of(rows)])


def koreans() -> list[Entity]:
    """Parties known by the customary Latin spelling of a Korean name only."""
    return [Entity(uuid.uuid4(), False, [latin]) for latin in KOREAN.values()]


def traditional(name: str, chance: random.Random) -> str:
    del chance
    return str(TRADITIONAL.convert(names.native(name)))


def clipped(name: str, chance: random.Random) -> str:
    """Traditional characters, and for longer names one character less."""
    text = names.native(name)
    at = chance.randrange(len(text))
    return str(TRADITIONAL.convert(text[:at] + text[at + 1 :] if len(text) > 7 else text))


def pinyin(name: str, chance: random.Random) -> str:
    del chance
    return " ".join(lazy_pinyin(names.native(name))).title()
