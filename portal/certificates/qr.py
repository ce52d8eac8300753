"""The seal as a picture."""

import io

import segno

# Level M reads best from photocopies (finer levels need finer modules); 8 dots a module print cleanly at 300 dpi.
ERROR_LEVEL = "m"
_DOTS = 8
_QUIET_ZONE = 4


def png(text: str) -> bytes:
    """A PNG of the QR code for a text, with the quiet zone that ISO/IEC 18004 asks for."""
    picture = io.BytesIO()
    code = segno.make(text, error=ERROR_LEVEL, boost_error=False, micro=False)
    code.save(picture, kind="png", scale=_DOTS, border=_QUIET_ZONE)
    return picture.getvalue()
