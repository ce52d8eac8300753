"""Judge a shipment, keep everything that the judgement was made from, and make it again years later."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy.orm import Session

from portal.controls.judge import Judgement
from portal.risk import assess as risk
from portal.risk import policy
from portal.risk.facts import Facts
from portal.screening.lists import ListStatus
from portal.shipments import decide, facts
from portal.shipments.facts import Ground
from portal.shipments.models import Assessment, GoodsLine, Shipment


class ReplayDiffers(RuntimeError):
    """A stored assessment does not come out as it was stored."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A shipment judged at one moment: the grounds, the scored result, and the decision that would follow."""

    ground: Ground
    assessment: risk.Assessment
    outcome: decide.Outcome


def preview(session: Session, shipment: Shipment, now: datetime) -> Judged:
    """Judge the shipment as it stands, also a draft. Nothing is written."""
    ground = facts.build(session, shipment, now)
    assessment = risk.assess(ground.facts, policy.load())
    return Judged(ground, assessment, decide.decide(ground.facts, assessment))


def snapshot(shipment: Shipment, judged: Judged, now: datetime) -> Assessment:
    """The judgement as a row to be stored, with all that it was made from. Raises ``freeze.Incomplete``."""
    ground, result = judged.ground, judged.assessment
    questionnaires = [each.frozen for each in ground.answered]
    parts = {
        "facts": ground.facts.to_json(),
        "questionnaires": questionnaires,
        "lists": [list_json(status) for status in ground.lists],
        "controls": [control_json(line, judgement) for line, judgement in ground.judgements],
        "result": result.to_json(),
    }
    return Assessment(
        shipment_id=shipment.id,
        made_at=now,
        policy_id=result.policy_id,
        policy_version=result.policy_version,
        policy_digest=result.policy_digest,
        answers_digest=digest(questionnaires),
        outcome=result.outcome,
        band=result.band,
        points=result.points,
        digest=digest(parts),
        **parts,
    )


def replay(stored: Assessment) -> risk.Assessment:
    """Judge the stored facts again by the policy of then.

    Raises ``ReplayDiffers`` when the stored row was altered, the policy's file is no longer the same, or the result
    is another one.
    """
    parts = {name: getattr(stored, name) for name in ("facts", "questionnaires", "lists", "controls", "result")}
    if digest(parts) != stored.digest:
        raise ReplayDiffers("the stored assessment was altered")
    then = policy.load(stored.policy_version)
    if (then.id, then.digest) != (stored.policy_id, stored.policy_digest):
        raise ReplayDiffers("the policy's file is no longer the one that was used")
    again = risk.assess(Facts.from_json(stored.facts), then)
    if again.to_json() != stored.result:
        raise ReplayDiffers("the facts give another result than the one stored")
    return again


def result(stored: Assessment) -> risk.Assessment:
    """The stored result as it was, for pages."""
    return risk.Assessment.from_json(stored.result)


def digest(value: Any) -> str:
    """SHA-256, in hexadecimal, of a JSON value in canonical form (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def list_json(status: ListStatus) -> dict[str, Any]:
    """The edition of a list as it is stored with an assessment and named in a statement."""
    return {
        "source": status.source,
        "edition": status.edition,
        "published": status.published.isoformat() if status.published else None,
        "entries": status.entries,
        "binding": status.binding,
        "incomplete": status.incomplete,
        "digest": status.digest,
        "state": status.state,
    }


def control_json(line: GoodsLine, judgement: Judgement) -> dict[str, Any]:
    """What the measures say of a goods line, with the version of the measures."""
    return {
        "line": line.line,
        "state": judgement.state,
        "version": judgement.version,
        "digest": judgement.digest,
        "reasons": [reason.to_json() for reason in judgement.reasons],
        "measures": [
            {
                "number": finding.number,
                "title": finding.title.to_json(),
                "state": finding.state,
                "control_code": finding.control_code,
                "reason": finding.reason.to_json(),
                "source": finding.source,
                "mark": finding.mark,
                "prohibited": finding.prohibited,
                "checked": finding.checked.isoformat() if finding.checked else None,
            }
            for finding in judgement.measures
        ],
    }
