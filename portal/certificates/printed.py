"""What each side of a certificate prints of a statement, and what it leaves to the attached statement.

Two pages hold any statement because each list and each text has a limit that tightens step by step (``Fit``).
Nothing is dropped in silence: what does not fit is counted, or marked as shortened, on the page itself.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from portal.certificates import wording
from portal.text import Text

CONTINUED = "…"
# Half-em units of a line between the two codes, and of a label; millimetres of the notice and of the gaps above it.
_BETWEEN, _LABEL, _NOTICE = 44, 18, 29


@dataclass(frozen=True, slots=True)
class Fit:
    """How much one side shows: letter size in points, rows of each table, and the width of a text in half-em units."""

    size: float
    rows: int
    goods: int
    field: int
    prose: int

    @property
    def dense(self) -> bool:
        """Whether lines stand close and goods run on without a new line for each fact."""
        return self.size < 7


# From roomy to tight: a later fit never needs more room than an earlier one.
FRONT_FITS = (
    Fit(8.4, 10, 12, 260, 0),
    Fit(7.8, 10, 12, 240, 0),
    Fit(7.2, 10, 12, 220, 0),
    Fit(6.6, 10, 12, 160, 0),
    Fit(6.3, 10, 12, 120, 0),
    Fit(6.3, 10, 12, 72, 0),
    Fit(6.3, 9, 11, 72, 0),
    Fit(6.3, 8, 10, 72, 0),
    Fit(6.3, 7, 8, 64, 0),
    Fit(6.3, 6, 6, 56, 0),
    Fit(6.3, 5, 5, 48, 0),
    Fit(6.3, 4, 4, 40, 0),
    Fit(6.3, 3, 2, 32, 0),
    Fit(6.3, 2, 1, 32, 0),
)
BACK_FITS = (
    Fit(8.2, 12, 0, 260, 1600),
    Fit(7.6, 12, 0, 260, 1600),
    Fit(7.0, 12, 0, 220, 1400),
    Fit(6.5, 10, 0, 180, 1000),
    Fit(6.3, 8, 0, 130, 600),
    Fit(6.3, 6, 0, 90, 400),
    Fit(6.3, 4, 0, 70, 240),
    Fit(6.3, 3, 0, 60, 160),
    Fit(6.3, 2, 0, 40, 120),
)


def width(text: str) -> int:
    """How wide a text prints, in half-em units: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def wider_than(text: str, millimetres: float, size: float) -> bool:
    """Whether a text, and a space in it, needs more than ``millimetres`` in letters of ``size`` points."""
    half_em = size / 2 * 25.4 / 72
    return (width(text) + 1) * half_em > millimetres


def straight(text: str) -> str:
    """English with straight quotation marks: the font draws curved ones as wide as a Chinese character."""
    return text.translate(str.maketrans("‘’“”", "''\"\""))


@dataclass(slots=True)
class Shortening:
    """Cuts texts to a width and remembers whether it cut any."""

    used: bool = field(default=False)

    def cut(self, text: str, limit: int) -> str:
        """The text, or its beginning and ``…`` where it is wider than ``limit`` half-em units."""
        if width(text) <= limit:
            return text
        self.used = True
        kept, left = [], limit - width(CONTINUED)
        for letter in text:
            left -= width(letter)
            if left < 0:
                break
            kept.append(letter)
        return "".join(kept).rstrip() + CONTINUED

    def both(self, text: dict[str, str], limit: int) -> Text:
        """Both sides of ``{en, zh}``, each cut."""
        return Text(self.cut(text["en"], limit), self.cut(text["zh"], limit))


def front(facts: dict[str, Any], fit: Fit) -> dict[str, Any]:
    """Page 1: who, what, where to, for which purpose."""
    short = Shortening()
    printed = {
        "fit": fit,
        "issuer": short.both(facts["issuer"]["name"], 60),
        "address": short.cut(facts["status_address"], 140),
        "purpose": _purpose(facts),
        "verdict": wording.word(wording.BANDS, facts["assessment"]["band"]),
        "term": (wording.day(facts["issued_at"]), wording.day(facts["valid_until"])),
        "exporter": _exporter(facts["exporter"], fit, short),
        "parties": [_party(party, fit, short) for party in facts["parties"][: fit.rows]],
        "parties_left": max(0, len(facts["parties"]) - fit.rows),
        "goods": [_goods(line, fit, short) for line in facts["goods"][: fit.goods]],
        "goods_left": max(0, len(facts["goods"]) - fit.goods),
        "totals": _totals(facts["goods"]),
        "route": [wording.country(code) for code in _stops(facts["route"])],
        "stops_left": max(0, len(facts["route"]["transit"]) - 3),
        "mode": wording.word(wording.MODES, facts["route"]["mode"]),
        "contract": short.cut(facts["contract"]["number"], 48),
        "licence": short.cut(facts["licence"]["number"], 48) if facts["licence"] else "",
    }
    return {**printed, "foot": _foot(printed), "shortened": short.used}


def _foot(printed: dict[str, Any]) -> int:
    """Millimetres that the foot of page 1 needs between its two codes; the codes themselves need no more than 60."""
    stops = "".join(f"{name.en} {name.zh} → " for name in printed["route"])
    texts = (stops + 24 * " ", printed["contract"] + 24 * " ", printed["licence"] + 60 * " ", printed["address"])
    lines = sum(-(-(width(text) + _LABEL) // _BETWEEN) for text in texts)
    return max(60, round(_NOTICE + 3.55 * lines))


def back(facts: dict[str, Any], fit: Fit) -> dict[str, Any]:
    """Page 2: what was checked, what came of it, who answers for it."""
    short = Shortening()
    assessment = facts["assessment"]
    findings = sorted(assessment["factors"], key=lambda f: (f["kind"] == "factor", -abs(f["points"])))
    printed = {
        "fit": fit,
        "issuer": short.both(facts["issuer"]["name"], 60),
        "address": short.cut(facts["status_address"], 140),
        "questionnaires": [
            _versioned(entry, wording.QUESTIONNAIRES, short) for entry in assessment["questionnaires"][:4]
        ],
        "questionnaires_left": max(0, len(assessment["questionnaires"]) - 4),
        "policy": _versioned(assessment["policy"], wording.POLICIES, short),
        "lists": [_list(entry, short) for entry in assessment["lists"][: fit.rows]],
        "lists_left": max(0, len(assessment["lists"]) - fit.rows),
        "here": assessment["band"],
        "bands": [(code, wording.BANDS[code]) for code in wording.BANDS],
        "factors": [_factor(entry, fit, short) for entry in findings[: fit.rows]],
        "factors_left": max(0, len(findings) - fit.rows),
        "end_use": short.both(facts["end_use"], fit.prose),
        "one_language": facts["end_use"]["en"] == facts["end_use"]["zh"],
        "officer": short.cut(facts["attestation"]["officer"], 80),
        "position": short.cut(facts["attestation"]["position"], 80),
        "attested_at": wording.moment(facts["attestation"]["at"]),
        "issued_at": wording.moment(facts["issued_at"]),
        "method": wording.word(wording.METHODS, facts["attestation"]["method"]),
        "weak": facts["attestation"]["method"] in wording.WEAK_METHODS,
        "review": _review(facts["assessment"].get("review"), short),
    }
    return {**printed, "shortened": short.used}


def _purpose(facts: dict[str, Any]) -> Text:
    if facts["purpose"] == "licence-application":
        return Text(
            "Prepared for an export licence application. It does not permit export: controlled goods may leave "
            "only under an export licence.",
            "供申请出口许可证使用，不作为出口凭证。管制物项须取得出口许可证后方可出口。",
        )
    if facts["purpose"] == "shipment-under-licence":
        licence = facts["licence"]
        return Text(
            "For shipment under export licence {number}, valid until {until}.",
            "供凭出口许可证装运使用，许可证编号 {number}，有效期至{until}。",
        ).filled(number=Shortening().cut(licence["number"], 60), until=wording.day(licence["valid_until"]))
    return Text(
        "The goods were not found to be controlled on {on}. The exporter's duty to stop and report when it learns "
        "of a risk remains.",
        "截至{on}，未发现所列货物属于管制物项。出口经营者知悉风险时，仍应停止出口并报告。",
    ).filled(on=wording.day(facts["issued_at"]))


def _exporter(exporter: dict[str, Any], fit: Fit, short: Shortening) -> dict[str, Any]:
    english = exporter["name_en"] if exporter["name_en"] != exporter["name"] else ""
    return {
        "name": short.cut(exporter["name"], fit.field),
        "name_en": short.cut(english, fit.field),
        "scheme": wording.word(wording.IDENTIFIERS, exporter["identifier"]["scheme"]),
        "identifier": exporter["identifier"]["value"],
        "address": short.cut(exporter["address"], fit.field),
        "country": wording.country(exporter["country"]),
    }


def _party(party: dict[str, Any], fit: Fit, short: Shortening) -> dict[str, Any]:
    native = party["name_native"] if party["name_native"] != party["name"] else ""
    return {
        "role": wording.word(wording.ROLES, party["role"]),
        "name": short.cut(party["name"], fit.field),
        "native": short.cut(native, fit.field),
        "address": short.cut(party["address"], fit.field),
        "country": wording.country(party["country"]),
        "code": party["country"],
    }


def _goods(line: dict[str, Any], fit: Fit, short: Shortening) -> dict[str, Any]:
    make = (line["element"], line["chemical_form"], line["purity"], line["particle_size"])
    chinese = line["name_zh"] if line["name_zh"] != line["name"] else ""
    return {
        "line": line["line"],
        "name": short.cut(line["name"], fit.field),
        "name_zh": short.cut(chinese, fit.field),
        "make": short.cut(", ".join(part for part in make if part), fit.field),
        "hs_code": line["hs_code"],
        "control_code": short.cut(line["control_code"], 24),
        "control": wording.CONTROL_STATES[line["control_state"]],
        "quantity": wording.amount(line["quantity"]["value"]),
        "unit": wording.word(wording.UNITS, line["quantity"]["unit"]),
        "weight": wording.amount(line["net_weight_kg"]),
        "value": wording.amount(line["value"]["amount"]),
        "currency": line["value"]["currency"],
        "origin": line["country_of_origin"],
    }


def _totals(goods: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Net weight of all lines in kilograms, and their value for each currency (three at most)."""
    weight = Decimal(0)
    values: dict[str, Decimal] = {}
    for line in goods:
        weight += Decimal(line["net_weight_kg"])
        currency = line["value"]["currency"]
        values[currency] = values.get(currency, Decimal(0)) + Decimal(line["value"]["amount"])
    shown = [(currency, wording.amount(str(total))) for currency, total in sorted(values.items())]
    return {"weight": wording.amount(str(weight)), "values": shown if len(shown) <= 3 else []}


def _stops(route: dict[str, Any]) -> list[str]:
    return [route["from"], *route["transit"][:3], route["to"]]


def _review(review: dict[str, str] | None, short: Shortening) -> dict[str, str] | None:
    if review is None:
        return None
    return {
        "authority": short.cut(review["authority"], 80),
        "officer": short.cut(review["officer"], 60),
        "at": wording.moment(review["at"]),
        "reason": short.cut(review["reason"], 200),
    }


def _versioned(entry: dict[str, Any], words: dict[str, Text], short: Shortening) -> dict[str, Any]:
    return {
        "title": wording.word(words, short.cut(entry["id"], 60)),
        "version": short.cut(entry["version"], 16),
        "digest": entry["digest"][:16],
    }


def _list(entry: dict[str, Any], short: Shortening) -> dict[str, Any]:
    return {
        "title": wording.word(wording.LISTS, entry["source"]),
        "edition": short.cut(entry["edition"], 28),
        "published": entry["published"] or "–",
        "entries": f"{entry['entries']:,}",
        "binding": entry["binding"],
        "incomplete": entry["incomplete"],
    }


def _factor(entry: dict[str, Any], fit: Fit, short: Shortening) -> dict[str, Any]:
    return {
        "kind": entry["kind"],
        "points": f"{entry['points']:+d}".replace("-", "−"),
        "text": short.both(entry["text"], fit.field),
    }
