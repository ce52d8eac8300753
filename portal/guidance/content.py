"""The guidance pages: loaded from ``pages/<slug>/{page.yaml,en.md,zh.md}``, checked, rendered once and kept.

Nothing here knows of a request, a user or the day: a page is a function of its files.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it.token import Token

from portal.guidance import checks, markup, sources
from portal.guidance.data import ContentError, Problem, read
from portal.guidance.markup import Section
from portal.guidance.sources import Source
from portal.text import LANGUAGES, Language, Text

ROOM = Path(__file__).parent


class UnknownPage(LookupError):
    """No guidance page has this slug."""


@dataclass(frozen=True, slots=True)
class Body:
    """One language of a page. ``html`` is safe to show as it is: the portal's own text, HTML in it escaped."""

    html: str
    sections: tuple[Section, ...]

    @property
    def headings(self) -> tuple[Section, ...]:
        """The sections that "On this page" lists."""
        return tuple(section for section in self.sections if section.id)


@dataclass(frozen=True, slots=True)
class Page:
    """A page in both languages. ``reviewed`` is the day when its facts were last gone through."""

    slug: str
    version: str
    reviewed: date
    order: int
    title: Text
    summary: Text
    en: Body
    zh: Body
    sources: tuple[Source, ...]

    def body(self, language: Language) -> Body:
        """The page's text in one language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Summary:
    """What a card or a list says of a page, in one language."""

    slug: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class _Draft:
    folder: Path
    meta: dict[str, Any]
    tokens: dict[Language, list[Token]]


def load(room: Path = ROOM) -> dict[str, Page]:
    """Every page below a folder by slug, in reading order.

    Raises ``ContentError``, which names file and line of everything that is wrong, when one language is missing or
    says something else than the other, a link or a heading dangles, or a cited source is not known.
    """
    known = sources.load(room / "sources.yaml")
    drafts = _drafts(room / "pages")
    anchors = {draft.folder.name: frozenset(checks.headings(draft.tokens["en"])) for draft in drafts}
    problems = [problem for draft in drafts for problem in _check(draft, known, anchors)]
    if problems:
        raise ContentError(problems)
    pages = sorted((_finish(draft, known) for draft in drafts), key=lambda page: page.order)
    return {page.slug: page for page in pages}


def _drafts(folder: Path) -> list[_Draft]:
    drafts: list[_Draft] = []
    problems: list[Problem] = []
    for path in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        try:
            meta = read(path / "page.yaml", "page")
            tokens = {language: markup.parse(_text(path / f"{language}.md")) for language in LANGUAGES}
            drafts.append(_Draft(path, meta, tokens))
        except ContentError as error:
            problems.extend(error.problems)
    if problems:
        raise ContentError(problems)
    return drafts


def _text(path: Path) -> str:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not text.strip():
        raise ContentError([Problem(path, 1, "this language of the page is missing")])
    return text


def _check(draft: _Draft, known: dict[str, Source], anchors: checks.Anchors) -> list[Problem]:
    problems: list[Problem] = []
    if draft.meta["slug"] != draft.folder.name:
        problems.append(
            Problem(draft.folder / "page.yaml", 1, f"slug is {draft.meta['slug']}, the folder {draft.folder.name}")
        )
    for language, tokens in draft.tokens.items():
        problems.extend(checks.body(draft.folder / f"{language}.md", tokens, known, anchors))
    problems.extend(checks.languages(draft.folder / "zh.md", draft.tokens["en"], draft.tokens["zh"]))
    return problems


def _finish(draft: _Draft, known: dict[str, Source]) -> Page:
    cited = dict.fromkeys(
        key
        for _, token in markup.inline(draft.tokens["en"])
        if token.type == "citation"
        for key in markup.citation_keys(token)
    )
    meta = draft.meta
    return Page(
        slug=meta["slug"],
        version=meta["version"],
        reviewed=date.fromisoformat(meta["reviewed"]),
        order=meta["order"],
        title=Text.read(meta["title"]),
        summary=Text.read(meta["summary"]),
        en=_body(draft.tokens["en"], known, "en"),
        zh=_body(draft.tokens["zh"], known, "zh"),
        sources=tuple(known[key] for key in cited),
    )


def _body(tokens: list[Token], known: dict[str, Source], language: Language) -> Body:
    # Sections first: rendering changes the tokens.
    cut = markup.sections(tokens)
    return Body(html=markup.render(tokens, known, language), sections=cut)


@cache
def pages() -> dict[str, Page]:
    """The portal's own pages, loaded once a process."""
    return load()


def slugs() -> tuple[str, ...]:
    """The slugs of all pages in reading order."""
    return tuple(pages())


def page(slug: str) -> Page:
    """One page; raises ``UnknownPage``."""
    try:
        return pages()[slug]
    except KeyError:
        raise UnknownPage(slug) from None


def summaries(language: Language) -> tuple[Summary, ...]:
    """Title and summary of every page in reading order, for cards."""
    return tuple(Summary(page.slug, page.title[language], page.summary[language]) for page in pages().values())


def neighbours(slug: str) -> tuple[Page | None, Page | None]:
    """The pages before and after one in reading order; raises ``UnknownPage``."""
    order = [*pages().values()]
    at = order.index(page(slug))
    return (order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None)
