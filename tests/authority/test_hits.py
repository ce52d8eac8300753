"""Officers judge hits: who may, what is asked for, what the exporter and the next shipment have of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.authority import hits as queue
from portal.db import utc_now
from portal.screening.models import Adjudication
from portal.shipments import hits
from portal.shipments.models import PartyHit, Shipment
from tests.web.world import World, build

TODAY = utc_now().date()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two exporters and an authority; the refused shipment has two hits on the control list."""
    world = build(Path(tmp_path_factory.mktemp("hits")) / "instance")
    yield world
    world.app.extensions["portal_engine"].dispose()


@pytest.fixture
def world(made: World) -> World:
    made.restore()
    return made


@pytest.fixture
def looking(world: World) -> Iterator[Session]:
    with world.app.extensions["portal_sessions"]() as session:
        yield session


def address(world: World, pair: str) -> str:
    return f"/authority/hits/{world.shipments['refused'].id}/{world.ids[pair]}"


def form(**other: str) -> dict[str, str]:
    last = (TODAY + timedelta(days=30)).isoformat()
    return {"verdict": "different", "reason": "Other number", "evidence": "Register 7", "expires": last} | other


def test_what_waits_is_listed_once_for_each_pair(world: World) -> None:
    page = world.client("authority.officer").get("/authority/hits").text
    assert "2 hits" in page
    assert page.count(world.ids["hit"]) == 1
    for only, pair in (("new", "hit"), ("proposed", "explained_hit")):
        some = world.client("authority.officer").get(f"/authority/hits?only={only}").text
        assert "1 hit<" in some
        assert world.ids[pair] in some
    assert "No hit waits" in world.client("authority.officer").get("/authority/hits?q=100%25").text


def test_both_sides_and_the_score_are_there_to_be_judged(world: World) -> None:
    page = world.client("authority.officer").get(address(world, "hit")).text
    for seen in ("洛克希德·马丁公司", "Lockheed Martin Corporation", "How the score came about", "Announcement"):
        assert seen in page
    assert "ALFA-ONLY.png" in world.client("authority.officer").get(address(world, "explained_hit")).text


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"verdict": ""}, "Choose whether it is the same party"),
        ({"reason": "  "}, "Enter a reason"),
        ({"evidence": ""}, "Enter a reason"),
        ({"expires": ""}, "Enter the last day"),
        ({"expires": TODAY.isoformat()}, "The last day must lie after today"),
        ({"expires": (TODAY + timedelta(days=366)).isoformat()}, "The last day must lie after today"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    world: World, wrong: dict[str, str], message: str
) -> None:
    answer = world.client("authority.officer").post(address(world, "hit"), data=form(**wrong))
    assert answer.status_code == 422
    assert message in answer.text
    assert ("Register 7" in answer.text) == ("evidence" not in wrong)


def test_two_people_judge_and_the_hit_waits_no_longer(world: World, looking: Session) -> None:
    first, second = world.client("authority.officer"), world.client("authority.supervisor")
    sent = first.post(address(world, "hit"), data=form())
    assert sent.status_code == 303
    assert first.post(sent.location, data={"answer": "agree"}).status_code == 403, "not the one who proposed it"
    assert first.post(address(world, "hit"), data=form()).status_code == 422, "one question about a pair at a time"
    assert "has to decide it" in first.get(sent.location).text
    assert second.post(sent.location, data={"answer": "refuse", "reason": " "}).status_code == 422
    assert second.post(sent.location, data={"answer": "agree"}).status_code == 303
    assert second.post(sent.location, data={"answer": "agree"}).status_code == 422, "it is decided"
    assert world.ids["hit"] not in second.get("/authority/hits").text
    assert "officer" in second.get("/authority/judgements?state=standing").text
    assert "1 judgement" in second.get("/authority/judgements?state=ends_soon").text
    assert "Not enough decisions yet" in second.get("/authority/false-alerts").text
    told = second.get("/authority/false-alerts.json").json
    assert told["windows"][0]["all_lists"] == {
        "judged_pairs": 1, "another_party": 1, "rate": None, "interval_95": None, "state": "not_enough_decisions",
    }  # fmt: skip
    assert {"adjudication.proposed", "adjudication.decided"} <= set(world.verbs())
    waiting = {row.pair for row in looking.scalars(queue.queue(TODAY + timedelta(days=31)))}
    assert world.ids["hit"] in waiting, "after its last day it waits again"


def test_a_judgement_of_what_the_list_said_then_is_out_of_date(world: World, looking: Session) -> None:
    second = world.client("authority.supervisor")
    page = f"/authority/judgements/{world.ids['judgement']}"
    assert second.post(page, data={"answer": "agree"}).status_code == 303
    looking.get_one(Adjudication, world.ids["judgement"]).content = "what it said before"
    looking.commit()
    assert "The list has changed since" in second.get(page).text
    assert world.ids["explained_hit"] in second.get("/authority/hits").text


def test_the_exporter_explains_and_learns_the_reason_but_not_the_evidence(world: World) -> None:
    own = f"/shipments/{world.shipments['refused'].id}/hits/{world.ids['hit']}"
    exporter, second = world.client("alfa.preparer"), world.client("authority.supervisor")
    assert "Explain this hit" in exporter.get(f"/shipments/{world.shipments['refused'].id}/decision").text
    assert exporter.post(own, data={"text": " "}).status_code == 422
    assert exporter.post(own, data={"text": "Founded in 2019"}).status_code == 303
    assert "Founded in 2019" in second.get(address(world, "hit")).text
    sent = world.client("authority.officer").post(address(world, "hit"), data=form(reason="Seen by all"))
    second.post(sent.location, data={"answer": "agree"})
    assert "Register 7" in second.get(sent.location).text
    seen = exporter.get(own).text + exporter.get(f"/shipments/{world.shipments['refused'].id}/decision").text
    assert "Register 7" not in seen


def test_a_draft_is_not_the_authoritys_to_see(world: World, looking: Session) -> None:
    draft = looking.get_one(Shipment, world.shipments["draft"].id)
    draft.parties[0].name = "Lockheed Martin Corporation"
    looking.flush()
    pair = re.findall(rf"/shipments/{draft.id}/hits/([0-9a-f]{{32}})", _committed(looking, world, draft))[0]
    sent = world.client("alfa.preparer").post(f"/shipments/{draft.id}/hits/{pair}", data={"text": "Another firm"})
    assert sent.status_code == 303
    assert looking.query(PartyHit).where(PartyHit.shipment_id == draft.id).count() == 1
    officer = world.client("authority.officer")
    assert officer.get(f"/authority/hits/{draft.id}/{pair}").status_code == 404
    assert str(draft.id) not in officer.get("/authority/hits").text


def _committed(looking: Session, world: World, draft: Shipment) -> str:
    looking.commit()
    return world.client("alfa.preparer").get(f"/shipments/{draft.id}/check").text


def test_nothing_is_explained_once_a_certificate_is_there(world: World, looking: Session) -> None:
    certified = looking.get_one(Shipment, world.shipments["certified"].id)
    by = looking.merge(world.people["alfa.preparer"])
    with pytest.raises(hits.ShipmentRefused):
        hits.explain(looking, certified, "0" * 32, "text", by=by, now=utc_now(), settings=world.settings)
