"""The facts as a policy reads them: as JSON, with what follows from them already worked out.

Everything here is computed from ``Facts.to_json()``, so facts that were stored and read again give the same view.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from portal.questionnaires import rules
from portal.risk.facts import Facts
from portal.risk.policy import Policy

EXPORTER_COUNTRY = "CN"
USERS = ("end_user", "ultimate_consignee")
BETWEEN = ("consignee", "intermediary", "broker", "freight_forwarder")

View = Mapping[str, Any]


def build(facts: Facts, policy: Policy) -> View:
    """The view of these facts under this policy."""
    data = facts.to_json()
    parties = sorted(data["parties"], key=lambda party: (party["name"], party["role"], party["id"]))
    users = _distinct([data["destination"], *(p["country"] for p in parties if p["role"] in USERS)])
    between = [*data["transit"], *(p["country"] for p in parties if p["role"] in BETWEEN)]
    way = [code for code in _distinct(between) if code not in users and code != EXPORTER_COUNTRY]
    goods = sorted(data["goods"], key=lambda line: line["line"])
    return {
        "on": data["on"],
        "answers": data["answers"],
        "destination": data["destination"],
        "goods": [{**line, "item": line["item"] or str(line["line"])} for line in goods],
        "parties": [_party(party, parties, users) for party in parties],
        "hits": [hit for party in parties for hit in _hits(party, policy.match_score)],
        "ownership": sorted(data["ownership"], key=lambda each: (each["party"], each["source"])),
        "lists": sorted(data["lists"], key=lambda each: (each["source"], each["edition"])),
        "licence": _licence(data["licence"], data["on"]),
        "licence_needed": any(line["control_state"] != "not_controlled" for line in goods),
        "user_countries": [{"code": code} for code in users],
        "way_countries": [{"code": code} for code in way],
        "ban_countries": [{"code": code} for code in users if _barred(policy, code, data["on"])],
        "tables": {name: sorted(values) for name, values in policy.tables.items()},
    }


def _distinct(codes: Iterable[str]) -> list[str]:
    return sorted({code for code in codes if code})


def _barred(policy: Policy, code: str, on: str) -> bool:
    since = policy.tables["military_ban"].get(code)
    return since is not None and since <= on


def _party(party: Mapping[str, Any], parties: Iterable[Mapping[str, Any]], users: list[str]) -> dict[str, Any]:
    same = {other["role"] for other in parties if other["name"].casefold() == party["name"].casefold()}
    related = {EXPORTER_COUNTRY, *users, *(p["country"] for p in parties if p["role"] == "consignee")}
    return {
        **{name: party[name] for name in ("id", "role", "name", "country", "screening")},
        "hit_count": len(party["hits"]),
        "also": sorted(same - {party["role"]}),
        "country_in_deal": party["country"] in related,
    }


def _hits(party: Mapping[str, Any], match_score: Decimal) -> list[dict[str, Any]]:
    """The hits of a party that still stand: one that two people found to be somebody else is gone."""
    found = [
        {
            **hit,
            "standing": _standing(hit, party["screening"], match_score),
            "party": party["id"],
            "party_name": party["name"],
            "role": party["role"],
            "country": party["country"],
        }
        for hit in party["hits"]
        if hit["adjudicated"] != "different"
    ]
    return sorted(found, key=lambda hit: (hit["source"], hit["entry"], hit["matched"], hit["program"]))


def _standing(hit: Mapping[str, Any], screening: str, match_score: Decimal) -> str:
    """How sure it is that the hit is the party: each hit by itself, so that a judgement of one moves no other."""
    if hit["adjudicated"] == "same":
        return "same"
    if hit["strength"]:
        return "match" if hit["strength"] == "match" and Decimal(hit["score"]) >= match_score else "possible"
    return "match" if screening == "match" and Decimal(hit["score"]) >= match_score else "possible"


def _licence(licence: Mapping[str, Any] | None, on: str) -> Mapping[str, Any] | None:
    if licence is None:
        return None
    until = licence["valid_until"]
    state = "unknown" if until is None else "expired" if until < on else "valid"
    return {**licence, "state": state}


# ---- measures: classes of answers that are numbers, dates or countries


def measure(name: str, raw: Any, line: Mapping[str, Any] | None, view: View, policy: Policy) -> str:
    """The class of an answer under a measure; whatever cannot be placed is ``unknown``."""
    if name == "need":
        return _need(raw, line, view)
    return _onward(raw, policy) if name == "onward" else _age(raw, view["on"])


def _need(raw: Any, line: Mapping[str, Any] | None, view: View) -> str:
    """How the quantity ordered compares with the end user's need for one year, in the unit of the line."""
    need = rules.number(raw)
    if line is None or need is None or need < 0:
        return "unknown"
    quantity = Decimal(line["quantity"])
    if quantity > 2 * need:
        return "far_above"
    if quantity > need:
        return "above"
    basis = answer(view, "yearly_need_basis", line)
    return "within_documented" if basis in ("records", "past_orders") else "within_stated"


def _onward(raw: Any, policy: Policy) -> str:
    if not isinstance(raw, str):
        return "unknown"
    for table, found in (("military_ban", "barred"), ("arms_measures", "arms_measures"), ("hubs", "hub")):
        if raw in policy.tables[table]:
            return found
    return "plain"


def _age(raw: Any, on: str) -> str:
    """How old a firm is on the day of the assessment; a day in the future says nothing."""
    try:
        formed, today = date.fromisoformat(raw), date.fromisoformat(on)
    except (TypeError, ValueError):
        return "unknown"
    years = today.year - formed.year - ((today.month, today.day) < (formed.month, formed.day))
    if years < 0:
        return "unknown"
    return "new" if years < 1 else "recent" if years < 3 else "three_years"


def answer(view: View, question: str, line: Mapping[str, Any] | None) -> Any:
    """The answer to a question, for a goods line where it was given a line. ``None`` when there is none."""
    raw = view["answers"].get(question)
    if line is not None and isinstance(raw, Mapping) and not rules.is_unknown(raw):
        return raw.get(line["item"])
    return raw
