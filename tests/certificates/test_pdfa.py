"""The signed file against the clauses of ISO 19005-3 (PDF/A-3b) that its parts can break.

No validator of PDF/A is on the registries that a machine of the project reaches (veraPDF is on none of them), so each
clause that concerns what the portal writes is looked at here, on the file as it is handed out.
"""

import io
import re
import struct
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest
from fontTools.cffLib import CFFFontSet
from pikepdf import Name

from tests.certificates.samples import Issued

OPERATORS = frozenset(
    b"b B b* B* BDC BMC BT c cm CS cs d d0 d1 Do EMC ET f f* G g gs h i j J K k l m M n q Q re RG rg ri s S SC sc SCN "
    b"scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".decode().split()
)
FORBIDDEN = ("/JavaScript", "/JS", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/XFA", "/AA",
             "/OpenAction", "/NeedAppearances", "/Requirements", "/AlternatePresentations", "/PresSteps")  # fmt: skip


@pytest.fixture(scope="module")
def pdf(issued: Issued) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(issued.pdf)) as document:
        yield document


def of_type(pdf: pikepdf.Pdf, kind: str) -> list[Any]:
    found = []
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream) and item.get("/Type") == kind:
            found.append(item)
    return found


def streams_of_operators(pdf: pikepdf.Pdf) -> Iterator[tuple[Any, Any]]:
    """Each page and form that is drawn, with its resources (none where it has none of its own)."""
    for page in pdf.pages:
        yield page, page.get("/Resources")
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Form":
            yield item, item.get("/Resources")


def test_header_trailer_and_objects_are_spelt_as_the_standard_wants(issued: Issued, pdf: pikepdf.Pdf) -> None:
    """6.1.2 header, 6.1.3 trailer, 6.1.6 hexadecimal strings, 6.1.7.1 streams, 6.1.8 indirect objects."""
    data = issued.pdf
    assert re.match(rb"%PDF-1\.7\n%[\x80-\xff]{4,}", data)
    assert pdf.trailer.get("/Encrypt") is None
    assert len(pdf.trailer.ID) == 2
    assert data.endswith(b"%%EOF\n") or data.endswith(b"%%EOF")
    outside = re.sub(rb"stream\r?\n.*?endstream", b"", data, flags=re.DOTALL)
    assert not re.search(rb"[^\r\n\d]\d+ 0 obj|\d 0 obj[^\r\n]|[^\r\n]endobj|endobj[^\r\n]", outside)
    assert all(len(digits) % 2 == 0 for digits in re.findall(rb"(?<!<)<([0-9A-Fa-f]+)>(?!>)", outside))


def test_nothing_is_beyond_the_limits_of_the_architecture(pdf: pikepdf.Pdf) -> None:
    """6.1.13: strings, names, and how deep the graphics state is saved."""
    for item in pdf.objects:
        if isinstance(item, pikepdf.String):
            assert len(bytes(item)) <= 32_767
    for drawn, _ in streams_of_operators(pdf):
        deep = deepest = 0
        for _, operator in pikepdf.parse_content_stream(drawn):
            deep += {"q": 1, "Q": -1}.get(str(operator), 0)
            deepest = max(deep, deepest)
        assert deep == 0
        assert deepest <= 28


def test_content_uses_known_operators_and_resources_of_its_own(pdf: pikepdf.Pdf) -> None:
    """6.2.2 content streams; 6.2.4.2 and 6.2.4.3: with an output intent in RGB, grey and RGB and no CMYK."""
    needs = {"Do": "/XObject", "Tf": "/Font", "gs": "/ExtGState", "cs": "/ColorSpace", "CS": "/ColorSpace"}
    for drawn, resources in streams_of_operators(pdf):
        for operands, operator in pikepdf.parse_content_stream(drawn):
            name = str(operator)
            assert name in OPERATORS
            assert name not in ("k", "K")
            if name in needs and str(operands[0]) not in ("/DeviceRGB", "/DeviceGray"):
                assert resources is not None
                assert str(operands[0]) in resources[needs[name]], (name, operands[0])


def test_colours_have_one_intent_whose_profile_is_whole(pdf: pikepdf.Pdf) -> None:
    """6.2.3: one output intent, with a profile of ICC.1 for a display or printer whose components are counted right."""
    (intent,) = pdf.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1"
    profile = intent.DestOutputProfile.read_bytes()
    size, _, version, kind, space = struct.unpack(">I4sI4s4s", profile[:20])
    assert (size, profile[36:40]) == (len(profile), b"acsp")
    assert (kind, space) == (b"mntr", b"RGB ")
    assert version >> 24 <= 4
    assert intent.DestOutputProfile.N == 3


def test_pictures_are_not_smoothed_and_nothing_is_transparent(pdf: pikepdf.Pdf) -> None:
    """6.2.8 images, 6.2.5 graphics states, 6.2.10 transparency: a group blends in the space of the output intent."""
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Stream | pikepdf.Dictionary):
            continue
        assert item.get("/SMask") in (None, Name("/None"))
        if "/Group" in item:
            assert (Name.Transparency, Name.DeviceRGB) == (item.Group.S, item.Group.CS)
        if item.get("/Subtype") == "/Image":
            assert not item.get("/Interpolate", False)
            assert {"/Alternates", "/OPI"}.isdisjoint(item.keys())
    states = [state for page in pdf.pages for state in page.Resources.get("/ExtGState", {}).values()]
    assert all(float(state.get(key, 1)) == 1 for state in states for key in ("/ca", "/CA"))
    assert all(state.get("/BM", Name.Normal) in (Name.Normal, Name.Compatible) for state in states)
    assert all({"/TR", "/HTP"}.isdisjoint(state.keys()) for state in states)


def test_fonts_are_embedded_and_their_widths_are_those_of_the_glyphs(pdf: pikepdf.Pdf) -> None:
    """6.2.11: Type 0 fonts whose parts fit, programs embedded, widths consistent, text as Unicode."""
    composite = [font for font in of_type(pdf, "/Font") if font.Subtype == "/Type0"]
    assert composite
    for font in composite:
        (descendant,) = font.DescendantFonts
        assert font.Encoding == "/Identity-H"
        assert descendant.CIDSystemInfo.Registry == "Adobe"
        assert font.BaseFont == descendant.BaseFont == descendant.FontDescriptor.FontName
        assert "/ToUnicode" in font
        if descendant.Subtype == "/CIDFontType2":
            assert descendant.CIDToGIDMap == "/Identity"
            continue
        program = descendant.FontDescriptor.FontFile3
        assert program.Subtype == "/CIDFontType0C"
        check_widths(descendant, program.read_bytes())


def check_widths(font: Any, program: bytes) -> None:
    """6.2.11.5: each width told in the file is the glyph's own, to a thousandth."""
    cff = CFFFontSet()
    cff.decompile(io.BytesIO(program), None)
    top = cff[0]
    scale = 1000 * (top.FontMatrix[0] if hasattr(top, "FontMatrix") else 0.001)
    told = dict(widths(font.W))
    default = float(font.get("/DW", 1000))
    for gid, name in enumerate(top.charset):
        glyph = top.CharStrings[name]
        glyph.decompile()
        glyph.draw(Nothing())
        cid = int(name.removeprefix("cid")) if name.startswith("cid") else gid
        assert abs(told.get(cid, default) - glyph.width * scale) <= 1, (font.BaseFont, name)


class Nothing:
    """A pen that draws nothing: drawing is what tells a glyph's width."""

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **options: None


def widths(array: Any) -> Iterator[tuple[int, float]]:
    items = list(array)
    while items:
        first, second = int(items.pop(0)), items.pop(0)
        if isinstance(second, pikepdf.Array):
            yield from ((first + number, float(width)) for number, width in enumerate(second))
        else:
            width = float(items.pop(0))
            yield from ((cid, width) for cid in range(first, int(second) + 1))


def test_what_is_clickable_is_only_the_signatures(pdf: pikepdf.Pdf) -> None:
    """6.3 annotations, 6.4 forms, 6.5 actions: two invisible fields that print, no action, no script."""
    marks = [mark for page in pdf.pages for mark in page.get("/Annots", [])]
    assert [mark.Subtype for mark in marks] == ["/Widget"] * 2
    for mark in marks:
        assert int(mark.F) & 4
        assert not int(mark.F) & (1 | 2 | 32 | 256)
        assert list(mark.Rect) == [0, 0, 0, 0], "a field without room needs no appearance"
        assert {"/A", "/AA"}.isdisjoint(mark.keys())
    assert set(pdf.Root.AcroForm.keys()) <= {"/Fields", "/SigFlags"}
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            assert set(FORBIDDEN).isdisjoint(item.keys())
    assert set(pdf.Root.Names.keys()) == {"/EmbeddedFiles"}
    assert "/OCProperties" not in pdf.Root, "6.9: no content that can be switched off"


def test_the_certification_is_told_as_the_standard_wants(pdf: pikepdf.Pdf) -> None:
    """6.1.12: permissions, and a signature reference without a digest of its own."""
    assert set(pdf.Root.Perms.keys()) == {"/DocMDP"}
    for reference in pdf.Root.Perms.DocMDP.Reference:
        assert {"/DigestLocation", "/DigestMethod", "/DigestValue"}.isdisjoint(reference.keys())


def test_the_metadata_say_what_the_file_is_and_when_it_was_made(pdf: pikepdf.Pdf, issued: Issued) -> None:
    """6.6: a packet without attributes of old, part and level told, dates of the moment of issue and not of a clock."""
    packet = pdf.Root.Metadata.read_bytes()
    head = packet[: packet.index(b"?>")]
    assert b"bytes=" not in head
    assert b"encoding=" not in head
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as told:
        assert (told["pdfaid:part"], told["pdfaid:conformance"]) == ("3", "B")
        assert told["xmp:CreateDate"].startswith("2026-11-24T09:00:00")
        assert told["xmp:ModifyDate"].startswith("2026-11-24T09:00:00")
    assert str(pdf.docinfo.CreationDate).startswith("D:20261124090000")
    assert str(pdf.docinfo.get("/ModDate", "D:20261124090000")).startswith("D:20261124090000")


def test_each_attached_file_is_described_and_associated(pdf: pikepdf.Pdf) -> None:
    """6.8: names in both spellings, kind, relation, date, and a place among the associated files."""
    associated = {spec.objgen for spec in pdf.Root.AF}
    files = list(pdf.Root.Names.EmbeddedFiles.Names)[1::2]
    assert {spec.objgen for spec in files} == associated
    for spec in files:
        assert spec.F == spec.UF
        assert spec.AFRelationship in (Name.Source, Name.Supplement)
        assert spec.Desc
        assert "/" in str(spec.EF.F.Subtype)[1:]
        assert str(spec.EF.F.Params.ModDate).startswith("D:20261124090000")


def test_the_pages_are_tagged_and_their_language_is_told(pdf: pikepdf.Pdf) -> None:
    """What 3b does not ask, and people who listen need: 6.7 of level A, as far as the file goes."""
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.Lang == "en"
    assert pdf.Root.StructTreeRoot.K
    assert len(list(pdf.Root.StructTreeRoot.ParentTree.Nums)) == 2 * len(pdf.pages)
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
