"""Three shipments as facts: one to certify, one to refer, one to refuse; and the parts that they are made of."""

from datetime import date
from decimal import Decimal
from typing import Any

from portal.risk.facts import Facts, GoodsFact, HitFact, LicenceFact, ListFact, OwnershipFact, PartyFact

ON = date(2026, 11, 24)
UNKNOWN = {"unknown": True}


def goods(**changes: Any) -> GoodsFact:
    values: dict[str, Any] = {
        "line": 1,
        "name": "Germanium lens blanks",
        "element": "Ge",
        "chemical_form": "metal, optical grade",
        "hs_code": "8112991000",
        "control_code": "",
        "control_state": "controlled",
        "control_measures": ("23/2023",),
        "quantity": Decimal("12.5"),
        "unit": "KGM",
        "value": Decimal("15000.00"),
        "currency": "USD",
    }
    return GoodsFact(**{**values, **changes})


def party(role: str, name: str, country: str, **changes: Any) -> PartyFact:
    return PartyFact(**{"id": name, "role": role, "name": name, "country": country, "screening": "clear", **changes})


def hit(**changes: Any) -> HitFact:
    values: dict[str, Any] = {
        "source": "cn",
        "entry": "cn-0001",
        "name": "Example Missile Systems",
        "matched": "Example Missile Systems Inc.",
        "score": 1.0,
        "status": "listed",
        "binding": True,
        "effect": "prohibited",
        "program": "control list, 2025-01-02",
        "why": "same words",
    }
    return HitFact(**{**values, **changes})


def ownership(**changes: Any) -> OwnershipFact:
    values: dict[str, Any] = {
        "party": "Jenaer Infrarotoptik GmbH",
        "roles": ("end_user",),
        "name": "Jenaer Infrarotoptik GmbH",
        "country": "DE",
        "source": "cn",
        "binding": True,
        "effect": "prohibited",
        "verdict": "owned",
        "least": "60",
        "most": "100",
        "chains": "Example Missile Systems holds 60% of Jenaer Infrarotoptik GmbH",
        "chains_zh": "Example Missile Systems持有Jenaer Infrarotoptik GmbH60%的股份",
        "rule": "50% or more in the aggregate",
        "rule_zh": "合计持股达到50%",
        "mark": "V2",
    }
    return OwnershipFact(**{**values, **changes})


def listing(source: str = "cn", **changes: Any) -> ListFact:
    values: dict[str, Any] = {
        "edition": "2026-08-22",
        "published": date(2026, 8, 22),
        "age_days": 94,
        "state": "loaded",
        "binding": True,
        "incomplete": source == "cn",
        "required": source in ("cn", "restricted"),
        "entries": 203,
    }
    return ListFact(**{"source": source, **values, **changes})


LISTS = (listing(), listing("restricted", entries=0), listing("ofac-sdn", binding=False, entries=17000))


def answers(**changes: Any) -> dict[str, Any]:
    """What an exporter answers who knows the end user well and has the papers; one goods line."""
    line: dict[str, Any] = {
        "item_fate": "built_in",
        "final_product": "Thermal imaging lens L50 for building inspection cameras, made by the end user",
        "grade_needed": "shown",
        "yearly_need": "150",
        "yearly_need_basis": "records",
        "hidden_elements": "no_tested",
        "near_limit": "no",
        "split_or_renamed": "no",
        "test_report": "independent",
    }
    plain: dict[str, Any] = {
        "stated_end_use": "Lenses for civil thermal cameras, ground and coated at the plant in Jena",
        "end_use_detail": "exact",
        "place_of_use": "Optikstraße 1, Jena",
        "place_sensitive": "no",
        "end_use_consistent": "yes",
        "use_may_change": "no",
        "wmd_use": "no",
        "terrorism_use": "no",
        "military_items": "no",
        "military_capability": "no",
        "advanced_computing": "no",
        "services_taken": "not_usual",
        "secrecy": "no",
        "order_pattern": "usual",
        "price_level": "market",
        "customisation": "fits",
        "similar_refused": "no",
        "late_change": ["none"],
        "technology_included": "no",
        "consignee_nature": "end_user",
        "route_reason": "direct",
        "onward_transfer": "as_product",
        "onward_country": "FR",
        "delivery_signs": ["none"],
        "payer_nature": "buyer",
        "payment_signs": ["none"],
        "told_by_authority": "no",
        "asked_openly": True,
        "end_user_type": "manufacturer",
        "defence_maker": "no",
        "defence_research": "no",
        "main_business": "Infrared optics",
        "business_fit": "yes",
        "able_to_use": "shown",
        "business_history": "established",
        "known_since": "long",
        "evasive": "no",
        "owned_by_listed": "no",
        "owners_known": "verified",
        "ownership_changed": "no",
        "address_kind": "own",
        "address_shared_listed": "no",
        "formed_on": "1998-04-01",
        "web_presence": "full",
        "item_custody": "stated",
        "verification_history": "never_checked",
        "past_diversion": "no",
        "undertaking_signed": "yes",
        "certificate_number": "EUC-2026-118",
        "certificate_date": "2026-10-12",
        "certificate_state": "original",
        "signatory_entitled": "shown",
        "undertaking_promises": ["no_other_use", "no_transfer", "no_wmd", "no_military"],
        "consents_to_checks": "yes",
        "certificate_consistent": "yes",
        "will_stop_and_report": True,
    }
    repeated = {question: {"1": changes.pop(question, value)} for question, value in line.items()}
    left = {name: value for name, value in {**plain, **changes}.items() if value is not None}
    return {**{name: value for name, value in repeated.items() if value["1"] is not None}, **left}


def facts(**changes: Any) -> Facts:
    """Germanium lens blanks for an optics maker that has signed everything; by default the case to certify."""
    values: dict[str, Any] = {
        "on": ON,
        "answers": answers(),
        "goods": (goods(),),
        "parties": (
            party("end_user", "Jenaer Infrarotoptik GmbH", "DE"),
            party("ultimate_consignee", "Jenaer Infrarotoptik GmbH", "DE"),
        ),
        "lists": LISTS,
        "destination": "DE",
    }
    return Facts(**{**values, **changes})


def germanium() -> Facts:
    return facts()


def gallium() -> Facts:
    """Gallium through a forwarder in a transhipment hub, for an end use that nobody will describe."""
    return facts(
        goods=(goods(name="Gallium metal 7N", element="Ga", hs_code="8112929090", quantity=Decimal("500")),),
        parties=(
            party("end_user", "Straits Advanced Materials Pte Ltd", "SG"),
            party("ultimate_consignee", "Harbour Lines Forwarding Pte Ltd", "SG"),
            party("freight_forwarder", "Harbour Lines Forwarding Pte Ltd", "SG"),
        ),
        destination="SG",
        transit=("MY",),
        answers=answers(
            item_fate="unknown",
            final_product=None,
            yearly_need=UNKNOWN,
            yearly_need_basis=None,
            stated_end_use="Electronics",
            end_use_detail="vague",
            place_of_use=UNKNOWN,
            enquiries_made=["asked_in_writing"],
            order_pattern="first",
            consignee_nature="forwarder",
            real_consignee=UNKNOWN,
            route_reason="unexplained",
            known_since="new",
            owners_known="stated",
            end_user_type="trader",
        ),
    )


def magnets() -> Facts:
    """Samarium-cobalt magnets for a missile maker on China's control list."""
    return facts(
        goods=(goods(name="SmCo magnets", element="Sm", hs_code="8505111000", control_code="1C902"),),
        parties=(
            party("end_user", "Example Missile Systems Inc.", "US", screening="match", hits=(hit(),)),
            party("ultimate_consignee", "Example Missile Systems Inc.", "US", screening="match", hits=(hit(),)),
        ),
        destination="US",
        answers=answers(defence_maker="mainly", defence_separated="no", military_items="suspected"),
        licence=LicenceFact("24-0001", date(2027, 5, 1), "yes"),
    )
