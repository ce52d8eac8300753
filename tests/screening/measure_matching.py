"""Measure the matching on real lists, by path: recall where names were changed, and false alerts on other names.

    python tests/screening/measure_matching.py FOLDER

``FOLDER`` holds ``ofac-2/sdn.csv`` (with its companions) and ``us_dpl.txt``. Not a test: nothing that the project
needs to build or run. True pairs are names of listed entities, changed in the ways that people change them, and one
alias against the others of its entity; negatives are names of another list and recombined words. Entities are split
by their number into a half to tune on and a half held out.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import Actor
from portal.db import Base, open_engine, session_factory
from portal.screening import lists, names, score
from portal.screening.match import Screener
from portal.screening.models import ListEntry, ListName

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
FALSE_ALERTS = (0.005, 0.01)
Change = Callable[[str, random.Random], str]


def typo(name: str, chance: random.Random) -> str:
    words = [word for word in name.split() if len(word) > 4] or name.split()
    word = chance.choice(words)
    at = chance.randrange(1, max(2, len(word) - 1))
    changed = chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + chance.choice(LETTERS) + word[at:],
            word[:at] + chance.choice(LETTERS) + word[at + 1 :],
            word[: at - 1] + word[at : at + 1] + word[at - 1 : at] + word[at + 1 :],
        )
    )
    return name.replace(word, changed, 1)


def reorder(name: str, chance: random.Random) -> str:
    words = name.replace(",", " ").split()
    chance.shuffle(words)
    return " ".join(words)


def without_form(name: str, chance: random.Random) -> str:
    del chance
    kept = [token.word for token in names.tokens(name) if not token.text.startswith(names.FORM)]
    return " ".join(kept) or name


def missing(name: str, chance: random.Random) -> str:
    words = name.replace(",", " ").split()
    if len(words) > 2:
        words.pop(chance.randrange(len(words)))
    return " ".join(words)


def initials(name: str, chance: random.Random) -> str:
    words = name.replace(",", " ").split()
    if len(words) > 2:
        at = chance.randrange(1, len(words))
        words[at] = words[at][0] + "."
    return " ".join(words)


def vowels(name: str, chance: random.Random) -> str:
    at = [i for i, letter in enumerate(name) if letter.lower() in "aeiou" and i]
    for i in chance.sample(at, min(2, len(at))):
        name = name[:i] + chance.choice("aeiou") + name[i + 1 :]
    return name


def joined(name: str, chance: random.Random) -> str:
    words = name.replace(",", " ").split()
    if len(words) < 2:
        return name
    at = chance.randrange(len(words) - 1)
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


CHANGES: dict[str, Change] = {
    "as printed": lambda name, _: name.title(),
    "typing error": typo,
    "word order": reorder,
    "word order + typing error": lambda name, chance: typo(reorder(name, chance), chance),
    "legal form dropped": without_form,
    "legal form dropped + typing error": lambda name, chance: typo(without_form(name, chance), chance),
    "a word missing": missing,
    "an initial": initials,
    "two vowels": vowels,
    "words joined": joined,
}


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        engine = open_engine(f"sqlite:///{place}/measure.sqlite3")
        Base.metadata.create_all(engine)
        with session_factory(engine)() as session:
            lists.import_list(
                session, "ofac-sdn", folder / "ofac-2" / "sdn.csv", actor=Actor.command("measure"), now=NOW
            )
            session.commit()
            measure(session, folder)
        engine.dispose()


def measure(session: Session, folder: Path) -> None:
    begun = time.perf_counter()
    screener = Screener.open(session)
    say(f"index opened in {time.perf_counter() - begun:.2f} s")
    rows = session.execute(
        select(ListEntry.id, ListEntry.uid, ListEntry.kind, ListName.name, ListName.position).join(
            ListName, ListName.entry_id == ListEntry.id
        )
    ).all()
    entities: dict[object, list[str]] = {}
    for entry_id, uid, kind, name, _ in sorted(rows, key=lambda row: (int(row[1]), row[4])):
        if kind in ("person", "organisation"):
            entities.setdefault((entry_id, int(uid), kind), []).append(name)
    false = negatives(screener, entities, folder)
    for split in (0, 1):
        report(screener, {k: v for k, v in entities.items() if k[1] % 2 == split}, false[split], split)  # type: ignore[index]


def negatives(screener: Screener, entities: dict[object, list[str]], folder: Path) -> list[dict[str, list[float]]]:
    chance = random.Random(7)  # noqa: S311 - repeatable, not secret
    text = (folder / "us_dpl.txt").read_text(encoding="utf-8", errors="replace").splitlines()[1:]
    others = sorted({line.split("\t")[0].strip(' "') for line in text if line.strip()})
    chance.shuffle(others)
    firsts = [names_[0].replace(",", " ").split() for names_ in entities.values() if len(names_[0].split()) > 1]
    mixed = []
    for _ in range(1500):
        left, right = chance.choice(firsts), chance.choice(firsts)
        mixed.append(" ".join([*left[: (len(left) + 1) // 2], *right[len(right) // 2 :]]))
    found: list[dict[str, list[float]]] = [{}, {}]
    for kind, sample in (("another list", others[:1500]), ("recombined", mixed)):
        for at, name in enumerate(sample):
            best = max((f.scored.score for f in screener.agreements([name], 0.0).values()), default=0.0)
            if best < 0.95:  # the same name on both lists, or put together again
                found[at % 2].setdefault(kind, []).append(best)
    return found


def report(screener: Screener, entities: dict, false: dict[str, list[float]], split: int) -> None:  # type: ignore[type-arg]
    policy = score.policy()
    say(f"\n== {'held out' if split else 'tuned on'}: {len(entities)} entities")
    pooled = sorted(value for values in false.values() for value in values)
    cuts = {share: pooled[-max(1, round(len(pooled) * share))] for share in FALSE_ALERTS}
    for kind, values in false.items():
        say(
            f"false alerts, {kind}: {share(values, policy.possible):.2%} at {policy.possible}, "
            f"{share(values, policy.match):.2%} at {policy.match} of {len(values)}"
        )
    say("cuts: " + ", ".join(f"{share:.1%} false alerts at {cut:.3f}" for share, cut in cuts.items()))
    say(f"{'change':36} {'possible':>9} {'match':>7} {'@0.5%':>7} {'@1%':>7}  ms p50 / p99")
    everything: list[float] = []
    for label, values, times in measured(screener, entities):
        everything += values if label != "alias against the others" else []
        say(line(label, values, times, cuts))
    say(line("all changes", everything, [0.0], cuts))


def measured(screener: Screener, entities: dict) -> Iterator[tuple[str, list[float], list[float]]]:  # type: ignore[type-arg]
    chance = random.Random(11)  # noqa: S311
    sample = chance.sample(sorted(entities, key=lambda k: k[1]), 400)
    for label, change in CHANGES.items():
        values, times = [], []
        for entity in sample:
            query = change(entities[entity][0], chance)
            begun = time.perf_counter()
            found = screener.agreements([query], 0.0)
            times.append((time.perf_counter() - begun) * 1000)
            values.append(found[entity[0]].scored.score if entity[0] in found else 0.0)
        yield label, values, times
    values = []
    many = [entity for entity in sorted(entities, key=lambda k: k[1]) if len(entities[entity]) > 1]
    for entity in chance.sample(many, 400):
        query, *rest = chance.sample(entities[entity], len(entities[entity]))
        tokens = names.key(query).split()
        firm = entity[2] == "organisation"
        values.append(max(score.compare(tokens, names.key(o).split(), screener.weight, firm=firm).score for o in rest))
    yield "alias against the others", values, [0.0]


def share(values: list[float], cut: float) -> float:
    return sum(value >= cut for value in values) / len(values)


def line(label: str, values: list[float], times: list[float], cuts: dict[float, float]) -> str:
    policy, times = score.policy(), sorted(times)
    shares = "  ".join(f"{share(values, cut + 1e-9):7.3f}" for cut in cuts.values())
    return (
        f"{label:36} {share(values, policy.possible):9.3f} {share(values, policy.match):7.3f} {shares}"
        f"   {times[len(times) // 2]:.1f} / {times[int(len(times) * 0.99) - 1]:.1f}"
    )


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
