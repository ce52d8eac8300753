"""The certificate as a file: PDF/A-3, the statement inside once, fonts, tags and codes as readers need them."""

import io
import subprocess
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import rfc8785
import zxingcpp
from PIL import Image

from portal.certificates import page, qr
from tests.certificates.drawn import (
    NUMBER,
    QR_TEXT,
    STATEMENT,
    certificate,
    drawn,
    folder,
    pages_text,
    statement,
)

__all__ = ["certificate", "folder"]


def test_the_statement_is_attached_once_and_byte_for_byte(certificate: bytes) -> None:
    with pikepdf.open(io.BytesIO(certificate)) as pdf:
        assert list(pdf.attachments) == [page.ATTACHMENT]
        assert pdf.attachments[page.ATTACHMENT].get_file().read_bytes() == rfc8785.dumps(STATEMENT)
        related = pdf.Root.AF
        assert len(related) == 1
        assert related[0].AFRelationship == "/Source"
        assert len(pdf.Root.Names.EmbeddedFiles.Names) == 2


def test_the_file_says_what_it_is(certificate: bytes) -> None:
    with pikepdf.open(io.BytesIO(certificate)) as pdf:
        with pdf.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "3"
            assert metadata["pdfaid:conformance"] == "B"
            assert NUMBER in metadata["dc:title"]
        assert pdf.Root.Lang == "en"
        assert pdf.Root.MarkInfo.Marked
        assert "尽职调查证书" in str(pdf.docinfo.Title)
        assert str(pdf.docinfo.CreationDate).startswith("D:20261124090000")
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        boxes = [tuple(round(float(side)) for side in sheet.mediabox) for sheet in pdf.pages]
        assert boxes == [(0, 0, 595, 842)] * 2


def test_every_font_is_embedded_and_ours(certificate: bytes) -> None:
    with pikepdf.open(io.BytesIO(certificate)) as pdf:
        descriptors = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary)]
        names = {str(item.FontName) for item in descriptors if item.get("/Type") == "/FontDescriptor"}
        for item in descriptors:
            if item.get("/Type") == "/FontDescriptor":
                assert "/FontFile3" in item or "/FontFile2" in item
    assert names
    assert all("+Portal-" in name for name in names)


def test_two_renderers_read_the_same_words(certificate: bytes, tmp_path: Path) -> None:
    front, back = pages_text(certificate)
    path = tmp_path / "certificate.pdf"
    path.write_bytes(certificate)
    poppler = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    for words in ("Due-diligence certificate", "尽职调查证书", NUMBER, "云南滇锗光电材料有限公司", "99.999 %"):
        assert words in front
        assert words in poppler
    for words in ("What it does not prove", "不证明什么", "王海燕", "weaker evidence", "incomplete"):
        assert words in back
        assert words in poppler


def test_it_draws_the_glyphs_that_the_text_names(certificate: bytes, folder: Path) -> None:
    """A font cut wrongly keeps its text layer and shows other letters: compare with a page of uncut fonts."""
    facts = statement(exporter__name="王" * 20, exporter__name_en="")
    other = statement(exporter__name="山" * 20, exporter__name_en="")
    pictures = []
    for each in (facts, other):
        with pypdfium2.PdfDocument(drawn(each, folder)) as document:
            sheet = document[0]
            pictures.append(sheet.render(scale=2).to_pil().convert("L").point(lambda v: 255 * (v > 128)))
            sheet.close()
    changed = [
        position
        for position in range(0, pictures[0].height, 4)
        if pictures[0].crop((0, position, 500, position + 4)).tobytes()
        != pictures[1].crop((0, position, 500, position + 4)).tobytes()
    ]
    assert changed
    assert max(changed) - min(changed) < 40, "only the exporter's line may look different"


def test_the_same_statement_gives_the_same_bytes(certificate: bytes, folder: Path) -> None:
    assert drawn(STATEMENT, folder) == certificate


@pytest.mark.parametrize("dpi", [100, 150])
def test_the_seal_reads_from_the_page_on_one_side_of_every_fold(certificate: bytes, tmp_path: Path, dpi: int) -> None:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(certificate)
    target = tmp_path / "page"
    command = ["pdftoppm", "-r", str(dpi), "-gray", "-png", "-singlefile", "-f", "1", "-l", "1", path, target]
    subprocess.run(command, check=True)
    with Image.open(target.with_suffix(".png")) as picture:
        found = zxingcpp.read_barcodes(picture)
    assert [code.text for code in found] == [QR_TEXT]
    corners = found[0].position
    left, right = corners.top_left.x / dpi * 25.4, corners.top_right.x / dpi * 25.4
    top, bottom = corners.top_left.y / dpi * 25.4, corners.bottom_left.y / dpi * 25.4
    assert right - left >= 45
    assert left > 105
    assert top > 198  # below the middle, and below both folds of a sheet folded in three
    assert bottom < 297 - 10


def test_nothing_is_ever_fetched() -> None:
    pictures = page._OwnPictures({page.SEAL_ADDRESS: b"png"})
    for address in ("https://example.org/x.png", "file:///etc/passwd", "data:image/png;base64,AA==", "seal:other"):
        with pytest.raises(ValueError, match="fetches nothing"):
            pictures.fetch(address)


def test_it_stays_small(certificate: bytes) -> None:
    assert len(certificate) <= 105_000


def test_every_piece_of_text_belongs_to_the_element_that_the_tags_name(certificate: bytes) -> None:
    with pikepdf.open(io.BytesIO(certificate)) as pdf:
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        for number, parents in zip(numbers[0::2], numbers[1::2], strict=True):
            for place, element in enumerate(parents):
                assert place in [kid for kid in element.K if isinstance(kid, int)]
                assert element.Pg.objgen == pdf.pages[int(number)].obj.objgen
            assert pdf.pages[int(number)].Contents.read_bytes().count(b"/MCID") == len(parents)


def test_the_codes_are_black_or_white_and_exact(certificate: bytes) -> None:
    with pikepdf.open(io.BytesIO(certificate)) as pdf:
        (picture,) = (o for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Image")
        assert picture.BitsPerComponent == 1
        shown = pikepdf.PdfImage(picture).as_pil_image().convert("L")
        with Image.open(io.BytesIO(qr.png(QR_TEXT, qr.ON_PAGE))) as drawn_before:
            assert shown.tobytes() == drawn_before.convert("L").tobytes()
