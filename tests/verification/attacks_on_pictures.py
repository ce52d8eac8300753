"""Hostile pictures, and files and texts that are nothing of what is examined."""

import io
import struct
import zlib

from PIL import Image

from portal.certificates import qr
from tests.verification.attacks import World, attack
from tests.verification.attacks_on_seals import seal_of_an_unknown_issuer, seal_with_another_end_user


def drawn_codes(*texts: str) -> list[Image.Image]:
    """QR codes in black and white, at three dots a module."""
    return [Image.open(io.BytesIO(qr.png(text, 3))).convert("L") for text in texts]


def picture(*texts: str, kind: str = "png") -> bytes:
    """A picture of QR codes side by side."""
    codes = [Image.open(io.BytesIO(qr.png(text))).convert("L") for text in texts]
    whole = Image.new("L", (sum(code.width for code in codes), max(code.height for code in codes)), 255)
    for index, code in enumerate(codes):
        whole.paste(code, (sum(other.width for other in codes[:index]), 0))
    data = io.BytesIO()
    whole.save(data, kind)
    return data.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@attack("changed")
def picture_of_a_forged_seal(world: World) -> bytes:
    return picture(seal_with_another_end_user(world).decode())


@attack("several-seals")
def picture_of_two_seals(world: World) -> bytes:
    return picture(world.issued.seal, seal_of_an_unknown_issuer(world).decode())


@attack("foreign-code")
def picture_of_another_code(world: World) -> bytes:
    return picture("https://mallory.example/pay?amount=100")


@attack("no-seal-in-picture")
def picture_of_nothing(world: World) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(data, "jpeg")
    return data.getvalue()


@attack("too-large")
def picture_that_unpacks_to_gigabytes(world: World) -> bytes:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@attack("not-recognised", "no-seal-in-picture")
def picture_with_a_text_that_unpacks_to_gigabytes(world: World) -> bytes:
    genuine = world.issued.png
    bomb = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(200_000_000), 9))
    return genuine[:33] + bomb + genuine[33:200]


@attack("not-recognised", "no-seal-in-picture")
def picture_cut_off(world: World) -> bytes:
    return world.issued.png[: len(world.issued.png) // 2]


@attack("picture-format")
def picture_of_an_impossible_kind(world: World) -> bytes:
    data = io.BytesIO()
    drawn_codes(world.issued.seal)[0].save(data, "gif")
    return data.getvalue()


@attack("picture-format")
def picture_in_tiff_of_many_pages(world: World) -> bytes:
    data, pages = io.BytesIO(), [Image.new("1", (64, 64), 1)] * 100
    pages[0].save(data, "tiff", save_all=True, append_images=pages[1:])
    return data.getvalue()[: 8 * 1024]


@attack("picture-format")
def picture_in_heic(world: World) -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)


@attack("not-recognised")
def nothing_at_all(world: World) -> bytes:
    return b""


@attack("not-recognised")
def bytes_of_zero(world: World) -> bytes:
    return bytes(100_000)


@attack("too-large")
def ten_megabytes_of_text(world: World) -> bytes:
    return b"A" * (10 * 1024 * 1024)


@attack("too-large")
def more_than_any_file(world: World) -> bytes:
    return b"%PDF-1.7" + bytes(10 * 1024 * 1024)


@attack("not-recognised")
def json_nested_without_end(world: World) -> bytes:
    return b'{"a":' * 50_000


@attack("not-recognised")
def number_with_a_slip(world: World) -> bytes:
    return world.issued.number.replace("0000001", "0000007").encode()


@attack("not-recognised")
def script_as_a_number(world: World) -> bytes:
    return b"<script>alert(1)</script>"
