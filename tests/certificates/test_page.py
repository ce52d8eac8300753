"""The certificate's pages: always two, always whole, readable by people, and saying what they leave out."""

import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.certificates import fonts, ornament, page, printed, wording
from tests.certificates.drawn import (
    STATEMENT,
    certificate,
    drawn,
    extreme,
    folder,
    pages_text,
    statement,
)

__all__ = ["certificate", "folder"]


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


@pytest.mark.parametrize("method", wording.METHODS)
def test_how_it_was_attested_is_told_in_words_and_what_is_weak_is_marked(folder: Path, method: str) -> None:
    _front, back = pages_text(drawn(statement(attestation__method=method), folder))
    assert wording.METHODS[method].zh[:6] in back
    assert ("weaker evidence" in back) == (method in wording.WEAK_METHODS)
    assert ("▲ " + wording.METHODS[method].en.split()[0] in back) == (method in wording.WEAK_METHODS)


def test_another_statement_has_another_ornament() -> None:
    one, two = (ornament.rosette(bytes([seed]) * 32, millimetres=62) for seed in (1, 2))
    assert one.parts != two.parts
    assert ornament.rosette(b"\x01" * 32, millimetres=62) == one
    for drawing in (one, two, ornament.band(millimetres=182, height=5.4)):
        for operators in drawing.parts.values():
            assert re.fullmatch(rb"[-0-9. RGwjJmcS\n]+", operators), "numbers in a form that every reader knows"


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
