"""The seal as a picture: a QR code (ISO/IEC 18004)."""

import io

import zxingcpp
from PIL import Image, ImageOps

# Level M reads as well from paper and photocopies as Q, whose modules would be finer.
ERROR_LEVEL = "M"
_QUIET_ZONE = 4
ON_PAGE = 4
ON_SCREEN = 8


class SealTooLarge(ValueError):
    """The text does not fit into a QR code."""


def png(text: str, dots: int = ON_SCREEN) -> bytes:
    """The QR code of ``text`` as a PNG in black and white, with the quiet zone of four modules that the standard asks.

    Each module is ``dots`` pixels wide: eight print cleanly at 300 dpi; four keep a PDF small, and are enough that a
    viewer that smooths pictures blurs no edge that matters. Raises ``SealTooLarge``.
    """
    try:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=ERROR_LEVEL)
    except ValueError as error:
        raise SealTooLarge(f"{len(text)} characters: {error}") from error
    modules = Image.fromarray(code.to_image(scale=1, add_quiet_zones=False))
    picture = ImageOps.expand(modules, border=_QUIET_ZONE, fill=255)
    picture = picture.resize((picture.width * dots, picture.height * dots), Image.Resampling.NEAREST)
    target = io.BytesIO()
    picture.save(target, "png")
    return target.getvalue()
