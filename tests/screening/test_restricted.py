"""The authority's own list: added to, taken from, never forgotten, and told of to whoever listens."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEvent
from portal.screening import events, restricted
from portal.screening.match import Screener
from tests.screening.conftest import ACTOR


def add(session: Session, now: datetime, *names: str) -> uuid.UUID:
    return restricted.add(session, names=names, country="DE", reason="diverted a lot", actor=ACTOR, now=now).id


def test_an_added_party_is_on_the_list_with_its_reason(shipped: Session, now: datetime) -> None:
    add(shipped, now, "Grünwald Optik GmbH", "格林瓦尔德光学有限公司", "Grünwald Optik GmbH")
    (party,) = restricted.entries(shipped)
    assert party.names == ("Grünwald Optik GmbH", "格林瓦尔德光学有限公司")
    assert (party.country, party.reason, party.since, party.listed) == (
        "DE",
        "diverted a lot",
        date(2026, 11, 24),
        True,
    )


def test_it_is_screened_against_at_once_and_until_it_is_removed(shipped: Session, now: datetime) -> None:
    today = now.date()
    assert Screener.open(shipped).screen(["Gruenwald Optik GmbH"], "DE", today).state == "clear"
    entry_id = add(shipped, now, "Grünwald Optik GmbH")
    result = Screener.open(shipped).screen(["Grunwald Optik"], "DE", today)
    assert (result.state, result.hits[0].source, result.hits[0].effect) == ("match", "restricted", "prohibited")
    later = now + timedelta(days=3)
    restricted.remove(shipped, entry_id, reason="explained", actor=ACTOR, now=later)
    after = Screener.open(shipped).screen(["Grunwald Optik"], "DE", later.date())
    assert (after.state, after.hits[0].status, after.hits[0].strength) == ("clear", "stopped", "history")
    before = Screener.open(shipped).screen(["Grunwald Optik"], "DE", today)
    assert before.state == "match", "the list of a past day is still to be read"
    assert restricted.entries(shipped) == ()
    assert [party.until for party in restricted.entries(shipped, removed=True)] == [date(2026, 11, 26)]


def test_every_change_moves_edition_and_digest_and_leaves_an_audit_event(shipped: Session, now: datetime) -> None:
    edition = restricted.edition(shipped, actor=ACTOR, now=now)
    seen = {edition.digest}
    entry_id = add(shipped, now, "Kestrel Trading")
    seen.add(edition.digest)
    restricted.remove(shipped, entry_id, reason="mistaken", actor=ACTOR, now=now)
    seen.add(edition.digest)
    assert (len(seen), edition.edition, edition.entry_count) == (3, "2", 0)
    verbs = shipped.scalars(select(AuditEvent.verb).where(AuditEvent.verb.startswith("restricted."))).all()
    assert verbs == ["restricted.added", "restricted.removed"]


def test_those_who_listen_are_told_which_entry_changed(shipped: Session, now: datetime) -> None:
    told: list[events.ListChanged] = []
    end = events.subscribe(lambda _, event: told.append(event))
    try:
        entry_id = add(shipped, now, "Kestrel Trading")
        restricted.remove(shipped, entry_id, reason="mistaken", actor=ACTOR, now=now)
    finally:
        end()
    assert [(event.kind, event.entry_ids) for event in told] == [("added", (entry_id,)), ("removed", (entry_id,))]


@pytest.mark.parametrize(("names", "reason"), [((), "why"), ((" ",), "why"), (("A firm",), " ")])
def test_a_party_without_name_or_reason_is_not_added(
    shipped: Session, now: datetime, names: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(ValueError, match="needs a name and a reason"):
        restricted.add(shipped, names=names, country="", reason=reason, actor=ACTOR, now=now)
    assert restricted.entries(shipped, removed=True) == ()


def test_a_party_is_removed_once_and_only_from_this_list(shipped: Session, now: datetime) -> None:
    entry_id = add(shipped, now, "Kestrel Trading")
    restricted.remove(shipped, entry_id, reason="mistaken", actor=ACTOR, now=now)
    with pytest.raises(restricted.NotListed):
        restricted.remove(shipped, entry_id, reason="again", actor=ACTOR, now=now)
    china = Screener.open(shipped).screen(["Lockheed Martin"], "US", now.date()).hits[0].entry_id
    with pytest.raises(restricted.NotListed):
        restricted.remove(shipped, china, reason="not ours", actor=ACTOR, now=now)
    with pytest.raises(ValueError, match="needs a reason"):
        restricted.remove(shipped, entry_id, reason="", actor=ACTOR, now=now)
