"""Case files that are none: one clear line that says where, exit 2, and nothing kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.conftest import GALLIUM, GERMANIUM, SAMARIUM, Prepared

WHOLE = GERMANIUM.read_bytes()
PLAIN: dict[str, Any] = json.loads(WHOLE)
REQUIRED = [name for name in PLAIN if name not in ("case", "documents")]

NO_JSON = {
    "empty": b"",
    "blank": b" \n\n ",
    "random bytes": bytes(range(128, 256)),
    "UTF-16": WHOLE.decode().encode("utf-16"),
    "another text": b"Dear Sir or Madam",
    "a single quote": b"{'case': '1'}",
    "a comma too many": b'{"case": "1",}',
    "NaN": b'{"case": NaN}',
    "a member twice": b'{"case": "1", "case": "1"}',
    "more after the end": WHOLE + b"{}",
    "nested deeply": b"[" * 5000 + b"]" * 5000,
    "a number without end": b'{"case": ' + b"9" * 5000 + b"}",
    "too large": b'{"case": "' + b"x" * (11 * 1024 * 1024) + b'"}',
    "a lone surrogate": b'{"case": "\\ud800"}',
    "a null byte": b'{"case": "1\x00"}',
}
NO_CASE: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "a list": ("$", lambda plain: [plain]),
    "null": ("$", lambda plain: None),
    "nothing in it": ("$", lambda plain: {}),
    "a member too many": ("$.colour", lambda plain: {**plain, "colour": "grey"}),
    "no goods": ("$.goods", lambda plain: {**plain, "goods": []}),
    "an HS code too short": ("$.goods[0].hs_code", lambda plain: _goods(plain, hs_code="8112")),
    "a quantity of nothing": ("$.goods[0].quantity", lambda plain: _goods(plain, quantity="0")),
    "an impossible day": ("$.shipment.contract.date", lambda plain: _contract(plain, date="2026-02-30")),
    "a question that is not asked": ("$.answers.end_use.shoe_size", lambda plain: _answer(plain, shoe_size="44")),
    "an option that is not offered": ("$.answers.end_use.wmd_use", lambda plain: _answer(plain, wmd_use="perhaps")),
    "a file that is not there": ("$.documents[0]", lambda plain: {**plain, "documents": [_document("none.pdf")]}),
    "a file above the case": ("$.documents[0].path", lambda plain: {**plain, "documents": [_document("../x.pdf")]}),
    "not attested": ("$.attestation", lambda plain: {**plain, "attestation": False}),
}


def _goods(plain: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**plain, "goods": [{**plain["goods"][0], **members}]}


def _contract(plain: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**plain, "shipment": {**plain["shipment"], "contract": {**plain["shipment"]["contract"], **members}}}


def _answer(plain: dict[str, Any], **members: Any) -> dict[str, Any]:
    answers = plain["answers"]
    return {**plain, "answers": {**answers, "end_use": {**answers["end_use"], **members}}}


def _document(path: str) -> dict[str, Any]:
    return {"kind": "contract", "path": path}


def _refused(portal: Any, case: Path, tmp_path: Path) -> str:
    """Certify it: exit 2, nothing on standard output, no folder; gives the line."""
    told = portal.call("certify", case, "--out", tmp_path / "out")
    assert (told.code, told.out) == (2, ""), told
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []
    return str(told.complaint)


@pytest.mark.parametrize("share", [0.001, 0.03, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 0.999])
def test_a_truncated_case_names_line_and_column(prepared: Prepared, tmp_path: Path, share: float) -> None:
    case = tmp_path / "cut.json"
    case.write_bytes(WHOLE[: int(len(WHOLE) * share)])
    line = _refused(prepared.portal, case, tmp_path)
    cut = case.read_bytes().decode("utf-8", "ignore")
    assert "line " in line
    assert "column " in line
    named = int(line.split("line ")[1].split(",")[0])
    assert 1 <= named <= cut.count("\n") + 2
    assert " at $" in line


@pytest.mark.parametrize("name", NO_JSON)
def test_what_is_no_json_names_line_and_column(prepared: Prepared, tmp_path: Path, name: str) -> None:
    case = tmp_path / "case.json"
    case.write_bytes(NO_JSON[name])
    line = _refused(prepared.portal, case, tmp_path)
    assert "line " in line
    assert "column " in line
    assert len(line) < 400


@pytest.mark.parametrize("name", NO_CASE)
def test_what_is_no_case_names_the_path(prepared: Prepared, tmp_path: Path, name: str) -> None:
    path, change = NO_CASE[name]
    case = tmp_path / "case.json"
    case.write_text(json.dumps(change(PLAIN), ensure_ascii=False), encoding="utf-8")
    told = prepared.portal.call("certify", case, "--out", tmp_path / "out")
    assert (told.code, told.out) == (2, "")
    lines = told.err.splitlines()
    assert all(line.startswith("portal: $") for line in lines), told.err
    assert any(line.startswith(f"portal: {path}") for line in lines), told.err


def test_every_fault_has_its_line(prepared: Prepared, tmp_path: Path) -> None:
    case = tmp_path / "case.json"
    case.write_text(json.dumps(_goods(PLAIN, hs_code="1", quantity="-1", origin="ZZ")), encoding="utf-8")
    told = prepared.portal.call("assess", case)
    assert told.code == 2
    for member in ("hs_code", "quantity", "origin"):
        assert sum(f"$.goods[0].{member}:" in line for line in told.err.splitlines()) == 1


def test_a_refused_case_leaves_no_trace(own: Prepared, tmp_path: Path) -> None:
    case = tmp_path / "case.json"
    case.write_text(json.dumps(_answer(PLAIN, wmd_use="perhaps")), encoding="utf-8")
    counted = "SELECT (SELECT count(*) FROM shipment), (SELECT count(*) FROM certificate)"
    before = own.portal.sql(counted)
    assert own.portal.call("certify", case, "--out", tmp_path / "out").code == 2
    assert own.portal.sql(counted) == before


@pytest.mark.parametrize("what", ["missing", "folder"])
@pytest.mark.parametrize("command", ["certify", "assess", "verify"])
def test_a_file_that_is_none_is_named(prepared: Prepared, tmp_path: Path, command: str, what: str) -> None:
    path = tmp_path / "nowhere.json" if what == "missing" else tmp_path
    more = ("--out", tmp_path / "out") if command == "certify" else ()
    told = prepared.portal.call(command, path, *more)
    assert (told.code, told.out) == (2, "")
    assert str(path) in told.err.splitlines()[-1]


@pytest.fixture(scope="module")
def schema(prepared: Prepared) -> Draft202012Validator:
    told = prepared.portal.call("schema", "case")
    assert (told.code, told.err) == (0, "")
    document = json.loads(told.out)
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


@pytest.mark.parametrize("case", [GERMANIUM, GALLIUM, SAMARIUM], ids=lambda path: path.stem)
def test_the_schema_accepts_the_cases(schema: Draft202012Validator, case: Path) -> None:
    assert [error.message for error in schema.iter_errors(json.loads(case.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize("member", REQUIRED)
def test_the_schema_and_the_command_miss_what_is_left_out(
    schema: Draft202012Validator, prepared: Prepared, tmp_path: Path, member: str
) -> None:
    mutant = {name: value for name, value in PLAIN.items() if name != member}
    assert not schema.is_valid(mutant)
    assert not schema.is_valid({**PLAIN, member: 7})
    case = tmp_path / "case.json"
    case.write_text(json.dumps(mutant), encoding="utf-8")
    assert f"$.{member}" in prepared.portal.call("assess", case).err


@pytest.mark.parametrize(
    "mutant",
    [
        {**PLAIN, "case": "2"},
        {**PLAIN, "colour": "grey"},
        {**PLAIN, "goods": []},
        {**PLAIN, "attestation": False},
        _goods(PLAIN, hs_code="8112"),
        _goods(PLAIN, element="Unobtainium"),
        _goods(PLAIN, colour="grey"),
        _answer(PLAIN, shoe_size="44"),
        _answer(PLAIN, wmd_use="perhaps"),
        _answer(PLAIN, late_change="none"),
    ],
    ids=[
        "another form", "a member too many", "no goods", "not attested", "HS code too short", "no element",
        "a goods member too many", "a question that is not asked", "an option that is not offered",
        "one where many are chosen",
    ],
)  # fmt: skip
def test_the_schema_rejects_mutants(schema: Draft202012Validator, mutant: dict[str, Any]) -> None:
    assert not schema.is_valid(mutant)
