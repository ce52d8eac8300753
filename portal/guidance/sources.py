"""The sources that guidance cites, and how sure the portal is of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from portal.guidance.data import read
from portal.text import Text

Mark = Literal["V", "V2", "M", "I"]


@dataclass(frozen=True, slots=True)
class Certainty:
    """What a mark tells the reader: a word for the tag, and one sentence."""

    word: Text
    meaning: Text


CERTAINTY: Mapping[str, Certainty] = {
    "V": Certainty(
        Text("read", "已核"),
        Text("We read this in a published text of the source.", "本门户已查阅该文件的公开文本。"),
    ),
    "V2": Certainty(
        Text("second-hand", "转引"),
        Text(
            "We read this only in someone else's copy, translation or summary. Check the official text first.",
            "仅见于他人转载、翻译或者摘要，使用前请核对官方文本。",
        ),
    ),
    "M": Certainty(
        Text("unverified", "未核实"),
        Text(
            "We have not found this in a source yet. Do not rely on it until you have checked it.",
            "尚未在任何来源中查证，核实之前请勿作为依据。",
        ),
    ),
    "I": Certainty(
        Text("inferred", "推断"),
        Text(
            "This is our own conclusion, not the words of a law or notice.",
            "系本门户自行推断，并非法律或者公告的规定。",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Source:
    """One law, notice or piece of guidance. ``short`` is the form used inside a sentence."""

    key: str
    short: Text
    title: Text
    mark: Mark

    @property
    def certainty(self) -> Certainty:
        return CERTAINTY[self.mark]


def load(path: Path) -> dict[str, Source]:
    """The sources of one YAML file by key; raises ``ContentError`` naming file and line."""
    return {
        key: Source(key, Text.read(value["short"]), Text.read(value["title"]), value["mark"])
        for key, value in read(path, "sources").items()
    }
