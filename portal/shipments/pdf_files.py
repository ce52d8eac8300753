"""PDF files: what runs, launches, submits or carries another file is refused, as is what is encrypted or broken."""

import io
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import settings as pikepdf_settings

from portal.shipments.states import DocumentRefused
from portal.text import Text

MAX_PAGES = 2_000
MAX_OBJECTS = 300_000
_DEPTH = 60
_MEMORY = 64 * 1024 * 1024

# qpdf's limits hold for the whole process, so they are set once, when the room is imported.
pikepdf_settings.set_qpdf_limits(
    flate_max_memory=_MEMORY, run_length_max_memory=_MEMORY, png_max_memory=_MEMORY, tiff_max_memory=_MEMORY
)

_SCRIPT = Text("The PDF holds a script.", "PDF含有脚本，不予接受。")
_LAUNCH = Text("The PDF would start a program or open another file.", "PDF会启动程序或打开其他文件，不予接受。")
_SUBMIT = Text("The PDF would send or fetch data.", "PDF会向外发送或从外部加载数据，不予接受。")
_EMBEDDED = Text("The PDF carries another file inside it.", "PDF内嵌有其他文件，不予接受。")
_FORM = Text("The PDF holds an XFA form.", "PDF含有XFA表单，不予接受。")
_MEDIA = Text("The PDF holds films, sounds or 3D models.", "PDF含有音视频或三维模型，不予接受。")
_BROKEN = Text("The PDF is broken.", "PDF文件已损坏。")

_ACTIONS = {
    "/JavaScript": _SCRIPT,
    "/Launch": _LAUNCH,
    "/GoToR": _LAUNCH,
    "/GoToE": _LAUNCH,
    "/SubmitForm": _SUBMIT,
    "/ImportData": _SUBMIT,
    "/Rendition": _MEDIA,
    "/Movie": _MEDIA,
    "/Sound": _MEDIA,
    "/RichMediaExecute": _MEDIA,
}
_KEYS = {
    "/JS": _SCRIPT,
    "/JavaScript": _SCRIPT,
    "/EmbeddedFiles": _EMBEDDED,
    "/EF": _EMBEDDED,
    "/XFA": _FORM,
    "/RichMediaContent": _MEDIA,
}
_SUBTYPES = {"/FileAttachment": _EMBEDDED, "/RichMedia": _MEDIA, "/3D": _MEDIA, "/Movie": _MEDIA, "/Sound": _MEDIA}


def prove(data: bytes) -> None:
    """Raise ``DocumentRefused`` unless the PDF opens, has pages and only shows something."""
    try:
        with pikepdf.open(io.BytesIO(data), inherit_page_attributes=False) as pdf:
            _prove(pdf)
    except pikepdf.PasswordError:
        raise DocumentRefused(Text("The PDF is protected by a password.", "PDF已加密。")) from None
    except (pikepdf.PdfError, RecursionError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        if isinstance(error, DocumentRefused):
            raise
        raise DocumentRefused(_BROKEN) from None


def _prove(pdf: pikepdf.Pdf) -> None:
    if pdf.is_encrypted:
        raise DocumentRefused(Text("The PDF is encrypted.", "PDF已加密。"))
    pages = len(pdf.pages)
    if not pages:
        raise DocumentRefused(Text("The PDF has no page.", "PDF没有任何页面。"))
    if pages > MAX_PAGES or len(pdf.objects) > MAX_OBJECTS:
        raise DocumentRefused(Text("The PDF has too many pages or objects.", "PDF页数或对象数过多。"))
    for part in pdf.objects:
        for mapping in _mappings(part, 0):
            _harmless(mapping)


def _mappings(part: Any, depth: int) -> Iterator[Any]:
    """Every dictionary directly within an object; references lead to objects that are walked by themselves."""
    if depth > _DEPTH:
        raise DocumentRefused(_BROKEN)
    if isinstance(part, pikepdf.Stream | pikepdf.Dictionary):
        children = [value for _, value in part.items()]
        yield part
    elif isinstance(part, pikepdf.Array):
        children = list(part)
    else:
        return
    for child in children:
        if isinstance(child, pikepdf.Object) and not child.is_indirect:
            yield from _mappings(child, depth + 1)


def _harmless(mapping: Any) -> None:
    for key in mapping:
        if key in _KEYS:
            raise DocumentRefused(_KEYS[key])
    for key, refused in (("/S", _ACTIONS), ("/Subtype", _SUBTYPES)):
        value = mapping.get(key)
        if value is not None and str(value) in refused:
            raise DocumentRefused(refused[str(value)])
