"""What an assessment is made from: plain facts, without forms, tables or shipments.

``shipments`` builds them; the policy reads ``Facts.to_json()`` by dotted path. Every field that a person may not
know has ``"unknown"`` as a value of its own, which never counts in the exporter's favour.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self

ControlState = Literal["controlled", "not_controlled", "review"]
ScreeningState = Literal["clear", "possible", "match", "unavailable"]
ListState = Literal["loaded", "stale", "missing"]


@dataclass(frozen=True, slots=True)
class GoodsFact:
    """One goods line. ``quantity`` is in ``unit`` (UN/ECE Recommendation 20 code); ``value`` in ``currency``.

    ``item`` is the id under which the questionnaires keep the line's answers; where it is empty, the line's number is.
    """

    line: int
    name: str
    element: str
    chemical_form: str
    hs_code: str
    control_code: str
    control_state: ControlState
    control_measures: tuple[str, ...]
    quantity: Decimal
    unit: str
    value: Decimal
    currency: str
    prohibited_to_destination: bool = False
    item: str = ""


@dataclass(frozen=True, slots=True)
class HitFact:
    """One entry of a list that a party's name met. ``score`` runs from 0 to 1; ``why`` and ``why_zh`` explain it."""

    source: str
    entry: str
    name: str
    matched: str
    score: float
    status: Literal["listed", "suspended", "stopped"]
    binding: bool
    effect: Literal["prohibited", "watch", "informs"]
    program: str
    why: str
    adjudicated: Literal["", "same", "different"] = ""
    why_zh: str = ""


@dataclass(frozen=True, slots=True)
class PartyFact:
    """One party in one role, and what screening said of it."""

    id: str
    role: str
    name: str
    country: str
    screening: ScreeningState
    hits: tuple[HitFact, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnershipFact:
    """What the parties of one list own of a party, all together and over chains of owners.

    ``least`` is proved and ``most`` is possible, in per cent; ``verdict`` says whether that reaches the share from
    which on ``rule`` counts the party as theirs, "unknown" where it could not be told. ``mark`` tells how sure the rule
    is; ``chains`` tell how they come to own it.
    """

    party: str
    roles: tuple[str, ...]
    name: str
    country: str
    source: str
    binding: bool
    effect: Literal["prohibited", "watch", "informs"]
    verdict: Literal["owned", "minority", "unknown"]
    least: str
    most: str
    chains: str
    chains_zh: str
    rule: str
    rule_zh: str
    mark: str


@dataclass(frozen=True, slots=True)
class ListFact:
    """The edition of one list that was screened against."""

    source: str
    edition: str
    published: date | None
    age_days: int | None
    state: ListState
    binding: bool
    incomplete: bool
    entries: int


@dataclass(frozen=True, slots=True)
class LicenceFact:
    """The export licence that the exporter names. ``scope`` says whether goods and end user are within it."""

    number: str
    valid_until: date | None
    scope: Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is judged about one shipment on one day.

    ``answers`` maps a question's id to its answer (a repeated question maps to ``{item id: answer}``), only those
    on the path. ``destination`` is the country of end use; ``transit`` the countries the goods pass on the way.
    """

    on: date
    answers: dict[str, Any]
    goods: tuple[GoodsFact, ...]
    parties: tuple[PartyFact, ...]
    lists: tuple[ListFact, ...]
    destination: str
    transit: tuple[str, ...] = ()
    licence: LicenceFact | None = None
    documents: tuple[str, ...] = field(default=())
    ownership: tuple[OwnershipFact, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The same facts as JSON values: dates as ISO 8601, decimals as strings, tuples as lists."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The facts that ``to_json`` wrote. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        licence = data.get("licence")
        return cls(
            on=date.fromisoformat(data["on"]),
            answers=dict(data["answers"]),
            goods=tuple(_goods(each) for each in data["goods"]),
            parties=tuple(_party(each) for each in data["parties"]),
            lists=tuple(ListFact(**{**each, "published": _day(each["published"])}) for each in data["lists"]),
            destination=data["destination"],
            transit=tuple(data.get("transit", ())),
            licence=LicenceFact(**{**licence, "valid_until": _day(licence["valid_until"])}) if licence else None,
            documents=tuple(data.get("documents", ())),
            ownership=tuple(
                OwnershipFact(**{**each, "roles": tuple(each["roles"])}) for each in data.get("ownership", ())
            ),
        )


def _goods(data: Mapping[str, Any]) -> GoodsFact:
    exact = {"quantity": Decimal(data["quantity"]), "value": Decimal(data["value"])}
    return GoodsFact(**{**data, **exact, "control_measures": tuple(data["control_measures"])})


def _party(data: Mapping[str, Any]) -> PartyFact:
    hits = tuple(HitFact(**{**hit, "score": float(hit["score"])}) for hit in data["hits"])
    return PartyFact(**{**data, "hits": hits})


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return format(value, ".3f")
    return value.isoformat() if isinstance(value, date) else value
