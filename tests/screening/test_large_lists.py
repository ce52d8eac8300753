"""A list of any length is read and stored in the same memory, with word of how far it is."""

import gc
import io
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.cli.progress import Line
from portal.screening import lists
from portal.screening.importers.scratch import Scratch
from portal.screening.sources import reader
from tests.bench.world import invented_entities, invented_list
from tests.screening.conftest import ACTOR

LESS_THAN_A_NUMBER = 40  # bytes; to remember no more of an entry than its number takes twice as much
LESS_THAN_AN_ENTRY = 250  # bytes; with its names it takes over a thousand
Maker = Callable[[Path, int], Path]


@contextmanager
def growth(least: int, bytes_each: int) -> Iterator[Callable[[int], None]]:
    """What is to be told how many entries are done; from ``least`` on, each may add only a few bytes."""
    held: list[tuple[int, int]] = []

    def tell(done: int) -> None:
        if done >= least:
            gc.collect()
            held.append((done, tracemalloc.get_traced_memory()[0]))

    tracemalloc.start()
    try:
        yield tell
    finally:
        tracemalloc.stop()
    (first, few), (last, many) = held[0], held[-1]
    assert last >= first * 3
    assert (many - few) / (last - first) < bytes_each


def denied(folder: Path, entries: int) -> Path:
    header = (
        "Name\tStreet_Address\tCity\tState\tCountry\tPostal_Code\tEffective_Date\tExpiration_Date\t"
        "Standard_Order\tLast_Update\tAction\tFR_Citation\n"
    )
    rows = (f"INVENTED {at}\t1 Test Street\t\t\tUS\t\t01/02/2020\t\tY\t\t\t\n" for at in range(entries))
    folder.mkdir(exist_ok=True)
    file = folder / "dpl.txt"
    file.write_text("".join((header, *rows)), encoding="utf-8")
    return file


def united_nations(folder: Path, entries: int) -> Path:
    parties = (
        f"<INDIVIDUAL><DATAID>{at}</DATAID><FIRST_NAME>INVENTED {at}</FIRST_NAME></INDIVIDUAL>" for at in range(entries)
    )
    text = "".join(("<CONSOLIDATED_LIST dateGenerated='2026-11-01'><INDIVIDUALS>", *parties))
    folder.mkdir(exist_ok=True)
    file = folder / "un.xml"
    file.write_text(f"{text}</INDIVIDUALS></CONSOLIDATED_LIST>", encoding="utf-8")
    return file


def advanced(folder: Path, entries: int) -> Path:
    """OFAC's advanced XML with a place, a document and a programme for each party."""
    numbers = range(entries)
    places = (f"<Location ID='p{n}'><LocationCountry CountryID='1'/></Location>" for n in numbers)
    documents = (
        f"<IDRegDocument IDRegDocTypeID='1' IdentityID='i{n}'><IDRegistrationNo>A{n}</IDRegistrationNo></IDRegDocument>"
        for n in numbers
    )
    name = "<Alias Primary='true'><DocumentedName><DocumentedNamePart><NamePartValue>INVENTED {}</NamePartValue>"
    parties = (
        f"<DistinctParty FixedRef='{n}'><Profile ID='{n}' PartySubTypeID='1'><Identity ID='i{n}'>{name.format(n)}"
        f"</DocumentedNamePart></DocumentedName></Alias></Identity></Profile></DistinctParty>"
        for n in numbers
    )
    measures = (
        f"<SanctionsEntry ProfileID='{n}'><SanctionsMeasure SanctionsTypeID='1'><Comment>TEST</Comment>"
        "</SanctionsMeasure></SanctionsEntry>"
        for n in numbers
    )
    tables = (
        "<ReferenceValueSets><SanctionsTypeValues><SanctionsType ID='1'>Program</SanctionsType></SanctionsTypeValues>"
        "<IDRegDocTypeValues><IDRegDocType ID='1'>Passport</IDRegDocType></IDRegDocTypeValues>"
        "<CountryValues><Country ID='1' ISO2='KP'>Testland</Country></CountryValues></ReferenceValueSets>"
    )
    parts = ("<Sanctions>", tables, "<Locations>", *places, "</Locations><IDRegDocuments>", *documents)
    more = ("</IDRegDocuments><DistinctParties>", *parties, "</DistinctParties><SanctionsEntries>", *measures)
    folder.mkdir(exist_ok=True)
    file = folder / "advanced.xml"
    file.write_text("".join((*parts, *more, "</SanctionsEntries></Sanctions>")), encoding="utf-8")
    return file


def entities(folder: Path, count: int) -> Path:
    folder.mkdir(exist_ok=True)
    return invented_entities(folder / "entities.json", count)


FORMATS: dict[str, tuple[str, Maker]] = {
    "FollowTheMoney": ("ftm", entities),
    "OFAC, three files": ("ofac-sdn", invented_list),
    "OFAC, advanced": ("ofac-sdn", advanced),
    "United Nations": ("un", united_nations),
    "denied persons": ("us-dpl", denied),
}


@pytest.mark.parametrize("form", FORMATS)
def test_reading_more_entries_takes_no_more_memory(tmp_path: Path, form: str) -> None:
    source, make = FORMATS[form]
    file = make(tmp_path / "list", 2000)
    with growth(500, LESS_THAN_A_NUMBER) as tell:
        for done, _ in enumerate(reader(source, file).entries(file), start=1):
            if not done % 500:
                tell(done)


def test_storing_more_entries_takes_no_more_memory(
    session: Session, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "BATCH", 100)
    file = invented_entities(tmp_path / "entities.json", 600)
    lists.import_list(session, "ftm", file, actor=ACTOR, now=now)  # fills what is kept of words, up to a number
    session.rollback()
    with growth(200, LESS_THAN_AN_ENTRY) as tell:
        lists.import_list(
            session, "ftm", file, actor=ACTOR, now=now, progress=lambda what, done, _: what == "stored" and tell(done)
        )
    assert len(session.identity_map) < 10


def test_progress_is_told_of_both_readings_to_the_last_entry(session: Session, tmp_path: Path, now: datetime) -> None:
    told: list[tuple[str, int, int | None]] = []
    file = invented_entities(tmp_path / "entities.json", 1201)
    lists.import_list(session, "ftm", file, actor=ACTOR, now=now, progress=lambda *word: told.append(word))
    assert [done for what, done, _ in told if what == "read"] == [500, 1000, 1201]
    assert [(done, whole) for what, done, whole in told if what == "stored"] == [
        (500, 1201), (1000, 1201), (1201, 1201)
    ]  # fmt: skip


def test_a_number_is_first_once_and_parts_keep_their_order() -> None:
    with Scratch() as known:
        assert [known.first(uid) for uid in ("7", "8", "7")] == [True, True, False]
        for name in ("b", "a", "ç\n"):
            known.put("alias", "7", name, "")
        known.put("alias", "12", "stranger")
        known.put("alias", "9", "stranger")
        assert known.get("alias", "7") == [["b", ""], ["a", ""], ["ç\n", ""]]
        assert known.get("address", "7") == []
        assert known.stranger("alias") == "9"
        assert known.stranger("address") == ""


@pytest.mark.parametrize("hostile", [r"\ud800", r"\u0000", r"\udc00\ud800"])
def test_characters_that_no_database_holds_are_refused(
    session: Session, tmp_path: Path, now: datetime, hostile: str
) -> None:
    file = tmp_path / "entities.json"
    line = '{"id": "a", "schema": "Person", "properties": {"name": ["A%s B"]}}\n'
    file.write_text(line % r"\ud83d\ude00 \\u0000", encoding="utf-8")
    assert lists.import_list(session, "ftm", file, actor=ACTOR, now=now).entry_count == 1
    file.write_text(line % "" + line.replace('"a"', '"b"') % hostile, encoding="utf-8")
    with pytest.raises(lists.ListRefused, match="line 2: holds characters"):
        lists.import_list(session, "ftm", file, actor=ACTOR, now=now)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_screen_shows_how_far_it_is_and_a_log_stays_empty() -> None:
    screen, log, clock = Screen(), io.StringIO(), iter((0.0, 0.1, 0.6, 0.7))
    with Line(screen, lambda: next(clock)) as line:
        for done in (500, 1000, 1500, 2000):
            line.tell("ftm: entries stored", done, 2000)
    shown = [part.removesuffix("\x1b[K") for part in screen.getvalue().split("\r")]
    assert shown == ["", "ftm: entries stored 500 of 2,000 (25%)", "ftm: entries stored 1,500 of 2,000 (75%)", ""]
    assert all(len(one) < 79 for one, _ in pairwise(shown))
    with Line(log) as line:
        line.tell("read", 500)
    assert log.getvalue() == ""
