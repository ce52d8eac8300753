"""Every word of the interface exists in Chinese."""

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from portal.config import SOURCE_ROOT
from portal.web import language

ROOMS = ("accounts", "authority", "controls", "guidance", "questionnaires", "shipments", "verification", "web", "risk")
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "N_": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def used(room: str) -> Iterator[tuple[str, str]]:
    """Each message of a room with the place where it stands."""
    places = [
        (SOURCE_ROOT / "portal" / room, [("**.py", "python")]),
        (SOURCE_ROOT / "templates" / room, [("**.html", "jinja2")]),
    ]
    for folder, methods in places:
        if folder.is_dir():
            for file, line, message, *_ in extract_from_dir(folder, methods, keywords=KEYWORDS):
                text = message[0] if isinstance(message, tuple) else message
                yield text, f"{folder.name}/{file}:{line}"


def catalogue(room: str) -> dict[str, str]:
    path: Path = SOURCE_ROOT / "portal" / room / "translations/zh_Hans/LC_MESSAGES/messages.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        read = read_po(file, locale="zh_Hans", abort_invalid=True)
    return {
        (m.id[0] if isinstance(m.id, tuple) else m.id): (m.string[0] if isinstance(m.string, tuple) else m.string)
        for m in read
        if m.id and not m.fuzzy
    }


@pytest.mark.parametrize("room", ROOMS)
def test_every_message_is_translated(room: str) -> None:
    known: dict[str, str] = {}
    for other in ROOMS:
        known |= {k: v for k, v in catalogue(other).items() if v}
    missing = sorted({f"{text!r} ({place})" for text, place in used(room) if not known.get(text)})
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("room", ROOMS)
def test_translations_keep_the_placeholders(room: str) -> None:
    for source, chinese in catalogue(room).items():
        assert set(PLACEHOLDER.findall(source)) == set(PLACEHOLDER.findall(chinese)), source


@pytest.mark.parametrize("room", ROOMS)
def test_catalogue_holds_nothing_unused(room: str) -> None:
    everywhere = {text for other in ROOMS for text, _ in used(other)}
    assert sorted(set(catalogue(room)) - everywhere) == []


def test_two_rooms_translate_a_message_alike() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for room in ROOMS:
        for source, chinese in catalogue(room).items():
            first = seen.setdefault(source, (room, chinese))
            assert first[1] == chinese, f"{source!r}: {first[0]} and {room} differ"


def test_processes_that_start_at_once_compile_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Path("web/translations/zh_Hans/LC_MESSAGES")
    (tmp_path / inside).mkdir(parents=True)
    shutil.copy(SOURCE_ROOT / "portal" / inside / "messages.po", tmp_path / inside)
    monkeypatch.setattr(language, "PORTAL", tmp_path)
    with ThreadPoolExecutor(8) as pool:
        for made in [pool.submit(language.compile_catalogues) for _ in range(8)]:
            made.result()
    assert {path.name for path in (tmp_path / inside).iterdir()} == {"messages.po", "messages.mo"}
