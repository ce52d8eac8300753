"""How often an alert was false is measured on judged pairs, and told only when there are enough of them."""

from datetime import datetime, timedelta
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.screening import adjudicate, false_alerts
from portal.screening.models import Adjudication, AdjudicationState, Verdict

DAY = timedelta(days=1)


def decided(session: Session, pair: str, verdict: Verdict, at: datetime, source: str = "cn", state: str = "") -> None:
    session.add(
        Adjudication(
            pair=pair, source=source, entry="e", content="", sides={}, listed="L", party="P", score=0.9,
            verdict=verdict, reason="r", evidence="e", expires=at.date() + DAY, proposed_by="a", proposed_at=at,
            state=AdjudicationState(state or "decided"), decided_by="b", decided_at=at,
        )
    )  # fmt: skip
    session.flush()


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    # computed apart from this code, from the roots of (p - x)² = z² x (1 - x) / n
    [(0, 20, 0.0, 0.161125), (10, 20, 0.299298, 0.700702), (20, 20, 0.838875, 1.0), (1, 1, 0.206549, 1.0)],
)
def test_the_interval_is_wilsons(hits: int, tries: int, low: float, high: float) -> None:
    assert false_alerts.wilson(hits, tries) == pytest.approx((low, high), abs=1e-5)


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_rate_and_narrows_with_more(tries: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, tries))
    low, high = false_alerts.wilson(hits, tries)
    assert 0 <= low <= hits / tries + 1e-9 <= high + 2e-9 <= 1 + 3e-9
    wider = false_alerts.wilson(hits * 2, tries * 2)
    assert wider[1] - wider[0] < high - low


def test_the_interval_covers_what_it_says_on_average() -> None:
    """Over all true rates, the interval of 40 pairs holds the true one about 95 times in a hundred."""
    tries, rates = 40, [step / 50 for step in range(1, 50)]
    covered = [
        sum(
            comb(tries, hits) * rate**hits * (1 - rate) ** (tries - hits)
            for hits in range(tries + 1)
            if false_alerts.wilson(hits, tries)[0] <= rate <= false_alerts.wilson(hits, tries)[1]
        )
        for rate in rates
    ]
    assert sum(covered) / len(covered) == pytest.approx(0.95, abs=0.01)


def test_a_pair_counts_once_with_its_latest_verdict_and_each_list_apart(session: Session, now: datetime) -> None:
    decided(session, "one", Verdict.SAME, now - 2 * DAY)
    decided(session, "one", Verdict.DIFFERENT, now - DAY)
    decided(session, "two", Verdict.SAME, now - DAY, "ofac-sdn")
    decided(session, "three", Verdict.DIFFERENT, now - DAY, state="rejected")
    decided(session, "old", Verdict.DIFFERENT, now - 31 * DAY)
    month, quarter, year = false_alerts.measured(session, now)
    assert (month.days, month.whole.decided, month.whole.rate) == (30, 2, 0.5)
    assert {source: one.different for source, one in month.lists.items()} == {"cn": 1, "ofac-sdn": 0}
    assert (quarter.whole.decided, year.whole.decided) == (3, 3)
    assert false_alerts.false_alerts(session, now - DAY, now).decided == 2
    assert false_alerts.false_alerts(session, now, now + DAY).rate is None


def test_no_rate_is_told_from_too_few(session: Session, now: datetime) -> None:
    for number in range(adjudicate.policy().enough - 1):
        decided(session, f"pair {number}", Verdict.DIFFERENT, now - DAY)
    told = false_alerts.to_json(false_alerts.measured(session, now))["windows"][0]["all_lists"]
    assert (told["state"], told["rate"], told["judged_pairs"]) == ("not_enough_decisions", None, 19)
    decided(session, "one more", Verdict.SAME, now - DAY)
    told = false_alerts.to_json(false_alerts.measured(session, now))["windows"][0]["all_lists"]
    assert (told["state"], told["rate"]) == ("measured", "0.9500")
    assert [float(end) for end in told["interval_95"]] == pytest.approx([0.7639, 0.9911], abs=2e-4)
