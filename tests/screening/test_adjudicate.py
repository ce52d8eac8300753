"""Two people judge a hit; the judgement holds until its last day or until either side changes."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit import Actor
from portal.audit.models import AuditEvent
from portal.screening import adjudicate, lists
from portal.screening.adjudicate import AdjudicationRefused
from portal.screening.match import Hit, Screener
from portal.screening.models import Adjudication, AdjudicationState, ListEntry, Verdict
from portal.screening.parties import PartyNames
from tests.screening.conftest import ACTOR, DATA

FIRST, SECOND = (Actor(kind="user", id=name, name=name) for name in ("first", "second"))
NAME, COUNTRY = "Veldhoek Rare Metals Recycling Campus Antwerp", "BE"
PARTY = PartyNames("1", (NAME,), COUNTRY)


def hit(session: Session, on: date, name: str = NAME, country: str = COUNTRY) -> Hit:
    return Screener.open(session).screen([name], country, on).hits[0]


def judged(session: Session, now: datetime, verdict: Verdict = Verdict.DIFFERENT, days: int = 90) -> Adjudication:
    found = adjudicate.propose(
        session,
        hit(session, now.date()),
        PARTY,
        verdict=verdict,
        reason="another firm of that name",
        evidence="extract of the Belgian register, 2026-11-20",
        expires=now.date() + timedelta(days=days),
        actor=FIRST,
        now=now,
    )
    return adjudicate.decide(session, found.id, actor=SECOND, now=now)


def settled(session: Session, on: date, name: str = NAME, country: str = COUNTRY) -> adjudicate.Settled:
    return adjudicate.settle(session, Screener.open(session).screen([name], country, on), on)


def test_a_pair_found_to_be_another_party_counts_no_longer_and_is_still_shown(screened: Session, now: datetime) -> None:
    assert settled(screened, now.date()).state == "possible"
    judged(screened, now)
    found = settled(screened, now.date())
    assert (found.state, found.open, len(found.different)) == ("clear", (), 1)
    assert found.different[0].adjudication.decided_by == "second"


def test_a_pair_found_to_be_the_same_is_a_match(screened: Session, now: datetime) -> None:
    judged(screened, now, Verdict.SAME)
    found = settled(screened, now.date())
    assert (found.state, len(found.same)) == ("match", 1)


def test_one_person_alone_decides_nothing(screened: Session, now: datetime) -> None:
    found = adjudicate.propose(
        screened, hit(screened, now.date()), PARTY, verdict=Verdict.DIFFERENT, reason="r", evidence="e",
        expires=now.date() + timedelta(days=1), actor=FIRST, now=now,
    )  # fmt: skip
    assert settled(screened, now.date()).state == "possible"
    with pytest.raises(AdjudicationRefused, match="second person"):
        adjudicate.decide(screened, found.id, actor=FIRST, now=now)
    with pytest.raises(AdjudicationRefused, match="second person"):
        adjudicate.reject(screened, found.id, reason="r", actor=FIRST, now=now)
    adjudicate.reject(screened, found.id, reason="not the same register", actor=SECOND, now=now)
    assert settled(screened, now.date()).state == "possible"
    with pytest.raises(AdjudicationRefused, match="No such judgement"):
        adjudicate.decide(screened, found.id, actor=SECOND, now=now)
    judged(screened, now)
    assert settled(screened, now.date()).state == "clear"


@pytest.mark.parametrize(
    ("reason", "evidence", "days"), [("", "e", 30), ("r", " ", 30), ("r", "e", 0), ("r", "e", -1), ("r", "e", 367)]
)
def test_a_judgement_without_reason_evidence_or_a_near_last_day_is_refused(
    screened: Session, now: datetime, reason: str, evidence: str, days: int
) -> None:
    with pytest.raises(AdjudicationRefused):
        adjudicate.propose(
            screened, hit(screened, now.date()), PARTY, verdict=Verdict.DIFFERENT, reason=reason, evidence=evidence,
            expires=now.date() + timedelta(days=days), actor=FIRST, now=now,
        )  # fmt: skip


def test_a_pair_is_before_one_person_at_a_time(screened: Session, now: datetime) -> None:
    def ask() -> Adjudication:
        return adjudicate.propose(
            screened, hit(screened, now.date()), PARTY, verdict=Verdict.DIFFERENT, reason="r", evidence="e",
            expires=now.date() + timedelta(days=1), actor=FIRST, now=now,
        )  # fmt: skip

    first = ask()
    with pytest.raises(AdjudicationRefused, match="already"):
        ask()
    copied = {c.key: getattr(first, c.key) for c in Adjudication.__table__.columns if c.key != "id"}
    screened.add(Adjudication(**copied))
    with pytest.raises(IntegrityError):
        screened.flush()


def test_it_holds_up_to_its_last_day(screened: Session, now: datetime) -> None:
    judged(screened, now, days=10)
    assert settled(screened, now.date() + timedelta(days=10)).state == "clear"
    assert settled(screened, now.date() + timedelta(days=11)).state == "possible"


@pytest.mark.parametrize(("name", "country"), [(NAME + " NV", COUNTRY), (NAME, "NL")])
def test_it_ends_when_the_partys_data_change(screened: Session, now: datetime, name: str, country: str) -> None:
    judged(screened, now)
    assert settled(screened, now.date(), name, country).state == "possible"


def test_it_ends_when_the_list_says_something_else_and_outlives_an_edition_that_does_not(
    screened: Session, now: datetime
) -> None:
    judged(screened, now)
    lists.import_list(screened, "ofac-sdn", DATA / "ofac-a-tenth-fewer" / "sdn.csv", actor=ACTOR, now=now)
    assert settled(screened, now.date()).state == "clear", "the same entry in a newer edition"
    entry = screened.get_one(ListEntry, hit(screened, now.date()).entry_id)
    entry.content = "another"
    screened.flush()
    assert settled(screened, now.date()).state == "possible"


def lapsed(session: Session, party: PartyNames, on: date) -> list[str]:
    """Why earlier judgements of the party's hits hold no longer."""
    result = Screener.open(session).screen(party.names, party.country, on, party.identifiers)
    known = adjudicate.lapsed(session, adjudicate.settle(session, result, on).open, party, on)
    return [one.why.en for one in known.values()]


def test_a_number_that_becomes_known_ends_it_and_the_page_can_say_why(screened: Session, now: datetime) -> None:
    judged(screened, now)
    assert lapsed(screened, PARTY, now.date()) == []
    known = PartyNames("1", (NAME,), COUNTRY, (("LEI", "5493001KJTIIGC8Y1R12"),))
    assert lapsed(screened, known, now.date()) == ["the party’s data have changed since"]
    also = PartyNames("1", (NAME, "Veldhoek RM"), COUNTRY)
    assert lapsed(screened, also, now.date()) == ["the party’s data have changed since"]
    nobody = PartyNames("1", ("Veldhoek Rare Metals Recycling Campus",), COUNTRY)
    assert lapsed(screened, nobody, now.date()) == [], "another party has nothing of it"


def test_a_judgement_that_ended_says_so(screened: Session, now: datetime) -> None:
    found = judged(screened, now, days=10)
    assert lapsed(screened, PARTY, now.date() + timedelta(days=11)) == [f"it ended on {found.expires}"]
    screened.get_one(ListEntry, hit(screened, now.date()).entry_id).content = "another"
    screened.flush()
    assert lapsed(screened, PARTY, now.date()) == ["the list says something else of the entry since"]


def test_what_was_known_of_both_sides_is_kept(screened: Session, now: datetime) -> None:
    known = judged(screened, now).sides
    assert known["party"] == {
        "names": [NAME], "country": "BE", "identifiers": [], "addresses": [], "contacts": [],
    }  # fmt: skip
    assert any("VELDHOEK" in name.upper() for name in known["listed"]["names"])


def test_a_proposal_whose_last_day_went_by_is_not_decided(screened: Session, now: datetime) -> None:
    found = adjudicate.propose(
        screened, hit(screened, now.date()), PARTY, verdict=Verdict.DIFFERENT, reason="r", evidence="e",
        expires=now.date() + timedelta(days=1), actor=FIRST, now=now,
    )  # fmt: skip
    with pytest.raises(AdjudicationRefused, match="last day"):
        adjudicate.decide(screened, found.id, actor=SECOND, now=now + timedelta(days=2))


def test_each_step_is_recorded(screened: Session, now: datetime) -> None:
    found = judged(screened, now)
    assert found.state == AdjudicationState.DECIDED
    chosen = select(AuditEvent).where(AuditEvent.subject == f"adjudication:{found.id}").order_by(AuditEvent.sequence)
    recorded = list(screened.scalars(chosen))
    assert [event.verb for event in recorded] == ["adjudication.proposed", "adjudication.decided"]
    assert recorded[1].details["evidence"].startswith("extract of the Belgian register")
