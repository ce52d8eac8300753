"""Who is live is kept up with what changes, and is at any time who would be found by reading everything again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.accounts import registration
from portal.audit import Actor
from portal.authority import live
from portal.certificates import status
from portal.screening.match import Screener
from portal.shipments.states import State
from tests.authority import filed

BY = Actor.system("tests")
Everybody = set[tuple[object, frozenset[live.Use]]]


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_kept", {})


def found(known: live.Live) -> Everybody:
    return {(replace(party, id=""), frozenset(known.uses(party.id))) for party in known.parties()}


def both(session: Session, on: date) -> tuple[live.Live, Everybody]:
    """Who is live as it was kept up, and as it is read from the start."""
    screener = Screener.open(session)
    kept = live.live(session, on, screener)
    known, live._kept = live._kept, {}
    afresh = found(live.live(session, on, screener))
    live._kept = known
    return kept, afresh


def test_who_is_live_is_kept_up_with_every_change(session: Session, now: datetime) -> None:
    on = now.date()
    by = filed.exporter(session, now)
    first = filed.certified(session, by, [("Jenoptik AG", "DE"), ("Oxbow Lines", "RU")], now)
    referred = filed.shipment(session, by, [("Tundra Bank", "RU")], now, State.REFERRED)
    filed.shipment(session, by, [("Nobody yet", "RU")], now, State.DRAFT)
    begun, _ = both(session, on)
    long = begun.indexes[0]

    def further() -> None:
        filed.certified(session, by, [("Oxbow Lines", "RU"), ("Iwan Petrow", "TM")], now)

    def decided() -> None:
        referred.state, referred.updated_at = State.REFUSED, now

    def revoked() -> None:
        status.revoke(session, first, reason_code="false-statement", reason="x", actor=BY, now=now)

    def described() -> None:
        home = registration.Organisation
        organisation = session.get(home, by.organisation_id)
        assert organisation
        registration.describe(session, organisation, name="滇锗", name_en="Dian", address="", actor=BY, now=now)

    deeds: list[Callable[[], object]] = [further, decided, revoked, described]
    seen = [found(begun)]
    for deed in deeds:
        deed()
        session.flush()
        kept, afresh = both(session, on)
        assert found(kept) == afresh not in seen, deed
        assert kept.indexes[0] is long, "the long index is not made again"
        seen.append(afresh)
    later, afresh = both(session, on + timedelta(days=101))
    assert found(later) == afresh == set()


def test_an_older_copy_of_the_database_is_read_anew(session: Session, now: datetime) -> None:
    by = filed.exporter(session, now)
    filed.certified(session, by, [("Jenoptik AG", "DE")], now)
    with session.begin_nested() as undone:
        lost = filed.certified(session, by, [("Oxbow Lines", "RU")], now)
        status.revoke(session, lost, reason_code="false-statement", reason="x", actor=BY, now=now)
        filed.certified(session, by, [("Iwan Petrow", "TM")], now)
        assert len(found(both(session, now.date())[0])) == 3
        undone.rollback()
    kept, afresh = both(session, now.date())
    assert found(kept) == afresh
    assert len(afresh) == 2


def test_small_indexes_are_brought_together_beside_those_in_use(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[str, Callable[[str], float]]] = []
    merge = live.merge
    monkeypatch.setattr(live, "SMALL", 1)
    monkeypatch.setattr(live, "MOST_SMALL", 1)
    monkeypatch.setattr(live, "merge", lambda *asked: begun.append(asked))
    by = filed.exporter(session, now)
    for name in ("Jenoptik AG", "Oxbow Lines", "Iwan Petrow", "Tundra Bank"):
        one = filed.certified(session, by, [(name, "DE")], now)
        kept = live.live(session, now.date(), Screener.open(session))
    status.revoke(session, one, reason_code="false-statement", reason="x", actor=BY, now=now)
    kept, afresh = both(session, now.date())
    assert len(kept.indexes) == 4
    assert begun
    merge(*begun[-1])
    assert found(kept) == afresh, "who looks meanwhile is not disturbed"
    merged, afresh = both(session, now.date())
    assert len(merged.indexes) == 1
    assert found(merged) == afresh
    again = filed.certified(session, by, [("Tundra Bank", "DE")], now)
    back, afresh = both(session, now.date())
    assert found(back) == afresh
    assert again.number in {use.certificate for _, uses in afresh for use in uses}
