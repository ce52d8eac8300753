"""What two people of the authority found of a hit counts in the assessment, stays visible and is kept with it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.audit import Actor
from portal.risk import assess as risk
from portal.screening import adjudicate
from portal.screening.models import Adjudication, Verdict
from portal.shipments import assess, certify, hit_facts
from portal.shipments.assess import ReplayDiffers
from portal.shipments.models import Shipment
from portal.shipments.states import State

FIRST, SECOND = Actor("user", "1", "Officer Lin"), Actor("user", "2", "Supervisor Bai")
LISTED = "Lockheed Martin Corporation"


def judged(session: Session, shipment: Shipment, verdict: Verdict, now: datetime, days: int = 90) -> list[Adjudication]:
    """Every hit of the listed party, judged by two people."""
    found = []
    for each in hit_facts.screen(session, shipment, now.date()):
        for hit in each.result.hits if each.name == LISTED else ():
            made = adjudicate.propose(
                session, hit, each.party, verdict=verdict, reason="Another register number.", evidence="secret file 7",
                expires=now.date() + timedelta(days=days), actor=FIRST, now=now,
            )  # fmt: skip
            found.append(adjudicate.decide(session, made.id, actor=SECOND, now=now))
    assert found
    return found


@pytest.fixture
def listed(ready: Shipment) -> Shipment:
    """A complete draft whose forwarder bears the name of a listed firm."""
    ready.parties[-1].name, ready.parties[-1].country = LISTED, "US"
    return ready


def test_a_hit_found_to_be_another_party_counts_no_longer_and_is_shown(
    session: Session, listed: Shipment, now: datetime
) -> None:
    before = assess.preview(session, listed, now)
    assert before.outcome.state is State.REFUSED
    judged(session, listed, Verdict.DIFFERENT, now)
    after = assess.preview(session, listed, now)
    assert after.outcome.state is not State.REFUSED
    assert not after.assessment.hard_stops
    (party,) = {each.id: each for each in after.ground.facts.parties if each.name == LISTED}.values()
    assert party.screening == "clear"
    told = certify._assessment(assess.snapshot(listed, after, now))
    assert told["hits_cleared"] == len(party.hits)
    assert "hits_cleared" not in certify._assessment(assess.snapshot(listed, before, now))
    assert party.hits
    for hit in party.hits:
        assert hit.adjudicated == "different"
        assert hit.judgement is not None
        assert (hit.judgement.proposed_by, hit.judgement.decided_by) == ("Officer Lin", "Supervisor Bai")


def test_it_counts_again_after_the_last_day_and_after_a_change_and_says_why(
    session: Session, listed: Shipment, now: datetime
) -> None:
    judged(session, listed, Verdict.DIFFERENT, now, days=10)
    later = assess.preview(session, listed, now + timedelta(days=11))
    assert later.outcome.state is State.REFUSED
    said = {hit.lapsed for each in later.ground.facts.parties for hit in each.hits if each.name == LISTED}
    assert said == {f"it ended on {(now + timedelta(days=10)).date()}"}
    listed.parties[-1].country = "DE"
    moved = assess.preview(session, listed, now)
    said = {hit.lapsed_zh for each in moved.ground.facts.parties for hit in each.hits if each.name == LISTED}
    assert said == {"参与方信息其后已变更"}


def test_what_was_used_is_kept_with_the_assessment_and_replays(
    session: Session, listed: Shipment, now: datetime
) -> None:
    made = judged(session, listed, Verdict.SAME, now)
    found = assess.preview(session, listed, now)
    stored = assess.snapshot(listed, found, now)
    kept = [hit["judgement"] for each in stored.facts["parties"] for hit in each["hits"] if each["name"] == LISTED]
    assert {(each["id"], each["content"], each["verdict"]) for each in kept} == {
        (str(one.id), one.content, "same") for one in made
    }
    assert "secret file 7" not in str(stored.facts), "evidence is the authority's"
    for one in made:
        one.verdict = Verdict.DIFFERENT
    session.flush()
    assert isinstance(assess.replay(stored), risk.Assessment)
    kept[0]["verdict"] = "different"
    with pytest.raises(ReplayDiffers):
        assess.replay(stored)
