"""``portal certify`` and ``portal assess``: the whole main job without a browser."""

import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import GALLIUM, GERMANIUM, PATIENCE, SAMARIUM, Prepared

CaseMaker = Callable[..., Path]


def test_a_certified_case_leaves_three_files_named_by_number(template: Prepared) -> None:
    assert template.told.code == 0
    assert template.told.err == ""
    assert sorted(path.name for path in template.out.iterdir()) == [
        f"{template.number}.{kind}" for kind in ("json", "pdf", "png")
    ]
    first, *_ = template.told.out.splitlines()
    assert first.startswith(f"Certified: {template.number}, valid until ")
    assert "TEST" in template.told.out
    assert "It allows no shipment" in template.told.out
    for kind in ("pdf", "json", "png"):
        assert str(template.file(kind)) in template.told.out.splitlines()


def test_the_files_are_what_their_names_say(template: Prepared) -> None:
    assert template.file("pdf").read_bytes().startswith(b"%PDF-")
    assert template.file("png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    credential = json.loads(template.file("json").read_text(encoding="utf-8"))
    assert credential["type"] == "EnvelopedVerifiableCredential"
    assert credential["id"].startswith("data:application/vc+jwt,")


def test_lists_that_are_not_on_file_are_named(template: Prepared) -> None:
    assert template.told.out.count("Not loaded") == 4


def test_the_same_case_again_gives_the_same_certificate(own: Prepared) -> None:
    before = {path.name: path.read_bytes() for path in own.out.iterdir()}
    told = own.portal.call("certify", GERMANIUM, "--out", own.out)
    assert told.code == 0
    assert "already certified" in told.out.splitlines()[0]
    assert {path.name: path.read_bytes() for path in own.out.iterdir()} == before
    assert own.portal.sql("SELECT count(*) FROM certificate") == [(1,)]


def test_lost_files_are_handed_out_again(own: Prepared, tmp_path: Path) -> None:
    told = own.portal.call("certify", GERMANIUM, "--out", tmp_path / "a/new/folder", "--language", "zh", "--pack")
    assert told.code == 0
    assert "此前已出证" in told.out
    again = tmp_path / "a" / "new" / "folder" / f"{own.number}.pdf"
    assert again.read_bytes() == own.file("pdf").read_bytes()
    assert zipfile.is_zipfile(again.with_suffix(".zip"))


def test_a_case_that_changed_after_it_was_certified_supersedes_the_old_certificate(
    own: Prepared, changed_case: CaseMaker, tmp_path: Path
) -> None:
    goods = [{**json.loads(GERMANIUM.read_text(encoding="utf-8"))["goods"][0], "value": "31249.00"}]
    told = own.portal.call("certify", changed_case(goods=goods), "--out", tmp_path / "newer")
    assert (told.code, told.err) == (0, "")
    newer = next((tmp_path / "newer").glob("*.pdf"))
    assert newer.stem != own.number
    assert own.portal.call("verify", newer).code == 0
    older = own.portal.call("verify", own.file("pdf"))
    assert older.code == 1
    assert "Superseded" in older.out


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Certified: ", "TEST: ", "It allows no shipment.")), ("zh", ("已出具证书：", "测试：", "不得据以出口"))],
)
def test_what_is_said_of_a_new_certificate_is_in_the_language_asked_for(
    own: Prepared, changed_case: CaseMaker, tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    case = changed_case(reference=f"NEW-{language}")
    told = own.portal.call("certify", case, "--out", tmp_path / "new", "--language", language)
    assert (told.code, told.err) == (0, "")
    for word in words:
        assert word in told.out
    assert len(list((tmp_path / "new").iterdir())) == 3


@pytest.mark.parametrize(
    ("case", "language", "verdict", "reason"),
    [
        (GALLIUM, "en", "No certificate: the shipment is referred to the authority.", "The stated end use is vague"),
        (GALLIUM, "zh", "未出具证书：本批货物移送主管部门审查。", "最终用途"),
        (SAMARIUM, "en", "No certificate: the shipment is refused.", "Lockheed Martin"),
        (SAMARIUM, "zh", "未出具证书：本批货物不予通过。", "管控名单"),
    ],
    ids=["referred-en", "referred-zh", "refused-en", "refused-zh"],
)
def test_no_certificate_means_exit_1_and_reasons_in_the_language_asked_for(
    own: Prepared, tmp_path: Path, case: Path, language: str, verdict: str, reason: str
) -> None:
    told = own.portal.call("certify", case, "--out", tmp_path / "none", "--language", language)
    assert (told.code, told.err) == (1, "")
    first, *rest = told.out.splitlines()
    assert first == verdict
    assert any(reason in line for line in rest)
    assert list((tmp_path / "none").iterdir()) == []
    again = own.portal.call("certify", case, "--out", tmp_path / "none", "--language", language)
    assert again.code == 1
    assert verdict in (again.out + again.err)


def test_the_refused_case_as_a_person_runs_it(own: Prepared, tmp_path: Path) -> None:
    told = own.portal.run("certify", SAMARIUM, "--out", tmp_path / "none", "--language", "zh", LC_ALL="C", LANG="C")
    assert told.code == 1
    assert told.out.startswith("未出具证书")


def test_one_case_twice_at_once_makes_one_certificate(own: Prepared, changed_case: CaseMaker, tmp_path: Path) -> None:
    case = changed_case(reference="AT-ONCE")
    both = [own.portal.start("certify", case, "--out", tmp_path / "both") for _ in range(2)]
    said = [process.communicate(timeout=PATIENCE) for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes[0] == 0, said
    assert not any("Traceback" in err for _, err in said), said
    assert own.portal.sql("SELECT count(*) FROM certificate") == [(2,)]
    made = {path.stem for path in (tmp_path / "both").iterdir()}
    assert len(made) == 1
    for kind in ("pdf", "json", "png"):
        assert (tmp_path / "both" / f"{made.copy().pop()}.{kind}").is_file()


def test_an_issue_killed_while_its_files_are_written_leaves_nothing_or_a_whole_certificate(
    own: Prepared, changed_case: CaseMaker, tmp_path: Path
) -> None:
    case, out = changed_case(reference="KILLED"), tmp_path / "cut"
    process = own.portal.start("certify", case, "--out", out)
    while process.poll() is None and not (out.is_dir() and any(out.iterdir())):
        time.sleep(0.0005)
    process.kill()
    process.communicate(timeout=PATIENCE)
    kept = own.portal.sql("SELECT count(*), count(DISTINCT number) FROM certificate")
    assert kept in ([(1, 1)], [(2, 2)])
    assert {path.name for path in out.iterdir() if not path.name.startswith(".")} <= {
        f"{number}.{kind}"
        for (number,) in own.portal.sql("SELECT number FROM certificate")
        for kind in ("pdf", "json", "png")
    }
    assert own.portal.call("audit").code == 0
    told = own.portal.call("certify", case, "--out", out)
    assert (told.code, told.err) == (0, "")
    assert own.portal.sql("SELECT count(*) FROM certificate") == [(2,)]
    whole = next(path for path in out.glob("*.pdf"))
    assert own.portal.call("verify", whole).code == 0


@pytest.mark.parametrize("way", ["a file", "below a file"])
def test_a_folder_that_cannot_be_made_is_said_so(own: Prepared, tmp_path: Path, way: str) -> None:
    (tmp_path / "taken").write_text("not a folder", encoding="utf-8")
    out = tmp_path / "taken" if way == "a file" else tmp_path / "taken" / "below"
    told = own.portal.call("certify", GERMANIUM, "--out", out)
    assert told.code == 2
    assert "taken" in told.err


@pytest.mark.parametrize(("case", "code", "outcome"), [(GERMANIUM, 0, "certified"), (SAMARIUM, 1, "refused")])
def test_an_assessment_as_json(prepared: Prepared, case: Path, code: int, outcome: str) -> None:
    told = prepared.portal.call("assess", case, "--json")
    assert (told.code, told.err) == (code, "")
    found = json.loads(told.out)
    assert found["outcome"] == outcome
    assert {"assessment", "facts", "controls", "lists", "reasons"} <= set(found)
    for reason in found["reasons"]:
        assert reason["en"]
        assert reason["zh"]


def test_an_assessment_in_sentences_and_languages(prepared: Prepared) -> None:
    english = prepared.portal.call("assess", GALLIUM)
    chinese = prepared.portal.call("assess", GALLIUM, "--language", "zh")
    assert (english.code, chinese.code) == (1, 1)
    assert "The stated end use is vague" in english.out
    assert "最终用途" in chinese.out
    assert "The stated" not in chinese.out


def test_an_assessment_leaves_no_shipment_behind(own: Prepared) -> None:
    own.portal.call("assess", GALLIUM)
    assert own.portal.sql("SELECT count(*) FROM shipment") == [(1,)]
