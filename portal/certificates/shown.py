"""The codes that a PDF's pages show: drawn as any viewer draws them, and read as a scanner reads paper.

Only what a trusted issuer wrote may come here: PDFium draws in this very process. What strangers put in is read by
``portal.verification.scan``.
"""

import threading
from collections.abc import Iterator

import pypdfium2
import zxingcpp

# PDFium must not be used by two threads at once.
_LOCK = threading.Lock()
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
# Points. The codes stand in the lowest 85 mm of page 1; drawing the whole page would take three times as long.
_FOOT = 95 / 25.4 * 72
_DOTS_AN_INCH, _FINER = 110, 200
_PAGES = 2
# A4 at 200 dots an inch has four million; a page that is larger is drawn smaller.
_MAX_PIXELS = 6_000_000


def codes(pdf: bytes, *prefixes: str) -> tuple[str, ...]:
    """The texts of the QR codes on the first two pages, in any order; none where the PDF cannot be drawn.

    The foot of page 1 is looked at first. When no code there begins with one of ``prefixes``, it is drawn finer, and
    at last both pages are drawn as a whole.
    """
    found: dict[str, None] = {}
    with _LOCK:
        try:
            with pypdfium2.PdfDocument(pdf) as document:
                for texts in _attempts(document):
                    found |= dict.fromkeys(texts)
                    if all(any(text.startswith(prefix) for text in found) for prefix in prefixes):
                        break
        except (pypdfium2.PdfiumError, ValueError, RuntimeError):
            return tuple(found)
    return tuple(found)


def _attempts(document: pypdfium2.PdfDocument) -> Iterator[list[str]]:
    yield _read(document[0], _DOTS_AN_INCH, _FOOT)
    yield _read(document[0], _FINER, _FOOT)
    for number in range(min(len(document), _PAGES)):
        yield _read(document[number], _FINER)


def _read(page: pypdfium2.PdfPage, dots_an_inch: int, height: float | None = None) -> list[str]:
    """The codes on a page, or in the lowest ``height`` points of it."""
    try:
        width, whole = page.get_size()
        shown = min(whole, height or whole)
        scale = min(dots_an_inch / 72, (_MAX_PIXELS / max(width * shown, 1)) ** 0.5)
        picture = page.render(scale=scale, crop=(0, 0, 0, whole - shown), grayscale=True, may_draw_forms=False)
        return [code.text for code in zxingcpp.read_barcodes(picture.to_numpy(), formats=_QR) if code.valid]
    finally:
        page.close()
