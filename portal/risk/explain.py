"""An assessment in sentences, grouped for a person, and what would change if one finding were gone."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.risk.assess import Assessment, Finding, kinds
from portal.risk.policy import BandName, Outcome, Policy
from portal.text import Text

_KINDS = {
    "hard_stop": Text("Hard stop", "禁止情形"),
    "forced_review": Text("Needs review", "须移交审查"),
    "factor": Text("Factor", "风险因素"),
}
_OUTCOMES = {
    "certify": Text("The shipment can be certified.", "可为该批货物出具尽职调查证书。"),
    "refer": Text("The shipment is referred to the authority.", "该批货物移交主管部门审查。"),
    "refuse": Text("The shipment is refused a certificate.", "对该批货物不予出具尽职调查证书。"),
}
_MARKS = {
    "V": Text("", ""),
    "V2": Text(" [V2: read in a reproduction only]", "［V2：仅见于转载文本］"),
    "M": Text(" [M: not verified]", "［M：未经核实］"),
    "I": Text(" [I: own judgement]", "［I：自行判断］"),
}
_SUMMARIES = {
    "certify": Text(
        "Risk of military use: {band} (points: {points}). {outcome}",
        "军事用途风险：{band}（分值：{points}）。{outcome}",
    ),
    "refer": Text(
        "{outcome} Findings that need review: {reviews}. Risk by points: {band} (points: {points}).",
        "{outcome}须移交审查的事项：{reviews}项。按分值计风险：{band}（分值：{points}）。",
    ),
    "refuse": Text(
        "{outcome} Hard stops: {stops}; they hold whatever the points. Risk by points: {band} (points: {points}).",
        "{outcome}禁止情形：{stops}项，不受分值影响。按分值计风险：{band}（分值：{points}）。",
    ),
}
_LINE = Text("{kind}: {text} [points: {points}; {sources}]", "{kind}：{text}［分值：{points}；{sources}］")
_LOWERS = Text("What would lower it: {lowers}", "可降低风险的证据：{lowers}")
_CHANGE = Text("Without it: {band} (points: {points}). {outcome}", "消除该项后：{band}（分值：{points}）。{outcome}")


@dataclass(frozen=True, slots=True)
class Change:
    """What the assessment would be without one finding, all else being equal."""

    points: int
    band: BandName
    outcome: Outcome

    def alters(self, assessment: Assessment) -> bool:
        """Whether band or outcome would be another, not only the points."""
        return (self.band, self.outcome) != (assessment.band, assessment.outcome)


@dataclass(frozen=True, slots=True)
class Explained:
    """One finding with the difference that it makes."""

    finding: Finding
    change: Change


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one subject, in the order of the assessment."""

    id: str
    title: Text
    findings: tuple[Explained, ...]


def without(assessment: Assessment, finding: Finding, policy: Policy) -> Change:
    """Points, band and outcome if the finding were not there."""
    left = list(assessment.findings)
    left.remove(finding)
    points = assessment.points - finding.points
    return Change(points, policy.band(points).name, policy.outcome(points, kinds(left)))


def groups(assessment: Assessment, policy: Policy) -> tuple[Group, ...]:
    """The findings by group, in the order of the policy; groups without a finding are left out."""
    found = []
    for name, title in policy.groups.items():
        members = tuple(
            Explained(finding, without(assessment, finding, policy))
            for finding in assessment.findings
            if finding.group == name
        )
        if members:
            found.append(Group(name, title, members))
    return tuple(found)


def kind_title(kind: str) -> Text:
    """The words for a kind of finding."""
    return _KINDS[kind]


def outcome_text(outcome: str) -> Text:
    """What an outcome means for the shipment, as a sentence."""
    return _OUTCOMES[outcome]


def band_title(points: int, policy: Policy) -> Text:
    """The words for the band of these points."""
    return policy.band(points).title


def summary(assessment: Assessment, policy: Policy) -> Text:
    """The result in one line."""
    return _SUMMARIES[assessment.outcome].filled(
        band=band_title(assessment.points, policy),
        points=assessment.points,
        outcome=outcome_text(assessment.outcome),
        stops=len(assessment.hard_stops),
        reviews=len(assessment.forced_reviews),
    )


def change_text(change: Change, policy: Policy) -> Text:
    """What the result would be instead, in one line."""
    band = band_title(change.points, policy)
    return _CHANGE.filled(band=band, points=change.points, outcome=outcome_text(change.outcome))


def sources_text(finding: Finding) -> Text:
    """The sources of a finding in words; each that was not read at its source says so."""
    marked = [(source.title, _MARKS[source.mark]) for source in finding.sources]
    return Text(
        "; ".join(title.en + mark.en for title, mark in marked),
        "；".join(title.zh + mark.zh for title, mark in marked),
    )


def lines(assessment: Assessment, policy: Policy, language: str) -> Iterator[str]:
    """The whole explanation as lines of plain text, for a terminal."""
    yield summary(assessment, policy)[language]
    for group in groups(assessment, policy):
        yield ""
        yield group.title[language]
        for each in group.findings:
            finding = each.finding
            named = {"kind": kind_title(finding.kind), "text": finding.text, "points": finding.points}
            yield "  " + _LINE.filled(**named, sources=sources_text(finding))[language]
            yield "    " + _LOWERS.filled(lowers=finding.lowers)[language]
            if each.change.alters(assessment):
                yield "    " + change_text(each.change, policy)[language]
    yield ""
    yield policy.statement[language]
