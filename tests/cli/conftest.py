"""The ``portal`` command of an installation that was prepared once; tests that change it get a copy."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image

from portal.cli import main
from portal.config import SOURCE_ROOT
from tests.renewed import renewed_list

CASES = SOURCE_ROOT / "tests" / "data" / "cases"
LISTS = SOURCE_ROOT / "tests" / "screening" / "data"
GERMANIUM = CASES / "germanium-lens-blanks.json"
GALLIUM = CASES / "gallium-forwarder.json"
SAMARIUM = CASES / "samarium-cobalt-magnets.json"
PATIENCE = 120  # seconds; two cores may be busy with other things


@dataclass(frozen=True)
class Told:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line on standard error; fails when there is another number of them."""
        lines = self.err.splitlines()
        assert len(lines) == 1, f"not one line on standard error:\n{self.err}"
        assert lines[0].startswith("portal: "), lines[0]
        return lines[0]


class Portal:
    """The command of one installation. ``run`` starts the installed script, ``call`` stays in this process."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        return {**kept, "PORTAL_INSTANCE": str(self.instance), "PYTHONWARNINGS": "error", **more}

    def run(self, *arguments: object, given: str = "", **environment: str) -> Told:
        """As a person runs it: a process of its own, with warnings as errors."""
        done = subprocess.run(
            [script(), *map(str, arguments)],
            input=given,
            capture_output=True,
            encoding="utf-8",
            env=self.environment(**environment),
            timeout=PATIENCE,
            check=False,
        )
        return _without_traceback(Told(done.returncode, done.stdout, done.stderr))

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Started and not waited for."""
        return subprocess.Popen(
            [script(), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=self.environment(),
        )

    def call(self, *arguments: object, given: str = "", **environment: str) -> Told:
        """The same command in this process: starting a process anew takes two seconds, most of them for imports."""
        gone: dict[str, str | None] = {name: None for name in os.environ if name.startswith("PORTAL_")}
        runner = CliRunner(env={**gone, "PORTAL_INSTANCE": str(self.instance), **environment})
        done = runner.invoke(main, list(map(str, arguments)), input=given, catch_exceptions=False)
        return _without_traceback(Told(done.exit_code, done.stdout, done.stderr))

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Do to the database what no command does; gives the rows of the last statement."""
        connection = sqlite3.connect(self.instance / "portal.sqlite3")
        try:
            for statement in statements:
                rows = connection.execute(statement).fetchall()
            connection.commit()
        finally:
            connection.close()
        return rows


def script() -> str:
    """The console script that belongs to the running Python."""
    found = shutil.which("portal", path=str(Path(sys.executable).parent))
    assert found, "the portal command is not installed beside this Python"
    return found


def _without_traceback(told: Told) -> Told:
    assert "Traceback" not in told.err, told.err
    assert "Traceback" not in told.out, told.out
    return told


@dataclass(frozen=True)
class Prepared:
    """An installation with tables, lists, keys and one certificate, and what ``portal certify`` said of it."""

    portal: Portal
    told: Told
    out: Path
    number: str

    def file(self, kind: str) -> Path:
        return self.out / f"{self.number}.{kind}"


def new_instance(folder: Path) -> Portal:
    """An installation with tables and nothing else."""
    portal = Portal(folder)
    told = portal.call("migrate")
    assert told.code == 0, told.err
    return portal


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Made once by the real commands, the last as a person runs it; nothing runs in it afterwards."""
    folder = tmp_path_factory.mktemp("prepared")
    portal = new_instance(folder / "instance")
    told = portal.call("lists", "import", "cn", renewed_list(folder))
    assert told.code == 0, told.err
    told = portal.run("certify", GERMANIUM, "--out", folder / "out")
    assert told.code == 0, told.err
    return Prepared(portal, told, folder / "out", next((folder / "out").glob("*.pdf")).stem)


@pytest.fixture(scope="session")
def prepared(template: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A copy that many tests look at and none changes."""
    return _copied(template, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def own(template: Prepared, tmp_path: Path) -> Prepared:
    """A copy of the test's own."""
    return _copied(template, tmp_path)


def _copied(template: Prepared, folder: Path) -> Prepared:
    shutil.copytree(template.portal.instance, folder / "instance")
    shutil.copytree(template.out, folder / "out")
    return Prepared(Portal(folder / "instance"), template.told, folder / "out", template.number)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trust file of another installation."""
    folder = tmp_path_factory.mktemp("stranger")
    told = Portal(folder / "instance").call("keys", "show", "--trust")
    path = folder / "trust.json"
    path.write_text(told.out, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def seal(template: Prepared) -> str:
    """The text of the certificate's QR code, as a scanner reads it from the picture."""
    with Image.open(template.file("png")) as picture:
        return str(zxingcpp.read_barcodes(picture)[0].text)


@pytest.fixture
def changed_case(tmp_path: Path) -> Callable[..., Path]:
    """A case file with members exchanged: ``changed_case(GERMANIUM, goods=[])``; ``reference`` gives a new one."""

    def make(case: Path = GERMANIUM, *, reference: str = "", **members: Any) -> Path:
        plain = {**json.loads(case.read_text(encoding="utf-8")), **members}
        if reference:
            plain["shipment"] = {**plain["shipment"], "reference": reference}
        path = tmp_path / f"changed-{len(list(tmp_path.glob('changed-*')))}.json"
        path.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
        return path

    return make
