"""Content files: the published ones are sound and unchanged, and every kind of fault is found at its line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.questionnaires import check, document, model
from portal.questionnaires.model import CONTENT, ContentError, Questionnaire

Tiny = Callable[[str], Questionnaire]
FIXTURES = Path(__file__).parent / "fixtures"
NAMES = ["routing", "repeat", "types", "contradiction"]


def test_every_published_questionnaire_is_sound_and_as_it_was_published() -> None:
    assert model.published(), "there is no content"
    assert [str(fault) for fault in check.check_all()] == []


def test_manifest_names_every_file_and_no_other() -> None:
    assert json.loads((CONTENT / "published.json").read_text(encoding="utf-8")) == check.manifest()


def _filed(folder: Path, name: str, text: str | None = None) -> Path:
    path = folder / name / "1.0.0.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or (FIXTURES / f"{name}.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return path


def _publish(folder: Path) -> None:
    (folder / check.MANIFEST).write_text(json.dumps(check.manifest(folder)), encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_fixtures_are_sound(tmp_path: Path, name: str) -> None:
    _filed(tmp_path, name)
    _publish(tmp_path)
    assert check.check_all(tmp_path) == []


def test_published_file_that_changes_goes_or_comes_is_noticed(tmp_path: Path) -> None:
    for name in ("routing", "repeat"):
        _filed(tmp_path, name)
    _publish(tmp_path)
    path = tmp_path / "routing" / "1.0.0.yaml"
    path.write_bytes(path.read_bytes() + b"\n")
    (tmp_path / "repeat" / "1.0.0.yaml").unlink()
    _filed(tmp_path, "types")
    found = {fault.path: fault.message for fault in check.published_faults(tmp_path)}
    assert found.keys() == {"routing/1.0.0", "repeat/1.0.0", "types/1.0.0"}
    assert "has changed" in found["routing/1.0.0"]
    assert "gone" in found["repeat/1.0.0"]
    assert check.manifest(tmp_path)["types/1.0.0"] in found["types/1.0.0"]


FIELDS = "$.sections[0].pages[1].questions[0]"
LARGE_WHEN = "$.sections[1].pages[1].when"
MASS = 'id: "mass", type: "decimal", unit: "kg", min: "0", unknown: true'
WHICH = 'when: {"==": [{answer: "military"}, "yes"]}, label: {en: "Which use?"'
LARGE = 'when: {">": [{answer: "mass"}, 100]}'


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ('zh: "路由"', "", "$.title", "'zh' is a required property"),
        ('zh: "路由"', 'zh: " "', "$.title.zh", "does not match"),
        ('zh: "路由"', 'zh: "Routing"', "", ""),
        ('zh: "向谁提问"', 'zh: "Who is asked"', "$.summary.zh", "is not in Chinese"),
        ('en: "Who is asked what"', 'en: "Who is {role}"', "$.summary", "placeholders of en and zh differ"),
        ('version: "1.0.0"', "version: 1.0", "$.version", "is not of type 'string'"),
        ('version: "1.0.0"', 'version: "1.0.1"', "$.id", "belong to the file routing/1.0.1.yaml"),
        ('published: "2026-11-24"', 'published: "2026-02-30"', "$.published", "is not a day"),
        ('mark: "V"', 'mark: "X"', "$.sources.L1.mark", "is not one of"),
        ('type: "decimal"', 'type: "float"', "$.sections[1].pages[0].questions[0].type", "is not one of"),
        (
            'value: "optics"',
            "value: yes",
            f"{FIELDS}.options[1].value",
            "not of type 'string'",
        ),
        ('value: "optics"', 'value: "space"', f"{FIELDS}.options", "is there 2 times"),
        ('value: "optics"', 'value: "unknown"', f"{FIELDS}.options[1]", "unknown: true"),
        ('exclusive: "none"', 'exclusive: "no"', f"{FIELDS}.exclusive", "no option 'no'"),
        (
            'sources: ["L1"]\n',
            'sources: ["L2"]\n',
            f"{FIELDS}.sources[0]",
            "'L2' is not among",
        ),
        ('id: "mass"', 'id: "military"', "$.sections[1].pages[0].questions[0].id", "another question 'military'"),
        ('id: "amount"', 'id: "use"', "$.sections[1].pages[0].id", "another page 'use' on line 13"),
        ('id: "deep"', 'id: "start"', "$.sections[1].id", "another section 'start' on line 10"),
        (MASS, MASS + ', max: "-1"', "$.sections[1].pages[0].questions[0].min", "min 0 is above max -1"),
        (MASS, MASS + ', max: "2026-01-01"', "$.sections[1].pages[0].questions[0].max", "is not a number"),
        (MASS, MASS + ", past: true", "$.sections[1].pages[0].questions[0].past", "does not go with this type"),
        (WHICH, WHICH.replace('"yes"', "yes"), "$.sections[0].pages[0].questions[1].when.==", "no option True"),
        (WHICH, WHICH.replace('"yes"', '"maybe"'), "$.sections[0].pages[0].questions[1].when.==", "no option 'maybe'"),
        (WHICH, WHICH.replace("military", "mass"), "$.sections[0].pages[0].questions[1].when", "is asked later"),
        (WHICH, WHICH.replace("military", "which"), "$.sections[0].pages[0].questions[1].when", "is asked later"),
        (WHICH, WHICH.replace("military", "none"), "$.sections[0].pages[0].questions[1].when", "no question 'none'"),
        (WHICH, WHICH.replace("answer:", "fact:"), "$.sections[0].pages[0].questions[1].when.==[0]", "may not be used"),
        (WHICH, WHICH.replace("answer:", "meta:"), "$.sections[0].pages[0].questions[1].when", "no meta value"),
        (LARGE, LARGE.replace("100", '"much"'), f"{LARGE_WHEN}.>", "'much' is not a number"),
        (LARGE, LARGE.replace('"mass"', '"military"'), f"{LARGE_WHEN}.>", "which has no order"),
        (LARGE, LARGE.replace('"mass"', '"mass.amount"'), LARGE_WHEN, "has no part 'amount'"),
        (
            LARGE,
            'when: {"==": [{answer: "fields"}, "space"]}',
            f"{LARGE_WHEN}.==",
            "use any_in or all_in",
        ),
        (LARGE, 'when: {">": [{count: ["cars"]}, 1]}', LARGE_WHEN, "no list 'cars'"),
        (LARGE, 'when: {"<": [{answer: "mass"}, 5, 6]}', f"{LARGE_WHEN}.<", "two operands"),
        (
            LARGE,
            'when: {"==": [{answer: "military"}, "no"]}',
            LARGE_WHEN,
            "can never hold",
        ),
        (
            LARGE,
            'when: {and: [{">": [{answer: "mass"}, 5]}, {"<": [{answer: "mass"}, 3]}]}',
            LARGE_WHEN,
            "can never hold",
        ),
        (LARGE, 'when: {and: [{">": [{answer: "mass"}, 5]}, {"<": [{answer: "mass"}, 6]}]}', "", ""),
        (LARGE, 'when: {any_in: [{answer: "fields"}, ["unknown"]]}', "", ""),
    ],
)
def test_fault_is_found_with_file_path_and_line(tmp_path: Path, old: str, new: str, path: str, message: str) -> None:
    text = (FIXTURES / "routing.yaml").read_text(encoding="utf-8")
    assert text.count(old) >= 1
    _filed(tmp_path, "routing", text.replace(old, new, 1))
    _publish(tmp_path)
    found = check.check_all(tmp_path)
    if not path:
        assert found == []
        return
    assert path in [fault.path for fault in found], found
    fault = next(fault for fault in found if fault.path == path)
    assert message in fault.message
    assert fault.file == "routing/1.0.0.yaml"
    assert str(fault).startswith(f"routing/1.0.0.yaml:{fault.line}: {path}: ")
    if new and not message.startswith("belong"):
        lines = text.replace(old, new, 1).splitlines()
        assert new.strip()[:12] in "\n".join(lines[fault.line - 1 : fault.line + 2])


def test_question_of_two_questionnaires(tmp_path: Path) -> None:
    _filed(tmp_path, "routing")
    text = (FIXTURES / "repeat.yaml").read_text(encoding="utf-8").replace('id: "lot"', 'id: "mass"')
    _filed(tmp_path, "repeat", text)
    (tmp_path / "routing" / "1.0.1.yaml").write_text(
        (FIXTURES / "routing.yaml").read_text(encoding="utf-8").replace('"1.0.0"', '"1.0.1"'), encoding="utf-8"
    )
    _publish(tmp_path)
    found = check.check_all(tmp_path)
    assert {(fault.file, fault.message) for fault in found} == {
        ("routing/1.0.0.yaml", "'mass' is also a question of 'repeat'"),
        ("routing/1.0.1.yaml", "'mass' is also a question of 'repeat'"),
    }


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"id: 'a'\nsections: [\n", 3, "expected"),
        (b"\xff\xfe", 1, "UTF-8"),
        (b"", 1, "is not of type 'object'"),
        (b"- 1\n", 1, "is not of type 'object'"),
        (b"id: 'a'\ntitle:\n  en: 'x'\n  en: 'y'\n", 4, "given twice; first on line 3"),
        (b"id: !!python/object/apply:os.system ['true']\n", 1, "could not determine a constructor"),
        (b"a: &a [*a]\n", 1, "alias"),
    ],
)
def test_what_is_no_questionnaire_at_all(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    path = tmp_path / "1.0.0.yaml"
    path.write_bytes(content)
    with pytest.raises(ContentError) as caught:
        model.read(path)
    assert caught.value.faults[0].line == line
    assert message in str(caught.value)


def test_checks_stand_at_a_question_of_their_page(tmp_path: Path) -> None:
    text = (FIXTURES / "contradiction.yaml").read_text(encoding="utf-8").replace('at: "ends"', 'at: "end"')
    _filed(tmp_path, "contradiction", text)
    _publish(tmp_path)
    assert [(fault.path, fault.line) for fault in check.check_all(tmp_path)] == [
        ("$.sections[0].pages[0].checks[0].at", 20)
    ]


def test_repeated_question_is_read_from_outside_as_several(tmp_path: Path) -> None:
    text = (FIXTURES / "repeat.yaml").read_text(encoding="utf-8")
    _filed(
        tmp_path,
        "repeat",
        text.replace('{any_in: [{answer: "becomes"}, ["sold"]]}', '{"==": [{answer: "becomes"}, "sold"]}'),
    )
    _publish(tmp_path)
    assert ["can have several values" in fault.message for fault in check.check_all(tmp_path)] == [True]


def test_document_places(tmp_path: Path) -> None:
    source = document.read(_filed(tmp_path, "routing"))
    assert source.line(("sections", 1, "pages", 1, "when", ">")) == 42
    assert source.line(("sections", 1, "pages", 1, "nothing", "here")) == source.line(("sections", 1, "pages", 1)) == 40
    assert document.written(("a", 0, "b")) == "$.a[0].b"


def test_newest_version_is_the_highest_number_not_the_last_word(tmp_path: Path) -> None:
    text = (FIXTURES / "routing.yaml").read_text(encoding="utf-8")
    for version in ("1.0.0", "1.10.0", "1.9.0"):
        path = _filed(tmp_path, "routing", text).with_name(f"{version}.yaml")
        path.write_text(text.replace('"1.0.0"', f'"{version}"'), encoding="utf-8")
    assert model.published(tmp_path) == (("routing", "1.0.0"), ("routing", "1.9.0"), ("routing", "1.10.0"))
    assert model.load("routing", folder=tmp_path).version == "1.10.0"
    assert model.load("routing", "1.9.0", folder=tmp_path).version == "1.9.0"
    assert model.load("routing", folder=tmp_path) is model.load("routing", folder=tmp_path)
    for name, version in (("routing", "2.0.0"), ("other", None), ("../content/routing", None), ("routing", "../1.0.0")):
        with pytest.raises(LookupError):
            model.load(name, version, folder=tmp_path)


def test_model_cannot_be_changed(tiny: Tiny) -> None:
    questionnaire = tiny("routing")
    when: Any = questionnaire.sections[1].when
    with pytest.raises(TypeError):
        when["or"] = ()
    with pytest.raises(AttributeError):
        questionnaire.version = "2"  # type: ignore[misc]
    assert questionnaire.digest == document.read(FIXTURES / "routing.yaml").digest
