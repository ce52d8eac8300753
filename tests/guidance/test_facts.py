"""The facts on the pages are those of the control data: nobody may change one and leave the other."""

import re
from functools import cache
from typing import Any

import pytest
import yaml

from portal.guidance import content

MEASURES = sorted((content.ROOM.parent / "controls" / "data" / "measures").glob("*.yaml"))
PAGE = content.ROOM / "pages" / "strategic-minerals"
HS_CODE = re.compile(r"(?<!\d)(?:\d{10}|\d{8})(?!\d)")
CONTROL_CODE = re.compile(r"(?<![0-9A-Z])\d[A-E]\d{3}(?!\d)")


@cache
def measures() -> dict[str, dict[str, Any]]:
    return {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in MEASURES}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("pattern", [HS_CODE, CONTROL_CODE], ids=["tariff codes", "control codes"])
def test_every_code_on_the_page_stands_in_the_control_data(language: str, pattern: re.Pattern[str]) -> None:
    known = set(pattern.findall("\n".join(path.read_text(encoding="utf-8") for path in MEASURES)))
    shown = set(pattern.findall((PAGE / f"{language}.md").read_text(encoding="utf-8")))
    assert len(shown) > 10
    assert shown <= known


def test_both_languages_show_the_same_numbers() -> None:
    def codes(language: str) -> list[str]:
        text = (PAGE / f"{language}.md").read_text(encoding="utf-8")
        return sorted(HS_CODE.findall(text) + CONTROL_CODE.findall(text))

    assert codes("en") == codes("zh")


def test_announcements_carry_the_same_mark_in_both_rooms() -> None:
    marks: dict[str, set[str]] = {}
    for measure in measures().values():
        marks.setdefault(str(measure["number"]).split(" ")[0], set()).add(measure["mark"])
    compared = 0
    for source in content.sources.load(content.ROOM / "sources.yaml").values():
        number = re.fullmatch(r"A(\d+)-(\d{4})", source.key)
        if number and (found := marks.get(f"{number[1]}/{number[2]}")):
            assert source.mark in found, source.key
            compared += 1
    assert compared >= 10
