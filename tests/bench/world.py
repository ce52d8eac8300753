"""What the benchmarks work on: an issuer, a certificate, a case, and lists, real by path or made up by a seed."""

import csv
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from portal.audit import Actor
from portal.certificates import keys
from portal.certificates.keys import Issuer
from portal.config import SOURCE_ROOT, Settings
from portal.db import Base, open_engine, session_factory
from portal.screening import lists

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BY = Actor.command("bench")
GERMANIUM = SOURCE_ROOT / "tests" / "data" / "cases" / "germanium-lens-blanks.json"
NOTHING = "-0- "
ALIASES = 0.6  # aliases to an entry, about as many as on the published lists
NATIVE = 0.15  # entries with a name in a script of their own
_SCRIPTS = (
    ("абвгдежзиклмнопрстуфхцчшюя", 7, 2),
    ("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", 6, 2),
    ("中国科技电子有限公司贸易发展北京上海华新光学仪器", 8, 1),
    ("王李张刘陈杨黄赵吴周明伟芳娜敏静丽强磊军", 3, 1),
)  # letters, letters of a word, words
_BEGIN = ("b", "br", "ch", "d", "f", "g", "gr", "h", "k", "kr", "l", "m", "n", "p", "r", "s", "sh", "st", "t", "v", "z")
_MIDDLE = ("a", "e", "i", "o", "u", "ai", "ou", "ya")
_END = ("", "", "n", "r", "v", "sk", "l", "m", "d", "t")
_FORMS = ("LLC", "LTD", "CO., LTD.", "JSC", "TRADING FZE", "GENERAL TRADING LLC", "GMBH", "GROUP", "INDUSTRIES")
_FIELDS = ("AVIATION", "ELECTRONICS", "SHIPPING", "METALS", "OPTICS", "PETROCHEMICAL", "TECHNOLOGY", "TRADE", "ENERGY")


@dataclass(frozen=True)
class World:
    """An installation in a folder that goes away."""

    folder: Path
    settings: Settings
    sessions: sessionmaker[Session]
    issuer: Issuer


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """An installation with every table, keys, and the lists that the portal ships."""
    settings = Settings(instance=folder / "instance", public_address="http://127.0.0.1:8000")
    settings.instance.mkdir(parents=True)
    engine = open_engine(settings.database)
    require_all_tables()
    Base.metadata.create_all(engine)
    sessions = session_factory(engine)
    with sessions() as session:
        lists.load_shipped(session, actor=BY, now=NOW)
        session.commit()
    yield World(folder, settings, sessions, keys.open_issuer(settings, now=NOW))
    engine.dispose()


def require_all_tables() -> None:
    """Bring in the tables of every room."""
    from portal import tables

    assert tables.metadata is Base.metadata


@contextmanager
def database(folder: Path, name: str) -> Iterator[sessionmaker[Session]]:
    """A database of its own with every table."""
    require_all_tables()
    engine = open_engine(f"sqlite:///{folder / f'{name}.sqlite3'}")
    Base.metadata.create_all(engine)
    yield session_factory(engine)
    engine.dispose()


def invented_list(folder: Path, entries: int, seed: int = 20261124) -> Path:
    """``sdn.csv`` and its companions in OFAC's published form with made-up names, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    folder.mkdir(parents=True, exist_ok=True)
    main, also, places = [], [], []
    for number in range(1, entries + 1):
        person = chance.random() < 0.5
        main.append(
            [number, invented_name(chance, person), "individual" if person else NOTHING, "TEST", *[NOTHING] * 8]
        )
        places.append([number, number, "1 Test Street", "Testville", "Turkey", NOTHING])
        if chance.random() < ALIASES:
            also.append([number, len(also) + 1, "aka", invented_name(chance, person), NOTHING])
    for name, rows in (("sdn", main), ("alt", also), ("add", places)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    return folder / "sdn.csv"


def invented_entities(file: Path, entries: int, seed: int = 20261124) -> Path:
    """A file of FollowTheMoney entities, one a line, with made-up names, also of other scripts; written as it goes."""
    chance = random.Random(seed)  # noqa: S311
    with file.open("w", encoding="utf-8") as lines:
        for _ in range(entries):
            person = chance.random() < 0.5
            name = invented_name(chance, person)
            known = [invented_name(chance, person)] if chance.random() < ALIASES else []
            known += [_native(chance)] if chance.random() < NATIVE else []
            number = {"birthDate" if person else "registrationNumber": [str(chance.randrange(10**9))]}
            places = {"address": ["1 Test Street, Testville"], "country": [chance.choice(("kp", "ir", "ru", "sy"))]}
            entity = {
                "id": f"NK-{chance.getrandbits(88):022x}",
                "caption": name,
                "schema": "Person" if person else "Company",
                "target": True,
                "datasets": ["test"],
                "properties": {"name": [name], "alias": known, **places, **number},
            }
            lines.write(json.dumps(entity, ensure_ascii=False) + "\n")
    return file


def invented_han(chance: random.Random) -> str:
    """A name in Chinese characters that nobody bears, simplified."""
    letters, length, _ = chance.choice(_SCRIPTS[2:])
    return "".join(chance.choice(letters) for _ in range(length))


def _native(chance: random.Random) -> str:
    letters, length, words = chance.choice(_SCRIPTS)
    return " ".join("".join(chance.choice(letters) for _ in range(length)) for _ in range(words))


def invented_name(chance: random.Random, person: bool) -> str:
    """A name that nobody bears, as it would be printed on a list."""
    if person:
        return f"{_word(chance, 2).upper()}, {' '.join(_word(chance, 2) for _ in range(chance.choice((1, 1, 2))))}"
    middle = [chance.choice(_FIELDS)] if chance.random() < 0.7 else []
    words = [_word(chance, chance.choice((2, 3))).upper() for _ in range(chance.choice((1, 1, 2)))]
    return " ".join([*words, *middle, chance.choice(_FORMS)])


def _word(chance: random.Random, syllables: int) -> str:
    made = [chance.choice(_BEGIN) + chance.choice(_MIDDLE) + chance.choice(_END) for _ in range(syllables)]
    return "".join(made).capitalize()
