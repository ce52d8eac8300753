"""Scans as PDF: what a scanner makes of a paper, and what somebody hostile makes of a scan."""

import io
import zlib

import pikepdf
import pypdfium2
from PIL import Image


def paper(pdf: bytes, *, dots: int = 200, number: int = 0, mode: str = "L") -> Image.Image:
    """A page of a PDF as a scanner sees its print."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[number]
        picture = page.render(scale=dots / 72, grayscale=True).to_pil().convert(mode)
        page.close()
    return picture


def scanned(*papers: Image.Image, kind: str = "jpeg") -> bytes:
    """A PDF of nothing but pictures, one a page, as ``kind``: jpeg, fax (CCITT group 4) or jpx."""
    made = pikepdf.Pdf.new()
    for picture in papers:
        add_page(made, picture.size, *coded(picture, kind), colours="/DeviceGray", bits=1 if kind == "fax" else 8)
    return saved(made)


def coded(picture: Image.Image, kind: str) -> tuple[bytes, pikepdf.Object, object]:
    """Picture data, filter and its parameters."""
    target = io.BytesIO()
    if kind == "jpeg":
        picture.convert("L").save(target, "jpeg", quality=60)
        return target.getvalue(), pikepdf.Name.DCTDecode, None
    if kind == "jpx":
        picture.convert("L").save(target, "jpeg2000")
        return target.getvalue(), pikepdf.Name.JPXDecode, None
    picture.convert("1").save(target, "tiff", compression="group4", strip_size=10**9)
    with Image.open(io.BytesIO(target.getvalue())) as tiff:
        (start,), (length,) = tiff.tag_v2[273], tiff.tag_v2[279]
        black_is_one = tiff.tag_v2[262] == 0
    parameters = pikepdf.Dictionary(K=-1, Columns=picture.width, Rows=picture.height, BlackIs1=not black_is_one)
    return target.getvalue()[start : start + length], pikepdf.Name.CCITTFaxDecode, parameters


def add_page(
    made: pikepdf.Pdf,
    size: tuple[int, int],
    data: bytes,
    filtered: pikepdf.Object,
    parameters: object = None,
    *,
    colours: str = "/DeviceGray",
    bits: int = 8,
) -> None:
    """A page of A4 that is filled by one picture."""
    page = made.add_blank_page(page_size=(595, 842))
    picture = pikepdf.Stream(made, data)
    picture.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=size[0], Height=size[1],
        ColorSpace=pikepdf.Name(colours), BitsPerComponent=bits,
    )  # fmt: skip
    picture.write(data, filter=filtered, decode_parms=parameters)
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=made.make_indirect(picture)))
    page.Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")


def bomb(side: int = 60_000) -> bytes:
    """A page whose one picture unpacks to gigabytes, in a file of kilobytes."""
    made = pikepdf.Pdf.new()
    rows = zlib.compressobj(9)
    data = b"".join(rows.compress(bytes(1_000_000)) for _ in range(60)) + rows.flush()
    add_page(made, (side, side), data, pikepdf.Name.FlateDecode)
    return saved(made)


def saved(made: pikepdf.Pdf, **options: object) -> bytes:
    output = io.BytesIO()
    made.save(output, **options)  # type: ignore[arg-type]
    return output.getvalue()
