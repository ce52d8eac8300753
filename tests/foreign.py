"""Others' JavaScript that tests hold the portal against, fetched at set-up: ``python -m tests.foreign``."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from portal.config import SOURCE_ROOT
from portal.web.assets import npm_command

FOLDER = Path(sys.prefix) / "foreign"
SCRIPT = Path(__file__).with_name("certificates") / "judge.mjs"


def fetch() -> None:
    """Install the locked packages, those for development too. Raises ``CalledProcessError``."""
    FOLDER.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE_ROOT / name, FOLDER / name)
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=FOLDER, check=True)


def judged(credentials: list[Any], *, contexts: dict[str, Any], now: str) -> list[dict[str, Any]]:
    """What Digital Bazaar's implementation of W3C's data model says of each credential, with no network.

    ``refused`` is why the data model forbids it, ``dropped`` why JSON-LD would lose a word of it; empty where it is
    in order. ``expanded`` is what JSON-LD makes of it. ``contexts`` are those at hand beside W3C's own.
    """
    asked = json.dumps({"credentials": credentials, "contexts": contexts, "now": now})
    node = npm_command()[0]
    command = [node, str(SCRIPT), str(FOLDER)]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def mistyped(documents: list[Any], folder: Path) -> list[list[str]]:
    """Why each is no ``DigitalConformityCredential`` by the types that were made from the protocol's schema 0.5.0.

    ``folder`` is where they are written for TypeScript's compiler. No package has the types of release 0.6.0.
    """
    types = FOLDER / "node_modules/@trustprovenance/untp-types/dist/0.5.0/DigitalConformityCredential.js"
    names = [f"{number}.ts" for number in range(len(documents))]
    for name, document in zip(names, documents, strict=True):
        head = f'import type {{ DigitalConformityCredential }} from "{types}";\n'
        text = f"{head}export const made: DigitalConformityCredential = {json.dumps(document)};\n"
        (folder / name).write_text(text, "utf-8")
    compiler = FOLDER / "node_modules/typescript/bin/tsc"
    options = ["--strict", "--noEmit", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"]
    command = [npm_command()[0], str(compiler), *options, *names]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60).stdout
    return [[line for line in told.splitlines() if line.startswith(f"{name}(")] for name in names]


if __name__ == "__main__":
    fetch()
