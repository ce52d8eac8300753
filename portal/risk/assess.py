"""Judge facts by a policy: hard stops, forced reviews, points, band and outcome, each with its reason.

The result depends on the facts and the policy alone. Findings stand in the order of gravity, then of the policy's
groups and entries, never in that of the facts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from portal import countries
from portal.questionnaires import rules
from portal.risk import answers, view
from portal.risk.facts import Facts
from portal.risk.policy import BandName, FactRule, Kind, Outcome, Policy, Source
from portal.text import Text

Named = dict[str, Text | str]
_GRAVEST_FIRST: tuple[Kind, ...] = ("hard_stop", "forced_review", "factor")


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason. ``lowers`` says which evidence would lower it; ``subject`` which fact it is about."""

    id: str
    kind: Kind
    group: str
    points: int
    text: Text
    lowers: Text
    sources: tuple[Source, ...]
    subject: str

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "group": self.group,
            "points": self.points,
            "subject": self.subject,
            "text": self.text.to_json(),
            "lowers": self.lowers.to_json(),
            "sources": [{"key": s.key, "title": s.title.to_json(), "mark": s.mark} for s in self.sources],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The finding that ``to_json`` wrote."""
        sources = tuple(Source(s["key"], Text.read(s["title"]), s["mark"]) for s in data["sources"])
        texts = {"text": Text.read(data["text"]), "lowers": Text.read(data["lowers"])}
        return cls(**{**data, **texts, "sources": sources})


@dataclass(frozen=True, slots=True)
class Assessment:
    """The scored result, with the version and digest of the policy that gave it."""

    outcome: Outcome
    band: BandName
    points: int
    policy_id: str
    policy_version: str
    policy_digest: str
    findings: tuple[Finding, ...]

    def of_kind(self, kind: Kind) -> tuple[Finding, ...]:
        """The findings of one kind, in their order."""
        return tuple(finding for finding in self.findings if finding.kind == kind)

    @property
    def hard_stops(self) -> tuple[Finding, ...]:
        return self.of_kind("hard_stop")

    @property
    def forced_reviews(self) -> tuple[Finding, ...]:
        return self.of_kind("forced_review")

    @property
    def factors(self) -> tuple[Finding, ...]:
        return self.of_kind("factor")

    def to_json(self) -> dict[str, Any]:
        """Texts, integers and lists only, ready to be made canonical. ``factors`` has the findings of every kind."""
        return {
            "band": self.band,
            "points": self.points,
            "outcome": self.outcome,
            "policy": {"id": self.policy_id, "version": self.policy_version, "digest": self.policy_digest},
            "factors": [finding.to_json() for finding in self.findings],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The assessment that ``to_json`` wrote, for pages that show a stored one."""
        policy = data["policy"]
        return cls(
            outcome=data["outcome"],
            band=data["band"],
            points=data["points"],
            policy_id=policy["id"],
            policy_version=policy["version"],
            policy_digest=policy["digest"],
            findings=tuple(Finding.from_json(each) for each in data["factors"]),
        )


def assess(facts: Facts, policy: Policy) -> Assessment:
    """Judge the facts. The same facts and policy give the same result, on any day and in any order of the facts."""
    seen = view.build(facts, policy)
    findings = sorted(_findings(seen, policy), key=_order(policy))
    points = sum(finding.points for finding in findings)
    return Assessment(
        outcome=policy.outcome(points, [finding.kind for finding in findings]),
        band=policy.band(points).name,
        points=points,
        policy_id=policy.id,
        policy_version=policy.version,
        policy_digest=policy.digest,
        findings=tuple(findings),
    )


def _order(policy: Policy) -> Any:
    groups = list(policy.groups)
    entries = [*(rule.id for rule in policy.rules), *(f"answer.{factor.question}" for factor in policy.answers)]
    rank = {name: index for index, name in enumerate(entries)}
    return lambda finding: (
        _GRAVEST_FIRST.index(finding.kind),
        groups.index(finding.group),
        rank[finding.id],
        finding.subject,
        finding.text.en,
    )


def _findings(seen: view.View, policy: Policy) -> Iterator[Finding]:
    for rule in policy.rules:
        yield from _of_rule(rule, seen, policy)
    for factor in policy.answers:
        weighed = answers.weigh(factor, seen, policy)
        if weighed and (weighed.points or weighed.kind != "factor"):
            yield Finding(
                id=f"answer.{factor.question}",
                kind=weighed.kind,
                group=factor.group,
                points=weighed.points,
                text=weighed.text,
                lowers=factor.lowers,
                sources=factor.sources,
                subject=f"question:{factor.question}",
            )


def _of_rule(rule: FactRule, seen: view.View, policy: Policy) -> Iterator[Finding]:
    met = [item for item in (seen[rule.each] if rule.each else [{}]) if _holds(rule, seen, item)]
    if not met:
        return
    common = _common(seen)
    if rule.kind != "factor" or not rule.each:
        for named, subject in _one_by_one(rule.each, met, policy):
            yield _finding(rule, rule.points, rule.text.filled(**common, **named), subject)
        return
    labels = sorted({label.en: label for label in (_label(rule.each, item, policy) for item in met)}.items())
    items = Text(", ".join(label.en for _, label in labels), "、".join(label.zh for _, label in labels))
    points = rule.points
    if rule.points_from:
        points = max(policy.tables[rule.points_from][item["element"]] for item in met)
    yield _finding(rule, points, rule.text.filled(items=items, **common), rule.each)


def _one_by_one(each: str, met: list[Mapping[str, Any]], policy: Policy) -> Iterator[tuple[Named, str]]:
    """What each finding names; a party that plays several roles is named once, with all of them."""
    gathered: dict[str, tuple[Named, str, list[Text]]] = {}
    for item in met:
        named = _named(each, item, policy)
        role = named.pop("role", None)
        first = gathered.setdefault(repr(sorted(named.items())), (named, _subject(each, item), []))
        if isinstance(role, Text) and role not in first[2]:
            first[2].append(role)
    for named, subject, roles in gathered.values():
        yield {**named, "role": _joined(roles)}, subject


def _joined(roles: Sequence[Text]) -> Text:
    return Text(", ".join(role.en for role in roles), "、".join(role.zh for role in roles))


def _holds(rule: FactRule, seen: view.View, item: Mapping[str, Any]) -> bool:
    return rules.evaluate(rule.when, rules.Values(answers=seen["answers"], facts={**seen, "this": item}))


def _finding(rule: FactRule, points: int, text: Text, subject: str) -> Finding:
    return Finding(rule.id, rule.kind, rule.group, points, text, rule.lowers, rule.sources, subject)


# ---- the facts in words


def _common(seen: view.View) -> Named:
    licence = seen["licence"] or {}
    return {
        "destination": countries.name(seen["destination"]),
        "licence": licence.get("number", ""),
        "licence_date": licence.get("valid_until") or "",
    }


def _named(each: str, item: Mapping[str, Any], policy: Policy) -> Named:
    if each == "hits":
        return {
            "party": item["party_name"],
            "role": _role(item["role"], policy),
            "country": countries.name(item["country"]),
            "list": _list(item["source"], policy),
            "entry": item["name"],
            "program": item["program"],
            "matched": item["matched"],
        }
    if each == "ownership":
        return {
            "party": item["name"],
            "role": _joined([_role(role, policy) for role in item["roles"]]),
            "country": countries.name(item["country"]),
            "list": _list(item["source"], policy),
            "least": item["least"],
            "most": item["most"],
            "chains": Text(item["chains"], item["chains_zh"]),
            "bound": Text(item["rule"], item["rule_zh"]),
        }
    if each == "parties":
        country = countries.name(item["country"])
        return {"party": item["name"], "role": _role(item["role"], policy), "country": country}
    if each == "lists":
        return {"list": _list(item["source"], policy), "edition": item["edition"]}
    if each == "goods":
        return {
            "line": str(item["line"]),
            "goods": item["name"],
            "element": item["element"],
            "measures": ", ".join(item["control_measures"]),
        }
    return {"country": countries.name(item["code"])} if each else {}


def _label(each: str, item: Mapping[str, Any], policy: Policy) -> Text:
    """How a factor names one of the facts that it met."""
    named = _named(each, item, policy)
    if each == "hits":
        return Text("{party} ({entry}, {list})", "{party}（{entry}，{list}）").filled(**named)
    if each == "parties":
        return Text("{party} ({role}, {country})", "{party}（{role}，{country}）").filled(**named)
    if each == "goods":
        return Text("{goods} ({element})", "{goods}（{element}）").filled(**named)
    text = named["list" if each == "lists" else "country"]
    return text if isinstance(text, Text) else Text(text, text)


def _role(role: str, policy: Policy) -> Text:
    return policy.roles.get(role, Text(role, role))


def _list(source: str, policy: Policy) -> Text:
    return policy.lists.get(source, Text(source, source))


def _subject(each: str, item: Mapping[str, Any]) -> str:
    if each in ("hits", "ownership"):
        return f"party:{item['party']}"
    if each == "parties":
        return f"party:{item['id']}"
    if each == "lists":
        return f"list:{item['source']}"
    if each == "goods":
        return f"line:{item['line']}"
    return f"country:{item['code']}" if each else ""


def kinds(findings: Iterable[Finding]) -> list[Kind]:
    """The kinds of these findings, as ``Policy.outcome`` takes them."""
    return [finding.kind for finding in findings]
