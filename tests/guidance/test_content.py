"""Loading and checking the pages: the shipped ones, and small ones that are each wrong in one way."""

import re
from datetime import date
from pathlib import Path

import pytest

from portal.guidance import content
from portal.guidance.content import ContentError

PAGE = """slug: "lens"
version: "1.0.0"
reviewed: "2026-11-24"
order: 1
title: {en: "Lens", zh: "透镜"}
summary: {en: "About lenses.", zh: "关于透镜。"}
"""
SOURCES = 'LAW: {mark: "V", short: {en: "the law", zh: "法律"}, title: {en: "The law", zh: "法律文本"}}\n'
EN = "Text [@LAW].\n\n{#glass}\n## Glass\n\nMore, see [above](page:lens#glass).\n"
ZH = "正文[@LAW]。\n\n{#glass}\n## 玻璃\n\n另见[上文](page:lens#glass)。\n"


def room(folder: Path, *, page: str = PAGE, en: str = EN, zh: str = ZH, sources: str = SOURCES) -> Path:
    home = folder / "pages" / "lens"
    home.mkdir(parents=True)
    (folder / "sources.yaml").write_text(sources, encoding="utf-8")
    (home / "page.yaml").write_text(page, encoding="utf-8")
    (home / "en.md").write_text(en, encoding="utf-8")
    (home / "zh.md").write_text(zh, encoding="utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        content.load(folder)
    return [f"{problem.path.name}:{problem.line}: {problem.message}" for problem in caught.value.problems]


def test_the_six_pages_in_reading_order() -> None:
    assert content.slugs() == (
        "due-diligence",
        "end-use",
        "end-user",
        "red-flags",
        "strategic-minerals",
        "verify-a-certificate",
    )


@pytest.mark.parametrize("slug", content.slugs())
def test_each_page_is_as_long_as_the_brief_asks_and_ends_in_a_checklist_and_what_happens_next(slug: str) -> None:
    page = content.page(slug)
    english = sum(len(section.text.split()) for section in page.en.sections)
    chinese = sum(len(re.findall("[\u4e00-\u9fff]", section.text)) for section in page.zh.sections)
    assert 600 <= english <= 1200
    # A Chinese text of equal content takes about 1.5 to 2 characters for each English word.
    assert 1.2 <= chinese / english <= 2.4
    for body in (page.en, page.zh):
        assert "guidance-box--checklist" in body.html
        assert body.html.index("guidance-box--next") > body.html.index("guidance-box--checklist")
    assert page.reviewed == date(2026, 11, 24)
    assert page.sources


def test_summaries_come_in_the_language_asked_for() -> None:
    assert [entry.title for entry in content.summaries("en")][:2] == ["What due diligence is", "End use"]
    assert [entry.title for entry in content.summaries("zh")][:2] == ["什么是尽职调查", "最终用途"]
    assert all(re.search("[\u4e00-\u9fff]", entry.summary) for entry in content.summaries("zh"))


def test_an_unknown_slug_is_its_own_error() -> None:
    with pytest.raises(content.UnknownPage):
        content.page("nothing")
    with pytest.raises(content.UnknownPage):
        content.neighbours("nothing")


def test_neighbours_end_at_both_ends() -> None:
    assert content.neighbours("due-diligence")[0] is None
    before, after = content.neighbours("end-use")
    assert before is not None
    assert after is not None
    assert (before.slug, after.slug) == ("due-diligence", "end-user")
    assert content.neighbours("verify-a-certificate")[1] is None


def test_a_sound_page_loads(tmp_path: Path) -> None:
    page = content.load(room(tmp_path))["lens"]
    assert [source.key for source in page.sources] == ["LAW"]
    assert [section.title for section in page.zh.headings] == ["玻璃"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"zh": " \n"}, "zh.md:1: this language of the page is missing"),
        ({"en": EN.replace("LAW", "DECREE"), "zh": ZH}, "en.md:1: source DECREE is not in sources.yaml"),
        ({"zh": ZH.replace("lens#glass", "lamp")}, "zh.md:6: no guidance page lamp"),
        ({"zh": ZH.replace("lens#glass", "lens#sand")}, "zh.md:6: page lens has no heading sand"),
        ({"en": EN.replace("page:lens#glass", "site:nowhere")}, "en.md:6: no address nowhere; known"),
        ({"en": EN.replace("page:lens#glass", "http://x.org")}, "en.md:6: link http://x.org"),
        ({"en": EN.replace("{#glass}\n", "")}, "en.md:3: heading without {#id}"),
        ({"en": EN + "\n{#glass}\n## Again\n"}, "en.md:9: heading id glass is used twice"),
        ({"en": EN + "\n{#sand}\n#### Deep\n"}, "en.md:9: heading of level 4 after level 2"),
        ({"en": EN + "\n{#sand}\n# Title\n"}, "en.md:9: heading of level 1 after level 2"),
        ({"en": EN + "\nSo it is {doubtful}.\n"}, "en.md:8: {doubtful} is no warning"),
        ({"en": EN + "\n::: gold\nText\n:::\n"}, "en.md:8: no such box"),
        ({"en": EN + "\n::: good\nText\n\n{#sand}\n## Sand\n"}, "en.md:12: a box or list above this heading"),
        ({"en": EN + "\n| a |\n|---|\n| b |\n"}, "en.md:8: table without {caption="),
        ({"zh": ZH.replace("#glass}", "#sand}")}, "zh.md:4: heading is sand, in English it is glass"),
        ({"zh": ZH + "\n多一段。\n"}, "zh.md:1: blocks differ from English: lacks nothing; has besides paragraph"),
        ({"zh": ZH.replace("[@LAW]", "")}, "zh.md:1: citations and links differ from English: lacks @LAW"),
        ({"zh": ZH + "\n{#sand}\n## 沙\n"}, "zh.md:1: headings differ from English: lacks nothing; has besides sand"),
        ({"page": PAGE.replace('zh: "透镜"', 'zh: "Lens"')}, "page.yaml:5: 'Lens' does not match"),
        ({"page": PAGE.replace(', zh: "关于透镜。"', "")}, "page.yaml:6: 'zh' is a required property"),
        ({"page": PAGE.replace("1.0.0", "one")}, "page.yaml:2: 'one' does not match"),
        ({"page": PAGE.replace('slug: "lens"', 'slug: "lamp"')}, "page.yaml:1: slug is lamp, the folder lens"),
        ({"page": 'slug: "lens\n'}, "page.yaml:2: not YAML"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(tmp_path: Path, change: dict[str, str], expected: str) -> None:
    found = problems(room(tmp_path, **change))
    assert any(line.startswith(expected) for line in found), found


def test_a_source_needs_a_known_mark(tmp_path: Path) -> None:
    assert problems(room(tmp_path, sources=SOURCES.replace('"V"', '"sure"')))[0].startswith("sources.yaml:1: 'sure'")


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    found = problems(room(tmp_path, en=EN.replace("LAW", "A"), zh=ZH.replace("LAW", "B")))
    assert len(found) == 3


def test_no_source_is_kept_that_no_page_cites() -> None:
    cited = {source.key for page in content.pages().values() for source in page.sources}
    assert cited == set(content.sources.load(content.ROOM / "sources.yaml"))
