"""How the measures on file are shown: their intervals as a line of time, their elements, marks and duties in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import yaml

from portal.controls.measures import Measure, MeasureSet, Standing, describe
from portal.controls.quantities import DATA
from portal.text import Text

MARKS = {
    "V": (Text("read", "已核"), Text("Read in a published source.", "已查阅公开文本。")),
    "V2": (
        Text("second-hand", "转引"),
        Text("Read only in somebody else’s copy, translation or summary.", "仅见于第三方转载、翻译或者摘要。"),
    ),
    "M": (
        Text("unverified", "未核实"),
        Text("From memory: check the official text before relying on it.", "凭记忆整理，使用前请核对官方文本。"),
    ),
    "I": (
        Text("inferred", "推断"),
        Text("A conclusion of ours, not read anywhere.", "系本门户推断，未见于任何文本。"),
    ),
}
STANDINGS: dict[Standing, Text] = {
    "not_yet": Text("Not yet in force", "尚未施行"),
    "in_force": Text("In force", "现行有效"),
    "suspended": Text("Suspended", "暂停实施"),
    "check": Text("In force again: check now", "恢复实施，请即核查"),
    "ended": Text("Ended", "已失效"),
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time over which a measure stands alike; ``until`` empty means without end."""

    since: date
    until: date | None
    standing: Standing
    words: Text
    now: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty that remains for goods that no measure names."""

    text: Text
    source: Text
    mark: str


def slug(number: str) -> str:
    """What names a measure in an address: "46/2024 ¶2" is "2024-46-2"."""
    found = re.fullmatch(r"(\d+)/(\d{4})(?: ¶(\d))?", number)
    if found:
        return "-".join(part for part in (found[2], found[1], found[3]) if part)
    return re.sub(r"[^a-z0-9]+", "-", number.lower()).strip("-")


def find(measures: MeasureSet, name: str) -> Measure | None:
    """The measure that an address names."""
    return next((measure for measure in measures.measures if slug(measure.number) == name), None)


def elements_of(measure: Measure) -> frozenset[str]:
    """The symbols of the elements that a measure controls."""
    return frozenset(measure.elements).union(*(item.elements for item in measure.items))


def newest_first(measures: MeasureSet, element: str = "") -> tuple[Measure, ...]:
    """The measures, newest first; with ``element`` only those that control it."""
    kept = [one for one in measures.measures if not element or element in elements_of(one)]
    return tuple(sorted(kept, key=lambda one: (one.issued, one.number), reverse=True))


def line_of_time(measure: Measure, on: date) -> tuple[Stretch, ...]:
    """The measure's life in stretches; the one that holds ``on`` is marked."""
    return tuple(_stretches(measure, on))


def _stretches(measure: Measure, on: date) -> Iterator[Stretch]:
    intervals = [*measure.in_force, *(suspension.interval for suspension in measure.suspensions)]
    turns = sorted(
        {one.since for one in intervals} | {one.until + timedelta(days=1) for one in intervals if one.until is not None}
    )
    # A turn at which nothing shows is none: a suspension may begin before the measure itself.
    turns = [day for at, day in enumerate(turns) if at == 0 or _shown(measure, day) != _shown(measure, turns[at - 1])]
    for at, since in enumerate(turns):
        until = turns[at + 1] - timedelta(days=1) if at + 1 < len(turns) else None
        standing = measure.standing(since)
        held = since <= on and (until is None or on <= until)
        yield Stretch(since, until, standing, describe(measure, since), held)


def _shown(measure: Measure, on: date) -> tuple[Standing, Text]:
    return measure.standing(on), describe(measure, on)


@cache
def duties() -> tuple[Duty, ...]:
    """What still applies to goods that no measure on file names (catch-all), with the law's article and mark."""
    rows = yaml.safe_load((DATA / "duties.yaml").read_text(encoding="utf-8"))
    return tuple(Duty(Text.read(row["text"]), Text.read(row["source"]), row["mark"]) for row in rows)
