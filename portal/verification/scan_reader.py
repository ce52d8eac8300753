"""Reads the codes of a scan in a process of its own, whose memory and time end before the portal's do.

Run by ``portal.verification.scan`` as a file: it imports nothing of the portal, gets the PDF on standard input and
writes one JSON object: ``{"found": "scan", "codes": [...]}``, or ``{"found": REASON}`` for what is no scan.
"""

import json
import resource
import sys

import pypdfium2
import zxingcpp
from pypdfium2 import raw

PAGES = 4
OBJECTS = 2_000
# Pixels. A4 at 600 dots an inch has 35 million; the second number is for all pages together.
MAX_PICTURE, MAX_PICTURES = 40_000_000, 80_000_000
MAX_DRAWN = 9_000_000
# Dots an inch: what reads best first, what a code of fine modules needs next.
DOTS = (200, 300)
MEMORY = 1024 * 1024 * 1024
SECONDS = 4
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def main() -> None:
    """Confine this process, read the PDF, tell what was found."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        resource.setrlimit(limit, (0, 0))
    data = sys.stdin.buffer.read()
    try:
        told = _read(data)
    except pypdfium2.PdfiumError as error:
        told = {"found": "encrypted" if error.err_code == raw.FPDF_ERR_PASSWORD else "not-signed"}
    except (MemoryError, ValueError, RuntimeError):
        told = {"found": "too-large"}
    sys.stdout.write(json.dumps(told))


def _read(data: bytes) -> dict[str, object]:
    found: dict[str, None] = {}
    with pypdfium2.PdfDocument(data) as document:
        pages = [document[number] for number in range(min(len(document), PAGES))]
        sizes = [_pixels(page) for page in pages]
        if None in sizes or not sum(filter(None, sizes)):
            return {"found": "not-signed"}
        if max(filter(None, sizes)) > MAX_PICTURE or sum(filter(None, sizes)) > MAX_PICTURES:
            return {"found": "too-large"}
        for page in pages:
            found |= dict.fromkeys(_codes(page))
    return {"found": "scan", "codes": list(found)}


def _pixels(page: pypdfium2.PdfPage) -> int | None:
    """The pixels of the pictures on a page; ``None`` where it shows letters or shades of its own, as no paper does.

    Text that is not shown is what a scanner recognised in its picture.
    """
    pixels = 0
    for number, each in enumerate(page.get_objects(max_depth=3)):
        if number > OBJECTS:
            return None
        if each.type == raw.FPDF_PAGEOBJ_IMAGE:
            width, height = each.get_px_size()
            pixels += width * height
        elif each.type == raw.FPDF_PAGEOBJ_TEXT:
            if raw.FPDFTextObj_GetTextRenderMode(each) != raw.FPDF_TEXTRENDERMODE_INVISIBLE:
                return None
        elif each.type == raw.FPDF_PAGEOBJ_SHADING:
            return None
    return pixels


def _codes(page: pypdfium2.PdfPage) -> list[str]:
    area = page.get_width() * page.get_height()
    for dots in DOTS:
        scale = min(dots / 72, (MAX_DRAWN / max(area, 1)) ** 0.5)
        # What is laid over a page, as notes and form fields, was on no paper.
        picture = page.render(scale=scale, grayscale=True, may_draw_forms=False, draw_annots=False)
        found = [code.text for code in zxingcpp.read_barcodes(picture.to_pil(), formats=_QR) if code.valid]
        if found:
            return found
    return []


if __name__ == "__main__":
    main()
