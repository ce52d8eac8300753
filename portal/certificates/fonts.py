"""The certificate's fonts: small subsets made once at set-up, and the only fonts a certificate may use.

Debian's Noto Sans CJK is 19 MB a weight and holds five regional faces, so that a stray language tag would print
Chinese with Japanese forms. The subsets hold the Simplified Chinese face alone, under names of our own, and a
private Fontconfig configuration points at nothing else: the same statement gives the same page on every machine.
"""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import uharfbuzz as harfbuzz
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables.DefaultTable import DefaultTable

from portal.config import SOURCE_ROOT

# Where set-up makes them; an installation without them makes its own in its instance folder.
FOLDER = SOURCE_ROOT / "static" / "vendor" / "fonts"

# Raise when what a subset holds changes: a folder made by an older version is then made again.
RECIPE = 2
STAMP = "fonts.json"
WHITESPACE = "\t\n\r "
_FOLDERS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/google-noto-cjk",
    "/usr/share/fonts/google-noto-sans-cjk-fonts",
)
_OTHER_SCRIPTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
)
# Latin, Greek, Cyrillic; punctuation and symbols; kana; full-width forms (Unicode blocks, both ends included).
_COMMON_BLOCKS = (
    (0x0020, 0x052F),
    (0x1E00, 0x1EFF),
    (0x2000, 0x27BF),
    (0x3000, 0x30FF),
    (0xFF00, 0xFFEF),
)
_RARE_BLOCKS = (
    (0x3100, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
_OTHER_BLOCKS = ((0x0020, 0x1FFF), (0xFB00, 0xFDFF), (0xFE70, 0xFEFF))
_FEATURES = ("ccmp", "kern", "mark", "mkmk", "init", "medi", "fina", "isol", "rlig", "tnum")
_DROPPED = ("VORG", "vhea", "vmtx", "BASE", "FFTM")
_configuration_lock = threading.Lock()


class FontsUnavailable(RuntimeError):
    """The fonts that certificates are printed with are not here; the message says how to get them."""


class GlyphMissing(ValueError):
    """The text holds characters that would print as empty boxes, or not at all.

    ``characters`` is the set of them. A certificate that cannot show a name must not be issued.
    """

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = frozenset(characters)
        named = ", ".join(f"{c!r} (U+{ord(c):04X})" for c in sorted(self.characters))
        super().__init__(f"no font of the certificate has a glyph for {named}")


@dataclass(frozen=True, slots=True)
class _Face:
    """One file to make: which face of the source, under which family and weight, with which characters."""

    file: str
    source: str
    family: str
    weight: str
    characters: str


_FACES = (
    _Face("PortalSansSC-Regular.otf", "Noto Sans CJK SC", "Portal Sans SC", "Regular", "common"),
    _Face("PortalSansSC-Bold.otf", "Noto Sans CJK SC", "Portal Sans SC", "Bold", "common"),
    _Face("PortalMono-Regular.otf", "Noto Sans Mono CJK SC", "Portal Mono", "Regular", "ascii"),
    _Face("PortalSansRare-Regular.otf", "Noto Sans CJK SC", "Portal Sans Rare", "Regular", "rare"),
)
_OTHER = _Face("PortalSansOther-Regular.ttf", "DejaVu Sans", "Portal Sans Other", "Regular", "other")


def _blocks(blocks: Iterable[tuple[int, int]]) -> set[int]:
    return {point for first, last in blocks for point in range(first, last + 1)}


def gb2312() -> set[int]:
    """Code points of GB 2312-80: 6763 Chinese characters on two levels, and 682 signs."""
    points = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            points |= {ord(c) for c in bytes((row, cell)).decode("gb2312", errors="ignore")}
    return points


def _wanted(kind: str) -> set[int]:
    common = _blocks(_COMMON_BLOCKS) | gb2312()
    if kind == "ascii":
        return _blocks([(0x20, 0x7E)])
    if kind == "common":
        return common
    # Pango keeps spaces and punctuation in the font of the letters before them.
    return (_blocks(_RARE_BLOCKS) - common) | _blocks([(0x20, 0x7E), (0xA0, 0xA0), (0x2010, 0x2026), (0x3000, 0x3002)])


def _candidates(weight: str) -> Iterator[Path]:
    """Files that may hold the Noto CJK faces of a weight: where distributions put them, then what Fontconfig knows."""
    for folder in _FOLDERS:
        yield Path(folder) / f"NotoSansCJK-{weight}.ttc"
    matcher = shutil.which("fc-match")
    if matcher is not None:
        pattern = f"Noto Sans CJK SC:{weight.lower()}"
        done = subprocess.run(  # noqa: S603 - a fixed command, no shell
            [matcher, "--format", "%{file}", pattern], capture_output=True, text=True, check=False
        )
        yield Path(done.stdout)


def _source(weight: str) -> Path:
    for path in _candidates(weight):
        if path.suffix == ".ttc" and path.is_file():
            return path
    raise FontsUnavailable(
        f"Noto Sans CJK {weight} was not found; install the package fonts-noto-cjk (make setup does), "
        "then run 'portal assets build'"
    )


def _rename(font: Any, family: str, weight: str) -> None:
    names = font["name"]
    full = family if weight == "Regular" else f"{family} {weight}"
    wanted = {1: family, 2: weight, 3: full, 4: full, 5: f"Version {RECIPE}", 6: f"{family}-{weight}".replace(" ", "")}
    licence = [r for r in names.names if r.nameID in {0, 13, 14} and (r.platformID, r.langID) == (3, 0x409)]
    names.names = licence
    for number, value in wanted.items():
        names.setName(value, number, 3, 1, 0x409)


def _number_glyphs(font: Any) -> None:
    """Give a CID-keyed font's glyphs the CIDs 0, 1, 2 … in place of the scattered ones of the source.

    A PDF names glyphs by CID while WeasyPrint writes glyph numbers: only where the two are equal does every reader
    agree on the glyph. The charset is overwritten with one range (CFF specification, section 13, formats 1 and 2),
    which is the shortest that any charset of as many glyphs can be.
    """
    if "CFF " not in font:
        return
    start = font["CFF "].cff[0].rawDict["charset"]
    table = DefaultTable("CFF ")
    table.data = bytearray(font.reader["CFF "])
    glyphs = int.from_bytes(font.reader["maxp"][4:6], "big")
    more = glyphs - 2
    charset = b"\x01\x00\x01" + bytes([more]) if more < 256 else b"\x02\x00\x01" + more.to_bytes(2, "big")
    table.data[start : start + len(charset)] = charset
    font["CFF "] = table


def _tags(names: Iterable[str]) -> set[int]:
    return {int.from_bytes(name.encode("ascii"), "big") for name in names}


def _subset(source: Path, number: int, points: set[int], face: _Face, target: Path) -> Path:
    """Write face ``number`` of ``source`` with only ``points``, renamed; joining forms and kerning stay, hints go."""
    font = harfbuzz.Face(harfbuzz.Blob.from_file_path(str(source)), number)
    wanted = harfbuzz.SubsetInput()
    wanted.unicode_set.update(points & set(font.unicodes))
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.update(_tags(_FEATURES))
    wanted.drop_table_tag_set.update(_tags(_DROPPED))
    wanted.flags = harfbuzz.SubsetFlags.NO_HINTING | harfbuzz.SubsetFlags.NOTDEF_OUTLINE
    path = target / face.file
    with TTFont(BytesIO(harfbuzz.subset(font, wanted).blob.data), lazy=True, recalcTimestamp=False) as made:
        _rename(made, face.family, face.weight)
        _number_glyphs(made)
        with tempfile.NamedTemporaryFile(dir=target, suffix=".part", delete=False) as part:
            made.save(part)
    Path(part.name).chmod(0o644)
    Path(part.name).replace(path)
    return path


def _make_face(face: _Face, target: Path) -> Path:
    source = _source(face.weight)
    with TTCollection(source, lazy=True) as collection:
        families = [font["name"].getDebugName(1) for font in collection.fonts]
    if face.source not in families:
        raise FontsUnavailable(f"{source} has no face named {face.source}")
    return _subset(source, families.index(face.source), _wanted(face.characters), face, target)


def _make_other(target: Path) -> list[Path]:
    """Scripts that Noto CJK lacks (Arabic, Hebrew, Armenian, Georgian, Vietnamese), where DejaVu is installed."""
    found = next((Path(p) for p in _OTHER_SCRIPTS if Path(p).is_file()), None)
    return [_subset(found, 0, _blocks(_OTHER_BLOCKS), _OTHER, target)] if found else []


def _stamp() -> dict[str, Any]:
    sources = sorted({str(_source(f.weight)) for f in _FACES} | {p for p in _OTHER_SCRIPTS if Path(p).is_file()})
    return {"recipe": RECIPE, "sources": {Path(p).name: Path(p).stat().st_size for p in sources}}


def build(target: Path) -> list[Path]:
    """Make the subsets in ``target`` and return their paths; does nothing the second time.

    Raises ``FontsUnavailable`` when Noto Sans CJK is not installed.
    """
    stamp = json.dumps(_stamp(), sort_keys=True)
    stamp_file = target / STAMP
    if stamp_file.is_file() and stamp_file.read_text(encoding="utf-8") == stamp and not missing(target):
        return sorted(target.glob("Portal*.?tf"))
    target.mkdir(parents=True, exist_ok=True)
    made = [_make_face(face, target) for face in _FACES] + _make_other(target)
    stamp_file.write_text(stamp, encoding="utf-8")
    coverage.cache_clear()
    return made


def missing(folder: Path) -> list[str]:
    """Names of font files that certificates need and ``folder`` has not, for the check at start-up."""
    return [face.file for face in _FACES if not (folder / face.file).is_file()]


def require(folder: Path) -> None:
    """Raise ``FontsUnavailable``, naming the fix, unless every needed font is in ``folder``."""
    absent = missing(folder)
    if absent:
        raise FontsUnavailable(f"{', '.join(absent)} not found in {folder}; run 'portal assets build'")


@lru_cache(maxsize=4)
def coverage(folder: Path) -> frozenset[int]:
    """Code points that some text face in ``folder`` can show."""
    require(folder)
    points: set[int] = set()
    for path in folder.glob("PortalSans*-Regular.?tf"):
        with TTFont(path, lazy=True) as font:
            points |= set(font.getBestCmap())
    return frozenset(p for p in points if unicodedata.category(chr(p)) not in {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})


def missing_glyphs(text: str, folder: Path) -> set[str]:
    """Characters of ``text`` that a certificate could not show.

    Control and direction-override characters count as missing even where a font maps them: what they do to a name
    on paper cannot be seen, so a certificate must not carry them.
    """
    shown = coverage(folder)
    return {c for c in set(text) if ord(c) not in shown and c not in WHITESPACE}


@contextmanager
def isolated(folder: Path) -> Iterator[None]:
    """Make Fontconfig configurations that are opened inside this block see only the fonts in ``folder``."""
    require(folder)
    document = (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{escape(str(folder.resolve()))}</dir></fontconfig>"
    )
    with _configuration_lock, tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "fonts.conf"
        path.write_text(document, encoding="utf-8")
        before = os.environ.get("FONTCONFIG_FILE")
        os.environ["FONTCONFIG_FILE"] = str(path)
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before


def compacted(data: bytes, glyphs: Iterable[int]) -> bytes:
    """The bare CFF of a font with only ``glyphs`` (numbers that are CIDs too), gaps closed; every CID stays.

    WeasyPrint keeps an empty glyph for each that it drops, which is 20 kB a font for Chinese. Bare, since readers
    take the CID of an OpenType font for a glyph number, and only in bare CFF look it up in the charset.
    """
    wanted = harfbuzz.SubsetInput()
    wanted.glyph_set.update(set(glyphs))
    wanted.flags = harfbuzz.SubsetFlags.NO_HINTING | harfbuzz.SubsetFlags.NOTDEF_OUTLINE
    small = harfbuzz.subset(harfbuzz.Face(data), wanted).blob.data
    with TTFont(BytesIO(small), lazy=True) as font:
        return bytes(font.reader["CFF "])
