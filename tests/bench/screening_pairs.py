"""Measure the score on labelled pairs that the lists themselves give, and on names of parties that are on no list.

    python -m tests.bench.screening_pairs FOLDER

Same party: a name and an alias of one entry of the SDN list, not the same but spelled with something in common (by
another measure than ours: rapidfuzz token_sort_ratio from 60 up). Another party: the same name and one of the eight
names of other entries of its kind that are most like it among those that share a word. Half of the pairs, by a hash
of the name, were tuned on; the others were held out.
"""

import random
import sys
import zlib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from rapidfuzz import fuzz

from portal.screening import names, score
from portal.screening.agreement import Matcher
from portal.screening.score import policy
from tests.bench import screening_names as made

Pair = tuple[str, str, bool]
ALIKE, LEAST_SHARED, MOST_SHARING, HARDEST = 60, 4, 300, 8
SHARE = 0.005


def main(folder: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - repeatable, not secret
    listed = list(made.ofac(folder / "ofac-2", "sdn"))
    same, others = pairs(listed, chance)
    matcher = Matcher([made.index(listed)])

    def scored(pair: Pair) -> float:
        keys = [names.key(name).split() for name in pair[:2]]
        return score.compare(keys[0], keys[1], matcher.weight, firm=pair[2], explain=False).score

    methods: dict[str, Callable[[Pair], float]] = {
        "ours": scored,
        "token_sort_ratio": lambda pair: fuzz.token_sort_ratio(plain(pair[0]), plain(pair[1])) / 100,
        "WRatio": lambda pair: fuzz.WRatio(plain(pair[0]), plain(pair[1])) / 100,
    }
    say(f"{len(same)} pairs of one party, {len(others)} of two; review threshold {policy().possible}")
    for half, title in enumerate(("tuned on", "held out")):
        for kind, firm in (("all", None), ("companies", True), ("persons", False)):
            for method, value in methods.items():
                right, wrong = (
                    [value(p) for p in some if zlib.crc32(p[0].encode()) % 2 == half and firm in (None, p[2])]
                    for some in (same, others)
                )
                best = max((measures(right, wrong, cut / 100)[0], cut / 100) for cut in range(40, 100))
                at = "F1 {:.3f} P {:.3f} R {:.3f}".format(*measures(right, wrong, policy().possible))
                say(f"{title:9} {kind:10} {method:17} {at}, best F1 {best[0]:.3f} at {best[1]}")
    unlisted(matcher, listed, made.denied(folder), chance)


def pairs(listed: list[made.Entity], chance: random.Random) -> tuple[list[Pair], list[Pair]]:
    every = [(name, entity) for entity in listed for name in latin(entity)]
    sharing = defaultdict(list)
    for at, (name, _) in enumerate(every):
        for word in set(plain(name).split()):
            if len(word) >= LEAST_SHARED:
                sharing[word].append(at)
    same, others = [], []
    for entity in listed:
        first, *rest = latin(entity) or [""]
        for alias in rest[:3]:
            alike = fuzz.token_sort_ratio(plain(first), plain(alias))
            if plain(first) == plain(alias) or alike < ALIKE:
                continue
            same.append((first, alias, entity.firm))
            near: set[int] = set()
            for word in sorted(set(plain(first).split())):
                found = sharing.get(word, [])
                near.update(found if len(found) < MOST_SHARING else chance.sample(found, MOST_SHARING))
            strangers = [every[at][0] for at in sorted(near) if every[at][1] not in (entity,)]
            strangers = [name for name in strangers if plain(name) not in {plain(known) for known in entity.names}]
            strangers.sort(key=lambda name: -fuzz.token_sort_ratio(plain(first), plain(name)))
            if strangers:
                others.append((first, chance.choice(strangers[:HARDEST]), entity.firm))
    return same, others


def unlisted(matcher: Matcher, listed: list[made.Entity], strangers: list[str], chance: random.Random) -> None:
    """False alerts on names of another list, and what is still found where they are held to ``SHARE``."""
    floor = 0.6
    best = [max((f.scored.score for f in matcher.agreements([n], floor).values()), default=0.0) for n in strangers]
    best = sorted(value for value in best if value < 0.95)  # the others are on both lists
    cut = best[-max(1, round(len(best) * SHARE))]
    shares = ", ".join(f"{sum(v >= at for v in best) / len(best):.1%} at {at}" for at in (policy().possible, 0.9))
    say(f"false alerts on {len(best)} names of another list: {shares}; {SHARE:.1%} at {cut:.3f}")
    some = [entity for entity in listed if len(entity.names[0].split()) > 1]
    for label, change in made.LATIN.items():
        values = []
        for entity in chance.sample(some, 200):
            found = matcher.agreements([change(entity.names[0], chance)], floor, explain=False)
            values.append(found[entity.id].scored.score if entity.id in found else 0.0)
        recall = [sum(value > at for value in values) / len(values) for at in (cut, policy().possible - 1e-9)]
        say(f"{label:36} found at that cut {recall[0]:.3f}, at the review threshold {recall[1]:.3f}")


def latin(entity: made.Entity) -> list[str]:
    return [n for n in dict.fromkeys(entity.names) if names.script(n) == "latin" and len(n.split()) > 1]


def plain(name: str) -> str:
    return name.casefold().replace(",", " ").replace("-", " ").replace(".", " ")


def measures(right: list[float], wrong: list[float], cut: float) -> tuple[float, float, float]:
    """F1, precision and recall where everything from ``cut`` up is called the same party."""
    hits, alarms = sum(value >= cut for value in right), sum(value >= cut for value in wrong)
    return 2 * hits / (hits + alarms + len(right)), hits / max(1, hits + alarms), hits / max(1, len(right))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
