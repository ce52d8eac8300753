"""Find sections of the guidance by words, in either language, without an index: there are a few dozen sections."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.guidance.content import Page, pages
from portal.guidance.markup import Section
from portal.text import Language

QUERY_LIMIT = 200
EXCERPT = {"en": 180, "zh": 70}
TITLE_WEIGHT = 10

_LATIN = re.compile(r"[0-9a-z][0-9a-z./%-]*", re.IGNORECASE)
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """One section that holds every word asked for. ``excerpt`` alternates plain text and found words."""

    slug: str
    page_title: str
    section_id: str
    section_title: str
    excerpt: tuple[str, ...]
    score: int


def terms(query: str) -> tuple[tuple[str, ...], ...]:
    """The words of a query, each as the pieces that a text should hold.

    Chinese has no blanks, so a run of it is one word in overlapping pairs of characters.
    """
    text = query[:QUERY_LIMIT].casefold()
    words = [(word.rstrip("./-"),) for word in _LATIN.findall(text)]
    runs = [tuple(run[at : at + 2] for at in range(max(1, len(run) - 1))) for run in _CHINESE.findall(text)]
    return tuple(dict.fromkeys(words + runs))


def search(query: str, language: Language, among: Iterable[Page] | None = None) -> tuple[Hit, ...]:
    """Sections that hold every word of the query, best first; nothing for a query without words."""
    wanted = terms(query)
    if not wanted:
        return ()
    hits = []
    for page in pages().values() if among is None else among:
        for section in page.body(language).sections:
            hit = _hit(page, section, wanted, language)
            if hit:
                hits.append(hit)
    return tuple(sorted(hits, key=lambda hit: -hit.score))


def _hit(page: Page, section: Section, wanted: tuple[tuple[str, ...], ...], language: Language) -> Hit | None:
    title = f"{page.title[language]} {section.title}".casefold()
    text = section.text.casefold()
    if not all(_holds(title, text, pieces) for pieces in wanted):
        return None
    every = [piece for pieces in wanted for piece in pieces]
    score = sum(TITLE_WEIGHT * (piece in title) + text.count(piece) for piece in every)
    excerpt = _excerpt(section.text, every, EXCERPT[language])
    return Hit(page.slug, page.title[language], section.id, section.title, excerpt, score)


def _holds(title: str, text: str, pieces: tuple[str, ...]) -> bool:
    """Two pairs in three are enough: where two Chinese words meet, a particle may stand between them in the text."""
    return 3 * sum(piece in title or piece in text for piece in pieces) >= 2 * len(pieces)


def _excerpt(text: str, wanted: Sequence[str], length: int) -> tuple[str, ...]:
    """A piece of the text around the first word found, cut so that every second part is a found word."""
    flat = " ".join(text.split())
    # Longest first, so that "end-use" is not marked as "end" alone; pairs of Chinese characters may adjoin.
    pattern = re.compile(
        "((?:" + "|".join(re.escape(word) for word in sorted(wanted, key=len, reverse=True)) + ")+)", re.I
    )
    first = pattern.search(flat)
    start = max(0, first.start() - length // 3) if first else 0
    end = start + length
    if start and " " in flat[start : start + length // 3]:
        start = flat.index(" ", start) + 1
    if end < len(flat) and " " in flat[end - length // 3 : end]:
        end = flat.rindex(" ", start, end)
    shown = ("…" if start else "") + flat[start:end] + ("…" if end < len(flat) else "")
    return tuple(pattern.split(shown))
