"""Each rule of the policy is met by the fact that it is for, and by no certificate case."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.risk import policy
from portal.risk.assess import Assessment, assess
from portal.risk.facts import Facts, LicenceFact
from tests.risk import cases

POLICY = policy.load()
OPTICS = ("Jenaer Infrarotoptik GmbH", "DE")


def judged(**changes: Any) -> Assessment:
    return assess(cases.facts(**changes), POLICY)


def with_hit(role: str = "end_user", screening: str = "match", **changes: Any) -> Facts:
    end_user = cases.party("end_user", *OPTICS)
    met = cases.party(role, "Example Missile Systems Inc.", "US", screening=screening, hits=(cases.hit(**changes),))
    return cases.facts(parties=(met,) if role == "end_user" else (end_user, met), destination="DE")


def parties(*more: Any) -> tuple[Any, ...]:
    return (cases.party("end_user", *OPTICS), *more)


def licence(until: date | None, scope: Any = "yes") -> Facts:
    return cases.facts(licence=LicenceFact("24-0001", until, scope))


def answered(destination: str = "DE", **changes: Any) -> Facts:
    return cases.facts(destination=destination, answers=cases.answers(**changes))


VALID = date(2027, 5, 1)
FORWARDER = "Harbour Lines Forwarding"
MET: dict[str, tuple[Facts, str]] = {
    "control_list_match": (with_hit(), "refuse"),
    "restricted_list_match": (with_hit(source="restricted"), "refuse"),
    "owner_listed": (with_hit("owner"), "refer"),
    "owned_by_listed": (cases.facts(ownership=(cases.ownership(),)), "refer"),
    "owned_by_informing": (cases.facts(ownership=(cases.ownership(source="ofac-sdn", binding=False),)), "refer"),
    "owned_perhaps_by_listed": (cases.facts(ownership=(cases.ownership(verdict="unknown", least="0"),)), "refer"),
    "watch_list_match": (with_hit(effect="watch"), "refer"),
    "information_list_match": (with_hit(source="ofac-sdn", effect="informs", binding=False), "refer"),
    "suspended_listing": (with_hit(status="suspended"), "refer"),
    "possible_match": (with_hit(screening="possible", score=0.85), "refer"),
    "stopped_listing": (with_hit(status="stopped"), "certify"),
    "screening_unavailable": (
        cases.facts(parties=(cases.party("end_user", *OPTICS, screening="unavailable"),)),
        "refer",
    ),
    "screening_without_hit": (cases.facts(parties=(cases.party("end_user", *OPTICS, screening="match"),)), "refer"),
    "list_missing": (cases.facts(lists=(cases.listing(state="missing"), *cases.LISTS[1:])), "refer"),
    "list_stale": (cases.facts(lists=(cases.listing(state="stale"), *cases.LISTS[1:])), "refer"),
    "binding_list_not_current": (
        cases.facts(lists=(*cases.LISTS, cases.listing("un", state="missing", required=False))),
        "certify",
    ),
    "list_not_renewed": (
        cases.facts(lists=(*cases.LISTS, cases.listing("un", required=False, tried="refused", tried_why="shrank"))),
        "certify",
    ),
    "information_list_not_current": (
        cases.facts(lists=(*cases.LISTS[:2], cases.listing("ofac-sdn", binding=False, state="missing"))),
        "certify",
    ),
    "no_binding_list": (cases.facts(lists=cases.LISTS[2:]), "refer"),
    "list_incomplete": (cases.facts(), "certify"),
    "no_end_user": (cases.facts(parties=(cases.party("consignee", *OPTICS),)), "refer"),
    "no_goods": (cases.facts(goods=()), "refer"),
    "prohibited_item": (cases.facts(goods=(cases.goods(prohibited_to_destination=True),)), "refuse"),
    "control_unsettled": (cases.facts(goods=(cases.goods(control_state="review"),)), "refer"),
    "licence_expired": (licence(date(2026, 11, 23)), "refuse"),
    "licence_out_of_scope": (licence(VALID, "no"), "refuse"),
    "licence_unclear": (licence(VALID, "unknown"), "refer"),
    "military_ban_user": (answered("US", end_user_type="armed_forces"), "refuse"),
    "military_ban_use": (answered("JP", military_items="yes", military_capability="yes"), "refuse"),
    "military_strength_ban": (answered("JP", military_capability="yes"), "refuse"),
    "arms_measures_destination": (cases.facts(destination="SD"), "refer"),
    "arms_measures_on_the_way": (cases.facts(transit=("SD",)), "certify"),
    "hub_on_the_way": (cases.facts(transit=("AE",)), "certify"),
    "hub_destination": (cases.facts(destination="SG"), "certify"),
    "consignee_is_carrier": (
        cases.facts(
            parties=parties(
                cases.party("ultimate_consignee", FORWARDER, "DE"),
                cases.party("freight_forwarder", FORWARDER.upper(), "DE"),
            )
        ),
        "certify",
    ),
    "payer_elsewhere": (cases.facts(parties=parties(cases.party("payer", "Third Pay Ltd", "FR"))), "certify"),
    "several_intermediaries": (
        cases.facts(parties=parties(cases.party("broker", "A", "DE"), cases.party("intermediary", "B", "DE"))),
        "certify",
    ),
    "no_enquiries": (answered(end_use_detail="field", enquiries_made=["none"]), "certify"),
    "sensitive_element": (cases.facts(), "certify"),
}


def test_every_rule_has_a_case() -> None:
    assert set(MET) == {rule.id for rule in POLICY.rules}


@pytest.mark.parametrize("rule", sorted(MET))
def test_a_rule_is_met_by_its_fact(rule: str) -> None:
    facts, outcome = MET[rule]
    assessment = assess(facts, POLICY)
    assert rule in {finding.id for finding in assessment.findings}
    assert assessment.outcome == outcome


def test_what_listed_parties_own_is_told_with_the_chain_and_the_rule() -> None:
    (finding,) = judged(ownership=(cases.ownership(roles=("end_user", "payer")),)).forced_reviews
    assert "own 60% of Jenaer Infrarotoptik GmbH (end user, payer, Germany), all together: Example" in finding.text.en
    assert "合计持有Jenaer Infrarotoptik GmbH（最终用户、付款人，德国）60%的股份：Example" in finding.text.zh
    assert "50% or more in the aggregate" in finding.text.en
    assert finding.subject == "party:Jenaer Infrarotoptik GmbH"


def test_a_minority_holding_alone_is_no_finding() -> None:
    assert judged(ownership=(cases.ownership(verdict="minority", least="10", most="10"),)).outcome == "certify"


def test_a_match_that_two_people_excluded_is_gone() -> None:
    assert assess(with_hit(adjudicated="different"), POLICY).outcome == "certify"


def test_a_possible_match_that_was_found_to_be_the_same_refuses() -> None:
    assert assess(with_hit(screening="possible", score=0.85, adjudicated="same"), POLICY).outcome == "refuse"


def test_a_party_in_two_roles_is_named_once_with_both() -> None:
    stops = assess(cases.magnets(), POLICY).hard_stops
    assert len(stops) == 1
    assert "(end user, ultimate consignee, United States)" in stops[0].text.en


def test_the_roles_of_a_party_are_named_in_one_order() -> None:
    facts = cases.magnets()
    turned = replace(facts, parties=facts.parties[::-1])
    assert assess(turned, POLICY).to_json() == assess(facts, POLICY).to_json()


def test_of_several_elements_the_most_sensitive_weighs() -> None:
    lines = (cases.goods(element="Bi"), cases.goods(line=2, name="Gallium metal", element="Ga"))
    finding = next(f for f in judged(goods=lines).findings if f.id == "sensitive_element")
    assert finding.points == POLICY.tables["elements"]["Ga"]
    assert finding.text.en.endswith("Gallium metal (Ga), Germanium lens blanks (Bi).")


def test_several_goods_lines_weigh_once_and_are_named() -> None:
    lines = (cases.goods(), cases.goods(line=2, name="Germanium windows"), cases.goods(line=3, name="Germanium rods"))
    answers = cases.answers()
    answers = {
        name: {"1": value["1"], "2": value["1"], "3": value["1"]} if isinstance(value, dict) and "1" in value else value
        for name, value in answers.items()
    }
    answers["grade_needed"] = {"1": "shown", "2": "above", "3": "unknown"}
    finding = next(f for f in judged(goods=lines, answers=answers).findings if f.id == "answer.grade_needed")
    assert finding.points == 5
    assert "Germanium lens blanks" not in finding.text.en


def test_a_line_of_random_item_id_finds_its_answers() -> None:
    answers = {
        name: {"kx7": value["1"]} if isinstance(value, dict) and "1" in value else value
        for name, value in cases.answers().items()
    }
    plain, named = judged(), judged(goods=(cases.goods(item="kx7"),), answers=answers)
    assert named.to_json() == plain.to_json()


@pytest.mark.parametrize(
    ("quantity", "need", "basis", "points"),
    [
        ("150", "150", "records", 0),
        ("150", "150", "statement", 2),
        ("150.001", "150", "records", 5),
        ("300", "150", "records", 5),
        ("300.001", "150", "records", 7),
        ("1", "0", "records", 7),
        ("150", cases.UNKNOWN, None, 7),
        ("150", None, None, 7),
    ],
)
def test_the_order_is_held_against_the_yearly_need(quantity: str, need: Any, basis: Any, points: int) -> None:
    answers = cases.answers(yearly_need=need, yearly_need_basis=basis)
    assessment = judged(goods=(cases.goods(quantity=Decimal(quantity)),), answers=answers)
    assert sum(f.points for f in assessment.findings if f.id == "answer.yearly_need") == points


@pytest.mark.parametrize(
    ("formed", "points"),
    [
        ("2023-11-24", 0),
        ("2023-11-25", 1),
        ("2025-11-24", 1),
        ("2025-11-25", 3),
        ("2027-01-01", 3),
        ("not a day", 3),
    ],
)
def test_a_firm_is_young_by_its_age_on_the_day(formed: str, points: int) -> None:
    assessment = judged(answers=cases.answers(formed_on=formed))
    assert sum(f.points for f in assessment.findings if f.id == "answer.formed_on") == points


def test_several_chosen_signs_add_up_to_no_more_than_not_knowing() -> None:
    def points(chosen: Any) -> int:
        assessment = judged(answers=cases.answers(payment_signs=chosen))
        return sum(f.points for f in assessment.findings if f.id == "answer.payment_signs")

    assert [points(["none"]), points(["cash"]), points(["cash", "commission"])] == [0, 4, 6]
    assert points(cases.UNKNOWN) == 6


def test_a_promise_that_is_missing_is_named() -> None:
    assessment = judged(answers=cases.answers(undertaking_promises=["no_other_use", "no_wmd", "no_military"]))
    finding = next(f for f in assessment.findings if f.id == "answer.undertaking_promises")
    assert finding.kind == "forced_review"
    assert finding.text.en == "The end user’s certificate lacks: no transfer."
    assert finding.text.zh == "最终用户证明缺少以下承诺：不向第三方转让。"


@pytest.mark.parametrize("question", ["wmd_use", "terrorism_use", "split_or_renamed"])
def test_a_grave_use_refuses_wherever_it_is(question: str) -> None:
    assert judged(answers=cases.answers(**{question: "yes"})).outcome == "refuse"
    assert judged(answers=cases.answers(**{question: "unknown"})).outcome == "refer"


def test_refusal_to_sign_and_a_forged_paper_refuse() -> None:
    assert judged(answers=cases.answers(undertaking_signed="refused")).outcome == "refuse"
    assert judged(answers=cases.answers(certificate_state="forged")).outcome == "refuse"


def test_military_users_elsewhere_are_referred_under_the_catch_all() -> None:
    assessment = judged(answers=cases.answers(end_user_type="armed_forces"))
    assert assessment.outcome == "refer"
    finding = next(f for f in assessment.forced_reviews if f.id == "answer.end_user_type")
    assert "ECL12" in {source.key for source in finding.sources}


def test_a_ban_holds_from_its_day_on() -> None:
    facts = answered("JP", end_user_type="armed_forces")
    assert assess(replace(facts, on=date(2026, 1, 6)), POLICY).outcome == "refuse"
    assert assess(replace(facts, on=date(2026, 1, 5)), POLICY).outcome == "refer"


def test_a_controlled_item_without_a_licence_is_a_matter_of_purpose() -> None:
    assert judged(licence=None).outcome == "certify"


def test_a_licence_holds_through_its_last_day() -> None:
    assert assess(licence(date(2026, 11, 24)), POLICY).outcome == "certify"


def test_an_old_licence_does_not_matter_to_goods_that_need_none() -> None:
    assessment = judged(
        goods=(cases.goods(control_state="not_controlled"),), licence=LicenceFact("1", date(2020, 1, 1), "no")
    )
    assert assessment.outcome == "certify"


def test_points_alone_refer_and_never_refuse() -> None:
    bad = {
        "secrecy": "yes", "services_taken": "declined", "order_pattern": "jump", "price_level": "off",
        "similar_refused": "yes", "evasive": "yes", "business_history": "none", "able_to_use": "no",
        "web_presence": "none", "address_kind": "home", "payer_nature": "third_party", "route_reason": "unexplained",
        "customisation": "exceeds", "place_sensitive": "yes", "item_custody": "no",
    }  # fmt: skip
    assessment = judged(answers=cases.answers(**bad))
    assert not assessment.hard_stops
    assert not assessment.forced_reviews
    assert (assessment.band, assessment.outcome) == ("very_high", "refer")


def test_nothing_answered_is_very_high_and_referred() -> None:
    assessment = judged(answers={})
    assert (assessment.band, assessment.outcome) == ("very_high", "refer")
    weighed = {finding.id for finding in assessment.findings}
    assert weighed >= {f"answer.{factor.question}" for factor in POLICY.answers}
