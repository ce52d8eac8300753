"""The published formats: what is read of each, and that a broken file of any is refused whole."""

import json
import resource
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.screening import lists, sources
from portal.screening.importers import follow_the_money, lines
from portal.screening.importers.record import EntryRecord, ListRefused
from portal.screening.match import Screener
from portal.screening.models import ListEntry
from tests.screening.conftest import ACTOR, DATA

FILES = DATA / "published"
READ = {
    "un": "un.xml",
    "eu-fsf": "eu-fsf.xml",
    "ofac-sdn": "ofac-advanced.xml",
    "us-csl": "us-csl.csv",
    "us-dpl": "us-dpl.txt",
    "ftm": "targets.ftm.json",
}


def read(source: str, file: str | Path) -> dict[str, EntryRecord]:
    path = FILES / file
    return {entry.names[0].text: entry for entry in sources.reader(source, path).entries(path)}


def told(entry: EntryRecord) -> tuple[object, ...]:
    names = [(name.text, name.kind) for name in entry.names]
    return (
        entry.kind,
        names,
        [(a.text, a.country) for a in entry.addresses],
        [(i.scheme, i.value) for i in entry.identifiers],
    )


def test_the_united_nations_list() -> None:
    found = read("un", "un.xml")
    assert told(found["TEST PERSON ALPHA"]) == (
        "person",
        [("TEST PERSON ALPHA", "primary"), ("صابر الاختباري", "native"), ("ALPHA THE TESTER", "alias")],
        [("Testville", "RW"), ("", "CD")],
        [("DOB", "1971-05-04"), ("PASSPORT", "TE 0000001")],
    )
    firm = found["TEST TRADING COMPANY"]
    assert told(firm)[1:3] == (
        [("TEST TRADING COMPANY", "primary"), ("Former Test Company", "former")],
        [("1 Test Street", "KP")],
    )
    assert (firm.effect, firm.program, firm.intervals[0].since) == ("prohibited", "TESTLAND TEe.001", date(2014, 6, 30))


def test_the_european_unions_list() -> None:
    found = read("eu-fsf", "eu-fsf.xml")
    assert told(found["Test Person Beta"]) == (
        "person",
        [("Test Person Beta", "primary"), ("Тест Бета", "alias")],
        [("Testovaya 2, Testgrad, 100000", "RU"), ("", "RU")],
        [
            ("DOB", "1961-02-03"),
            ("PASSPORT", "TE 7654321"),
            ("PHONE", "+7 495 1234567"),
            ("PHONE", "4951234568"),
            ("EMAIL", "beta@testgrad.example"),
        ],
    )
    works = found["Test Works Gamma OOO"]
    assert told(works)[2:] == ([], [("IMO", "9000003")])
    assert (works.kind, works.program, works.effect) == ("organisation", "TST, EU.2.2", "informs")


def test_ofacs_advanced_format_makes_the_entries_of_the_legacy_one() -> None:
    found = read("ofac-sdn", "ofac-advanced.xml")
    person, vessel = found["BEKTENOV Azamat"], found["BLUE HERON"]
    assert told(person) == (
        "person",
        [("BEKTENOV Azamat", "primary"), ("AZA BEK", "alias"), ("БЕКТЕНОВ Азамат", "native")],
        [("Almaty", "KZ")],
        [
            ("PASSPORT", "T1234567"),
            ("DOB", "1975-06-14"),
            ("EMAIL", "azamat@testpost.example"),
            ("PHONE", "+77001234567"),
        ],
    )
    assert told(vessel) == (
        "vessel", [("BLUE HERON", "primary"), ("GREY HERON", "former")], [], [("IMO", "9000001")],
    )  # fmt: skip
    legacy = {e.uid: e for e in sources.reader("ofac-sdn").entries(DATA / "ofac" / "sdn.csv")}
    for entry in (person, vessel):
        assert (legacy[entry.uid].kind, legacy[entry.uid].program) == (entry.kind, entry.program)


@pytest.mark.parametrize("file", ["us-csl.csv", "us-csl.json"])
def test_the_consolidated_screening_list_in_both_formats(file: str) -> None:
    found = read("us-csl", file)
    assert len(found) == 3
    institute, vessel = found["Test Optics Institute"], found["BLUE HERON"]
    assert [name.text for name in institute.names[1:]] == ["Optics Institute of Testing", "TOI"]
    assert ("1 Test Road, Testing", "CN") in [(a.text, a.country) for a in institute.addresses]
    assert institute.program == "Entity List (EL) - Bureau of Industry and Security"
    assert (institute.intervals[0].since, institute.intervals[0].announcement) == (date(2015, 1, 2), "80 FR 1")
    assert vessel.program.endswith("Treasury Department: TEST-V, TEST-W")
    assert told(vessel)[3] == [("IMO", "9000001"), ("EMAIL", "heron@testlines.example")]
    denied = next(entry for name, entry in found.items() if name.startswith("DENIED"))
    assert (denied.kind, denied.intervals[0].until) == ("person", date(2020, 10, 13))


def test_the_denied_persons_list_and_its_dates(shipped: Session, now: datetime) -> None:
    found = read("us-dpl", "us-dpl.txt")
    assert set(found) == {"DENIED TESTER", "FORMERLY DENIED"}
    lists.import_list(shipped, "us-dpl", FILES / "us-dpl.txt", actor=ACTOR, now=now)
    screener = Screener.open(shipped)
    assert screener.screen(["Denied Tester"], "US", now.date()).hits[0].since == date(2003, 6, 19)
    assert screener.screen(["Formerly Denied"], "GB", now.date()).hits == ()
    assert screener.screen(["Formerly Denied"], "GB", date(2020, 1, 2)).hits != ()


def test_follow_the_money_targets() -> None:
    found = read("ftm", "targets.ftm.json")
    assert set(found) == {"Test Person Delta", "Blue Heron"}
    person = found["Test Person Delta"]
    assert [(name.text, name.kind) for name in person.names] == [
        ("Test Person Delta", "primary"), ("Test P. Delta", "alias"), ("张测试", "alias"),
        ("Delta the Tester", "alias"),
    ]  # fmt: skip
    assert told(found["Blue Heron"])[3] == [
        ("IMO", "IMO9000001"),
        ("PHONE", "+507 123 4567"),
        ("EMAIL", "heron@testlines.example"),
        ("WEBSITE", "https://testlines.example/"),
    ]
    assert (person.program, told(person)[3]) == ("Test programme", [("PASSPORT", "TE-99"), ("DOB", "1980-01-02")])


@pytest.mark.parametrize("source", READ)
def test_each_list_is_taken_in_and_says_whether_it_binds(session: Session, now: datetime, source: str) -> None:
    edition = lists.import_list(session, source, FILES / READ[source], actor=ACTOR, now=now)
    assert edition.entry_count == session.scalar(select(func.count()).select_from(ListEntry)) > 1
    assert edition.binding is (source == "un")
    status = next(one for one in lists.show(session, now) if one.source == source)
    assert (status.state in ("loaded", "stale"), status.entries) == (True, edition.entry_count)


def test_a_list_that_nobody_expects_is_told_of_only_when_it_is_on_file(session: Session, now: datetime) -> None:
    assert "eu-fsf" not in {one.source for one in lists.show(session, now)}


def cut(text: bytes) -> bytes:
    return text[: len(text) * 2 // 3]


def doctype(text: bytes) -> bytes:
    declared = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n<'
    first = text.index(b"<", text.index(b"?>"))
    return text[:first] + declared + text[first + 1 :]


def header(text: bytes) -> bytes:
    return text.replace(b"Name", b"Called", 1).replace(b",name,", b",called,", 1)


BROKEN: list[tuple[str, Callable[[bytes], bytes]]] = [
    *((source, cut) for source in ("un", "eu-fsf", "ofac-sdn", "us-dpl", "ftm", "us-csl")),
    *((source, doctype) for source in ("un", "eu-fsf", "ofac-sdn")),
    *((source, header) for source in ("us-dpl", "us-csl")),
    *((source, lambda text: text.decode().encode("utf-16")) for source in READ),
    *((source, lambda text: b"<html><body>Service unavailable</body></html>") for source in READ),
    *((source, lambda text: b"") for source in READ),
    ("un", lambda text: text.replace(b"9000002", b"9000001")),
    ("un", lambda text: text.replace(b"2014-06-30", b"30 June 2014")),
    ("un", lambda text: text.replace(b"<FIRST_NAME>TEST TRADING COMPANY</FIRST_NAME>", b"")),
    ("eu-fsf", lambda text: text.replace(b'logicalId="20"', b'logicalId="13"')),
    ("eu-fsf", lambda text: text.replace(b"Test Works Gamma OOO", b"")),
    ("ofac-sdn", lambda text: text.replace(b'ProfileID="104"', b'ProfileID="999"')),
    ("us-dpl", lambda text: text.replace(b"06/29/2056", b"2056-06-29")),
    ("ftm", lambda text: text.replace(b"tst-2", b"tst-1")),
    ("ftm", lambda text: text + b"[1, 2]\n"),
]


@pytest.mark.parametrize(("source", "change"), BROKEN)
def test_a_broken_file_is_refused_and_the_last_good_edition_stays(
    session: Session, now: datetime, tmp_path: Path, source: str, change: Callable[[bytes], bytes]
) -> None:
    good = lists.import_list(session, source, FILES / READ[source], actor=ACTOR, now=now)
    broken = tmp_path / READ[source]
    broken.write_bytes(change((FILES / READ[source]).read_bytes()))
    with pytest.raises(ListRefused):
        lists.import_list(session, source, broken, actor=ACTOR, now=now)
    assert [edition.id for edition in lists.current(session)] == [good.id]
    assert session.scalar(select(func.count()).select_from(ListEntry)) == good.entry_count


@pytest.mark.parametrize("broken", ['{"results": [{"a": 1}', '{"results": [{"a": 1} {"a": 2}]}', '{"other": []}', "[]"])
def test_a_broken_array_is_refused(tmp_path: Path, broken: str) -> None:
    (tmp_path / "list.json").write_text(broken, encoding="utf-8")
    with pytest.raises(ListRefused):
        list(lines.items(tmp_path / "list.json", "results"))


def test_items_are_found_wherever_a_block_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "CHUNK", 40)
    (tmp_path / "list.json").write_bytes((FILES / "us-csl.json").read_bytes())
    assert [item["name"][:5] for item in lines.items(tmp_path / "list.json", "results")] == ["Test ", "BLUE ", "DENIE"]


def test_memory_does_not_grow_with_an_xml_file(tmp_path: Path) -> None:
    """Thirty megabytes of entries, gone through in less than ten of memory."""
    text = (FILES / "un.xml").read_text(encoding="utf-8")
    head, body = text.split("<INDIVIDUALS>")
    one, tail = body.split("</INDIVIDUALS>")
    with (tmp_path / "un.xml").open("w", encoding="utf-8") as stream:
        stream.write(head + "<INDIVIDUALS>")
        stream.writelines(one.replace("9000001", str(number)) for number in range(1, 24_000))
        stream.write("</INDIVIDUALS>" + tail)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(1 for _ in sources.reader("un").entries(tmp_path / "un.xml"))
    assert count == 24_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10_000


def test_values_of_another_shape_than_is_published_say_nothing(session: Session, tmp_path: Path, now: datetime) -> None:
    properties = {"name": [" A  B ", 7, None], "alias": "C D", "country": {}, "sanctions": 5, "imoNumber": [["x"]]}
    entity = {"id": "a", "caption": 3, "schema": "Person", "datasets": 4, "properties": properties}
    strange = {**properties, "sanctions": [{"properties": "none"}, None], "program": ["TEST"]}
    lines = (json.dumps(one) + "\n" for one in (entity, {**entity, "id": "b", "properties": strange}))
    file = tmp_path / "entities.json"
    file.write_text("".join(lines), encoding="utf-8")
    first, second = follow_the_money.entries(file)
    assert [(name.text, name.kind) for name in first.names] == [("A B", "primary"), ("C D", "alias")]
    assert (first.program, second.program, first.identifiers, first.addresses) == ("4", "TEST", (), ())
    assert lists.import_list(session, "ftm", file, actor=ACTOR, now=now).entry_count == 2
