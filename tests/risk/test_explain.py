"""An assessment in words, and what would change if a finding were gone."""

from dataclasses import replace

import pytest

from portal.risk import explain, policy
from portal.risk.assess import assess
from portal.risk.facts import Facts
from tests.risk import cases

POLICY = policy.load()
CASES = {"germanium": cases.germanium(), "gallium": cases.gallium(), "magnets": cases.magnets()}


@pytest.mark.parametrize("name", CASES)
def test_every_finding_stands_in_one_group(name: str) -> None:
    assessment = assess(CASES[name], POLICY)
    grouped = [each.finding for group in explain.groups(assessment, POLICY) for each in group.findings]
    assert len(grouped) == len(assessment.findings)
    assert set(grouped) == set(assessment.findings)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_lines_name_every_finding_and_what_would_lower_it(name: str, language: str) -> None:
    assessment = assess(CASES[name], POLICY)
    told = "\n".join(explain.lines(assessment, POLICY, language))
    for finding in assessment.findings:
        assert finding.text[language] in told
        assert finding.lowers[language] in told
    assert POLICY.statement[language] in told
    assert str(assessment.points) in told


def test_the_difference_of_a_factor_is_that_of_the_better_answer() -> None:
    assessment = assess(cases.gallium(), POLICY)
    finding = next(each for each in assessment.findings if each.id == "answer.route_reason")
    better: Facts = replace(cases.gallium(), answers={**cases.gallium().answers, "route_reason": "direct"})
    truly = assess(better, POLICY)
    change = explain.without(assessment, finding, POLICY)
    assert (change.points, change.band, change.outcome) == (truly.points, truly.band, truly.outcome)


def test_without_its_only_hard_stop_a_refusal_becomes_a_referral() -> None:
    assessment = assess(cases.magnets(), POLICY)
    change = explain.without(assessment, assessment.hard_stops[0], POLICY)
    assert change.outcome == "refer"
    assert change.alters(assessment)
    assert explain.change_text(change, POLICY).zh.endswith("该批货物移交主管部门审查。")


def test_a_factor_that_tips_the_band_is_told_as_such() -> None:
    facts = cases.facts(answers=cases.answers(secrecy="yes", price_level="off"))
    assessment = assess(facts, POLICY)
    assert assessment.band == "moderate"
    tipping = next(each for each in assessment.factors if each.id == "answer.secrecy")
    assert explain.without(assessment, tipping, POLICY).band == "low"
    assert "Without it: low" in "\n".join(explain.lines(assessment, POLICY, "en"))


def test_sources_that_were_not_read_say_so() -> None:
    facts = cases.facts(answers=cases.answers(secrecy="yes"))
    finding = next(each for each in assess(facts, POLICY).factors if each.id == "answer.secrecy")
    assert explain.sources_text(finding).en.count("[M: not verified]") == 2
    assert explain.sources_text(finding).zh.count("［M：未经核实］") == 2
