"""The three example shipments come out as they should, and say why."""

from portal.risk import policy
from portal.risk.assess import Assessment, assess
from portal.risk.facts import Facts
from tests.risk import cases

POLICY = policy.load()


def judged(facts: Facts) -> Assessment:
    return assess(facts, POLICY)


def ids(assessment: Assessment) -> set[str]:
    return {finding.id for finding in assessment.findings}


def test_germanium_lens_blanks_for_an_optics_maker_are_certified() -> None:
    assessment = judged(cases.germanium())
    assert (assessment.outcome, assessment.band) == ("certify", "low")
    assert not assessment.hard_stops
    assert not assessment.forced_reviews
    assert "sensitive_element" in ids(assessment)
    assert assessment.points > 0, "a low result is never an empty one"


def test_gallium_through_a_forwarder_in_a_hub_is_referred() -> None:
    assessment = judged(cases.gallium())
    assert assessment.outcome == "refer"
    assert assessment.band in ("high", "very_high")
    assert not assessment.hard_stops
    assert {"hub_destination", "hub_on_the_way", "consignee_is_carrier", "answer.end_use_detail"} <= ids(assessment)
    hub = next(finding for finding in assessment.factors if finding.id == "hub_on_the_way")
    assert "Malaysia" in hub.text.en
    assert "马来西亚" in hub.text.zh


def test_magnets_for_a_listed_missile_maker_are_refused() -> None:
    assessment = judged(cases.magnets())
    assert assessment.outcome == "refuse"
    stop = assessment.hard_stops[0]
    assert stop.id == "control_list_match"
    for word in ("Example Missile Systems Inc.", "United States", "China’s control", "2025-01-02"):
        assert word in stop.text.en
    assert "美国" in stop.text.zh
    assert [source.key for source in stop.sources] == ["D28", "UEL"]
