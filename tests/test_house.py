"""The rules of the house that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from portal.config import SOURCE_ROOT

PORTAL = SOURCE_ROOT / "portal"
MODULES = sorted(path for path in PORTAL.rglob("*.py") if "migrations" not in path.parts)
FLASK_KNOWERS = {"views.py", "forms.py", "form.py", "app.py", "cli.py"}
FLASK = ("flask", "flask_login", "flask_wtf", "flask_babel", "flask_limiter", "werkzeug", "portal.web")
FLASK_ALLOWED_IN_FIELDS = ("flask_babel",)  # a question's messages are translated where its field is built
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "misc", "common"}


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=SOURCE_ROOT, capture_output=True, check=True)
    return [name for name in done.stdout.decode().split("\0") if name]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE_ROOT)))
def test_only_the_outer_modules_know_flask(path: Path) -> None:
    room = path.relative_to(PORTAL).parts[0]
    if path.name in FLASK_KNOWERS or room in ("web", "cli") or {"views", "forms"} & set(path.parts):
        return
    known = {name for name in imports(path) if name.startswith(FLASK) and not name.startswith("portal.web.assets")}
    if room == "questionnaires":
        known -= {name for name in known if name.startswith(FLASK_ALLOWED_IN_FIELDS)}
    assert not known, f"{path.name} imports {sorted(known)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE_ROOT)))
def test_a_module_is_short_and_named_for_what_it_does(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


def test_nothing_that_others_wrote_is_committed() -> None:
    foreign = re.compile(r"(^|/)(vendor|node_modules)/|\.min\.(js|css)$|\.(woff2?|ttf|otf|ttc|mo)$|sdn.*\.csv$")
    found = [name for name in tracked() if foreign.search(name) and not name.startswith("tests/")]
    assert found == []


def test_the_repository_names_no_host_of_a_registry_and_no_path_of_a_machine() -> None:
    wrong = re.compile(
        "pypi" + r"\.org|pythonhosted|npm" + r"js\.|registry\.npm|/work/(main|shared)|/root/|/home/\w+/", re.IGNORECASE
    )
    found = []
    for name in tracked():
        text = (
            (SOURCE_ROOT / name).read_text(encoding="utf-8", errors="ignore") if (SOURCE_ROOT / name).exists() else ""
        )
        if name != "tests/test_house.py" and wrong.search(text):
            found.append(name)
    assert found == []


def test_the_top_level_holds_only_what_was_agreed() -> None:
    agreed = {
        "pyproject.toml",
        "README.md",
        "portal",
        "templates",
        "static",
        "tests",
        "instance",
        "Makefile",
        "LICENSE",
        "package.json",
        "package-lock.json",
        "requirements.lock",
        "requirements-dev.lock",
    }
    top = {name.split("/")[0] for name in tracked()}
    assert {name for name in top if not name.startswith(".")} <= agreed


def test_templates_hold_no_inline_script_or_style() -> None:
    wrong = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
    folders = [path for path in (SOURCE_ROOT / "templates").rglob("*.html") if "certificates" not in path.parts]
    assert folders
    assert [str(path) for path in folders if wrong.search(path.read_text(encoding="utf-8"))] == []
