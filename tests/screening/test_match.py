"""Screening a party: state, standing on the day, country, identifiers, scripts, and why."""

import threading
from datetime import date, datetime

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.screening import lists, names, opening, restricted
from portal.screening.index import Shard
from portal.screening.match import Hit, Screener, ScreeningResult
from portal.screening.models import EditionState, ListEdition, ListName
from portal.screening.opening import Opened
from portal.screening.score import policy
from portal.screening.sources import sources
from tests.screening.conftest import ACTOR, DATA

TODAY = date(2026, 11, 24)


def screen(session: Session, name: str, country: str = "", on: date = TODAY) -> ScreeningResult:
    return Screener.open(session).screen([name], country, on)


def first(session: Session, name: str, country: str = "", on: date = TODAY) -> Hit:
    return screen(session, name, country, on).hits[0]


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("Lockheed Martin Corp", "Lockheed Martin Corporation"),
        ("洛克希德·马丁公司", "洛克希德·马丁公司"),
        ("洛克希德・馬丁公司", "洛克希德·马丁公司"),
        ("Rheinmetal AG", "Rheinmetall AG"),
        ("日東電工株式會社", "日东电工株式会社"),
        ("Tselina Optica OOO", "TSELINA OPTIKA OOO"),
        ("Целина Оптика", "ЦЕЛИНА ОПТИКА"),
        ("東方燈籠貿易有限公司", "东方灯笼贸易有限公司"),
        ("Azamat Bektenov Serikovich", "BEKTENOV, Azamat Serikovich"),
        ("Hans Jürgen Müller-Grabow", "MUELLER-GRABOW, Hans Juergen"),
        ("Karakum Precision Alloy LLC", "KARAKUM PRECISION ALLOYS LLC"),
    ],
)
def test_a_listed_party_is_a_match_in_any_script(reading: Session, name: str, listed: str) -> None:
    result = screen(reading, name)
    assert result.state == "match"
    assert result.hits[0].listed == listed


def test_pinyin_of_a_chinese_name_is_possible_as_sound_alone_is_not_sure(screened: Session) -> None:
    restricted.add(
        screened,
        names=["晨曦红外技术有限公司"],
        country="CN",
        reason="test",
        actor=ACTOR,
        now=datetime.fromisoformat("2026-11-24T00:00Z"),
    )
    for name in ("Chenxi Hongwai Jishu", "ChenXi HongWai JiShu Youxian Gongsi"):
        hit = first(screened, name)
        assert (hit.listed, hit.strength) == ("晨曦红外技术有限公司", "possible")


@pytest.mark.parametrize("name", ["Jenoptik AG", "Carl Zeiss SMT GmbH", "上海光学仪器厂", "John Smith", "Ромашка"])
def test_a_party_on_no_list_is_clear(reading: Session, name: str) -> None:
    result = screen(reading, name)
    assert (result.state, result.hits) == ("clear", ())
    assert {status.source for status in result.lists} == {key for key, one in sources().items() if one.expected}


@pytest.mark.parametrize(
    ("day", "state", "status", "note"),
    [
        (date(2025, 4, 3), "clear", None, None),
        (date(2025, 4, 4), "match", "listed", None),
        (date(2025, 11, 9), "match", "listed", None),
        (date(2025, 11, 10), "possible", "suspended", "The suspension ends on 2026-11-10"),
        (date(2026, 11, 10), "possible", "suspended", "The suspension ends on 2026-11-10"),
        (date(2026, 11, 11), "match", "listed", "listed again, check"),
        (TODAY, "match", "listed", "listed again, check"),
    ],
)
def test_a_suspended_party_on_the_days_around_its_dates(
    reading: Session, day: date, state: str, status: str | None, note: str | None
) -> None:
    result = screen(reading, "Sierra Nevada Corporation", "US", day)
    assert result.state == state
    if status is None:
        assert result.hits == ()
        return
    hit = result.hits[0]
    assert hit.status == status
    assert (hit.note is None) if note is None else (hit.note is not None and note in hit.note.en)


@pytest.mark.parametrize(
    ("day", "state", "strength"),
    [(date(2025, 11, 9), "match", "match"), (date(2025, 11, 10), "clear", "history"), (TODAY, "clear", "history")],
)
def test_a_stopped_party_is_history_and_no_match(reading: Session, day: date, state: str, strength: str) -> None:
    result = screen(reading, "Leidos, Inc.", "US", day)
    assert (result.state, result.hits[0].strength) == (state, strength)
    if strength == "history":
        assert "Stopped since 2025-11-10" in result.hits[0].why.en
        assert "自2025年11月10日起停止实施" in result.hits[0].why.zh


def test_a_group_named_instead_of_its_units_is_never_a_sure_match(reading: Session) -> None:
    hit = first(reading, "Mitsubishi Heavy Industries", "JP")
    assert (hit.strength, hit.score) == ("possible", 1.0)
    assert hit.note is not None
    assert "units are listed" in hit.note.en


def test_a_required_list_that_is_missing_makes_every_answer_unavailable(session: Session, now: datetime) -> None:
    assert screen(session, "Anything").state == "unavailable"
    lists.import_list(session, "ofac-sdn", DATA / "ofac" / "sdn.csv", actor=ACTOR, now=now)
    result = screen(session, "Karakum Precision Alloys")
    assert result.state == "unavailable"
    assert [status.source for status in result.missing] == ["cn", "restricted"]
    assert result.hits[0].source == "ofac-sdn", "what is known is shown all the same"


def test_a_list_that_is_withdrawn_makes_it_unavailable_again(shipped: Session) -> None:
    assert screen(shipped, "Jenoptik AG").state == "clear"
    shipped.execute(update(ListEdition).where(ListEdition.source == "cn").values(state=EditionState.SUPERSEDED))
    assert screen(shipped, "Jenoptik AG").state == "unavailable"


def test_a_list_that_only_informs_may_be_missing_and_says_so(shipped: Session) -> None:
    result = screen(shipped, "Jenoptik AG")
    assert result.state == "clear"
    assert {status.source: status.state for status in result.lists}["ofac-sdn"] == "missing"


def test_country_confirms_or_weakens_and_never_hides(reading: Session) -> None:
    name = "Northern Fyord Magnetics"
    scores = {country: first(reading, name, country).score for country in ("NO", "", "CL")}
    assert scores["NO"] > scores[""] > scores["CL"]
    assert [first(reading, name, country).country for country in ("NO", "", "CL")] == ["agrees", "unknown", "differs"]
    contained = "Veldhoek Rare Metals Recycling Campus Antwerp"
    assert first(reading, contained, "").score >= first(reading, contained, "CL").score >= policy().possible


@pytest.mark.parametrize(
    ("identifier", "entry"),
    [
        (("IMO", "9000001"), "104"),
        (("USCC", "9131 0000 MA1K 0TES T8"), "101"),
        (("bic", "PRBAUY2XXXX"), "109"),
        (("PASSPORT", "t1234567"), "103"),
    ],
)
def test_an_identifier_is_enough_whatever_the_name(screened: Session, identifier: tuple[str, str], entry: str) -> None:
    result = Screener.open(screened).screen(["Quite Another Name"], "", TODAY, [identifier])
    assert (result.state, result.hits[0].entry, result.hits[0].score) == ("match", entry, 1.0)
    assert result.hits[0].identifier == identifier[0].upper()
    assert "is the same" in result.hits[0].why.en


@pytest.mark.parametrize("identifier", [("IMO", "9000002"), ("LEI", "9000001"), ("IMO", " "), ("IMO", "%")])
def test_another_number_or_scheme_is_not_enough(reading: Session, identifier: tuple[str, str]) -> None:
    assert Screener.open(reading).screen(["Quite Another Name"], "", TODAY, [identifier]).state == "clear"


def test_every_name_of_a_party_is_screened(reading: Session) -> None:
    result = Screener.open(reading).screen(["Blameless Works", "", "Tselina Glass Works"], "", TODAY)
    assert (result.state, result.hits[0].matched) == ("match", "Tselina Glass Works")


def test_a_hit_says_why_in_both_languages(reading: Session) -> None:
    hit = first(reading, "Rheinmetal Aktiengesellschaft", "DE")
    assert hit.why.en == (
        "“Rheinmetal Aktiengesellschaft” compared with “Rheinmetall AG”: spelled almost the same: "
        "Rheinmetal = Rheinmetall; the legal form agrees: Aktiengesellschaft = AG. "
        "The country agrees. Listed since 2026-07-24."
    )
    assert hit.why.zh == (
        "“Rheinmetal Aktiengesellschaft”与“Rheinmetall AG”比对：拼写相近：Rheinmetal = Rheinmetall；"
        "组织形式相符：Aktiengesellschaft = AG。"
        "国家或地区相符。自2026年7月24日起列入名单。"
    )
    assert [(part.party, part.listed) for part in hit.parts][1] == ("Aktiengesellschaft", "AG")
    assert (hit.effect, hit.binding, hit.announcement) == ("prohibited", True, "MOFCOM 30/2026")
    assert hit.program.startswith("Export control list")


def test_the_key_of_a_pair_is_stable_until_either_side_changes(shipped: Session) -> None:
    hit = first(shipped, "Rheinmetall AG", "DE")
    assert first(shipped, "RHEINMETALL  ag", "DE").key == hit.key
    assert first(shipped, "Rheinmetall SE", "DE").key != hit.key
    assert first(shipped, "Rheinmetall AG", "AT").key != hit.key
    shipped.execute(update(ListName).where(ListName.name == "Rheinmetall AG").values(name="Rheinmetall AG Berlin"))
    assert first(shipped, "Rheinmetall AG", "DE").key != hit.key


def test_an_index_is_built_once_for_all_and_anew_for_a_new_edition(screened: Session, now: datetime) -> None:
    def shard_of(source: str) -> Shard:
        edition = next(one for one in lists.current(screened) if one.source == source)
        return opening.open_shard(screened, edition)

    china, ofac = shard_of("cn"), shard_of("ofac-sdn")
    Screener.open(screened)
    assert (shard_of("cn"), shard_of("ofac-sdn")) == (china, ofac)
    lists.import_list(screened, "ofac-sdn", DATA / "ofac-newer" / "sdn.csv", actor=ACTOR, now=now)
    assert shard_of("cn") is china
    assert shard_of("ofac-sdn") is not ofac
    assert screen(screened, "Tundra Laser Systems").state == "match"
    assert screen(screened, "Delta Nine Laboratory").hits == ()


def test_names_keyed_by_older_rules_are_keyed_again_when_opened(screened: Session) -> None:
    edition = next(one for one in lists.current(screened) if one.source == "ofac-sdn")
    screened.execute(update(ListName).values(key="stale", native=""))
    edition.key_version, edition.digest = "0", "another"
    screened.flush()
    assert names.VERSION != "0"
    assert screen(screened, "Karakum Precision Alloys").state == "match"


def test_many_threads_open_one_index(screened: Session) -> None:
    edition = next(one for one in lists.current(screened) if one.source == "ofac-sdn")
    opening.open_shard(screened, edition)  # the rows are read by one thread only, as a session is not shared
    found: list[Opened] = []
    threads = [
        threading.Thread(target=lambda: found.extend(opening.open_indexes(screened, [edition]))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one.index) for one in found}) == 1


def test_a_list_of_which_entries_are_gone_is_missing_and_not_clear(shipped: Session) -> None:
    edition = next(one for one in lists.current(shipped) if one.source == "cn")
    shipped.execute(update(ListEdition).where(ListEdition.id == edition.id).values(entry_count=edition.entry_count + 1))
    result = screen(shipped, "Jenoptik AG")
    assert (result.state, [status.source for status in result.missing]) == ("unavailable", ["cn"])
