"""The published test vectors, given to the verifier and to its command; ``tests/browser`` gives a browser the same."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli import cases, main
from portal.verification.command import EXIT_CODES
from tests.vectors.read import FOLDER, Vector, vectors

VECTORS = vectors()
OPTIONS = {
    "net_weight_kg": "--net-weight", "consignee": "--consignee", "destination": "--destination",
    "container": "--container", "declaration": "--declaration",
}  # fmt: skip


def test_there_are_vectors_of_every_class_and_they_stay_small() -> None:
    assert len(VECTORS) > 150
    assert len({vector.name for vector in VECTORS}) == len(VECTORS)
    assert sum(path.stat().st_size for path in FOLDER.glob("*.json")) < 1_000_000
    assert {code for vector in VECTORS for code in vector.facts["expected"].values() if type(code) is int} >= {
        100, 101, 110, 111, 112, 115, 117, 118, 122, 125, 126, 150, 151,
        157, 158, 159, 161, 162, 163, 164, 168, 170, 201, 202, 210, 211, 212,
        214, 221, 300, 310, 311, 312, 313, 314, 317, 318, 350, 353, 356, 359, 360, 361, 362, 363, 364, 365, 366, 368,
        400, 410, 411, 450, 500, 510, 511,
    }  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_the_verifier(vector: Vector) -> None:
    vector.check(vector.report())


def test_the_command_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = CliRunner()
    for number, vector in enumerate(VECTORS):
        folder = tmp_path / str(number)
        arguments = prepared(vector, folder)
        monkeypatch.setenv("PORTAL_INSTANCE", str(folder / "instance"))
        monkeypatch.setattr(cases, "utc_now", lambda at=vector.now: at)
        told = runner.invoke(main, ["verify", *arguments, "--json"])
        assert told.stdout, (vector.name, told.output, told.exception)
        report = json.loads(told.stdout)
        assert report == vector.report(), vector.name
        assert told.exit_code == EXIT_CODES[report["summary"]], vector.name


def prepared(vector: Vector, folder: Path) -> list[str]:
    """A vector as files in a folder, and the arguments that name them."""
    instance = folder / "instance"
    instance.mkdir(parents=True)
    (folder / "evidence").write_bytes(vector.evidence)
    (instance / "status-lists-seen.json").write_text(json.dumps(vector.facts.get("seen", {})), "utf-8")
    arguments = [str(folder / "evidence"), "--trust", str(FOLDER / vector.facts["trust"]), "--offline"]
    if vector.tokens is not None:
        lists = folder / "lists"
        lists.mkdir()
        for number, token in enumerate(vector.tokens):
            (lists / f"{number}.jwt").write_text(token, "ascii")
        arguments += ["--status-list", str(lists)]
    if vector.log_proof:
        (folder / "proof").write_text(vector.log_proof, "utf-8")
        arguments += ["--log-proof", str(folder / "proof")]
    told = vector.facts.get("presented", {})
    for code in told.get("hs_codes", "").split():
        arguments += ["--hs", code]
    return arguments + [word for name, option in OPTIONS.items() if name in told for word in (option, told[name])]
