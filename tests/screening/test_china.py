"""The shipped list of China's announcements: what it covers, how each party stands, and how a bad row is refused."""

import csv
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.screening import lists, match, restricted
from portal.screening.importers import china
from portal.screening.models import ListEntry, ListName
from tests.screening.conftest import ACTOR


def intervals(entry: ListEntry) -> list[tuple[str, date | None, date | None]]:
    return [(i.standing, i.since, i.until) for i in entry.intervals]


def rows() -> list[dict[str, str]]:
    with lists.SHIPPED.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def named(session: Session, name: str, start: str) -> ListEntry:
    chosen = select(ListEntry).join(ListName).where(ListName.name == name, ListEntry.uid.startswith(start))
    return session.scalars(chosen).one()


def test_the_shipped_list_is_loaded_binding_and_marked_incomplete(shipped: Session, now: datetime) -> None:
    status = next(one for one in lists.show(shipped, now) if one.source == "cn")
    assert (status.state, status.binding, status.incomplete, status.required) == ("loaded", True, True, True)
    assert (status.published, status.age_days, status.edition) == (date(2026, 8, 22), 94, "1.0.0")
    assert status.entries == 68


def test_loading_it_again_changes_nothing(shipped: Session, now: datetime) -> None:
    before = [(edition.id, edition.digest) for edition in lists.current(shipped)]
    lists.load_shipped(shipped, actor=ACTOR, now=now)
    assert [(edition.id, edition.digest) for edition in lists.current(shipped)] == before


def test_coverage_says_how_many_of_each_announcement_are_named() -> None:
    found = lists.coverage()
    control = [one for one in found if one.list == "control"]
    assert sum(one.parties for one in control) == 153
    assert sum(one.parties for one in found if one.list == "watch") == 40
    assert sum(one.parties for one in found if one.list == "unreliable") == 66
    assert all(0 <= one.named <= one.parties for one in found)
    first = next(one for one in control if one.announced == date(2025, 1, 2))
    assert (first.named, first.parties) == (5, 28)
    covered = {(one.list, one.announced.isoformat(), one.announcement) for one in found}
    assert {(row["list"], row["announced"], row["announcement"]) for row in rows()} <= covered


def test_every_row_says_how_sure_it_is_and_chinese_names_are_marked() -> None:
    for row in rows():
        assert row["source_mark"] in china.MARKS
        assert bool(row["name_zh"]) == (row["name_zh_mark"] == "M")
        assert bool(row["aliases"]) == (row["aliases_mark"] == "M")


def test_a_stopped_a_suspended_and_a_listed_party_have_their_dates(shipped: Session) -> None:
    assert intervals(named(shipped, "Leidos", "control")) == [
        ("listed", date(2025, 3, 4), date(2025, 11, 9)),
        ("stopped", date(2025, 11, 10), None),
    ]
    assert intervals(named(shipped, "Sierra Nevada", "control")) == [
        ("listed", date(2025, 4, 4), None),
        ("suspended", date(2025, 11, 10), date(2026, 11, 10)),
    ]
    lockheed = named(shipped, "Lockheed Martin", "control")
    assert intervals(lockheed) == [("listed", date(2025, 1, 2), None)]
    assert (lockheed.effect, lockheed.mark, lockheed.whole) == ("prohibited", "V", True)
    assert named(shipped, "SUBARU", "watch").effect == "watch"
    assert named(shipped, "Raytheon", "control").whole is False


HEADER = ",".join(china.HEADER)


@pytest.mark.parametrize(
    ("header", "row", "line", "reason"),
    [
        (HEADER.replace("name_en", "name"), None, 1, "the header is not the one that is expected"),
        (HEADER, "black,named,A,,,,,DE,,1/2026,MOFCOM,2026-01-01,listed,,,,V,", 2, "list is 'black'"),
        (HEADER, "control,named,,,,,,DE,,1/2026,MOFCOM,2026-01-01,listed,,,,V,", 2, "name_en is empty"),
        (HEADER, "control,named,A,,,,,DE,,1/2026,MOFCOM,2026-02-30,listed,,,,V,", 2, "'2026-02-30' is no date"),
        (HEADER, "control,named,A,,,,,DE,,1/2026,MOFCOM,2026-01-01,suspended,2026-02-01,,,V,", 2, "needs its dates"),
        (HEADER, "control,named,A,,,,,DE,,1/2026,MOFCOM,2026-01-01,stopped,2025-02-01,,,V,", 2, "run backwards"),
        (HEADER, "control,named,A,,,,,DE,,1/2026,MOFCOM,2026-01-01,listed,,,,X,", 2, "source_mark is 'X'"),
        (HEADER, "control,named,A", 2, "3 columns where 18 are expected"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(
    session: Session, now: datetime, tmp_path: Path, header: str, row: str | None, line: int, reason: str
) -> None:
    bad = tmp_path / "china-bad-row.csv"
    bad.write_text("\n".join(filter(None, (header, row))) + "\n", encoding="utf-8")
    shutil.copy(lists.SHIPPED.with_suffix(".yaml"), tmp_path / "china-bad-row.yaml")
    with pytest.raises(lists.ListRefused) as caught:
        lists.import_list(session, "cn", bad, actor=ACTOR, now=now)
    assert reason in caught.value.reason
    assert (caught.value.file, caught.value.line) == ("china-bad-row.csv", line)


def row(status: str = "listed", since: str = "", until: str = "", notice: str = "", kind: str = "control") -> str:
    """A row of an invented party."""
    named = f"{kind},named,Invented Turbine Works,虚构涡轮,M,ITW,M,DE,,1/2026,MOFCOM,2026-01-05"
    return f"{named},{status},{since},{until},{notice},V,"


def written(folder: Path, *rows: str) -> Path:
    """A list of China's with these rows."""
    path = folder / "china.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    shutil.copy(lists.SHIPPED.with_suffix(".yaml"), path.with_suffix(".yaml"))
    return path


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


STORIES: dict[str, tuple[list[str], list[tuple[str, str, str]]]] = {
    "listed": ([row()], [("listed", "2026-01-05", "")]),
    "suspended at once": (
        [row("suspended", "2026-01-05", "2026-03-31")],
        [("listed", "2026-01-05", ""), ("suspended", "2026-01-05", "2026-03-31")],
    ),
    "suspended twice, then stopped": (
        [
            row(), row("suspended", "2026-02-01", "2026-03-31"), row("suspended", "2026-04-01", "2026-05-31"),
            row("stopped", "2026-06-01", notice="9/2026"),
        ],
        [
            ("listed", "2026-01-05", "2026-05-31"), ("suspended", "2026-02-01", "2026-03-31"),
            ("suspended", "2026-04-01", "2026-05-31"), ("stopped", "2026-06-01", ""),
        ],
    ),
    "delisted and put back": (
        [row(), row("delisted", "2026-03-01", notice="4/2026"), row("listed", "2026-07-01", notice="12/2026")],
        [("listed", "2026-01-05", "2026-02-28"), ("stopped", "2026-03-01", "2026-06-30"), ("listed", "2026-07-01", "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["control", "watch", "unreliable"])
@pytest.mark.parametrize("story", STORIES)
def test_the_rows_of_a_party_tell_its_story_on_each_of_the_three_lists(tmp_path: Path, story: str, kind: str) -> None:
    rows, expected = STORIES[story]
    path = written(tmp_path, *(one.replace("control,named", f"{kind},named") for one in rows))
    (entry,) = china.entries(path)
    found = [(one.standing, one.since, one.until) for one in entry.intervals]
    assert found == [(standing, day(since), day(until)) for standing, since, until in expected]
    assert entry.effect == {"control": "prohibited", "watch": "watch", "unreliable": "prohibited"}[kind]
    assert [name.text for name in entry.names] == ["Invented Turbine Works", "虚构涡轮", "ITW"]


def test_on_each_day_a_party_stands_as_its_rows_say(session: Session, now: datetime, tmp_path: Path) -> None:
    rows, _ = STORIES["delisted and put back"]
    lists.import_list(session, "cn", written(tmp_path, *rows), actor=ACTOR, now=now)
    restricted.edition(session, actor=ACTOR, now=now)
    screener = match.Screener.open(session)

    def on(day: str) -> list[tuple[str, str]]:
        hits = screener.screen(["Invented Turbine Works"], "DE", date.fromisoformat(day)).hits
        return [(hit.status, hit.strength) for hit in hits]

    assert on("2026-01-04") == []
    assert on("2026-02-28") == [("listed", "match")]
    assert on("2026-03-01") == on("2026-06-30") == [("stopped", "history")]
    assert on("2026-07-01") == on("2026-11-24") == [("listed", "match")]
    told = session.scalars(select(ListEntry)).one().intervals[1].announcement
    assert told == "4/2026 – delisted, 移出名单", "delisting is told apart from measures that stopped"


def test_a_change_of_standing_changes_the_entry_and_no_more(session: Session, now: datetime, tmp_path: Path) -> None:
    other = row().replace("Invented Turbine Works", "Another Works")
    lists.import_list(session, "cn", written(tmp_path, row(), other), actor=ACTOR, now=now)
    later = written(tmp_path, row(), row("suspended", "2026-11-01", "2027-11-01"), other)
    edition = lists.import_list(session, "cn", later, actor=ACTOR, now=now)
    assert (edition.added, edition.removed, edition.changed) == (0, 0, 1)


@pytest.mark.parametrize(
    ("rows", "line", "reason"),
    [
        ([row(), row()], 3, "needs its dates"),
        ([row(), row("listed", "2026-02-01")], 3, "on the list already"),
        ([row("listed", "2026-02-01")], 2, "on the list already"),
        ([row(), row("stopped", "2026-02-01"), row("delisted", "2026-03-01")], 4, "not on the list"),
        ([row(), row("stopped", "2026-02-01"), row("suspended", "2026-03-01", "2026-04-01")], 4, "not on the list"),
        ([row(), row("suspended", "2026-02-01", "2026-03-01"), row("stopped", "2026-02-15")], 4, "run backwards"),
        ([row(), row("stopped", "2026-01-04")], 3, "run backwards"),
        ([row(), row("stopped", "2026-02-01", "2026-03-01")], 3, "has no last day"),
        ([row(), row(kind="watch"), row("stopped", "2026-02-01")], 4, "there already"),
        ([row(), row("stopped", "2026-02-01").replace("虚构涡轮", "别的")], 3, "name_zh is another one"),
    ],
)
def test_rows_that_contradict_each_other_are_refused_with_their_line(
    tmp_path: Path, rows: list[str], line: int, reason: str
) -> None:
    with pytest.raises(lists.ListRefused, match=reason) as caught:
        list(china.entries(written(tmp_path, *rows)))
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("version: [", "broken description"),
        ("- 1", "no mapping"),
        ("version: '1'", "lacks or garbles"),
        (None, "not there"),
    ],
)
def test_a_list_without_a_sound_description_is_refused(
    session: Session, now: datetime, tmp_path: Path, text: str | None, reason: str
) -> None:
    shutil.copy(lists.SHIPPED, tmp_path / "china.csv")
    if text is not None:
        (tmp_path / "china.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(lists.ListRefused, match=reason):
        lists.import_list(session, "cn", tmp_path / "china.csv", actor=ACTOR, now=now)


def test_a_later_edition_of_the_authority_is_not_put_back_by_the_shipped_one(
    shipped: Session, now: datetime, tmp_path: Path
) -> None:
    shutil.copy(lists.SHIPPED, tmp_path / "china-later.csv")
    about = lists.SHIPPED.with_suffix(".yaml").read_text(encoding="utf-8")
    (tmp_path / "china-later.yaml").write_text(
        about.replace('facts_until: "2026-08-22"', 'facts_until: "2026-11-20"'), encoding="utf-8"
    )
    later = lists.import_list(shipped, "cn", tmp_path / "china-later.csv", actor=ACTOR, now=now)
    assert lists.load_shipped(shipped, actor=ACTOR, now=now).id == later.id
    assert later.published == date(2026, 11, 20)


def test_a_later_shipped_edition_takes_the_place_of_an_earlier_one(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    shutil.copy(lists.SHIPPED, tmp_path / "china-earlier.csv")
    about = lists.SHIPPED.with_suffix(".yaml").read_text(encoding="utf-8")
    (tmp_path / "china-earlier.yaml").write_text(
        about.replace('version: "1.0.0"', 'version: "0.9.12"'), encoding="utf-8"
    )
    earlier = lists.import_list(session, "cn", tmp_path / "china-earlier.csv", actor=ACTOR, now=now)
    assert lists.load_shipped(session, actor=ACTOR, now=now).id != earlier.id
