"""The certificate's fonts: what they cover, that they are made once, and that nothing else is seen."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from portal.certificates import fonts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("fonts")
    fonts.build(target)
    return target


def test_everything_needed_is_made(folder: Path) -> None:
    assert fonts.missing(folder) == []
    fonts.require(folder)


def test_the_second_time_nothing_is_made_again(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    made = fonts.build(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert {path.name for path in made} >= {"PortalSansSC-Regular.otf", "PortalSansSC-Bold.otf"}


def test_a_lost_file_is_made_again(tmp_path: Path) -> None:
    fonts.build(tmp_path)
    (tmp_path / "PortalMono-Regular.otf").unlink()
    assert fonts.missing(tmp_path) == ["PortalMono-Regular.otf"]
    fonts.build(tmp_path)
    assert fonts.missing(tmp_path) == []


def test_making_twice_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    fonts.build(tmp_path)
    for path in folder.glob("Portal*"):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_both_weights_hold_all_of_gb2312(folder: Path) -> None:
    points = fonts.gb2312()
    assert len(points) == 6763 + 682
    for weight in ("Regular", "Bold"):
        with TTFont(folder / f"PortalSansSC-{weight}.otf", lazy=True) as font:
            assert points <= set(font.getBestCmap())


def test_a_family_of_our_own_is_named(folder: Path) -> None:
    with TTFont(folder / "PortalSansSC-Bold.otf", lazy=True) as font:
        assert font["name"].getDebugName(1) == "Portal Sans SC"
        assert font["name"].getDebugName(2) == "Bold"
        assert not any("Noto" in str(record) for record in font["name"].names if record.nameID in range(1, 7))


@pytest.mark.parametrize("name", ["PortalSansSC-Regular.otf", "PortalMono-Regular.otf", "PortalSansRare-Regular.otf"])
def test_glyph_numbers_are_cids(folder: Path, name: str) -> None:
    with TTFont(folder / name) as font:
        order = font.getGlyphOrder()
        assert order == [".notdef", *(f"cid{number:05d}" for number in range(1, len(order)))]


@pytest.mark.parametrize(
    "text",
    [
        "Ünïted Straße Łódź Dvořák",
        "云南滇锗光电材料有限公司",
        "㐂龘𠮷",
        "주식회사 한국광학",
        "株式会社ヒカリ",
        "Ооо Оптика",
        "±½µ²≥→▲●",
    ],
)
def test_names_in_many_scripts_can_be_shown(folder: Path, text: str) -> None:
    assert fonts.missing_glyphs(text, folder) == set()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("ok 😀", {"😀"}),
        ("a\u202eb", {"\u202e"}),
        ("a\u200bb", {"\u200b"}),
        ("a\x00b", {"\x00"}),
        ("\ue000", {"\ue000"}),
        ("line\nbreak\tand space", set()),
    ],
)
def test_what_cannot_be_seen_counts_as_missing(folder: Path, text: str, missing: set[str]) -> None:
    assert fonts.missing_glyphs(text, folder) == missing


def test_an_empty_folder_names_the_fix(tmp_path: Path) -> None:
    with pytest.raises(fonts.FontsUnavailable, match="portal assets build"):
        fonts.missing_glyphs("a", tmp_path)


def test_without_the_source_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_FOLDERS", (str(tmp_path),))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(fonts.FontsUnavailable, match="fonts-noto-cjk"):
        fonts.build(tmp_path / "made")
    assert not (tmp_path / "made").exists()
