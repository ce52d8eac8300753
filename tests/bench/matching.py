"""Measure the matching at 50,000 names and more: speed beside brute force, and what is found again.

    python -m tests.bench.matching FOLDER [NAMES]

``FOLDER`` holds the real lists (see ``screening_names``). Times are of the processor, one thread, the two ways in turn
on the same queries. Entities are split into a half that thresholds were tuned on and a half held out.
"""

import random
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rapidfuzz import fuzz, process

from portal.screening import names
from portal.screening.agreement import Matcher
from portal.screening.score import policy
from tests.bench import screening_names as made

Query = tuple[str, made.Entity]
EACH = 100


def main(folder: Path, size: int) -> None:
    chance = random.Random(20261124)  # noqa: S311 - repeatable, not secret
    real = [*made.entities(folder), *made.koreans()]
    parties = made.recombined(real, size, chance)
    classes = queries(real, chance)
    hidden = {id(entity): text for kind in ("Arabic", "Cyrillic") for text, entity in classes[kind]}

    def dropped(entity: made.Entity, name: str) -> bool:
        return id(entity) in hidden and names.script(name) in ("arabic", "cyrillic")

    begun = time.process_time()
    rows = made.index(parties, dropped).rows
    keyed = time.process_time()
    index = made.Index([made.Shard.of(rows)])
    say(f"{len(rows)} names, {len(index.lexicon.words)} words: keyed in {keyed - begun:.1f} s,", end=" ")
    say(f"index built in {time.process_time() - keyed:.2f} s, keys and postings {index.lexicon.size / 1e6:.1f} MB")
    matcher = Matcher([index])
    report(matcher, [row.key for row in rows], [row.entry_id for row in rows], classes)


def queries(real: list[made.Entity], chance: random.Random) -> dict[str, list[Query]]:
    latin = [entity for entity in real if names.script(entity.names[0]) == "latin" and len(entity.names[0].split()) > 1]
    classes = {
        label: [(change(entity.names[0], chance), entity) for entity in chance.sample(latin, EACH)]
        for label, change in made.LATIN.items()
    }
    for label, script in (("Arabic", "arabic"), ("Cyrillic", "cyrillic")):
        found = [(name, entity) for entity in real for name in entity.names if names.script(name) == script]
        classes[label] = chance.sample(found, min(EACH, len(found)))
    spelled = {latin: native for native, latin in made.KOREAN.items()}
    classes["Hangul"] = [(spelled[entity.names[0]], entity) for entity in real if entity.names[0] in spelled]
    han = [(name, entity) for entity in real for name in entity.names if len(names.native(name)) > 1]
    changes = (("traditional", made.traditional), ("traditional, clipped", made.clipped), ("pinyin", made.pinyin))
    for label, change in changes:
        classes[label] = [(change(name, chance), entity) for name, entity in chance.sample(han, min(EACH, len(han)))]
    return classes


def report(matcher: Matcher, keys: list[str], owners: Sequence[object], classes: dict[str, list[Query]]) -> None:
    floor = policy().possible - policy().country_agrees
    say(f"floor {floor:.2f}; cold: each word seen for the first time; warm: the same names again")
    say(f"{'change':36}{'found':>8}{'@10':>7}{'@1':>7}{'brute @10':>11}   ms p50 / p99, brute p50 / p99")
    every: list[tuple[float, float]] = []
    hits = [0, 0, 0, 0]
    asked = 0
    for label, some in classes.items():
        times, counts = [], [0, 0, 0, 0]
        for text, entity in some:
            same = {names.key(name) for name in entity.names}
            begun = time.thread_time()
            found = matcher.agreements([text], floor)
            middle = time.thread_time()
            brute = process.extract(names.key(text), keys, scorer=fuzz.ratio, limit=10)
            times.append(((middle - begun) * 1000, (time.thread_time() - middle) * 1000))
            wide = matcher.agreements([text], 0.0, explain=False)
            ranked = sorted(wide, key=lambda one: -wide[one].scored.score)[:10]
            right = {entity.id} | {owners[at] for at, key in enumerate(keys) if key in same}
            counts[0] += bool(right & found.keys())
            counts[1] += bool(right & set(ranked))
            counts[2] += bool(right & set(ranked[:1]))
            counts[3] += any(owners[at] in right for _, _, at in brute)
        line(label, counts, len(some), times)
        every += times
        hits = [one + other for one, other in zip(hits, counts, strict=True)]
        asked += len(some)
    line("all", hits, asked, every)
    warm = []
    for text in [text for some in classes.values() for text, _ in some]:
        begun = time.thread_time()
        matcher.agreements([text], floor)
        warm.append((time.thread_time() - begun) * 1000)
    say(f"warm: {statistics.median(warm):.2f} / {high(warm):.2f} ms, {1000 / statistics.mean(warm):.0f} a second")


def line(label: str, counts: list[int], asked: int, times: list[tuple[float, float]]) -> None:
    ours, brute = ([pair[at] for pair in times] for at in (0, 1))
    shares = [count / asked for count in counts]
    say(
        f"{label:36}{shares[0]:8.3f}{shares[1]:7.3f}{shares[2]:7.3f}{shares[3]:11.3f}   "
        f"{statistics.median(ours):.2f} / {high(ours):.2f}, {statistics.median(brute):.1f} / {high(brute):.1f}"
    )


def high(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 50_000)
