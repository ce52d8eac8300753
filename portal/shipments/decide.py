"""From an assessment to the decision: certified, referred or refused, for which purpose, and why."""

from dataclasses import dataclass
from typing import Literal

from portal.risk.assess import Assessment, Finding
from portal.risk.facts import Facts
from portal.shipments.states import State
from portal.text import Text

Purpose = Literal["shipment-uncontrolled", "shipment-under-licence", "licence-application"]

_OUTCOMES: dict[str, State] = {"certify": State.CERTIFIED, "refer": State.REFERRED, "refuse": State.REFUSED}
_PURPOSES: dict[Purpose, Text] = {
    "shipment-uncontrolled": Text(
        "No goods line was found to be controlled. The certificate is for this shipment; the catch-all duty remains.",
        "经判定，所列货物均未发现属于管制物项。证书用于本批货物；全面管制义务仍然适用。",
    ),
    "shipment-under-licence": Text(
        "The goods need an export licence, and licence {licence}, valid until {until}, covers them. The certificate is "
        "for this shipment under that licence.",
        "货物须凭出口许可证出口，许可证{licence}（有效期至{until}）涵盖本批货物。证书用于凭该许可证出口本批货物。",
    ),
    "licence-application": Text(
        "The goods need an export licence, and there is none yet. The certificate may only be used to apply for one; "
        "it allows no shipment.",
        "货物须凭出口许可证出口，目前尚未取得许可证。证书仅可用于申请出口许可证，不得据以出口。",
    ),
}
_CERTIFIED = Text(
    "Nothing was found that forbids the shipment or calls for the authority's review.",
    "未发现禁止出口或须移送主管部门审查的情形。",
)
_CLEARED = Text(
    "The authority reviewed the shipment and cleared it: {reason}", "主管部门已审查该批货物并予以放行：{reason}"
)
_POINTS = Text(
    "The risk factors together reach {points} points, which this portal's policy refers to the authority.",
    "各项风险因素合计{points}分，按本门户规则须移送主管部门审查。",
)
_TOP = 5  # how many of the heaviest factors are named when points alone refer a shipment


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is decided. ``purpose`` says what a certificate may be used for; empty when that was not looked into."""

    state: State
    purpose: Purpose | Literal[""]
    reasons: tuple[Text, ...]


def decide(facts: Facts, assessment: Assessment) -> Outcome:
    """Decide by the assessment alone; the licence settles only what a certificate is for."""
    state, purpose = _OUTCOMES[assessment.outcome], _purpose(facts)
    if state is State.CERTIFIED:
        return Outcome(state, purpose, (_CERTIFIED, _purpose_text(purpose, facts)))
    stops = assessment.hard_stops if state is State.REFUSED else assessment.forced_reviews
    reasons = [finding.text for finding in stops]
    if not reasons:
        reasons = [_POINTS.filled(points=assessment.points), *(f.text for f in _heaviest(assessment.findings))]
    return Outcome(state, purpose, tuple(reasons))


def cleared(facts: Facts, reason: str) -> Outcome:
    """What a referral comes to when the authority has cleared it; ``reason`` is the officer's own words."""
    purpose = _purpose(facts)
    return Outcome(State.CERTIFIED, purpose, (_CLEARED.filled(reason=reason), _purpose_text(purpose, facts)))


def _purpose_text(purpose: Purpose, facts: Facts) -> Text:
    licence = facts.licence
    named = {"licence": licence.number, "until": licence.valid_until or ""} if licence else {}
    return _PURPOSES[purpose].filled(**named)


def _purpose(facts: Facts) -> Purpose:
    """A licence counts only when it is valid on the day and covers the goods; a doubtful item counts as controlled."""
    licence = facts.licence
    if licence and licence.scope == "yes" and licence.valid_until is not None and licence.valid_until >= facts.on:
        return "shipment-under-licence"
    needed = any(line.control_state != "not_controlled" for line in facts.goods)
    return "licence-application" if needed else "shipment-uncontrolled"


def _heaviest(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    weighty = [finding for finding in findings if finding.points > 0]
    return tuple(sorted(weighty, key=lambda finding: -finding.points)[:_TOP])
