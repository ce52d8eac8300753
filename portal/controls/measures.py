"""The measures on file: read from dated YAML, checked against a schema, and how each stands on a day."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from babel.dates import format_date
from jsonschema import Draft202012Validator

from portal.controls import quantities
from portal.controls.quantities import DATA
from portal.controls.thresholds import UNVERIFIED, Choice, Group, Test, leaves
from portal.controls.thresholds import read as read_test
from portal.text import Text

# From the least sure to the surest: what a reason shows is the least sure mark among its facts.
MARKS = ("I", "M", "V2", "V")
# The files beside the measures that a judgement rests on; the digest of a set covers them too.
ABOUT = ("set", "elements", "materials", "quantities", "substances", "cas", "duties", "remark")

Standing = Literal["not_yet", "in_force", "suspended", "check", "ended"]
Effect = Literal["licence", "refusal_in_principle", "military_ban", "suspends"]


class MeasureError(ValueError):
    """A file of measures that breaks the schema; names file, line and the place within."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        self.file, self.line, self.reason = file, line, reason
        super().__init__(f"{file}, line {line}: {reason}")


@dataclass(frozen=True, slots=True)
class Interval:
    """From a day to a day, both included; ``until`` empty means without end."""

    since: date
    until: date | None

    def holds(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Suspension:
    """A suspension by the announcement ``by``. ``after`` says what a person established to hold since its end."""

    interval: Interval
    by: str
    mark: str
    after: Literal["in_force"] | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A threshold of an item in words, and as a condition where it can be compared."""

    text: Text
    test: Test | None


@dataclass(frozen=True, slots=True)
class ControlItem:
    """An item of a measure. ``hs_doubtful`` holds codes not read in the measure itself; they only ask for review.

    ``incomplete``: the announcement has more conditions than are on file, so meeting those here is not enough.
    """

    id: str
    title: Text
    group: str
    elements: tuple[str, ...]
    terms: tuple[str, ...]
    control_codes: tuple[str, ...]
    code_mark: str
    hs_codes: tuple[str, ...]
    hs_doubtful: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    incomplete: bool
    mark: str
    note: Text | None

    @property
    def test(self) -> Test | None:
        """All thresholds as one condition; ``None`` where none can be compared."""
        tests = tuple(parameter.test for parameter in self.parameters if parameter.test is not None)
        return Group("all", tests) if tests else None


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure with its intervals. ``checked`` is the day a person last compared it with the official text."""

    number: str
    kind: str
    authority: Text
    title: Text
    issued: date
    in_force: tuple[Interval, ...]
    suspensions: tuple[Suspension, ...]
    effect: Effect
    destinations: tuple[str, ...]
    any_item: bool
    elements: tuple[str, ...]
    groups: tuple[str, ...]
    stricter_check: tuple[str, ...]
    source: str
    mark: str
    checked: date | None
    note: Text | None
    items: tuple[ControlItem, ...]

    def __hash__(self) -> int:
        """By the number, which is quick: measures are keys wherever goods are judged."""
        return hash(self.number)

    def standing(self, on: date) -> Standing:
        """How the measure stands on a day.

        ``check`` means that a suspension has ended and nothing newer is on file: in force again, to be checked.
        """
        if any(suspension.interval.holds(on) for suspension in self.suspensions):
            return "suspended"
        if not any(interval.holds(on) for interval in self.in_force):
            return "not_yet" if on < min(interval.since for interval in self.in_force) else "ended"
        last = self.last_suspension(on)
        return "check" if last is not None and last.after is None else "in_force"

    def last_suspension(self, on: date) -> Suspension | None:
        """The suspension in which the day lies, or else the last one before it."""
        begun = [suspension for suspension in self.suspensions if suspension.interval.since <= on]
        return max(begun, key=lambda suspension: suspension.interval.since, default=None)

    @property
    def since(self) -> date:
        """The day on which the measure first came, or comes, into force."""
        return min(interval.since for interval in self.in_force)


@dataclass(frozen=True, slots=True)
class Element:
    """A chemical element that measures control, with the words that name it."""

    symbol: str
    en: tuple[str, ...]
    zh: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Its words in both languages."""
        return (*self.en, *self.zh)


@dataclass(frozen=True, slots=True)
class Material:
    """A trade name of a material in which elements of the measures are hidden; general knowledge, not law."""

    name: Text
    words: tuple[str, ...]
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeasureSet:
    """All measures of one version. ``digest`` (SHA-256, hex) covers every file, for replay."""

    version: str
    compiled: date
    facts_until: date
    note: Text
    digest: str
    measures: tuple[Measure, ...]
    elements: tuple[Element, ...]
    materials: tuple[Material, ...]
    stale_after: timedelta

    def trusted(self, measure: Measure, item: ControlItem, on: date) -> bool:
        """Whether the facts of an item are sure enough to say that goods lie outside it.

        A person has compared the measure with the official text, not too long ago, and nothing is unverified.
        """
        if measure.checked is None or on - measure.checked > self.stale_after or measure.standing(on) == "check":
            return False
        return item.mark not in UNVERIFIED and measure.mark not in UNVERIFIED


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A measure as a page lists it on a day."""

    number: str
    title: Text
    authority: Text
    issued: date
    in_force_since: date
    standing: Standing
    state: Text
    effect: Effect
    destinations: tuple[str, ...]
    control_codes: tuple[str, ...]
    items: tuple[Text, ...]
    note: Text | None
    source: str
    mark: str
    checked: date | None


STATES: dict[Standing, Text] = {
    "not_yet": Text("takes effect on {since}", "自{since}起施行"),
    "in_force": Text("in force since {since}", "自{since}起施行，现行有效"),
    "suspended": Text("suspended by {by} from {start} to {end}", "由{by}自{start}至{end}暂停实施"),
    "check": Text(
        "suspension by {by} ended on {end}; in force again, check",
        "{by}规定的暂停期已于{end}届满；按恢复实施处理，须核对",
    ),
    "ended": Text("no longer in force", "已失效"),
}


def listing(on: date, data: Path = DATA) -> tuple[MeasureLine, ...]:
    """Every measure on file as it stands on a day, newest first, for guidance and for the authority."""
    found = sorted(load(data).measures, key=lambda measure: (measure.issued, measure.number), reverse=True)
    return tuple(_line(measure, on) for measure in found)


def describe(measure: Measure, on: date) -> Text:
    """How the measure stands on a day, in words."""
    last = measure.last_suspension(on)
    dates: dict[str, object] = {"since": day_text(measure.since), "by": "", "start": "", "end": ""}
    if last is not None and last.interval.until is not None:
        dates |= {"by": cited(last.by), "start": day_text(last.interval.since), "end": day_text(last.interval.until)}
    return STATES[measure.standing(on)].filled(**dates)


def day_text(day: date) -> Text:
    """A day as each language writes it, and as the pages do: "10 Nov 2026", "2026年11月10日"."""
    return Text(format_date(day, "d MMM y", locale="en"), format_date(day, "y年M月d日", locale="zh"))


def cited(number: str) -> Text:
    """An announcement as each language cites it: "Announcement 46/2024, paragraph 2", "2024年第46号公告第二款"."""
    if catalogue := CATALOGUE.match(number):
        return Text(number, f"{catalogue['year']}年许可证管理目录")
    found = CITATION.match(number)
    if not found:
        return Text(number, number)
    english, chinese = f"Announcement {found['no']}/{found['year']}", f"{found['year']}年第{found['no']}号公告"
    if found["part"]:
        english += f", paragraph {found['part']}"
        chinese += f"第{'零一二三四五六七八九'[int(found['part'])]}款"
    return Text(english, chinese)


CATALOGUE = re.compile(r"^Licence catalogue (?P<year>\d{4})$")
CITATION = re.compile(r"^(?P<no>\d+)/(?P<year>\d{4})(?: ¶(?P<part>\d))?$")


def _line(measure: Measure, on: date) -> MeasureLine:
    codes = sorted({code for item in measure.items for code in item.control_codes})
    return MeasureLine(
        number=measure.number,
        title=measure.title,
        authority=measure.authority,
        issued=measure.issued,
        in_force_since=measure.since,
        standing=measure.standing(on),
        state=describe(measure, on),
        effect=measure.effect,
        destinations=measure.destinations,
        control_codes=tuple(codes),
        items=tuple(item.title for item in measure.items),
        note=measure.note,
        source=measure.source,
        mark=measure.mark,
        checked=measure.checked,
    )


@cache
def load(data: Path = DATA) -> MeasureSet:
    """Read and check every file; raises ``MeasureError`` at the first that is wrong. Read once a process."""
    files = sorted((data / "measures").glob("*.yaml"))
    about = yaml.safe_load((data / "set.yaml").read_text(encoding="utf-8"))
    names = yaml.safe_load((data / "elements.yaml").read_text(encoding="utf-8"))
    hidden = yaml.safe_load((data / "materials.yaml").read_text(encoding="utf-8"))
    whole = hashlib.sha256()
    for path in (*(data / f"{name}.yaml" for name in ABOUT), *files):
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    measures = tuple(read(path) for path in files)
    numbers = [measure.number for measure in measures]
    for path, measure in zip(files, measures, strict=True):
        if numbers.count(measure.number) > 1:
            raise MeasureError(path.name, 1, f"{measure.number} is on file more than once")
    return MeasureSet(
        version=about["version"],
        compiled=date.fromisoformat(about["compiled"]),
        facts_until=date.fromisoformat(about["facts_until"]),
        note=Text.read(about["note"]),
        digest=whole.hexdigest(),
        measures=measures,
        elements=tuple(Element(symbol, tuple(row["en"]), tuple(row["zh"])) for symbol, row in names.items()),
        materials=tuple(
            Material(Text.read(row["name"]), tuple(row["words"]), tuple(row["elements"])) for row in hidden
        ),
        stale_after=timedelta(days=about["stale_after_days"]),
    )


@cache
def _schema() -> Draft202012Validator:
    schema = json.loads((DATA / "measure.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def read(path: Path) -> Measure:
    """One measure from its file; raises ``MeasureError`` with the line on which the fault lies."""
    text = path.read_text(encoding="utf-8")
    try:
        row = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MeasureError(path.name, line, f"broken YAML: {error.problem}") from error
    return of_row(row, path.name, text)


def faults(row: Any) -> Iterator[tuple[list[str | int], str]]:
    """Where a measure's row breaks the schema: the place within it, and what is wrong there."""
    for fault in sorted(_schema().iter_errors(row), key=lambda fault: [str(part) for part in fault.absolute_path]):
        yield list(fault.absolute_path), fault.message


def of_row(row: Any, name: str, text: str = "") -> Measure:
    """One measure from its row; ``name`` and ``text`` are its file's. Raises ``MeasureError``."""
    for place, message in faults(row):
        where = "/".join(str(part) for part in place) or "the whole file"
        raise MeasureError(name, line_of(text, place), f"{where}: {message}")
    return _measure(row, name, text)


def _measure(row: dict[str, Any], name: str, text: str) -> Measure:
    applies = row.get("applies_to", {})
    some = applies if isinstance(applies, dict) else {}
    for field in ("in_force", "suspensions"):
        for at, interval in enumerate(row.get(field, ())):
            if interval["to"] is not None and interval["to"] < interval["from"]:
                raise MeasureError(name, line_of(text, [field, at]), f"{field}/{at}: ends before it begins")
    for at, item in enumerate(row["items"]):
        for fault in _unknown_quantities(item):
            raise MeasureError(name, line_of(text, ["items", at]), f"items/{at}: {fault}")
    return Measure(
        number=row["number"],
        kind=row["kind"],
        authority=Text.read(row["authority"]),
        title=Text.read(row["title"]),
        issued=date.fromisoformat(row["issued"]),
        in_force=tuple(_interval(part) for part in row["in_force"]),
        suspensions=tuple(
            Suspension(_interval(part), part["by"], part["mark"], part["after"]) for part in row.get("suspensions", ())
        ),
        effect=row["effect"],
        destinations=tuple(row.get("destinations", ())),
        any_item=applies == "any",
        elements=tuple(some.get("elements", ())),
        groups=tuple(some.get("groups", ())),
        stricter_check=tuple(row.get("stricter_check", ())),
        source=row["source"],
        mark=row["mark"],
        checked=_day(row["checked"]),
        note=_text(row.get("note")),
        items=tuple(_item(part, row["mark"]) for part in row["items"]),
    )


def _unknown_quantities(item: dict[str, Any]) -> Iterator[str]:
    """What a condition compares that is no quantity on file, has another unit, or no such option."""
    for row in item.get("parameters", ()):
        for leaf in leaves(read_test(row, "")):
            quantity = quantities.load().get(leaf.quantity)
            if quantity is None:
                yield f"{leaf.quantity!r} is no quantity on file"
            elif isinstance(leaf, Choice):
                yield from (f"{leaf.quantity} has no option {o!r}" for o in leaf.options if o not in quantity.options)
            elif leaf.unit != quantity.unit:
                yield f"{leaf.quantity} is compared in {quantity.unit}, not in {leaf.unit}"


def _item(row: dict[str, Any], mark: str) -> ControlItem:
    own = row.get("mark", mark)
    terms = row.get("terms", {})
    return ControlItem(
        id=row["id"],
        title=Text.read(row["title"]),
        group=row.get("group", ""),
        elements=tuple(row.get("elements", ())),
        terms=(*terms.get("en", ()), *terms.get("zh", ())),
        control_codes=tuple(row.get("control_codes", ())),
        code_mark=row.get("code_mark", own),
        hs_codes=tuple(row.get("hs_codes", ())),
        hs_doubtful=tuple(row.get("hs_doubtful", ())),
        parameters=tuple(
            Parameter(Text.read(part["text"]), read_test(part, own)) for part in row.get("parameters", ())
        ),
        incomplete=row.get("incomplete", False),
        mark=own,
        note=_text(row.get("note")),
    )


def _interval(row: dict[str, Any]) -> Interval:
    return Interval(date.fromisoformat(row["from"]), _day(row["to"]))


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _text(value: dict[str, str] | None) -> Text | None:
    return Text.read(value) if value else None


def line_of(text: str, place: Sequence[str | int]) -> int:
    """The line of a place in a YAML text, from 1; where the place itself is missing, that of what should hold it."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for part in place:
        child = None
        if isinstance(node, yaml.MappingNode):
            child = next((value for name, value in node.value if name.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
        if child is None:
            break
        node, line = child, child.start_mark.line + 1
    return line
