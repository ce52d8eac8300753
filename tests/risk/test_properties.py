"""For any facts whatever: "I don't know" never helps, a hit never helps, order and storage never matter."""

import json
from dataclasses import replace
from typing import Any

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.risk import policy
from portal.risk.assess import Assessment, assess
from portal.risk.facts import Facts, HitFact, PartyFact
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


def settled(party: PartyFact) -> PartyFact:
    """The party with the state that its hits make, those found to be somebody else left out, as screening tells it."""
    left = {hit.strength for hit in party.hits if hit.adjudicated != "different"}
    state = "match" if "match" in left else "possible" if "possible" in left else "clear"
    return replace(party, screening=state)


@MORE
@given(strategies.facts(), strategies.hits, st.sampled_from(["same", "different"]), st.data())
def test_a_judgement_touches_no_pair_but_its_own(facts: Facts, hit: HitFact, verdict: Any, data: st.DataObject) -> None:
    """Whatever was found of one pair, all else is judged as if that pair had never met."""
    strength = st.sampled_from(["match", "possible", "history"])
    parties = [
        replace(each, hits=tuple(replace(one, strength=data.draw(strength)) for one in each.hits))
        for each in facts.parties
    ]
    if not parties:
        return
    index = data.draw(st.integers(0, len(parties) - 1))
    judged = replace(hit, adjudicated=verdict, strength=data.draw(strength), name="Only this one")

    def assessed(*more: HitFact) -> Assessment:
        one = replace(parties[index], hits=(*parties[index].hits, *more))
        return assess(
            replace(facts, parties=tuple(map(settled, (*parties[:index], one, *parties[index + 1 :])))), POLICY
        )

    without, with_it = assessed(), assessed(judged)
    assert with_it.points >= without.points
    if verdict == "different":
        assert with_it.findings == without.findings
    else:
        # What is told of several hits in one sentence names this one too; every other finding is there unchanged.
        told = {each.id for each in with_it.findings if "Only this one" in each.text.en}
        assert all(each in with_it.findings or each.id in told for each in without.findings)


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
