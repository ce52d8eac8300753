"""What an uploaded file really is, by its bytes; what is hostile, broken or a bomb is refused with its reason.

Steps: size, kind by signature, agreement of name and kind, then the rules of that kind.
"""

import io
import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import puremagic
from PIL import Image

from portal.shipments import office_files, pdf_files
from portal.shipments.states import DocumentRefused
from portal.text import Text

MAX_PIXELS = 40_000_000
MAX_SIDE = 20_000
MAX_NAME = 120
_BROKEN_PICTURE = Text("The picture is broken or cut off.", "图片已损坏或不完整。")
_MARKUP = ("<html", "<!doctype", "<svg", "<?xml", "<script", "<?php", "#!/", "mime-version:", "from ")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken: its media type, the endings its name may have, and the proof of its content."""

    name: str
    media_type: str
    endings: tuple[str, ...]
    prove: Callable[[bytes], None]


def inspect(data: bytes, filename: str, *, limit: int) -> Kind:
    """The kind of the file. ``limit`` is the largest size in bytes. Raises ``DocumentRefused``."""
    if not data:
        raise DocumentRefused(Text("The file is empty.", "文件为空。"))
    if len(data) > limit:
        size = f"{limit / 1024 / 1024:.0f}"
        raise DocumentRefused(Text(f"The file is larger than {size} MB.", f"文件超过{size}MB。"))
    kind = _kind(data)
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    if ending not in kind.endings:
        raise DocumentRefused(
            Text(
                f"The file is {kind.name}, but its name does not end in .{' or .'.join(kind.endings)}.",
                f"文件实际类型为{kind.name}，但文件名后缀不是.{'或.'.join(kind.endings)}。",
            )
        )
    kind.prove(data)
    return kind


def safe_name(filename: str, kind: Kind) -> str:
    """The file's name without folders, hidden letters or leading dots, at most ``MAX_NAME`` characters."""
    base = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in base if unicodedata.category(letter)[0] != "C" and letter not in '<>:"|?*')
    stem, _, ending = kept.strip().rpartition(".")
    stem = stem.strip(". ")[: MAX_NAME - len(ending) - 1].rstrip() or "document"
    return f"{stem}.{ending.lower()}"


def _kind(data: bytes) -> Kind:
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"PK\x03\x04"):
        return {"docx": DOCX, "xlsx": XLSX}[office_files.kind(data)]
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise DocumentRefused(
            Text(
                "This is an old or password-protected Office file. Save it as PDF, .docx or .xlsx without a password.",
                "这是旧版或加密的Office文件，请另存为PDF或不加密的.docx、.xlsx文件。",
            )
        )
    if _is_plain(data):
        return TEXT
    raise DocumentRefused(
        Text(
            f"Only PDF, PNG, JPEG, DOCX, XLSX and plain text (UTF-8) are taken. This file is: {_guess(data)}.",
            f"仅接受PDF、PNG、JPEG、DOCX、XLSX和纯文本（UTF-8）文件。该文件类型为：{_guess(data)}。",
        )
    )


def _is_plain(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    head = text.lstrip()[:200].lower()
    if any(head.startswith(mark) for mark in _MARKUP):
        return False
    return not any(unicodedata.category(letter) == "Cc" and letter not in "\t\r\n\f" for letter in text)


def _guess(data: bytes) -> str:
    try:
        found = puremagic.magic_string(data[:65536])
    except (puremagic.PureError, ValueError):
        return "?"
    return str(found[0].name)[:80] if found and found[0].name else "?"


def _prove_image(data: bytes) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                width, height = picture.size
                if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
                    raise DocumentRefused(
                        Text(
                            f"The picture has {width} × {height} pixels; at most 40 million are taken.",
                            f"图片为{width}×{height}像素，超过4000万像素上限。",
                        )
                    )
                picture.draft("L", (64, 64))
                picture.load()
    except DocumentRefused:
        raise
    except Image.DecompressionBombError:
        raise DocumentRefused(
            Text("The picture has too many pixels; at most 40 million are taken.", "图片超过4000万像素上限。")
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError):
        raise DocumentRefused(_BROKEN_PICTURE) from None


def _prove_png(data: bytes) -> None:
    _prove_image(data)
    end = data.rfind(b"IEND")
    if end < 0:
        raise DocumentRefused(_BROKEN_PICTURE)
    if len(data) - end > 8:
        raise DocumentRefused(Text("Something else is hidden behind the picture.", "图片之后附带了其他内容。"))


def _prove_office(data: bytes) -> None:
    try:
        office_files.prove(data)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        if isinstance(error, DocumentRefused):
            raise
        raise DocumentRefused(Text("The Office file is broken.", "Office文件已损坏。")) from None


def _prove_text(data: bytes) -> None:
    """Decoding it was the proof."""


PDF = Kind("PDF", "application/pdf", ("pdf",), pdf_files.prove)
PNG = Kind("PNG", "image/png", ("png",), _prove_png)
JPEG = Kind("JPEG", "image/jpeg", ("jpg", "jpeg"), _prove_image)
DOCX = Kind(
    "DOCX",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ("docx",),
    _prove_office,
)
XLSX = Kind("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",), _prove_office)
TEXT = Kind("plain text", "text/plain", ("txt", "csv"), _prove_text)
