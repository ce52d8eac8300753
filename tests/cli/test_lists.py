"""``portal screen`` and ``portal lists``: a match, none, or a list without which nothing can be told."""

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.screening.lists import SHIPPED
from tests.cli.conftest import GERMANIUM, LISTS, Portal, Prepared
from tests.renewed import renewed_list

OFAC = LISTS / "ofac"
LISTED = "TSELINA OPTIKA OOO"


def listed(portal: Portal, source: str) -> dict[str, object]:
    told = portal.call("lists", "show", "--json")
    return next(one for one in json.loads(told.out) if one["source"] == source)


def test_a_name_is_screened_as_a_person_does_it(prepared: Prepared) -> None:
    told = prepared.portal.run("screen", "洛克希德·马丁公司")
    assert (told.code, told.err) == (1, "")
    assert told.out.startswith("Match.")


def test_a_name_on_no_list_is_clear(prepared: Prepared) -> None:
    told = prepared.portal.call("screen", "Saale Feinoptik GmbH")
    assert (told.code, told.out, told.err) == (0, "No match on any list.\n", "")


@pytest.mark.parametrize("name", ["Lockheed Martin", "LOCKHEED MARTIN CORP", "lockheed  martyn", "洛克希德马丁"])
def test_a_match_tells_the_list_and_why(prepared: Prepared, name: str) -> None:
    told = prepared.portal.call("screen", name, "--country", "us", "--json")
    assert told.code == 1
    found = json.loads(told.out)
    assert found["state"] == "match"
    assert found["hits"][0]["why"]["en"]
    assert found["hits"][0]["why"]["zh"]
    assert {"cn", "restricted"} <= {status["source"] for status in found["lists"]}


def test_other_names_and_particulars_are_screened_too(prepared: Prepared) -> None:
    alone = (
        "screen",
        "Saale Feinoptik GmbH",
        "--number",
        "lei",
        "529900T8BM49AURSDO55",
        "--address",
        "1 Way, Jena 07743",
    )
    reached = ("--phone", "+49 3641 000000", "--email", "a@saale.example", "--website", "saale.example")
    assert prepared.portal.call(*alone, *reached).code == 0
    assert prepared.portal.call(*alone, *reached, "--also", "洛克希德·马丁公司").code == 1


def test_an_answer_in_chinese(prepared: Prepared) -> None:
    told = prepared.portal.call("screen", "Saale Feinoptik GmbH", "--language", "zh")
    assert (told.code, told.out.strip()) == (0, "与所有名单均无匹配。")


def test_without_a_required_list_nothing_is_clear(own: Prepared, tmp_path: Path) -> None:
    own.portal.sql(
        "DELETE FROM list_entry WHERE id IN "
        "(SELECT e.id FROM list_entry e JOIN list_edition d ON d.id = e.edition_id WHERE d.source = 'cn' LIMIT 1)"
    )
    # A process of its own: this one may still hold the index of the whole list.
    told = own.portal.run("screen", "Saale Feinoptik GmbH")
    assert told.code == 2
    assert told.out.startswith("Could not tell")
    assert "Missing: China" in told.out
    assert own.portal.call("lists", "show").code == 2
    for command in (("assess", GERMANIUM), ("certify", GERMANIUM, "--out", tmp_path / "out")):
        told = own.portal.call(*command)
        assert (told.code, told.out) == (2, "")
        assert "China" in told.complaint


def test_the_lists_are_shown(prepared: Prepared) -> None:
    told = prepared.portal.call("lists", "show")
    assert (told.code, told.err) == (0, "")
    lines = [line for line in told.out.splitlines() if not line.startswith(" ")]
    assert [line.split(":")[0] for line in lines] == ["cn", "restricted", "ofac-sdn", "ofac-cons", "un", "us-csl"]
    assert "missing" in lines[2]
    assert "portal lists update un" in told.out
    assert "binds the exporter" in lines[4]
    assert "中国" in prepared.portal.call("lists", "show", "--language", "zh").out


def test_a_good_list_is_taken_once_and_matched(own: Prepared) -> None:
    told = own.portal.call("lists", "import", "ofac-sdn", OFAC / "sdn.csv")
    assert (told.code, told.err) == (0, "")
    assert "20 entries, 28 names" in told.out
    assert own.portal.call("screen", LISTED).code == 1
    assert own.portal.call("lists", "import", "ofac-sdn", OFAC / "sdn.csv").out == told.out
    assert own.portal.sql("SELECT count(*) FROM list_edition WHERE source = 'ofac-sdn'") == [(1,)]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (OFAC / "sdn-with-header.csv", "line 1"),
        (OFAC / "sdn-wrong-columns.csv", "line "),
        (OFAC / "sdn-truncated-in-a-row.csv", "line "),
        (OFAC / "sdn-truncated-in-a-quote.csv", "line "),
        (OFAC / "sdn-empty.csv", "no entry"),
        (OFAC / "sdn-not-utf8.csv", "sdn-not-utf8.csv"),
        (LISTS / "ofac-shrunk" / "sdn.csv", "shrank"),
        (LISTS / "ofac-alias-of-a-stranger" / "sdn.csv", "alt.csv"),
    ],
    ids=lambda value: f"{value.parent.name}-{value.stem}" if isinstance(value, Path) else "",
)
def test_a_broken_list_is_refused_and_the_last_good_one_stays(
    own: Prepared, tmp_path: Path, broken: Path, says: str
) -> None:
    assert own.portal.call("lists", "import", "ofac-sdn", OFAC / "sdn.csv").code == 0
    before = listed(own.portal, "ofac-sdn")
    file = broken
    if broken.parent == OFAC:  # with the companions of the good list beside it
        file = tmp_path / broken.name
        shutil.copy(broken, file)
        for name in ("alt.csv", "add.csv"):
            shutil.copy(OFAC / name, tmp_path / name)
    told = own.portal.call("lists", "import", "ofac-sdn", file)
    assert (told.code, told.out) == (1, "")
    assert says in told.complaint
    after = listed(own.portal, "ofac-sdn")
    assert after["refused"]
    assert broken.name in after["trouble"]["en"]
    assert {**after, "refused": "", "tried": None, "trouble": None} == before
    assert own.portal.call("screen", LISTED).code == 1


@pytest.mark.parametrize("source", ["nope", "restricted"])
def test_a_list_that_cannot_be_imported_is_said_so(own: Prepared, source: str) -> None:
    told = own.portal.call("lists", "import", source, OFAC / "sdn.csv")
    assert told.code in (1, 2)
    assert "ofac-sdn" in told.complaint


def test_china_s_list_with_a_wrong_header_is_refused(own: Prepared, tmp_path: Path) -> None:
    file = renewed_list(tmp_path)
    rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(["a,b,c\n", *rows[1:]]), encoding="utf-8")
    told = own.portal.call("lists", "import", "cn", file)
    assert told.code == 1
    assert "line 1" in told.complaint
    assert own.portal.call("screen", "Lockheed Martin").code == 1


def test_a_newer_edition_of_china_s_list_stays_in_use(own: Prepared, tmp_path: Path) -> None:
    file = renewed_list(tmp_path, until=datetime.now(UTC).date() - timedelta(days=1))
    with SHIPPED.open(encoding="utf-8", newline="") as shipped:
        columns = next(csv.reader(shipped))
    row = dict.fromkeys(columns, "") | {
        "list": "control", "precision": "named", "name_en": "Invented Turbine Works", "country": "US",
        "authority": "MOFCOM", "announced": "2026-10-02", "status": "listed", "source_mark": "V",
    }  # fmt: skip
    with file.open("a", encoding="utf-8", newline="") as kept:
        csv.writer(kept).writerow(row.values())
    assert own.portal.call("lists", "import", "cn", file).code == 0
    for _ in range(2):
        assert own.portal.call("screen", "Invented Turbine Works").code == 1
        assert listed(own.portal, "cn")["age_days"] == 1


def test_a_suspended_listing_is_not_a_plain_match(prepared: Prepared) -> None:
    with SHIPPED.open(encoding="utf-8", newline="") as shipped:
        suspended = [row["name_en"] for row in csv.DictReader(shipped) if row["status"] != "listed"]
    told = prepared.portal.call("screen", suspended[0], "--json")
    hits = json.loads(told.out)["hits"]
    assert hits
    assert {hit["status"] for hit in hits} - {"listed"}


@pytest.mark.parametrize("name", ["", "   ", "...", "—"])
def test_a_name_of_nothing_is_never_clear(prepared: Prepared, name: str) -> None:
    told = prepared.portal.call("screen", name)
    assert told.code == 2
    assert told.complaint
