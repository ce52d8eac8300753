"""Make a drawn PDF small before it is written, without changing what it shows.

WeasyPrint writes for every page there could be; a certificate needs less: no empty glyphs, one bit for a black or
white dot, no kerning by nothing, and no coordinate finer than a thousandth of a pixel.
"""

import io
import re
import zlib
from collections.abc import Iterable
from typing import Any

import pydyf  # type: ignore[import-untyped]
from PIL import Image

from portal.certificates import fonts, qr

# Kerning by nothing between two glyphs, or behind the last one.
_NO_KERNING = re.compile(rb">0(?:<|(?=\]))")
# Width of a Chinese character, in thousandths of the letter size.
_EM = 1000
_DIGITS_TOO_MANY = re.compile(rb"\b([1-9]\d*\.\d{3}|0\.[1-9]\d{2})\d+")


def tighten(pdf: pydyf.PDF, drawn_fonts: Iterable[Any]) -> None:
    """Tighten pages, pictures and fonts of a PDF that is drawn and not yet written."""
    for page in [item for item in pdf.objects if isinstance(item, dict) and item.get("Type") == "/Page"]:
        _tighten_contents(pdf.objects[int(page["Contents"].split()[0])])
    for item in pdf.objects:
        if isinstance(item, pydyf.Stream) and item.extra.get("Subtype") == "/Image":
            _tighten_picture(item)
    _tighten_fonts(pdf, drawn_fonts)
    _tighten_widths(pdf)
    _lift_spans(pdf)
    # Said in the metadata (XMP) too; here a signature would say them again, with four bytes for each half letter.
    for said_elsewhere in ("Author", "Subject"):
        pdf.info.pop(said_elsewhere, None)


def _tighten_contents(contents: pydyf.Stream) -> None:
    text = b"\n".join(_written(item) for item in contents.stream)
    text = _NO_KERNING.sub(lambda found: b"" if found.group().endswith(b"<") else b">", text)
    contents.stream = [_DIGITS_TOO_MANY.sub(rb"\1", text)]


def _written(item: Any) -> bytes:
    """An operator as it is written: WeasyPrint keeps bytes, text, or an object of its own."""
    if isinstance(item, pydyf.Object):
        return bytes(item.data)
    return item if isinstance(item, bytes) else str(item).encode("ascii")


def _tighten_picture(picture: pydyf.Stream) -> None:
    """Write a code, given with one grey dot for each module, with ``qr.ON_PAGE`` dots of one bit a module."""
    width, height = picture.extra["Width"], picture.extra["Height"]
    with Image.open(io.BytesIO(_png(width, height, picture.stream[0].data))) as found:
        modules = found.convert("1", dither=Image.Dither.NONE)
    # Each row of modules is written once; the PNG filter "up" says with zeros that those below it are the same.
    dots = modules.resize((width * qr.ON_PAGE, height), Image.Resampling.NEAREST).tobytes()
    width, height = width * qr.ON_PAGE, height * qr.ON_PAGE
    row = -(-width // 8)
    rows = [dots[at : at + row] for at in range(0, len(dots), row)]
    again = (b"\x02" + bytes(row)) * (qr.ON_PAGE - 1)
    lines = (
        b"\x02" + bytes((a - b) & 255 for a, b in zip(own, up, strict=True)) + again
        for own, up in zip(rows, [bytes(row), *rows], strict=False)
    )
    picture.extra |= {"Width": width, "Height": height, "BitsPerComponent": 1, "Filter": "/FlateDecode"}
    picture.extra["DecodeParms"] = pydyf.Dictionary({"Predictor": 15, "Columns": width, "BitsPerComponent": 1})
    picture.stream = [zlib.compress(b"".join(lines), 9)]


def _png(width: int, height: int, data: bytes) -> bytes:
    """A grey PNG around the compressed rows that a PDF holds of one."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _tighten_fonts(pdf: pydyf.PDF, drawn_fonts: Iterable[Any]) -> None:
    """Embed the Chinese fonts as bare CFF without the empty glyphs that WeasyPrint leaves."""
    used: dict[bytes, set[int]] = {}
    for font in drawn_fonts:
        used.setdefault(font.name, set()).update(font.to_unicode)
    names = {
        int(item["FontFile3"].split()[0]): item["FontName"]
        for item in pdf.objects
        if isinstance(item, dict) and "FontFile3" in item
    }
    for number, item in enumerate(pdf.objects):
        if isinstance(item, dict) and item.get("Subtype") == "/CIDFontType0":
            del item["CIDToGIDMap"]  # only fonts with TrueType outlines have one (ISO 32000-1, table 117)
        if isinstance(item, pydyf.Stream) and item.extra.get("Subtype") == "/OpenType":
            item.stream = [fonts.compacted(item.stream[0], used[names[number]])]
            item.extra["Subtype"] = "/CIDFontType0C"


def _tighten_widths(pdf: pydyf.PDF) -> None:
    """Leave out the widths of whole ems, which is what every Chinese character has: that is the default."""
    for item in pdf.objects:
        if isinstance(item, dict) and item.get("Subtype") == "/CIDFontType0":
            pairs = zip(item["W"][0::2], item["W"][1::2], strict=True)
            item["W"] = pydyf.Array(part for pair in pairs if list(pair[1]) != [_EM] for part in pair)
            item["DW"] = _EM


def _lift_spans(pdf: pydyf.PDF) -> None:
    """Give the text of plain spans to the element around them: a span without attributes says nothing.

    The inner ones come last, so the numbers are gone through backwards. What is lifted leaves a null object.
    """
    elements: dict[bytes, Any] = {
        o.reference: o for o in pdf.objects if isinstance(o, pydyf.Dictionary) and o.get("Type") == "/StructElem"
    }
    lifted: dict[bytes, bytes] = {}
    for reference, element in reversed(elements.items()):
        around = elements.get(element["P"])
        plain = set(element) == {"Type", "S", "P", "Pg", "K"} and element["S"] == "/Span"
        if not plain or around is None or around.get("Pg") != element["Pg"]:
            continue
        if all(isinstance(kid, int) for kid in element["K"]):
            place = around["K"].index(reference)
            around["K"][place : place + 1] = element["K"]
            lifted[reference] = element["P"]
            nothing = _Nothing()
            nothing.number = element.number
            pdf.objects[element.number] = nothing
    for kids in _parents(pdf):
        for place, reference in enumerate(kids):
            while reference in lifted:
                reference = kids[place] = lifted[reference]


def _parents(pdf: pydyf.PDF) -> Iterable[list[bytes]]:
    """For each page the element that each piece of its content belongs to (ISO 32000-1, 14.7.4.4)."""
    tree = next(o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/StructTreeRoot")
    numbers = pdf.objects[int(tree["ParentTree"].split()[0])]["Nums"]
    return [kids for kids in numbers if isinstance(kids, list)]


class _Nothing(pydyf.Object):  # type: ignore[misc]
    """The null object (ISO 32000-1, 7.3.9)."""

    data = b"null"
