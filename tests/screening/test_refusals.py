"""Refusals of list files: each code has its text in both languages, and the place in the file is told with it."""

import re

import pytest

from portal.config import SOURCE_ROOT
from portal.screening.refusals import Refusal, texts

USED = re.compile(r"""(?:ListRefused|FetchFailed|_Older)\(\s*"(\w+)\"""")
CHOSEN = re.compile(r"""ListRefused\("(\w+)" if \w+ else "(\w+)\"""")
FIELDS = re.compile(r"\{(\w+)")


def test_every_code_that_is_raised_has_a_text_and_no_text_is_left_over() -> None:
    used = set()
    for path in (*(SOURCE_ROOT / "portal/screening").rglob("*.py"), SOURCE_ROOT / "portal/authority/list_files.py"):
        source = path.read_text(encoding="utf-8")
        used |= set(USED.findall(source)) | {code for pair in CHOSEN.findall(source) for code in pair}
    assert used == set(texts())


def test_both_languages_tell_the_same_values() -> None:
    for code, text in texts().items():
        assert set(FIELDS.findall(text.en)) == set(FIELDS.findall(text.zh)), code


@pytest.mark.parametrize(
    ("place", "english", "chinese"),
    [
        (0, "a.csv: 'x' is no date", "a.csv：“x”不是日期"),
        (7, "a.csv, line 7: 'x' is no date", "a.csv第7行：“x”不是日期"),
        ("results/4", "a.csv, results/4: 'x' is no date", "a.csv（results/4）：“x”不是日期"),
    ],
)
def test_the_place_in_the_file_is_told(place: int | str, english: str, chinese: str) -> None:
    told = Refusal.read(Refusal.of("no_date", "a.csv", place, value="x").to_json()).told
    assert (told.en, told.zh) == (english, chinese)
