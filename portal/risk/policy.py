"""What a risk policy is: frozen objects read from one YAML file a version.

A published file never changes, so an assessment that names id, version and digest can be made again years later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from portal.questionnaires import document
from portal.questionnaires.document import ContentError, Document, Fault
from portal.questionnaires.model import Questionnaire
from portal.questionnaires.rules import Rule, references
from portal.risk import policy_faults
from portal.text import Text

__all__ = ["POLICIES", "ContentError", "Policy", "check_against", "load", "published", "read"]

POLICIES = Path(__file__).parent / "policies"
POLICY_ID = "military-use"

Kind = Literal["factor", "forced_review", "hard_stop"]
Outcome = Literal["certify", "refer", "refuse"]
BandName = Literal["low", "moderate", "high", "very_high"]
GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Source:
    """The law, notice or guidance behind a finding; ``mark`` says how it was verified (V, V2, M, I)."""

    key: str
    title: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Band:
    """A range of points, from ``start`` up to the next band's, and what follows from it by itself."""

    name: BandName
    start: int
    outcome: Outcome
    title: Text


@dataclass(frozen=True, slots=True)
class Effect:
    """What one answer brings: points, the kind of its finding, and its sentence (none where it brings nothing)."""

    points: int
    kind: Kind
    text: Text | None


@dataclass(frozen=True, slots=True, eq=False)
class AnswerFactor:
    """How the answers to one question weigh.

    ``values`` has every option, or for other questions the classes of ``measure`` (without one: given or unknown).
    ``mode`` is how several chosen options add up: ``chosen`` those that are there, ``absent`` those that are not.
    ``unless`` names the answers under which the question is not asked; it falls away when all of them are given.
    """

    question: str
    group: str
    subject: Text
    values: Mapping[str, Effect]
    lowers: Text
    sources: tuple[Source, ...]
    each_goods: bool = False
    measure: str = ""
    also: tuple[str, ...] = ()
    mode: Literal["one", "chosen", "absent"] = "one"
    text: Text | None = None
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class FactRule:
    """A finding that facts bring. ``each`` names the facts that it looks at one by one as ``this``."""

    id: str
    kind: Kind
    group: str
    when: Rule
    text: Text
    lowers: Text
    sources: tuple[Source, ...]
    each: str = ""
    points: int = 0
    points_from: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """One version of the policy. ``digest`` is the SHA-256 of its file in hexadecimal."""

    path: Path
    id: str
    version: str
    digest: str
    published: date
    title: Text
    statement: Text
    sources: Mapping[str, Source]
    match_score: Decimal
    bands: tuple[Band, ...]
    groups: Mapping[str, Text]
    unknown_text: Text
    missing_text: Text
    on_goods: Text
    roles: Mapping[str, Text]
    lists: Mapping[str, Text]
    tables: Mapping[str, Mapping[str, Any]]
    rules: tuple[FactRule, ...]
    answers: tuple[AnswerFactor, ...]

    def band(self, points: int) -> Band:
        """The band in which this number of points falls."""
        return next(band for band in reversed(self.bands) if band.start <= points)

    @property
    def stopping_questions(self) -> frozenset[str]:
        """The questions on whose answers a hard stop rests."""
        rules_read = (references(rule.when) for rule in self.rules if rule.kind == "hard_stop")
        read = {reference.name for found in rules_read for reference in found if reference.kind == "answer"}
        stopping = (f.question for f in self.answers if any(e.kind == "hard_stop" for e in f.values.values()))
        return frozenset(read) | frozenset(stopping)

    def outcome(self, points: int, kinds: Iterable[Kind]) -> Outcome:
        """What follows from the points and the kinds of the findings together: the gravest of all."""
        outcomes = {self.band(points).outcome, *(_FOLLOWS[kind] for kind in kinds)}
        return max(outcomes, key=GRAVITY.index)


GRAVITY: tuple[Outcome, ...] = ("certify", "refer", "refuse")
_FOLLOWS: dict[Kind, Outcome] = {"factor": "certify", "forced_review": "refer", "hard_stop": "refuse"}


def published(folder: Path = POLICIES) -> tuple[str, ...]:
    """Every version there is, oldest first."""
    return tuple(sorted((path.stem for path in (folder / POLICY_ID).glob("*.yaml")), key=_order))


def load(version: str | None = None, *, folder: Path = POLICIES) -> Policy:
    """The policy in this version, or in its newest. Read once in a process, as files never change.

    Raises ``LookupError`` when there is none, ``ContentError`` when its file is broken.
    """
    versions = published(folder)
    wanted = version or (versions[-1] if versions else "")
    if wanted not in versions:
        raise LookupError(f"there is no policy {POLICY_ID!r} in version {version or 'any'}")
    return _loaded(folder / POLICY_ID / f"{wanted}.yaml")


@cache
def _loaded(path: Path) -> Policy:
    return read(path)


def read(path: Path) -> Policy:
    """Read one file. Raises ``ContentError`` with every fault, each naming file, line and path."""
    source = document.read(path)
    found = policy_faults.faults(source)
    if found:
        raise ContentError(found)
    return _build(source, path)


def check_against(policy: Policy, questionnaires: Iterable[Questionnaire]) -> list[Fault]:
    """Where the policy and these questionnaires do not fit: a question or option that is not there, or not weighed."""
    return policy_faults.against(document.read(policy.path), tuple(questionnaires))


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _build(source: Document, path: Path) -> Policy:
    data = source.data
    sources = {key: Source(key, Text.read(each["title"]), each["mark"]) for key, each in data["sources"].items()}
    return Policy(
        path=path,
        id=data["id"],
        version=data["version"],
        digest=source.digest,
        published=date.fromisoformat(data["published"]),
        title=Text.read(data["title"]),
        statement=Text.read(data["statement"]),
        sources=sources,
        match_score=Decimal(data["match_score"]),
        bands=tuple(Band(b["band"], b["from"], b["outcome"], Text.read(b["name"])) for b in data["bands"]),
        groups=_texts(data["groups"]),
        unknown_text=Text.read(data["unknown_text"]),
        missing_text=Text.read(data["missing_text"]),
        on_goods=Text.read(data["on_goods"]),
        roles=_texts(data["roles"]),
        lists=_texts(data["lists"]),
        tables={name: table["values"] for name, table in data["tables"].items()},
        rules=tuple(_rule(each, sources) for each in data["rules"]),
        answers=tuple(_answer(each, sources) for each in data["answers"]),
    )


def _texts(data: Mapping[str, Mapping[str, str]]) -> dict[str, Text]:
    return {name: Text.read(value) for name, value in data.items()}


def _rule(data: Mapping[str, Any], sources: Mapping[str, Source]) -> FactRule:
    return FactRule(
        id=data["id"],
        kind=data["kind"],
        group=data["group"],
        when=data["when"],
        text=Text.read(data["text"]),
        lowers=Text.read(data["lowers"]),
        sources=tuple(sources[key] for key in data["sources"]),
        each=data.get("each", ""),
        points=data.get("points", 0),
        points_from=data.get("points_from", ""),
    )


def _answer(data: Mapping[str, Any], sources: Mapping[str, Source]) -> AnswerFactor:
    return AnswerFactor(
        question=data["question"],
        group=data["group"],
        subject=Text.read(data["subject"]),
        values={value: _effect(effect) for value, effect in data["values"].items()},
        lowers=Text.read(data["lowers"]),
        sources=tuple(sources[key] for key in data["sources"]),
        each_goods="each" in data,
        measure=data.get("measure", ""),
        also=tuple(data.get("also", ())),
        mode=data.get("mode", "one"),
        text=Text.read(data["text"]) if "text" in data else None,
        unless={question: tuple(values) for question, values in data.get("unless", {}).items()},
    )


def _effect(data: Mapping[str, Any]) -> Effect:
    kind: Kind = "hard_stop" if "stop" in data else "forced_review" if "review" in data else "factor"
    return Effect(data.get("points", 0), kind, Text.read(data["text"]) if "text" in data else None)
