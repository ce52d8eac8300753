"""List files are taken whole or not at all, once, and the last good edition stays."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import audit
from portal.audit.models import AuditEvent
from portal.screening import events, lists
from portal.screening.models import EditionState, ListEdition, ListEntry, ListIdentifier, ListName
from tests.screening.conftest import ACTOR, DATA

OFAC = DATA / "ofac"


def take(session: Session, path: Path, now: datetime, source: str = "ofac-sdn") -> ListEdition:
    return lists.import_list(session, source, path, actor=ACTOR, now=now)


def entry(session: Session, uid: str) -> ListEntry:
    return session.scalars(select(ListEntry).where(ListEntry.uid == uid)).one()


def status(session: Session, now: datetime, source: str = "ofac-sdn") -> lists.ListStatus:
    return next(one for one in lists.show(session, now) if one.source == source)


def test_an_edition_holds_every_entry_and_name(session: Session, now: datetime) -> None:
    edition = take(session, OFAC / "sdn.csv", now)
    assert (edition.state, edition.entry_count, edition.name_count) == (EditionState.CURRENT, 20, 28)
    assert edition.binding is False
    assert session.scalar(select(func.count()).select_from(ListEntry)) == 20
    assert session.scalar(select(func.count()).select_from(ListName)) == 28


def test_an_entry_has_its_aliases_programmes_addresses_and_numbers(session: Session, now: datetime) -> None:
    take(session, OFAC / "sdn.csv", now)
    optics = entry(session, "102")
    assert [(name.name, name.kind, name.script) for name in optics.names] == [
        ("TSELINA OPTIKA OOO", "primary", "latin"),
        ("ЦЕЛИНА ОПТИКА", "alias", "cyrillic"),
        ("TSELINA GLASS WORKS", "former", "latin"),
    ]
    assert (optics.kind, optics.program, optics.effect) == ("organisation", "TEST-OPTICS, TEST-RF", "informs")
    assert [(a.text, a.country, a.country_name) for a in optics.addresses] == [("Omsk", "RU", "Russia")]
    person = entry(session, "103")
    assert person.kind == "person"
    assert [name.name for name in person.names] == ["BEKTENOV, Azamat Serikovich", "AZA BEK"]
    numbers = session.execute(
        select(ListIdentifier.scheme, ListIdentifier.value).where(ListIdentifier.entry_id == person.id)
    ).all()
    assert set(map(tuple, numbers)) == {
        ("DOB", "14JUN1975"),
        ("DOB", "1976"),
        ("NATIONALITY", "KAZAKHSTAN"),
        ("PASSPORT", "T1234567"),
    }
    assert [(i.scheme, i.value) for i in entry(session, "104").identifiers] == [
        ("IMO", "9000001"),
        ("MMSI", "210000001"),
    ]
    assert [(i.scheme, i.value) for i in entry(session, "109").identifiers] == [("BIC", "PRBAUY2X")]
    assert [(i.scheme, i.value) for i in entry(session, "101").identifiers] == [("USCC", "91310000MA1K0TEST8")]


def test_a_country_that_iso_does_not_know_stays_as_printed(session: Session, now: datetime) -> None:
    take(session, OFAC / "sdn.csv", now)
    assert [(a.country, a.country_name) for a in entry(session, "119").addresses] == [("", "Region: Nowhere")]


def test_the_consolidated_list_has_files_of_other_names(session: Session, now: datetime) -> None:
    edition = take(session, OFAC / "cons_prim.csv", now, "ofac-cons")
    assert (edition.source, edition.entry_count) == ("ofac-cons", 4)
    assert len(entry(session, "102").names) == 3


def test_the_same_bytes_again_are_the_same_edition(session: Session, now: datetime) -> None:
    first = take(session, OFAC / "sdn.csv", now)
    again = take(session, OFAC / "sdn.csv", now + timedelta(days=1))
    assert again.id == first.id
    assert session.scalar(select(func.count()).select_from(ListEdition)) == 1
    assert session.scalar(select(func.count()).where(AuditEvent.verb == "list.imported")) == 1


def test_a_change_in_a_companion_file_is_a_new_edition(session: Session, now: datetime, tmp_path: Path) -> None:
    first = take(session, OFAC / "sdn.csv", now)
    for name in ("sdn.csv", "alt.csv", "add.csv"):
        shutil.copy(OFAC / name, tmp_path / name)
    more = (tmp_path / "alt.csv").read_bytes().replace(b"\x1a\r\n", b'120,9999,"aka","OXBOW LINES",-0- \r\n')
    (tmp_path / "alt.csv").write_bytes(more)
    second = take(session, tmp_path / "sdn.csv", now)
    assert second.id != first.id
    assert (second.name_count, first.name_count) == (29, 28)


def test_a_newer_edition_takes_the_place_of_the_last(session: Session, now: datetime) -> None:
    first = take(session, OFAC / "sdn.csv", now)
    second = take(session, DATA / "ofac-newer" / "sdn.csv", now + timedelta(days=1))
    session.refresh(first)
    assert (first.state, second.state) == (EditionState.SUPERSEDED, EditionState.CURRENT)
    assert [edition.id for edition in lists.current(session)] == [second.id]


@pytest.mark.parametrize(
    ("file", "line", "reason"),
    [
        ("sdn-truncated-in-a-row.csv", 6, "4 columns where 12 are expected"),
        ("sdn-truncated-in-a-quote.csv", 6, "unexpected end of data"),
        ("sdn-wrong-columns.csv", 3, "13 columns where 12 are expected"),
        ("sdn-with-header.csv", 1, "'ent_num' is no entry number"),
        ("sdn-not-utf8.csv", 0, "not UTF-8"),
        ("sdn-entry-twice.csv", 4, "entry 102 is there twice"),
        ("sdn-without-a-name.csv", 14, "entry 114 has no name"),
        ("sdn-empty.csv", 0, "has no entry"),
        ("sdn-that-is-not-there.csv", 0, "the file is not there"),
    ],
)
def test_a_broken_file_is_refused_with_its_line_and_the_last_good_edition_stays(
    session: Session, now: datetime, file: str, line: int, reason: str
) -> None:
    good = take(session, OFAC / "sdn.csv", now)
    with pytest.raises(lists.ListRefused) as caught:
        take(session, OFAC / file, now + timedelta(hours=1))
    assert reason in caught.value.reason
    assert (caught.value.file, caught.value.line) == (file, line)
    assert [edition.id for edition in lists.current(session)] == [good.id]
    assert session.scalar(select(func.count()).select_from(ListEntry)) == 20
    assert status(session, now).state == "loaded"
    assert reason in status(session, now).refused


def test_a_refusal_is_on_file_and_in_the_audit_chain(session: Session, now: datetime) -> None:
    with pytest.raises(lists.ListRefused):
        take(session, OFAC / "sdn-wrong-columns.csv", now)
    refused = session.scalars(select(ListEdition)).one()
    assert (refused.state, refused.entry_count) == (EditionState.REFUSED, 0)
    event = session.scalars(select(AuditEvent).where(AuditEvent.verb == "list.refused")).one()
    assert event.details["reason"] == refused.reason
    assert audit.check(session) is None
    assert status(session, now).state == "missing"


def test_a_list_that_shrank_by_more_than_a_tenth_is_refused(session: Session, now: datetime) -> None:
    good = take(session, OFAC / "sdn.csv", now)
    with pytest.raises(lists.ListRefused, match="17 entries where the last edition has 20"):
        take(session, DATA / "ofac-shrunk" / "sdn.csv", now)
    assert [edition.id for edition in lists.current(session)] == [good.id]
    assert take(session, DATA / "ofac-a-tenth-fewer" / "sdn.csv", now).entry_count == 18


def test_an_alias_of_an_entry_that_is_not_there_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(lists.ListRefused, match=r"alt\.csv: speaks of entry 999, which sdn\.csv lacks"):
        take(session, DATA / "ofac-alias-of-a-stranger" / "sdn.csv", now)


def test_a_companion_that_is_missing_is_refused(session: Session, now: datetime, tmp_path: Path) -> None:
    shutil.copy(OFAC / "sdn.csv", tmp_path / "sdn.csv")
    with pytest.raises(lists.ListRefused, match=r"alt\.csv: the file is not there"):
        take(session, tmp_path / "sdn.csv", now)


@pytest.mark.parametrize("source", ["restricted", "no-such-list"])
def test_a_source_that_is_not_read_from_files_is_refused(session: Session, now: datetime, source: str) -> None:
    with pytest.raises(lists.ListRefused, match="can be read from a file"):
        take(session, OFAC / "sdn.csv", now, source)


def test_the_rooms_above_are_told_of_a_new_edition_and_only_of_a_new_one(session: Session, now: datetime) -> None:
    told: list[events.ListChanged] = []
    end = events.subscribe(lambda _, event: told.append(event))
    try:
        first = take(session, OFAC / "sdn.csv", now)
        take(session, OFAC / "sdn.csv", now)
        second = take(session, DATA / "ofac-newer" / "sdn.csv", now)
    finally:
        end()
    take(session, OFAC / "sdn.csv", now)
    assert [(event.edition_id, event.previous_id) for event in told] == [(first.id, None), (second.id, first.id)]


def test_age_is_counted_and_shown_as_stale_past_the_policy(session: Session, now: datetime) -> None:
    lists.import_list(session, "ofac-sdn", OFAC / "sdn.csv", actor=ACTOR, now=now, published=date(2026, 10, 25))
    assert (status(session, now).state, status(session, now).age_days) == ("loaded", 30)
    later = status(session, now + timedelta(days=1))
    assert (later.state, later.age_days, later.max_age_days) == ("stale", 31, 30)


def test_an_edition_that_lost_entries_counts_as_missing(session: Session, now: datetime) -> None:
    take(session, OFAC / "sdn.csv", now)
    lone = entry(session, "105")
    for name in lone.names:
        session.delete(name)
    for interval in lone.intervals:
        session.delete(interval)
    session.flush()
    session.delete(lone)
    session.flush()
    assert status(session, now).state == "missing"


def test_every_known_list_is_shown_with_what_it_is(session: Session, now: datetime) -> None:
    shown = {one.source: one for one in lists.show(session, now)}
    assert set(shown) == {"cn", "restricted", "un", "ofac-sdn", "ofac-cons", "us-csl"}
    assert all(one.state == "missing" and one.title.zh and one.publisher.en for one in shown.values())
    assert {one.source for one in shown.values() if one.required} == {"cn", "restricted"}
    assert {one.source for one in shown.values() if one.binding} == {"cn", "restricted", "un"}


def test_two_editions_of_one_list_cannot_both_be_in_use(session: Session, now: datetime) -> None:
    first = take(session, OFAC / "sdn.csv", now)
    session.add(ListEdition(source="ofac-sdn", edition="x", digest="x", imported_at=now, state=EditionState.CURRENT))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    assert first.source == "ofac-sdn"
