"""The seal, and the proof beside it, as pictures: QR codes (ISO/IEC 18004)."""

import io

import zxingcpp
from PIL import Image, ImageOps

# Level M reads as well from paper and photocopies as Q, whose modules would be finer.
ERROR_LEVEL = "M"
# Characters that level M holds in version 25. A larger proof reads better with the wider modules of level L.
_ROOM_OF_LEVEL_M = 1451
# Characters from which on the proof code is printed wider than the seal.
WIDE = 1000
_QUIET_ZONE = 4
ON_PAGE = 4
ON_SCREEN = 8


class SealTooLarge(ValueError):
    """The text does not fit into a QR code."""


def level_of_proof(text: str) -> str:
    """The level of error correction for the proof code, whose length grows with the log."""
    return ERROR_LEVEL if len(text) <= _ROOM_OF_LEVEL_M else "L"


def png(text: str, dots: int = ON_SCREEN, *, level: str = ERROR_LEVEL) -> bytes:
    """The QR code of ``text`` as a PNG in black and white, with the quiet zone of four modules that the standard asks.

    Each module is ``dots`` pixels wide: eight print cleanly at 300 dpi; four keep a PDF small, and are enough that a
    viewer that smooths pictures blurs no edge that matters. Raises ``SealTooLarge``.
    """
    try:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    except ValueError as error:
        raise SealTooLarge(f"{len(text)} characters: {error}") from error
    modules = Image.fromarray(code.to_image(scale=1, add_quiet_zones=False))
    picture = ImageOps.expand(modules, border=_QUIET_ZONE, fill=255)
    picture = picture.resize((picture.width * dots, picture.height * dots), Image.Resampling.NEAREST)
    target = io.BytesIO()
    picture.save(target, "png")
    return target.getvalue()
