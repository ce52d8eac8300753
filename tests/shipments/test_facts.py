"""From a shipment to facts: nothing left out, one to one, and read again unchanged."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.controls import measures, overlay
from portal.risk.assess import assess as judge
from portal.risk.facts import Facts, LicenceFact
from portal.risk.policy import load
from portal.shipments import assess, decide, facts
from portal.shipments.models import GoodsLine, Shipment
from portal.shipments.states import State
from tests import databases
from tests.controls.samples import approve, compared
from tests.shipments.conftest import Firm, drafted

Drafted = Callable[..., Shipment]


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One database: what is read from it is the same on both."""
    return databases.copied(sqlite_template, tmp_path)


@pytest.fixture
def case_of(session: Session, firm: Firm, now: datetime, shared_settings: Settings, lists_loaded: None) -> Drafted:
    def make(name: str, change: Callable[[dict[str, Any]], None] = lambda plain: None) -> Shipment:
        return drafted(session, firm, now, shared_settings, name, change)

    return make


@pytest.mark.parametrize("name", ["germanium-lens-blanks", "gallium-forwarder", "samarium-cobalt-magnets"])
def test_facts_are_read_again_as_they_were(session: Session, case_of: Drafted, now: datetime, name: str) -> None:
    built = facts.build(session, case_of(name), now).facts
    again = Facts.from_json(built.to_json())
    assert again.to_json() == built.to_json()
    assert judge(again, load()) == judge(built, load())


def test_everything_is_in_the_facts(session: Session, case_of: Drafted, now: datetime) -> None:
    shipment = case_of("samarium-cobalt-magnets")
    ground = facts.build(session, shipment, now)
    built = ground.facts
    assert built.on == now.date()
    assert (built.destination, built.transit) == ("US", ())
    (goods,) = built.goods
    assert (goods.item, goods.control_state) == (str(shipment.goods[0].id), "controlled")
    assert "18/2025" in " ".join(goods.control_measures)
    assert [(party.role, party.name) for party in built.parties] == [
        ("exporter", shipment.organisation.name),
        ("end_user", "Lockheed Martin Corporation"),
        ("ultimate_consignee", "Lockheed Martin Corporation"),
        ("consignee", "Palmetto Magnet Supply Inc."),
        ("intermediary", "Palmetto Magnet Supply Inc."),
        ("payer", "Palmetto Magnet Supply Inc."),
    ]
    end_user = built.parties[1]
    assert end_user.screening == "match"
    assert {hit.source for hit in end_user.hits} == {"cn"}
    assert {each.source for each in built.lists} >= {"cn", "restricted", "ofac-sdn"}
    assert {each.source: each.state for each in built.lists}["ofac-sdn"] == "missing"
    assert built.answers["military_items"] == "yes"
    assert built.answers["item_fate"] == {str(shipment.goods[0].id): "built_in"}


def test_answers_off_the_path_are_no_facts(session: Session, case_of: Drafted, now: datetime) -> None:
    def stray(plain: dict[str, Any]) -> None:
        plain["answers"]["end_use"]["military_detail"] = "left over from an earlier answer"

    assert "military_detail" not in facts.build(session, case_of("germanium-lens-blanks", stray), now).facts.answers


def test_the_exporter_itself_is_screened(session: Session, case_of: Drafted, now: datetime) -> None:
    shipment = case_of("germanium-lens-blanks")
    shipment.organisation.name_en = "Lockheed Martin Corporation"
    judged = assess.preview(session, shipment, now)
    assert judged.outcome.state is State.REFUSED


def test_identifiers_are_screened(session: Session, case_of: Drafted, now: datetime) -> None:
    screened = {each.name: each for each in facts.build(session, case_of("germanium-lens-blanks"), now).screened}
    assert set(screened) >= {"Saale Feinoptik GmbH", "Annegret Reinhold", "Familie Reinhold Beteiligungs GmbH"}
    assert screened["Familie Reinhold Beteiligungs GmbH"].roles == ("owner",)


def test_a_chinese_name_alone_is_enough_to_be_controlled() -> None:
    line = GoodsLine(
        line=1, name="Goods", name_zh="钐钴永磁体", element="other", hs_code="8505119000", control_code="",
        chemical_form="", purity="", particle_size="",
    )  # fmt: skip
    assert facts.classify(line, "DE", date(2026, 11, 24), measures.load()).state in ("controlled", "review")


def test_an_approved_change_of_the_authority_counts_and_its_edition_is_kept(
    session: Session, case_of: Drafted, now: datetime
) -> None:
    def impure(plain: dict[str, Any]) -> None:
        plain["goods"][0] |= {
            "name": "Antimony trioxide powder", "name_zh": "三氧化二锑", "element": "Sb", "chemical_form": "Sb2O3",
            "purity": "99.5 %", "hs_code": "2825800010", "control_code": "",
        }  # fmt: skip

    shipment = case_of("germanium-lens-blanks", impure)
    before = assess.preview(session, shipment, now)
    assert [line.control_state for line in before.ground.facts.goods] == ["review"]
    approve(session, compared("33/2024", now), now)
    after = assess.preview(session, shipment, now)
    assert [line.control_state for line in after.ground.facts.goods] == ["not_controlled"]
    (kept,) = assess.snapshot(shipment, after, now).controls
    assert kept["digest"] == overlay.current(session, now).digest != measures.load().digest
    assert kept["measures"][0]["checked"] == now.date().isoformat()


@pytest.mark.parametrize(
    ("scope", "left", "unit", "expected"),
    [
        ("yes", None, "", "yes"),
        ("yes", "12.5", "KGM", "yes"),
        ("yes", "12.49", "KGM", "no"),
        ("yes", "0.0125", "TNE", "yes"),
        ("yes", "1", "H87", "yes"),
        ("no", "99", "KGM", "no"),
        ("unknown", "1", "KGM", "unknown"),
        ("", None, "", "unknown"),
    ],
)
def test_the_scope_of_a_licence_ends_with_its_quantity(
    session: Session, case_of: Drafted, now: datetime, scope: str, left: str | None, unit: str, expected: str
) -> None:
    shipment = case_of("germanium-lens-blanks")
    shipment.licence_number, shipment.licence_scope, shipment.licence_unit = "26AA", scope, unit
    shipment.licence_valid_until = date(2027, 1, 1)
    shipment.licence_quantity_left = Decimal(left) if left else None
    licence = facts.build(session, shipment, now).facts.licence
    assert licence is not None
    assert licence.scope == expected


def test_a_doubtful_item_counts_as_controlled_for_the_purpose(
    session: Session, case_of: Drafted, now: datetime
) -> None:
    def unknown_code(plain: dict[str, Any]) -> None:
        plain["goods"][0].update(name="Widgets", name_zh="", element="other", chemical_form="", hs_code="9031800000",
                                 control_code="9E999")  # fmt: skip

    judged = assess.preview(session, case_of("germanium-lens-blanks", unknown_code), now)
    assert judged.ground.facts.goods[0].control_state == "review"
    assert judged.outcome == decide.decide(judged.ground.facts, judged.assessment)
    assert (judged.outcome.state, judged.outcome.purpose) == (State.REFERRED, "licence-application")


def test_points_alone_are_named_as_the_reason(session: Session, case_of: Drafted, now: datetime) -> None:
    def doubtful(plain: dict[str, Any]) -> None:
        plain["answers"]["end_use"].update(
            services_taken="declined", order_pattern="first", price_level="off", secrecy="yes",
            payment_signs=["cash"], payer_nature="third_party", payer_detail="A friend", route_reason="unexplained",
            route_explanation="None", delivery_signs=["vague_date"], similar_refused="no", grade_needed={"1": "stated"},
            grade_reason={"1": "Said so"},
        )  # fmt: skip

    judged = assess.preview(session, case_of("germanium-lens-blanks", doubtful), now)
    assert judged.outcome.state is State.REFERRED
    assert str(judged.assessment.points) in judged.outcome.reasons[0].zh


@pytest.mark.parametrize(
    ("licence", "name", "purpose"),
    [
        (None, "Germanium lens blanks", "licence-application"),
        (None, "Ceramic tiles", "shipment-uncontrolled"),
        (LicenceFact("26AA", date(2027, 1, 1), "yes"), "Germanium lens blanks", "shipment-under-licence"),
        (LicenceFact("26AA", date(2026, 11, 24), "yes"), "Germanium lens blanks", "shipment-under-licence"),
        (LicenceFact("26AA", date(2026, 11, 23), "yes"), "Germanium lens blanks", "licence-application"),
        (LicenceFact("26AA", None, "yes"), "Germanium lens blanks", "licence-application"),
        (LicenceFact("26AA", date(2027, 1, 1), "unknown"), "Germanium lens blanks", "licence-application"),
        (LicenceFact("26AA", date(2027, 1, 1), "no"), "Germanium lens blanks", "licence-application"),
    ],
)
def test_what_a_certificate_is_for(
    session: Session, case_of: Drafted, now: datetime, licence: LicenceFact | None, name: str, purpose: str
) -> None:
    built = facts.build(session, case_of("germanium-lens-blanks"), now).facts
    state = "controlled" if name.startswith("Germanium") else "not_controlled"
    given = replace(built, licence=licence, goods=(replace(built.goods[0], name=name, control_state=state),))  # type: ignore[arg-type]
    outcome = decide.cleared(given, "Seen")
    assert (outcome.state, outcome.purpose) == (State.CERTIFIED, purpose)
    assert "{" not in outcome.reasons[1].zh
