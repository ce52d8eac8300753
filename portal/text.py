"""Text in the two languages of the portal, kept side by side so that neither can drift away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Text:
    """One piece of text in English and Simplified Chinese."""

    en: str
    zh: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en

    @classmethod
    def read(cls, value: Mapping[str, str]) -> Self:
        """Take ``{en: …, zh: …}`` as content files write it; both are required."""
        return cls(en=value["en"], zh=value["zh"])

    def filled(self, **values: object) -> "Text":
        """The text with its ``{placeholders}`` replaced; a ``Text`` value gives each language its own side."""
        return Text(
            en=self.en.format(**{k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
            zh=self.zh.format(**{k: v.zh if isinstance(v, Text) else v for k, v in values.items()}),
        )

    def to_json(self) -> dict[str, str]:
        return {"en": self.en, "zh": self.zh}
