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
class PartFact:
    """One line of an explained score: the party's word and the list's ("" where there is no partner), how alike they
    are and how much they weigh, and in what way they agree.
    """

    party: str
    listed: str
    similarity: float
    weight: float
    kind: str


@dataclass(frozen=True, slots=True)
class ParticularFact:
    """An address, telephone, e-mail address, domain or number on both sides: whether it agrees, and what it weighs."""

    kind: str
    party: str
    listed: str
    agrees: bool
    weight: float


@dataclass(frozen=True, slots=True)
class JudgementFact:
    """What two people of the authority found of a hit, as it held at the assessment.

    ``content`` is the SHA-256 of what the list said of the entry when it was judged. The evidence is not here: only
    the authority reads it.
    """

    id: str
    verdict: Literal["same", "different"]
    reason: str
    proposed_by: str
    decided_by: str
    decided_on: date
    expires: date
    content: str


@dataclass(frozen=True, slots=True)
class HitFact:
    """One entry of a list that a party's name met. ``score`` runs from 0 to 1; ``why`` and ``why_zh`` explain it.

    ``strength`` is how sure screening is of this hit alone ("" where it was not told); ``pair`` names party and entry
    as long as neither side's data change. ``by_name`` is the score before country, identifiers and particulars moved
    it. ``lapsed`` says why an earlier judgement of the hit holds no longer.
    """

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
    strength: Literal["", "match", "possible", "history"] = ""
    pair: str = ""
    listed_country: Literal["agrees", "differs", "unknown"] = "unknown"
    identifier: str = ""
    by_name: float = 0.0
    parts: tuple[PartFact, ...] = ()
    particulars: tuple[ParticularFact, ...] = ()
    judgement: JudgementFact | None = None
    lapsed: str = ""
    lapsed_zh: str = ""


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
    """The edition of one list that was screened against.

    ``required`` is a list without which nothing is certified; ``tried`` says that a later attempt to bring it up to
    date was refused or failed, and ``tried_why`` why.
    """

    source: str
    edition: str
    published: date | None
    age_days: int | None
    state: ListState
    binding: bool
    incomplete: bool
    entries: int
    required: bool = False
    tried: Literal["", "refused", "unreachable"] = ""
    tried_why: str = ""


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
        return {key: plain(value) for key, value in asdict(self).items()}

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
    return PartyFact(**{**data, "hits": tuple(_hit(each) for each in data["hits"])})


def _hit(data: Mapping[str, Any]) -> HitFact:
    parts = tuple(
        PartFact(**{**each, "similarity": float(each["similarity"]), "weight": float(each["weight"])})
        for each in data.get("parts", ())
    )
    particulars = tuple(
        ParticularFact(**{**each, "weight": float(each["weight"])}) for each in data.get("particulars", ())
    )
    judged = data.get("judgement")
    if judged:
        days = {name: date.fromisoformat(judged[name]) for name in ("decided_on", "expires")}
        judged = JudgementFact(**{**judged, **days})
    numbers = {"score": float(data["score"]), "by_name": float(data.get("by_name", 0))}
    return HitFact(**{**data, **numbers, "parts": parts, "particulars": particulars, "judgement": judged})


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def plain(value: Any) -> Any:
    """Dictionaries, sequences, decimals, numbers and dates as JSON values."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return format(value, ".3f")
    return value.isoformat() if isinstance(value, date) else value
