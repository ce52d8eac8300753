"""From a row of the demonstration's table to a case: the same form that a case file has."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import yaml


@cache
def read(name: str) -> Any:
    """One of the demonstration's data files."""
    return yaml.safe_load(resources.files("portal.demonstration").joinpath(f"data/{name}.yaml").read_text("utf-8"))


def case(row: dict[str, Any], number: int, today: date) -> dict[str, Any]:
    """The case of one row as JSON values. ``number`` makes the references; dates lie around ``today``."""
    world = read("world")
    exporter, buyer = world["exporters"][row["exporter"]], world["buyers"][row["buyer"]]
    reference = f"{row['exporter'][:2].upper()}-2026-{100 + number}"
    begun = today - timedelta(days=row["days"])
    return {
        "exporter": {
            "name": exporter["name"],
            "name_en": exporter["name_en"],
            "country": "CN",
            "identifier": {"scheme": "USCC", "value": exporter["identifier"]},
            "address": exporter["address"],
        },
        "preparer": _person(exporter, "preparer"),
        "compliance_officer": _person(exporter, "compliance_officer"),
        "shipment": {
            "reference": reference,
            "contract": {"number": f"C-{reference}", "date": str(begun - timedelta(days=20)), "incoterm": "CIP"},
            "route": _route(row, buyer, today),
            "licence": _licence(reference, today) if row.get("licence") else None,
        },
        "goods": [_goods(row, world)],
        "parties": _parties(buyer),
        "answers": _answers(row, buyer, reference),
        "documents": [],
        "attestation": True,
    }


def _person(exporter: dict[str, Any], role: str) -> dict[str, str]:
    found = next(person for person in exporter["people"] if role in person["roles"])
    return {"name": found["name"], "position": found["position"]}


def _route(row: dict[str, Any], buyer: dict[str, Any], today: date) -> dict[str, Any]:
    via = [code for code in row.get("via", []) if code != buyer["country"]]
    planned = str(today + timedelta(days=40 - row["days"] % 10))
    return {"from": "CN", "transit": via, "to": buyer["country"], "mode": "sea", "planned_on": planned}


def _licence(reference: str, today: date) -> dict[str, Any]:
    return {
        "number": f"DEMO-{reference}",
        "issued_by": "演示发证机关",
        "valid_until": str(today + timedelta(days=150)),
        "scope": "yes",
    }


def _goods(row: dict[str, Any], world: dict[str, Any]) -> dict[str, Any]:
    item = dict(world["goods"][row["goods"]])
    quantity, price = Decimal(row["quantity"]), Decimal(item.pop("price"))
    amounts = {"quantity": row["quantity"], "unit": "KGM", "net_weight_kg": row["quantity"]}
    return {**item, **amounts, "value": f"{quantity * price:.2f}", "currency": "USD", "origin": "CN"}


def _parties(buyer: dict[str, Any]) -> list[dict[str, Any]]:
    user: dict[str, Any] = {key: buyer[key] for key in ("name", "name_native", "country", "address") if key in buyer}
    return [
        {**user, "roles": ["end_user", "ultimate_consignee", "consignee", "payer"]},
        {
            "roles": ["freight_forwarder"],
            "name": "Demonstration Ocean Logistics Co., Ltd.",
            "country": "CN",
            "address": "上海市浦东新区演示路 88 号",
        },
    ]


def _answers(row: dict[str, Any], buyer: dict[str, Any], reference: str) -> dict[str, Any]:
    base = read("answers")
    variant = base["variants"][row.get("variant", "clean")]
    words = {
        "product": base["uses"][row["goods"]],
        "use": base["uses"][row["goods"]],
        "need": str(int(Decimal(row["quantity"]) * 8)),
        "place": f"{buyer['name']}, {buyer['address']}",
        "business": buyer["business"],
        "reference": reference,
    }
    found: dict[str, Any] = {}
    for member in ("end_use", "end_user"):
        merged = {**base[member], **variant.get(member, {})}
        filled = {q: v.format(**words) if isinstance(v, str) else v for q, v in merged.items()}
        found[member] = {q: {"1": v} if q in base["per_line"] else v for q, v in filled.items()}
    return _only_on_path(found)


def _only_on_path(answers: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is asked only of a signed undertaking when there is none."""
    user = answers["end_user"]
    if user["undertaking_signed"] != "yes":
        for question in (
            "certificate_number", "certificate_date", "certificate_state", "signatory_entitled",
            "undertaking_promises", "consents_to_checks", "certificate_consistent",
        ):  # fmt: skip
            user.pop(question, None)
    return answers
