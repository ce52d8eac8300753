"""Office Open XML files (DOCX, XLSX): bombs, macros, embedded programs and links that fetch are refused."""

import io
import re
import zipfile
import zlib
from typing import Literal

from portal.shipments.states import DocumentRefused
from portal.text import Text

MAX_ENTRIES = 5_000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 150
_SMALL = 1024 * 1024  # an entry this small is no bomb, whatever its ratio
_HEAD = 4 * 1024 * 1024
_FETCHED = re.compile(
    rb"<Relationship\b(?=[^>]*TargetMode\s*=\s*[\"']External)(?=[^>]*/(attachedTemplate|oleObject|frame|externalLink\w*"
    rb"|subDocument|image|video|audio)[\"'])",
    re.IGNORECASE,
)
_MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


def kind(data: bytes) -> Literal["docx", "xlsx"]:
    """Which of the two a ZIP file is. Raises ``DocumentRefused`` for any other archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        raise DocumentRefused(Text("The file is a broken archive.", "文件是已损坏的压缩包。")) from None
    if "[Content_Types].xml" in names:
        if _MAIN["docx"] in names:
            return "docx"
        if _MAIN["xlsx"] in names:
            return "xlsx"
    raise DocumentRefused(
        Text(
            "Archives are not taken, only .docx and .xlsx. Upload the files in it one by one.",
            "不接受压缩包，仅接受.docx和.xlsx。请将其中的文件逐个上传。",
        )
    )


def prove(data: bytes) -> None:
    """Raise ``DocumentRefused`` for a bomb or hostile content; what ``zipfile`` raises for a broken file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        _no_bomb(entries, len(data))
        for entry in entries:
            _harmless_name(entry)
        for entry in entries:
            if entry.filename.endswith((".rels", ".xml")):
                _harmless_part(entry.filename, _head(archive, entry))
        try:
            if (broken := archive.testzip()) is not None:
                raise zipfile.BadZipFile(broken)
        except zlib.error as error:
            raise zipfile.BadZipFile("cannot be unpacked") from error


def _no_bomb(entries: list[zipfile.ZipInfo], size: int) -> None:
    packed = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    steep = any(e.file_size > _SMALL and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries)
    # Entries that together are larger than the file lie over one another.
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or steep or packed > size:
        raise DocumentRefused(
            Text("The file would unpack to an unreasonable size.", "该文件解压后体积异常，不予接受。")
        )


def _harmless_name(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 1:
        raise DocumentRefused(Text("The file is protected by a password.", "文件已加密。"))
    if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name:
        raise DocumentRefused(Text("The file holds entries outside itself.", "文件含有越界路径的条目。"))
    lower = name.lower()
    if "vbaproject" in lower:
        raise DocumentRefused(Text("The file holds a macro.", "文件含有宏，不予接受。"))
    if "/embeddings/" in lower or "/activex/" in lower:
        raise DocumentRefused(Text("The file holds another file inside it.", "文件内嵌有其他文件，不予接受。"))


def _head(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as part:
        return part.read(_HEAD)


def _harmless_part(name: str, head: bytes) -> None:
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise DocumentRefused(Text("The file holds entity declarations.", "文件含有实体声明，不予接受。"))
    if name == "[Content_Types].xml" and b"macroEnabled" in head:
        raise DocumentRefused(Text("The file holds a macro.", "文件含有宏，不予接受。"))
    if name.endswith(".rels") and _FETCHED.search(head):
        raise DocumentRefused(
            Text("The file would fetch something from elsewhere when opened.", "打开该文件会从外部加载内容，不予接受。")
        )
