"""(h) One name against all of a list of 50,000 names or a million: what is found again and how soon, beside others.

Opponents: brute force (rapidfuzz ``ratio`` over the same keys) and PostgreSQL's pg_trgm over the same keys, with a GIN
or a GiST index, whichever answers sooner. The three answer the same queries by turns. Times of ours and of brute force
are of the processor, one thread; pg_trgm works in processes of its own, so its times are those that pass.
"""

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz, process

from portal.screening import names
from portal.screening.agreement import Matcher
from portal.screening.score import policy
from tests.bench import screening_names as made
from tests.bench.farm import Row, percentile, shortly, tails
from tests.bench.opponents import Trigrams, trigrams

Query = tuple[str, made.Entity]
TEN = 10
OURS, BRUTE, TRIGRAMS = "ours", "brute force", "pg_trgm"
# Number of names: asked p50 / p99 in ms, recall@10; what the reference measured for the first design, brute, pg_trgm.
ASKED = {
    50_000: "asked: 0.3 / 2 ms, .98; measured before: 2.2 / 7 ms, .956 (brute 7.4 / 28, .898; pg_trgm 4 / 32, .920)",
    1_000_000: "asked: 1.5 / 10 ms, .96; measured before: 14 / 31 ms, .918 (brute 158 / 236, .867; pg_trgm 45 / 184)",
}


def rows(real: list[made.Entity], size: int, *, quick: bool) -> Iterator[Row]:
    """Recall and times at ``size`` names: the real ones, and recombined ones up to the number."""
    chance = random.Random(20261124)  # noqa: S311 - repeatable, not secret
    each = 2 if quick else 100 if size < 500_000 else 10
    parties = made.recombined(real, size, chance)
    classes = queries(real, chance, each)
    hidden = {id(entity) for kind in ("Arabic", "Cyrillic") for _, entity in classes[kind]}

    def dropped(entity: made.Entity, name: str) -> bool:
        return id(entity) in hidden and names.script(name) in ("arabic", "cyrillic")

    begun = time.process_time()
    whole = made.index(parties, dropped).rows
    keyed = time.process_time()
    index = made.Index.of([made.Shard.of(whole)])
    built = time.process_time()
    yield Row(
        f"(h) make {len(whole):,} names comparable and index them in memory",
        f"keys {keyed - begun:.1f} s, {shortly(len(whole) / (keyed - begun))} names/s; index {built - keyed:.2f} s, "
        f"{shortly(len(whole) / (built - keyed))} names/s",
        "",
        "",
        "keys are made when a list is taken in, the index when a process first needs it",
    )
    keys = [row.key for row in whole]
    with trigrams(enumerate(keys)) as rival:
        yield from _report(Matcher([index]), keys, [row.entry_id for row in whole], classes, rival)


def queries(real: list[made.Entity], chance: random.Random, each: int) -> dict[str, list[Query]]:
    """Names changed in every way, and names in a script that the index will not hold."""
    latin = [entity for entity in real if names.script(entity.names[0]) == "latin" and len(entity.names[0].split()) > 1]
    classes = {
        label: [(change(entity.names[0], chance), entity) for entity in chance.sample(latin, min(each, len(latin)))]
        for label, change in made.LATIN.items()
    }
    for label, script in (("Arabic", "arabic"), ("Cyrillic", "cyrillic")):
        found = [
            (name, one)
            for one in real
            for name in one.names
            if names.script(name) == script and any(names.script(other) == "latin" for other in one.names)
        ]
        classes[label] = chance.sample(found, min(each, len(found)))
    spelled = {latin: native for native, latin in made.KOREAN.items()}
    classes["Hangul"] = [(spelled[entity.names[0]], entity) for entity in real if entity.names[0] in spelled][:each]
    han = [(name, entity) for entity in real for name in entity.names if len(names.native(name)) > 1]
    changes = (("traditional", made.traditional), ("traditional, clipped", made.clipped), ("pinyin", made.pinyin))
    for label, change in changes:
        classes[label] = [(change(name, chance), entity) for name, entity in chance.sample(han, min(each, len(han)))]
    return classes


class Asked:
    """What the ways of looking found, query by query, and the seconds they took."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.found: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))

    def recall(self, way: str) -> float:
        """The share of all queries for which the party was among the first ten."""
        hits = [hit for some in self.found[way].values() for hit in some]
        return sum(hits) / len(hits) if hits else 0.0

    def by_class(self, way: str, label: str) -> str:
        """The share of one class, "–" where the way was not tried."""
        some = self.found[way].get(label)
        return f"{sum(some) / len(some):.3f}" if some else "–"


def _report(
    matcher: Matcher,
    keys: Sequence[str],
    owners: Sequence[object],
    classes: dict[str, list[Query]],
    rival: Trigrams | None,
) -> Iterator[Row]:
    floor = policy().possible - policy().country_agrees
    asked = _ask(matcher, keys, owners, classes, rival, floor)
    warm = []
    for text in [text for some in classes.values() for text, _ in some]:
        begun = time.thread_time()
        matcher.agreements([text], floor)
        warm.append(time.thread_time() - begun)
    ways = [way for way in (BRUTE, TRIGRAMS) if asked.times[way]]
    nearest = min(ASKED, key=lambda size: abs(size - len(keys)))
    ours = sorted(asked.times[OURS])
    middle = percentile(ours, 0.5)
    yield Row(
        f"(h) one name against {len(keys):,}, {len(ours)} queries of {len(classes)} classes, with hits and reasons",
        f"first time {tails(ours)}; the same again {tails(sorted(warm))}, "
        f"{shortly(len(warm) / sum(warm))}/s on one core",
        " · ".join(f"{way} {tails(sorted(asked.times[way]))}" for way in ways),
        " · ".join(f"{shortly(percentile(sorted(asked.times[way]), 0.5) / middle)} times {way}" for way in ways),
        ASKED[nearest],
    )
    told = " · ".join(
        f"{label} {'/'.join(asked.by_class(way, label) for way in (OURS, 'shown', *ways))}"
        for label in classes
        if classes[label]
    )
    yield Row(
        f"(h) recall@10 against {len(keys):,} names (ours/ours above the threshold that is shown/{'/'.join(ways)}): "
        f"{told}",
        f"{asked.recall(OURS):.4f}, shown {asked.recall('shown'):.4f}, first {asked.recall('first'):.4f}",
        " · ".join(f"{way} {asked.recall(way):.4f}" for way in ways),
        " · ".join(f"misses {_ratio(1 - asked.recall(OURS), 1 - asked.recall(way))} times {way}" for way in ways),
        ASKED[nearest],
    )


def _ask(
    matcher: Matcher,
    keys: Sequence[str],
    owners: Sequence[object],
    classes: dict[str, list[Query]],
    rival: Trigrams | None,
    floor: float,
) -> Asked:
    having: dict[str, set[object]] = defaultdict(set)
    for key, owner in zip(keys, owners, strict=True):
        having[key].add(owner)
    asked = Asked()
    for label, some in classes.items():
        for text, entity in some:
            right = {entity.id}.union(*(having.get(names.key(name), ()) for name in entity.names))
            begun = time.thread_time()
            shown = matcher.agreements([text], floor)
            asked.times[OURS].append(time.thread_time() - begun)
            wide = matcher.agreements([text], 0.0, explain=False)
            ranked = sorted(wide, key=lambda one: -wide[one].scored.score)[:TEN]
            found: dict[str, set[object]] = {OURS: set(ranked), "shown": set(shown), "first": set(ranked[:1])}
            begun = time.thread_time()
            brute = process.extract(names.key(text), keys, scorer=fuzz.ratio, limit=TEN)
            asked.times[BRUTE].append(time.thread_time() - begun)
            found[BRUTE] = {owners[at] for _, _, at in brute}
            if rival:
                begun = time.perf_counter()
                near = rival.first(names.key(text), TEN)
                asked.times[TRIGRAMS].append(time.perf_counter() - begun)
                found[TRIGRAMS] = {owners[at] for at in near}
            for way, those in found.items():
                asked.found[way][label].append(bool(right & those))
    return asked


def _ratio(ours: float, theirs: float) -> str:
    return shortly(ours / theirs) if theirs else "–"
