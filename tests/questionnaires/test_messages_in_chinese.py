"""Every message and word of the room has its Chinese, with the same places to fill in."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale

from portal.questionnaires.fields import Wrong
from portal.questionnaires.fields.text import LineAnswer

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "portal" / "questionnaires" / "translations" / "zh_Hans" / "LC_MESSAGES" / "messages.po"
PLACE = re.compile(r"%\(\w+\)s")


def _used() -> set[str]:
    methods = [("**.py", "python"), ("**.html", "jinja2")]
    folders = (ROOT / "portal" / "questionnaires", ROOT / "templates" / "questionnaires")
    return {str(found[2]) for folder in folders for found in extract_from_dir(folder, method_map=methods)}


def test_catalogue_has_all_messages_and_no_other() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_Hans", abort_invalid=True)
    translated = {str(message.id): str(message.string) for message in catalogue if message.id}
    assert translated.keys() == _used()
    for english, chinese in translated.items():
        assert re.search(r"[\u4e00-\u9fff]", chinese) or english.startswith("%(message)s"), english
        assert sorted(PLACE.findall(english)) == sorted(PLACE.findall(chinese)), english


def test_message_follows_the_language_of_the_page(app: Flask) -> None:
    wrong: Wrong = LineAnswer()._too_long(2000)
    assert str(wrong) == "Shorten your answer to 2,000 characters or fewer"
    with app.test_request_context("/"), force_locale("zh_Hans"):
        assert str(wrong) == "请将答复缩短至2,000个字符以内"
