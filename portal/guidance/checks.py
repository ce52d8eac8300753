"""What must hold for a guidance page before it is shown: nothing dangles, and both languages say the same."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from markdown_it.token import Token

from portal.guidance import markup
from portal.guidance.data import Problem

Anchors = Mapping[str, frozenset[str]]


def headings(tokens: Sequence[Token]) -> list[str]:
    """The ids of a page's headings in order; empty text where a heading has none."""
    return [str(token.attrs.get("id", "")) for token in tokens if token.type == "heading_open"]


def body(path: Path, tokens: Sequence[Token], sources: Mapping[str, object], anchors: Anchors) -> Iterator[Problem]:
    """Problems within one language; ``anchors`` maps every page's slug to the ids of its headings."""
    yield from _headings(path, tokens)
    yield from _tables(path, tokens)
    yield from _boxes(path, tokens)
    for line, token in markup.inline(tokens):
        if token.type == "citation":
            for key in markup.citation_keys(token):
                if key not in sources:
                    yield Problem(path, line, f"source {key} is not in sources.yaml")
        elif token.type == "warning" and token.content not in markup.WARNINGS:
            yield Problem(path, line, f"{{{token.content}}} is no warning; known: {', '.join(markup.WARNINGS)}")
        elif token.type == "link_open":
            yield from _link(path, line, str(token.attrs.get("href", "")), anchors)


def _headings(path: Path, tokens: Sequence[Token]) -> Iterator[Problem]:
    seen: set[str] = set()
    level = 1
    for token in tokens:
        if token.type != "heading_open":
            continue
        line, depth, id_ = _line(token), int(token.tag[1]), str(token.attrs.get("id", ""))
        if depth not in (2, 3) or depth > level + 1:
            yield Problem(path, line, f"heading of level {depth} after level {level}; use ## and, below it, ###")
        if token.level:
            yield Problem(path, line, "a box or list above this heading is not closed")
        if not id_:
            yield Problem(path, line, "heading without {#id} on the line before it")
        elif id_ in seen:
            yield Problem(path, line, f"heading id {id_} is used twice")
        seen.add(id_)
        level = depth


def _tables(path: Path, tokens: Sequence[Token]) -> Iterator[Problem]:
    for token in tokens:
        if token.type == "table_open" and not token.attrs.get("caption"):
            yield Problem(path, _line(token), 'table without {caption="…"} on the line before it')


def _boxes(path: Path, tokens: Sequence[Token]) -> Iterator[Problem]:
    """An unknown box, or one never closed, is left in the text as a paragraph or swallows the rest of the page."""
    for token in tokens:
        if token.type == "inline" and token.content.startswith(":::"):
            yield Problem(path, _line(token), f"no such box; known: {', '.join(markup.BOXES)}")


def _link(path: Path, line: int, href: str, anchors: Anchors) -> Iterator[Problem]:
    scheme, _, rest = href.partition(":")
    if scheme == "site":
        if rest not in markup.SITE:
            yield Problem(path, line, f"no address {rest}; known: {', '.join(markup.SITE)}")
    elif scheme == "page":
        slug, _, id_ = rest.partition("#")
        if slug not in anchors:
            yield Problem(path, line, f"no guidance page {slug}")
        elif id_ and id_ not in anchors[slug]:
            yield Problem(path, line, f"page {slug} has no heading {id_}")
    elif not href.startswith("https://"):
        yield Problem(path, line, f"link {href}: write page:slug, site:address or https://…")


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def languages(path: Path, en: Sequence[Token], zh: Sequence[Token]) -> Iterator[Problem]:
    """Problems between the languages; reported against the Chinese file at the first difference."""
    for one, other in zip(_headings_with_lines(en), _headings_with_lines(zh), strict=False):
        if one[1] != other[1]:
            yield Problem(path, other[0], f"heading is {other[1]}, in English it is {one[1]}")
            return
    for name, count in (("headings", _count_headings), ("blocks", _blocks), ("citations and links", _references)):
        here, there = count(en), count(zh)
        if here != there:
            lacking = ", ".join(sorted((here - there).elements())) or "nothing"
            extra = ", ".join(sorted((there - here).elements())) or "nothing"
            yield Problem(path, 1, f"{name} differ from English: lacks {lacking}; has besides {extra}")


def _headings_with_lines(tokens: Sequence[Token]) -> list[tuple[int, str]]:
    return [(_line(token), str(token.attrs.get("id", ""))) for token in tokens if token.type == "heading_open"]


def _count_headings(tokens: Sequence[Token]) -> Counter[str]:
    return Counter(headings(tokens))


def _blocks(tokens: Sequence[Token]) -> Counter[str]:
    """How often each kind of block occurs: boxes, list items, table rows and cells, paragraphs."""
    kinds = ("list_item_open", "tr_open", "td_open", "table_open", "paragraph_open", "container_box_open")
    return Counter(
        f"{token.type.removesuffix('_open')} {token.info.strip()}".strip() for token in tokens if token.type in kinds
    )


def _references(tokens: Sequence[Token]) -> Counter[str]:
    found: Counter[str] = Counter()
    for _, token in markup.inline(tokens):
        if token.type == "citation":
            found.update(f"@{key}" for key in markup.citation_keys(token))
        elif token.type == "warning":
            found[f"{{{token.content}}}"] += 1
        elif token.type == "link_open":
            found[str(token.attrs.get("href", ""))] += 1
    return found
