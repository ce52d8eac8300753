"""From Markdown to HTML: what is allowed, what is escaped, and how doubt is shown."""

import re

from portal.guidance import markup
from portal.guidance.sources import Mark, Source
from portal.text import Text


def source(key: str, mark: Mark) -> Source:
    return Source(key, Text(f"law {key}", f"法律{key}"), Text("Title", "标题"), mark)


SOURCES = {key: source(key, mark) for key, mark in (("A", "V"), ("B", "V2"), ("C", "M"), ("D", "I"))}


def html(text: str, language: str = "en") -> str:
    return markup.render(markup.parse(text), SOURCES, language)


def test_html_in_the_text_is_shown_not_run() -> None:
    made = html('<script>alert(1)</script>\n\nA <b onclick="x">b</b> [c](javascript:alert(1))')
    assert "<script" not in made
    assert "<b" not in made
    assert "href" not in made
    assert "&lt;script&gt;" in made


def test_attributes_are_limited_to_id_and_caption() -> None:
    made = html('{#here onclick="x" style="y" .loud}\n## Title')
    assert made == '<h2 id="here" class="govuk-heading-m">Title</h2>\n'


def test_a_citation_links_to_its_source_and_tells_doubt_in_words() -> None:
    made = html("It is so [@A].")
    assert '(<a class="govuk-link" href="#source-A">law A</a>).' in made.replace("</span>", "")
    assert "guidance-mark" not in made
    for key, word in (("B", "second-hand"), ("C", "unverified"), ("D", "inferred")):
        assert f">{word}</strong>" in html(f"It is so [@{key}].")
    assert ">未核实</strong>" in html("如此[@C]。", "zh")


def test_one_citation_may_name_several_sources() -> None:
    assert html("So [@A; C].").count('href="#source-') == 2


def test_warnings_are_words_in_the_language_of_the_page() -> None:
    assert ">check now</strong>" in html("Ends soon {check-now}.")
    assert ">请即核查</strong>" in html("即将到期{check-now}。", "zh")


def test_links_are_relative_to_the_address_of_a_page() -> None:
    made = html("[a](page:end-use#wmd) [b](site:verify) [c](https://example.org/x)")
    assert 'href="end-use#wmd"' in made
    assert 'href="../verify"' in made
    assert 'href="https://example.org/x"' in made


def test_a_table_has_caption_scopes_and_labels_for_its_card_form() -> None:
    made = html('{caption="Metals & more"}\n| Metal | Since |\n|---|---|\n| Gallium | 2023 |\n')
    assert "Metals &amp; more</caption>" in made
    assert 'scope="col"' in made
    assert re.search('<th [^>]*scope="row"[^>]*>Gallium</th>', made)
    assert re.search('<td [^>]*data-label="Since"[^>]*>2023</td>', made)
    assert ' caption="' not in made


def test_chinese_has_no_blanks_from_line_ends_or_after_bold() -> None:
    made = html("**停下。** 警示未消除，\n不发货。", "zh")
    assert "停下。</strong>警示未消除，不发货。" in made
    assert "<strong>Stop.</strong> Nothing\nis" in html("**Stop.** Nothing\nis shipped.")


def test_a_box_says_in_words_what_it_is() -> None:
    assert '<p class="guidance-box__label">Stop</p>' in html("::: stop\nReport.\n:::")
    assert '<p class="guidance-box__label">自查清单</p>' in html("::: checklist\n- 一\n:::", "zh")


def test_sections_hold_plain_words_only() -> None:
    tokens = markup.parse("Before [@A].\n\n{#one}\n## One `x`\n\nText **bold** [@A]; [link](page:b) {unverified}.\n")
    assert markup.sections(tokens) == (
        markup.Section("", "", "Before."),
        markup.Section("one", "One x", "Text bold; link."),
    )
