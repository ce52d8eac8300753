"""Which questions a guidance page explains, read from the questionnaires that point to it.

The questionnaires are handed in by whoever knows both rooms; this room asks only for the shape below.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from portal.text import Text


class AskedPage(Protocol):
    """A page of a questionnaire; ``guidance`` is the slug of the page that explains it, or empty."""

    @property
    def title(self) -> Text: ...
    @property
    def guidance(self) -> str | None: ...


class AskedSection(Protocol):
    """A section of a questionnaire."""

    @property
    def pages(self) -> Sequence[AskedPage]: ...


class Asked(Protocol):
    """A questionnaire."""

    @property
    def title(self) -> Text: ...
    @property
    def sections(self) -> Sequence[AskedSection]: ...


@dataclass(frozen=True, slots=True)
class Topic:
    """One questionnaire with the titles of those of its pages that a guidance page explains."""

    questionnaire: Text
    pages: tuple[Text, ...]


def topics(questionnaires: Iterable[Asked]) -> dict[str, tuple[Topic, ...]]:
    """For each guidance slug, what the questionnaires ask about it, in their own order."""
    found: dict[str, list[Topic]] = {}
    for questionnaire in questionnaires:
        asked: dict[str, list[Text]] = {}
        for section in questionnaire.sections:
            for page in section.pages:
                if page.guidance:
                    asked.setdefault(page.guidance, []).append(page.title)
        for slug, titles in asked.items():
            found.setdefault(slug, []).append(Topic(questionnaire.title, tuple(dict.fromkeys(titles))))
    return {slug: tuple(entries) for slug, entries in found.items()}
