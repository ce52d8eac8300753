"""Screening again by difference finds what screening everything again finds."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import Base, open_engine, session_factory
from portal.screening import events, lists, names, rescreen, restricted
from portal.screening.match import Screener
from portal.screening.models import ListEntry, ListName
from portal.screening.particulars import Particulars
from portal.screening.parties import PartyIndex, PartyNames
from tests.bench.screening_names import LATIN
from tests.screening.conftest import ACTOR, DATA

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Changed:
    """A list of which a newer edition was taken in, the change that was told of, and every name on either."""

    def __init__(self, session: Session, change: events.ListChanged, known: list[str]) -> None:
        self.session, self.change, self.names = session, change, known


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changed]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('lists') / 'rescreen.sqlite3'}")
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        lists.load_shipped(session, actor=ACTOR, now=NOW)
        lists.import_list(session, "ofac-sdn", DATA / "ofac" / "sdn.csv", actor=ACTOR, now=NOW)
        told: list[events.ListChanged] = []
        stop = events.subscribe(lambda _, event: told.append(event))
        lists.import_list(session, "ofac-sdn", DATA / "ofac-newer" / "sdn.csv", actor=ACTOR, now=NOW)
        stop()
        session.commit()
        yield Changed(session, told[-1], list(session.scalars(select(ListName.name).distinct())))
    engine.dispose()


def everything_again(session: Session, parties: list[PartyNames], entries: set[object]) -> dict[str, list[object]]:
    screener = Screener.open(session)
    found = {}
    for party in parties:
        hits = screener.screen(party.names, party.country, TODAY, party.identifiers, party.reached).hits
        if kept := [hit for hit in hits if hit.entry_id in entries]:
            found[party.id] = kept
    return found


def test_what_changed_between_two_editions(newer: Changed) -> None:
    found = rescreen.difference(newer.session, newer.change)
    uids = set(newer.session.scalars(select(ListEntry.uid).where(ListEntry.id.in_(found.entries))))
    old = set(newer.session.scalars(select(ListEntry.uid).where(ListEntry.edition_id == newer.change.previous_id)))
    new = set(newer.session.scalars(select(ListEntry.uid).where(ListEntry.edition_id == newer.change.edition_id)))
    assert new - old <= uids < new
    assert set(found.withdrawn) == old - new != set()


# How a party can be reached: as an entry that is new, one that changed, one that did not, and by nobody's.
REACHED = (
    Particulars(),
    Particulars(("Office 7, 5 Testovaya ul., 101000 Moscow",), ("+7 495 1234567",)),
    Particulars(
        ("5 Testovaya, Moscow, 101000",), (), ("sales@tundra-laser.example",), ("https://tundra-laser.example",)
    ),
    Particulars((), ("495 123-45-67",), ("SALES@testima.example",)),
    Particulars(
        ("Testbrygga 14, 5003 Bergen",), ("+47 22 34 56 78",), ("somebody@qq.com",), ("fjord-magnetics.example",)
    ),
    Particulars(("1 Nowhere Road, Jena 07743",), ("+49 3641 000000",), ("a@jena.example",)),
)
parties = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=10_000),
        st.sampled_from([*sorted(LATIN), ""]),
        st.integers(min_value=0, max_value=1000),
        st.sampled_from(("", "RU", "DE")),
        st.sampled_from(((), (("IMO", "9000001"),), (("BIC", "PRBAUY2XXXX"),), (("PASSPORT", "t1234567"),))),
        st.sampled_from(REACHED),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(drawn=parties)
def test_nothing_is_missed_against_screening_everything_again(
    newer: Changed, drawn: list[tuple[int, str, int, str, tuple[tuple[str, str], ...], Particulars]]
) -> None:
    live = []
    for number, (at, change, seed, country, numbers, reached) in enumerate(drawn):
        name = newer.names[at % len(newer.names)]
        if change and names.script(name) == "latin":
            name = LATIN[change](name, random.Random(seed))  # noqa: S311 - repeatable, not secret
        live.append(PartyNames(str(number), (name, "Quite Another Name"), country, numbers, reached))
    entries = set(rescreen.difference(newer.session, newer.change).entries)
    found = {one.party.id: list(one.hits) for one in rescreen.changed(newer.session, newer.change, live, TODAY)}
    assert found == everything_again(newer.session, live, entries)


@pytest.mark.parametrize("reached", REACHED[1:4])
def test_who_is_reached_as_a_changed_entry_is_found_without_a_name(newer: Changed, reached: Particulars) -> None:
    live = [PartyNames("1", ("Quite Another Name",), "RU", (), reached)]
    found = rescreen.changed(newer.session, newer.change, live, TODAY)
    changed_phone = reached.emails[:1] == ("SALES@testima.example",)
    assert [(hit.entry, hit.strength) for one in found for hit in one.hits] == [("121", "possible")]
    assert changed_phone == (found[0].hits[0].particulars[0].kind == "phone" and not reached.addresses)


def test_a_changed_alias_is_a_change_of_its_entry(shipped: Session, now: datetime, tmp_path: Path) -> None:
    for file in ("sdn.csv", "alt.csv", "add.csv"):
        (tmp_path / file).write_bytes((DATA / "ofac" / file).read_bytes())
    lists.import_list(shipped, "ofac-sdn", tmp_path / "sdn.csv", actor=ACTOR, now=now)
    more = (tmp_path / "alt.csv").read_bytes().replace(b"\x1a\r\n", b'120,9999,"aka","OXBOW LINES",-0- \r\n')
    (tmp_path / "alt.csv").write_bytes(more)
    told: list[events.ListChanged] = []
    stop = events.subscribe(lambda _, event: told.append(event))
    lists.import_list(shipped, "ofac-sdn", tmp_path / "sdn.csv", actor=ACTOR, now=now)
    stop()
    live = [PartyNames("1", ("Oxbow Lines",)), PartyNames("2", ("Karakum Precision Alloys LLC",))]
    (found,) = rescreen.changed(shipped, told[-1], live, TODAY)
    assert (found.party.id, found.hits[0].entry) == ("1", "120")


def test_the_restricted_list_touches_only_those_it_names(shipped: Session, now: datetime) -> None:
    told: list[events.ListChanged] = []
    stop = events.subscribe(lambda _, event: told.append(event))
    entry = restricted.add(
        shipped,
        names=["Tundra Optics Trading", "苔原光学贸易有限公司"],
        country="RU",
        reason="test",
        actor=ACTOR,
        now=now,
    )
    live = [PartyNames("near", ("Tundra Optic Trading LLC",), "RU"), PartyNames("far", ("Jenoptik AG",), "DE")]
    live.append(PartyNames("native", ("苔原光學貿易有限公司",)))
    found = rescreen.changed(shipped, told[-1], live, TODAY)
    assert {one.party.id: one.hits[0].strength for one in found} == {"near": "match", "native": "match"}
    restricted.remove(shipped, entry.id, reason="settled", actor=ACTOR, now=now)
    stop()
    gone = rescreen.changed(shipped, told[-1], live, TODAY)
    assert {one.hits[0].strength for one in gone} == {"history"}


def test_a_misspelt_party_is_found_when_the_name_as_it_should_be_is_listed(shipped: Session, now: datetime) -> None:
    """Looked up the other way about: what is near any spelling of the listed word is near it."""
    told: list[events.ListChanged] = []
    stop = events.subscribe(lambda _, event: told.append(event))
    restricted.add(shipped, names=["Mohammed Kadyrbek"], country="", reason="test", actor=ACTOR, now=now)
    stop()
    live = [PartyNames(str(at), (f"{name} Kadyrbek",)) for at, name in enumerate(("Muhbmmad", "Omhamad", "Ivan"))]
    found = {one.party.id: list(one.hits) for one in rescreen.changed(shipped, told[-1], live, TODAY)}
    assert set(found) == {"0", "1"}
    assert found == everything_again(shipped, live, set(told[-1].entry_ids))


def test_an_index_of_parties_is_kept_from_one_change_to_the_next(newer: Changed) -> None:
    live = [PartyNames(str(at), (name,)) for at, name in enumerate(newer.names)]
    kept = [PartyIndex(live, Screener.open(newer.session).weight)]
    once = rescreen.changed(newer.session, newer.change, kept, TODAY)
    assert once == rescreen.changed(newer.session, newer.change, live, TODAY) != ()
    first = replace(newer.change, previous_id=None)
    assert len(rescreen.changed(newer.session, first, kept, TODAY)) >= len(once)
