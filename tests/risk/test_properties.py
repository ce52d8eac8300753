"""For any facts whatever: "I don't know" never helps, a hit never helps, order and storage never matter."""

import json
from dataclasses import replace
from typing import Any

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.risk import policy
from portal.risk.assess import Assessment, assess
from portal.risk.facts import Facts, HitFact
from tests.risk import cases, strategies

POLICY = policy.load()
MORE = settings(max_examples=30, deadline=None)


def gravity(assessment: Assessment) -> int:
    return policy.GRAVITY.index(assessment.outcome)


def instead(facts: Facts, question: str, line: str | None, value: Any) -> Facts:
    """The facts with another answer to one question; ``None`` takes the answer away."""
    answers = dict(facts.answers)
    if line is None:
        answers[question] = value
    else:
        answers[question] = {**answers.get(question, {}), line: value}
        answers[question] = {n: each for n, each in answers[question].items() if each is not None}
    return replace(facts, answers={name: each for name, each in answers.items() if each is not None})


@MORE
@given(st.data())
def test_not_knowing_never_helps(data: st.DataObject) -> None:
    facts = data.draw(strategies.facts())
    question = data.draw(st.sampled_from(sorted(strategies.QUESTIONS)))
    line = data.draw(st.sampled_from([str(each.line) for each in facts.goods]))
    silence = data.draw(st.sampled_from(["unknown", cases.UNKNOWN, None]))
    before = assess(facts, POLICY)
    after = assess(instead(facts, question, line if question in strategies.REPEATED else None, silence), POLICY)
    assert after.points >= before.points
    if gravity(after) < gravity(before):
        # Only a fact can refuse. Withholding the fact that does still never leads to a certificate.
        assert question in POLICY.stopping_questions
        assert after.outcome == "refer"


@MORE
@given(strategies.facts(), strategies.hits, st.data())
def test_another_hit_never_helps(facts: Facts, hit: HitFact, data: st.DataObject) -> None:
    if not facts.parties:
        return
    index = data.draw(st.integers(0, len(facts.parties) - 1))
    party = facts.parties[index]
    more = replace(party, hits=(*party.hits, hit))
    before = assess(facts, POLICY)
    after = assess(replace(facts, parties=(*facts.parties[:index], more, *facts.parties[index + 1 :])), POLICY)
    if not party.hits and party.screening in ("possible", "match"):
        # A match that named no entry was referred; a named entry that two people excluded answers it.
        assert hit.adjudicated == "different" or gravity(after) >= gravity(before)
    else:
        assert gravity(after) >= gravity(before)
    assert after.points >= before.points


@MORE
@given(strategies.facts(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(facts: Facts, random: Any) -> None:
    def shuffled(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(values, len(values)))

    mixed = replace(
        facts,
        answers=dict(random.sample(list(facts.answers.items()), len(facts.answers))),
        goods=shuffled(facts.goods),
        parties=tuple(replace(each, hits=shuffled(each.hits)) for each in shuffled(facts.parties)),
        lists=shuffled(facts.lists),
        transit=shuffled(facts.transit),
        ownership=shuffled(facts.ownership),
    )
    assert assess(mixed, POLICY).to_json() == assess(facts, POLICY).to_json()


@MORE
@given(strategies.facts())
def test_stored_facts_are_judged_the_same_again(facts: Facts) -> None:
    stored = json.loads(json.dumps(facts.to_json()))
    first = assess(facts, POLICY)
    again = assess(Facts.from_json(stored), policy.load(first.policy_version))
    assert rfc8785.dumps(again.to_json()) == rfc8785.dumps(first.to_json())
    assert Assessment.from_json(json.loads(json.dumps(first.to_json()))) == first


@MORE
@given(strategies.facts())
def test_every_sentence_is_whole(facts: Facts) -> None:
    for finding in assess(facts, POLICY).findings:
        for side in (finding.text, finding.lowers):
            for sentence in (side.en, side.zh):
                assert sentence
                assert "{" not in sentence.replace("{x}", ""), sentence
        assert finding.text.en.rstrip("”").endswith("."), finding.text.en
        assert finding.text.zh.rstrip("”").endswith("。"), finding.text.zh


@MORE
@given(strategies.answers_on_path(unknown=False))
def test_what_the_questionnaires_do_not_ask_is_not_held_against_anyone(answers: dict[str, Any]) -> None:
    assessment = assess(cases.facts(answers=answers), POLICY)
    missing = [each.text.en for each in assessment.findings if each.text.en.startswith("Not answered")]
    assert not missing


@MORE
@given(strategies.answers_on_path(unknown=True))
def test_any_unknown_in_a_key_question_keeps_a_certificate_away(answers: dict[str, Any]) -> None:
    key = ("wmd_use", "terrorism_use", "military_items", "military_capability", "end_user_type", "defence_maker")
    assessment = assess(cases.facts(answers=answers), POLICY)
    if any(answers[question] == "unknown" for question in key):
        assert assessment.outcome != "certify"
