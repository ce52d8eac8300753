"""From a decided shipment to the draft statement that a certificate is issued for."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from portal.accounts.models import Organisation
from portal.certificates import attested
from portal.certificates.statement import moment
from portal.shipments.decide import Outcome
from portal.shipments.models import Assessment, Attestation, GoodsLine, Party, Shipment


def draft(
    shipment: Shipment,
    *,
    stored: Assessment,
    outcome: Outcome,
    attestation: Attestation,
    supersedes: str | None,
    review: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Every member of the statement but those that the issuer adds (see ``certificates.statement.complete``).

    ``review`` says which authority cleared a referral, who, when and why.
    """
    return {
        "revision": shipment.revision,
        "supersedes": supersedes,
        "purpose": outcome.purpose,
        "exporter": _exporter(shipment.organisation),
        "parties": [_party(party, role) for party in shipment.parties for role in party.roles],
        "goods": [_goods(line, _state(stored, line)) for line in shipment.goods],
        "route": {
            "from": shipment.departure,
            "transit": list(shipment.transit),
            "to": shipment.destination,
            "mode": shipment.mode,
        },
        "end_use": _end_use(stored),
        "contract": {"number": shipment.contract_number, "date": _day(shipment.contract_date)},
        "licence": _licence(shipment) if outcome.purpose == "shipment-under-licence" else None,
        "assessment": {**_assessment(stored), **({"review": dict(review)} if review else {})},
        "attestation": {
            "officer": attestation.officer_name,
            "position": attestation.position,
            "at": moment(attestation.at),
            "method": attestation.method,
            **({attested.EVIDENCE: dict(attestation.evidence)} if attestation.evidence else {}),
        },
    }


def _exporter(home: Organisation) -> dict[str, Any]:
    return {
        "name": home.name,
        "name_en": home.name_en,
        "identifier": {"scheme": home.identifier_scheme, "value": home.identifier or ""},
        "address": _line(home.address),
        "country": home.country,
    }


def _licence(shipment: Shipment) -> dict[str, Any]:
    return {"number": shipment.licence_number, "valid_until": _day(shipment.licence_valid_until)}


def _party(party: Party, role: str) -> dict[str, Any]:
    return {
        "role": role,
        "name": party.name,
        "name_native": party.name_native,
        "country": party.country,
        "address": party.address,
    }


def _goods(line: GoodsLine, state: str) -> dict[str, Any]:
    return {
        "line": line.line,
        "name": line.name,
        "name_zh": line.name_zh,
        "element": "" if line.element == "other" else line.element,
        "chemical_form": line.chemical_form,
        "purity": line.purity,
        "particle_size": line.particle_size,
        "hs_code": line.hs_code,
        "control_code": line.control_code,
        "control_state": state,
        "quantity": {"value": _exact(line.quantity), "unit": line.unit},
        "net_weight_kg": _exact(line.net_weight_kg),
        "value": {"amount": _exact(line.value), "currency": line.currency},
        "country_of_origin": line.origin,
    }


def _state(stored: Assessment, line: GoodsLine) -> str:
    return next(str(each["state"]) for each in stored.controls if each["line"] == line.line)


def _end_use(stored: Assessment) -> dict[str, str]:
    """The end use as stated; it is not translated, so that nobody's words are changed."""
    stated = stored.facts["answers"].get("stated_end_use", "")
    return {"en": stated[:4000], "zh": stated[:4000]}


def _assessment(stored: Assessment) -> dict[str, Any]:
    result: Mapping[str, Any] = stored.result
    versions = [
        {name: each["questionnaire"][name] for name in ("id", "version", "digest")} for each in stored.questionnaires
    ]
    cleared = {
        hit["pair"] or f"{hit['source']} {hit['entry']}"
        for party in stored.facts["parties"]
        for hit in party["hits"]
        if hit["adjudicated"] == "different"
    }
    named = ("source", "edition", "published", "entries", "binding", "incomplete", "digest")
    return {
        "band": stored.band,
        "points": stored.points,
        "outcome": stored.outcome,
        "policy": {"id": stored.policy_id, "version": stored.policy_version, "digest": stored.policy_digest},
        "factors": [
            {name: finding[name] for name in ("id", "kind", "points", "text")} for finding in result["factors"]
        ],
        "lists": [{name: each[name] for name in named} for each in stored.lists if each["state"] != "missing"],
        **({"hits_cleared": len(cleared)} if cleared else {}),
        "questionnaires": versions,
        "answers_digest": stored.answers_digest,
    }


def _exact(value: Decimal) -> str:
    return format(value, "f")


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _line(text: str) -> str:
    return " ".join(text.split())
