"""Find a seal, and the proof code beside it, in a picture."""

import io
import warnings

import zxingcpp
from PIL import Image, UnidentifiedImageError

from portal.certificates import proof_code, seal
from portal.verification.evidence import Evidence, of_codes, of_text
from portal.verification.reasons import NotVerified

# Pixels that are looked at, and that a JPEG may have before it is scaled down while being decoded.
MAX_PIXELS = 25_000_000
MAX_JPEG_PIXELS = 120_000_000
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def read(data: bytes) -> Evidence:
    """The seal, or the verification address, that a picture shows. Raises ``NotVerified``.

    1. The size is read from the header, and what is too large is never decoded.
    2. Only PNG and JPEG decoders run.
    3. Seals come before other codes; two different seals, or two proofs, are one too many.
    """
    picture = _decode(data)
    try:
        codes = zxingcpp.read_barcodes(picture, formats=_QR)
    except (ValueError, RuntimeError) as error:
        raise NotVerified("no-seal-in-picture", str(error)) from error
    return of_codes_shown([code.text for code in codes if code.valid])


def of_codes_shown(found: list[str]) -> Evidence:
    """The evidence that the codes on one paper make up: seals come before other codes. Raises ``NotVerified``."""
    texts = list(dict.fromkeys(found))
    if not texts:
        raise NotVerified("no-seal-in-picture")
    if any(text.startswith((seal.PREFIX, proof_code.PREFIX)) for text in texts):
        return of_codes(texts)
    try:
        return of_text(texts[0])
    except NotVerified as error:
        raise NotVerified("foreign-code") from error


def _decode(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limits here are tighter
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                pixels = picture.width * picture.height
                if picture.format == "JPEG" and MAX_PIXELS < pixels <= MAX_JPEG_PIXELS:
                    picture.draft("L", (picture.width // 4, picture.height // 4))
                    pixels = picture.width * picture.height
                if pixels > MAX_PIXELS:
                    raise NotVerified("too-large", f"{pixels} pixels")
                return picture.convert("L")
    except Image.DecompressionBombError as error:
        raise NotVerified("too-large", "pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise NotVerified("not-recognised", "no picture that can be decoded") from error
