"""The certificate's pages: always two, always whole, the statement inside once, readable by machines and people."""

import copy
import io
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pikepdf
import pypdfium2
import pytest
import rfc8785
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from portal.certificates import fonts, ornament, page, printed, qr, wording

DIGEST = "a3f5" * 16
QR_TEXT = "DDC1:" + ("6BFOXN%TSMAHN-H3ZSUZK+.V0ET9%6-AH-R61ROR$SIOOP-I" * 20)[:840]
NUMBER = "DDC-2026-0000123-S"
STATEMENT: dict[str, Any] = {
    "type": "due-diligence-statement",
    "schema": "1",
    "test": True,
    "number": NUMBER,
    "revision": 1,
    "supersedes": None,
    "issuer": {
        "id": "test",
        "name": {"en": "Due-diligence portal (test issuer)", "zh": "尽职调查平台（测试签发机构）"},
    },
    "issued_at": "2026-11-24T09:00:00Z",
    "valid_until": "2027-05-23",
    "purpose": "licence-application",
    "exporter": {
        "name": "云南滇锗光电材料有限公司",
        "name_en": "Yunnan Dianzhe Optoelectronic Materials Co., Ltd",
        "identifier": {"scheme": "USCC", "value": "91530100MA6K2XYT3X"},
        "address": "云南省昆明市高新技术产业开发区科医路88号",
        "country": "CN",
    },
    "parties": [
        {
            "role": "end_user",
            "name": "Feinoptik Jena GmbH",
            "name_native": "",
            "country": "DE",
            "address": "07745 Jena",
        },
        {
            "role": "freight_forwarder",
            "name": "Kunming Air Logistics Co., Ltd",
            "name_native": "昆明航空物流有限公司",
            "country": "CN",
            "address": "昆明市官渡区",
        },
    ],
    "goods": [
        {
            "line": 1,
            "name": "Germanium lens blanks",
            "name_zh": "锗透镜毛坯",
            "element": "Ge",
            "chemical_form": "single crystal",
            "purity": "99.999 %",
            "particle_size": "",
            "hs_code": "8112991000",
            "control_code": "",
            "control_state": "controlled",
            "quantity": {"value": "240", "unit": "C62"},
            "net_weight_kg": "36.5",
            "value": {"amount": "87600.00", "currency": "USD"},
            "country_of_origin": "CN",
        }
    ],
    "route": {"from": "CN", "transit": ["SG"], "to": "DE", "mode": "air"},
    "end_use": {"en": "Infrared lenses for building inspection.", "zh": "用于建筑检测的红外镜头。"},
    "contract": {"number": "DZ-2026-1187", "date": "2026-10-01"},
    "licence": None,
    "assessment": {
        "band": "low",
        "points": 12,
        "outcome": "certify",
        "policy": {"id": "military-use", "version": "1.0.0", "digest": DIGEST},
        "factors": [
            {
                "id": "infrared",
                "kind": "factor",
                "points": 12,
                "text": {"en": "The goods have known military uses.", "zh": "货物已知可用于军事用途。"},
            }
        ],
        "lists": [
            {
                "source": "cn",
                "edition": "2026-08-22",
                "published": "2026-08-22",
                "entries": 203,
                "binding": True,
                "incomplete": True,
                "digest": DIGEST,
            }
        ],
        "questionnaires": [{"id": "end-use", "version": "1.0.0", "digest": DIGEST}],
        "answers_digest": DIGEST,
    },
    "attestation": {"officer": "王海燕", "position": "合规负责人", "at": "2026-11-24T08:41:00Z", "method": "password"},
    "status_address": f"https://portal.example.org/verify/{NUMBER}",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("fonts")
    fonts.build(target)
    return target


def statement(**changes: Any) -> dict[str, Any]:
    """A copy of the statement with members replaced; ``exporter__name`` reaches inside."""
    facts = copy.deepcopy(STATEMENT)
    for path, value in changes.items():
        *steps, last = path.split("__")
        place = facts
        for step in steps:
            place = place[step]
        place[last] = value
    return facts


def drawn(facts: dict[str, Any], folder: Path) -> bytes:
    return page.render(rfc8785.dumps(facts), qr_text=QR_TEXT, font_folder=folder)


def pages_text(data: bytes) -> list[str]:
    with pypdfium2.PdfDocument(data) as document:
        texts = []
        for number in range(len(document)):
            sheet = document[number]
            words = sheet.get_textpage()
            texts.append(re.sub(r"\s+", " ", words.get_text_range().replace("\ufffe", "")))
            words.close()
            sheet.close()
        return texts


@pytest.fixture(scope="module")
def certificate(folder: Path) -> bytes:
    return drawn(STATEMENT, folder)


def extreme(letters: str, *, rows: int) -> dict[str, Any]:
    """The longest statement that the schema allows, made of ``letters``."""

    def text(length: int) -> str:
        return (letters * (length // len(letters) + 1))[:length].strip()

    facts = statement(purpose="shipment-under-licence", supersedes="DDC-2026-0000099-K", revision=2)
    facts["issuer"]["name"] = {"en": text(4000), "zh": text(4000)}
    facts["exporter"].update(name=text(200), name_en="E" + text(199), address=text(500))
    facts["status_address"] = "https://" + "a" * 400
    roles = list(wording.ROLES)
    party = {"name": text(200), "name_native": "甲" + text(199), "country": "GB", "address": text(500)}
    facts["parties"] = [{**party, "role": roles[number % len(roles)]} for number in range(rows)]
    amount = "123456789012345.12345678"
    line = {
        **facts["goods"][0],
        "name": text(300),
        "name_zh": "乙" + text(299),
        "element": text(40),
        "chemical_form": text(200),
        "purity": text(100),
        "particle_size": text(100),
        "control_code": text(40),
        "quantity": {"value": amount, "unit": "KGM"},
        "net_weight_kg": amount,
    }
    currencies = ("USD", "EUR", "CNY", "JPY")
    facts["goods"] = [
        {**line, "line": n + 1, "value": {"amount": amount, "currency": currencies[n % 4]}} for n in range(rows)
    ]
    facts["route"]["transit"] = ["GB"] * 20
    facts["end_use"] = {"en": text(4000), "zh": "丙" + text(3999)}
    facts["contract"]["number"] = text(100)
    facts["licence"] = {"number": text(100), "valid_until": "2027-01-01"}
    assessment = facts["assessment"]
    assessment["factors"] = [
        {"id": "a", "kind": "factor", "points": -1000, "text": {"en": text(4000), "zh": text(4000)}}
    ] * (2 * rows)
    assessment["lists"] = [{**assessment["lists"][0], "source": text(40), "edition": text(100)}] * 50
    assessment["questionnaires"] = [{"id": text(80), "version": text(40), "digest": DIGEST}] * 20
    facts["attestation"].update(officer=text(120), position=text(120))
    return facts


@pytest.mark.parametrize("letters", ["有限责任公司名称", "W", "A very long company name ", "ΩЖ"])
def test_the_longest_statement_stays_on_two_pages_and_says_what_it_leaves_out(folder: Path, letters: str) -> None:
    data = drawn(extreme(letters, rows=100), folder)
    front, back = pages_text(data)
    assert re.search(r"\+ \d+ more parties in the attached statement", front)
    assert re.search(r"\+ \d+ more goods lines in the attached statement", front)
    assert re.search(r"\+ \d+ more factors in the attached statement", back)
    assert "shortened here" in front
    assert "shortened here" in back
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) == 2


def test_what_is_left_out_is_counted_exactly(folder: Path) -> None:
    facts = statement()
    facts["goods"] = [{**facts["goods"][0], "line": number + 1} for number in range(30)]
    front, _ = pages_text(drawn(facts, folder))
    shown = len(re.findall(r"8112991000", front))
    assert shown <= 12
    assert f"+ {30 - shown} more goods lines" in front
    assert "1,095" in front  # 30 lines of 36.5 kg: the total counts those that are not shown


def test_six_parties_and_twelve_lines_of_ordinary_length_show_nearly_all(folder: Path) -> None:
    facts = statement()
    facts["goods"] = [{**facts["goods"][0], "line": number + 1} for number in range(12)]
    facts["parties"] = [facts["parties"][number % 2] for number in range(6)]
    front, _ = pages_text(drawn(facts, folder))
    assert front.count("8112991000") >= 10
    assert front.count("Feinoptik") == front.count("Kunming Air") == 3
    assert "shortened" not in front


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(st.characters(codec="gb2312", exclude_categories=("Cc", "Cf", "Zl", "Zp")), min_size=1, max_size=200),
    address=st.text(st.characters(codec="latin-1", exclude_categories=("Cc", "Cf")), max_size=500),
)
def test_any_name_gives_two_pages(folder: Path, name: str, address: str) -> None:
    facts = statement(exporter__name=name, exporter__address=address)
    facts["parties"][0].update(name=name, address=address)
    assert len(pages_text(drawn(facts, folder))) == 2


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


@pytest.mark.parametrize("method", wording.METHODS)
def test_how_it_was_attested_is_told_in_words_and_what_is_weak_is_marked(folder: Path, method: str) -> None:
    _front, back = pages_text(drawn(statement(attestation__method=method), folder))
    assert wording.METHODS[method].zh[:6] in back
    assert ("weaker evidence" in back) == (method in wording.WEAK_METHODS)
    assert ("▲ " + wording.METHODS[method].en.split()[0] in back) == (method in wording.WEAK_METHODS)


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


def test_another_statement_has_another_ornament() -> None:
    one, two = (ornament.rosette(bytes([seed]) * 32, millimetres=62) for seed in (1, 2))
    assert one.parts != two.parts
    assert ornament.rosette(b"\x01" * 32, millimetres=62) == one
    for drawing in (one, two, ornament.band(millimetres=182, height=5.4)):
        for operators in drawing.parts.values():
            assert re.fullmatch(rb"[-0-9. RGwjJmcS\n]+", operators), "numbers in a form that every reader knows"


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


def test_a_seal_that_no_qr_code_holds_is_refused(folder: Path) -> None:
    with pytest.raises(page.SealTooLarge):
        page.render(rfc8785.dumps(STATEMENT), qr_text="A" * 5000, font_folder=folder)


@pytest.mark.parametrize("outcome", ["refer", "refuse"])
def test_only_a_certified_statement_is_printed(folder: Path, outcome: str) -> None:
    with pytest.raises(page.NotCertified, match=outcome):
        drawn(statement(assessment__outcome=outcome), folder)


def test_a_hard_stop_is_never_printed_as_a_certificate(folder: Path) -> None:
    facts = statement()
    facts["assessment"]["factors"][0]["kind"] = "hard_stop"
    with pytest.raises(page.NotCertified, match="hard stop"):
        drawn(facts, folder)


@pytest.mark.parametrize("name", ["Rocket 😀 Ltd", "Ltd\u202eevil", "बजाज"])
def test_a_name_that_cannot_be_shown_stops_the_issue(folder: Path, name: str) -> None:
    with pytest.raises(page.GlyphMissing) as caught:
        drawn(statement(exporter__name=name), folder)
    assert caught.value.characters <= set(name)


@pytest.mark.parametrize(
    "name",
    ["한국광학 주식회사 (서울), 2", "龘㐂𠮷 实业有限公司", "株式会社 ヒカリ", "ООО «Оптика» №1", "Công ty Quang học"],
)
def test_names_in_other_scripts_are_drawn_with_their_spaces(folder: Path, name: str) -> None:
    front, _ = pages_text(drawn(statement(exporter__name=name), folder))
    assert name.replace(" ", "") in front.replace(" ", "")


def test_an_empty_box_on_the_page_stops_the_issue() -> None:
    with pytest.raises(page.GlyphMissing) as caught:
        page._require_drawn(SimpleNamespace(fonts={"a": SimpleNamespace(missing={0x1F680: 7})}))
    assert caught.value.characters == {"🚀"}


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script><img src=x>",
        "{{7*7}}{% raw %}",
        "&lt;b&gt; & \"quoted\" 'single'",
        "</table></body><h1>Forged",
        "url(file:///etc/passwd)",
    ],
)
def test_hostile_names_print_as_they_are(folder: Path, name: str) -> None:
    front, _ = pages_text(drawn(statement(exporter__name=name), folder))
    assert name.replace(" ", "") in front.replace(" ", "")


def test_right_to_left_names_stay_in_their_row(folder: Path) -> None:
    if fonts.missing_glyphs("شركة", folder):
        pytest.skip("no installed font has Arabic")
    facts = statement()
    facts["parties"][0]["name_native"] = "شركة البصريات المتقدمة"
    front, _ = pages_text(drawn(facts, folder))
    assert "Feinoptik Jena GmbH" in front


def test_nothing_is_ever_fetched() -> None:
    pictures = page._OwnPictures({page.SEAL_ADDRESS: b"png"})
    for address in ("https://example.org/x.png", "file:///etc/passwd", "data:image/png;base64,AA==", "seal:other"):
        with pytest.raises(ValueError, match="fetches nothing"):
            pictures.fetch(address)


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ({"purpose": "licence-application"}, "does not permit export", "不作为出口凭证"),
        (
            {"purpose": "shipment-under-licence", "licence": {"number": "26AB1234567", "valid_until": "2027-03-31"}},
            "under export licence 26AB1234567, valid until 31 Mar 2027",
            "有效期至2027年3月31日",
        ),
        ({"purpose": "shipment-uncontrolled"}, "were not found to be controlled on 24 Nov 2026", "截至2026年11月24日"),
    ],
)
def test_the_purpose_is_plain_in_both_languages(
    folder: Path, changes: dict[str, Any], english: str, chinese: str
) -> None:
    front, _ = pages_text(drawn(statement(**changes), folder))
    assert english in front
    assert chinese in front.replace(" ", "")


def test_a_test_certificate_is_marked_on_both_pages_and_another_is_not(certificate: bytes, folder: Path) -> None:
    assert all("TEST" in text and "测试" in text for text in pages_text(certificate))
    facts = statement(test=False)
    facts["issuer"]["name"] = {"en": "Ministry", "zh": "商务部"}
    assert not any("TEST" in text or "测试" in text for text in pages_text(drawn(facts, folder)))


def test_both_pages_say_that_it_is_no_licence(certificate: bytes) -> None:
    for text in pages_text(certificate):
        assert "Not an export licence" in text
        assert "本证书不是出口许可证" in text


def test_it_stays_small(certificate: bytes) -> None:
    assert len(certificate) <= 105_000


@pytest.mark.parametrize(("text", "limit", "shown"), [("abc", 3, "abc"), ("abcdef", 5, "abc…"), ("中文字", 5, "中…")])
def test_texts_are_cut_by_the_width_they_print(text: str, limit: int, shown: str) -> None:
    short = printed.Shortening()
    assert short.cut(text, limit) == shown
    assert short.used == (shown != text)


@pytest.mark.parametrize(
    ("code", "english", "chinese"),
    [
        ("DE", "Germany", "德国"),
        ("HK", "Hong Kong, China", "中国香港"),
        ("TW", "Taiwan, China", "中国台湾"),
        ("ZZ", "", ""),
    ],
)
def test_countries_are_named_in_both_languages(code: str, english: str, chinese: str) -> None:
    name = wording.country(code)
    if english:
        assert (name.en, name.zh) == (english, chinese)
    else:
        assert name.en


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
