"""Turn one language of a page from Markdown into HTML in the portal's look.

Beyond CommonMark and tables the text may use: ``{#id}`` on the line before a heading; ``{caption="…"}`` before a
table; ``[@KEY]`` or ``[@KEY; KEY]`` to cite sources; ``{unverified}`` and the other words of ``WARNINGS`` to warn of
the statement before them; ``::: KIND`` … ``:::`` for a box of ``BOXES``; links ``page:slug#id`` to other pages and
``site:ADDRESS`` to the addresses of ``SITE``. HTML in the text is shown as text.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_block_plugin
from mdit_py_plugins.container import container_plugin

from portal.guidance.sources import CERTAINTY, Source
from portal.text import Text

WARNINGS: Mapping[str, Text] = {
    "unverified": CERTAINTY["M"].word,
    "second-hand": CERTAINTY["V2"].word,
    "inferred": CERTAINTY["I"].word,
    "check-now": Text("check now", "请即核查"),
}
MARKS = {"unverified": "M", "second-hand": "V2", "inferred": "I"}
BOXES: Mapping[str, Text] = {
    "good": Text("Clear enough", "写得清楚"),
    "bad": Text("Not clear enough", "写得不清楚"),
    "example": Text("Worked example (fictional)", "示例（虚构）"),
    "important": Text("Important", "重要提示"),
    "stop": Text("Stop", "立即停止"),
    "checklist": Text("Checklist", "自查清单"),
    "next": Text("What happens next", "下一步"),
}
# Seen from /guidance/<slug>, so that the site also works below a path of a proxy.
SITE = {
    "verify": "../verify",
    "offline": "../verify/offline/",
    "passkeys": "../account/passkeys",
    "shipments": "../shipments/",
    "guidance": "./",
    "home": "../",
}
CLASSES = {
    "h2": "govuk-heading-m",
    "h3": "govuk-heading-s",
    "p": "govuk-body",
    "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number",
    "a": "govuk-link",
    "table": "govuk-table portal-cards",
    "thead": "govuk-table__head",
    "tbody": "govuk-table__body",
    "tr": "govuk-table__row",
    "th": "govuk-table__header",
    "td": "govuk-table__cell",
}
# Tables become cards on a phone by style; these roles keep them tables for a screen reader all the same.
ROLES = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}

_CITATION = re.compile(r"\[@([A-Z][A-Z0-9-]*(?:; ?[A-Z][A-Z0-9-]*)*)\]")
_BLANK_BEFORE_STOP = re.compile(r" +(?=[.,;:])")  # what a citation leaves behind
_WARNING = re.compile(r"\{([a-z][a-z-]*)\}")


@dataclass(frozen=True, slots=True)
class Section:
    """A second-level heading with the plain text below it; the text before the first one has no ``id``."""

    id: str
    title: str
    text: str


def _matcher(pattern: re.Pattern[str], kind: str) -> Callable[[StateInline, bool], bool]:
    def rule(state: StateInline, silent: bool) -> bool:
        found = pattern.match(state.src, state.pos)
        if not found:
            return False
        if not silent:
            state.push(kind, "", 0).content = found[1]
        state.pos = found.end()
        return True

    return rule


def _known_box(params: str, _markup: str) -> bool:
    return params.strip() in BOXES


def _render_box(_r: RendererHTML, tokens: Sequence[Token], at: int, _o: Any, env: Any) -> str:
    if tokens[at].nesting < 0:
        return "</div>\n"
    kind = tokens[at].info.strip()
    label = BOXES[kind][env["language"]]
    return f'<div class="guidance-box guidance-box--{kind}">\n<p class="guidance-box__label">{label}</p>\n'


def _tag(kind: str, word: str) -> str:
    return f' <strong class="guidance-mark guidance-mark--{kind}">{word}</strong>'


def _render_warning(_r: RendererHTML, tokens: Sequence[Token], at: int, _o: Any, env: Any) -> str:
    word = WARNINGS[tokens[at].content]
    return _tag(MARKS.get(tokens[at].content, tokens[at].content), word[env["language"]])


def _render_citation(_r: RendererHTML, tokens: Sequence[Token], at: int, _o: Any, env: Any) -> str:
    """A link to each source, with its mark in words unless the portal has read it itself."""
    parts = []
    for key in citation_keys(tokens[at]):
        source: Source = env["sources"][key]
        link = f'<a class="govuk-link" href="#source-{key}">{source.short[env["language"]]}</a>'
        tag = _tag(source.mark, source.certainty.word[env["language"]]) if source.mark != "V" else ""
        parts.append((link, tag))
    before, between, after = ("（", "；", "）") if env["language"] == "zh" else (" (", "; ", ")")
    stops = [between] * (len(parts) - 1) + [after]
    # A tag keeps the stop after it on its own line; Chinese must not begin a line with one.
    shown = "".join(
        f'{link}<span class="guidance-nowrap">{tag}{stop}</span>' if tag else link + stop
        for (link, tag), stop in zip(parts, stops, strict=True)
    )
    return f'<span class="guidance-cite">{before}{shown}</span>'


def _render_softbreak(_r: RendererHTML, _t: Sequence[Token], _at: int, _o: Any, env: Any) -> str:
    """Chinese is written without blanks, so a line end in the file must not become one."""
    return "" if env["language"] == "zh" else "\n"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(attrs_block_plugin, allowed=["id", "caption"])
    parser.use(container_plugin, "box", validate=_known_box, render=_render_box)
    parser.inline.ruler.before("link", "citation", _matcher(_CITATION, "citation"))
    parser.inline.ruler.before("link", "warning", _matcher(_WARNING, "warning"))
    parser.add_render_rule("citation", _render_citation)
    parser.add_render_rule("warning", _render_warning)
    parser.add_render_rule("softbreak", _render_softbreak)
    return parser


PARSER = _parser()


def parse(text: str) -> list[Token]:
    """The block tokens of one language of a page."""
    return PARSER.parse(text)


def citation_keys(token: Token) -> list[str]:
    """The source keys that a citation token names."""
    return [key.strip() for key in token.content.split(";")]


def inline(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """Every token inside paragraphs, headings and cells, with its line counted from 1."""
    for block in tokens:
        if block.type != "inline" or block.map is None:
            continue
        line = block.map[0] + 1
        for token in block.children or []:
            yield line, token
            line += token.type in ("softbreak", "hardbreak")


def plain(block: Token) -> str:
    """The words of one paragraph, heading or cell without mark-up, citations and warnings."""
    words = (" " if child.type == "softbreak" else child.content for child in block.children or [] if _is_word(child))
    return _BLANK_BEFORE_STOP.sub("", "".join(words)).strip()


def _is_word(token: Token) -> bool:
    return token.type in ("text", "code_inline", "softbreak")


def sections(tokens: Sequence[Token]) -> tuple[Section, ...]:
    """The page cut at its second-level headings, as plain text."""
    found: list[tuple[str, str, list[str]]] = [("", "", [])]
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            found.append((str(token.attrs.get("id", "")), plain(tokens[at + 1]), []))
        elif token.type == "inline" and not (
            at and tokens[at - 1].type == "heading_open" and tokens[at - 1].tag == "h2"
        ):
            found[-1][2].append(plain(token))
    return tuple(Section(id_, title, "\n".join(texts)) for id_, title, texts in found if id_ or texts)


def render(tokens: Sequence[Token], sources: Mapping[str, Source], language: str) -> str:
    """HTML of a page that has passed ``checks``; the tokens are changed on the way."""
    for at, token in enumerate(tokens):
        _dress(token)
        for child in token.children or []:
            _dress(child)
        if language == "zh":
            _close_gaps(token.children or [])
        if token.type == "table_open":
            _finish_table(tokens, at)
    html: str = PARSER.renderer.render(
        list(_with_captions(tokens)), PARSER.options, {"language": language, "sources": sources}
    )
    return html


def _dress(token: Token) -> None:
    if token.nesting > 0 and token.tag in CLASSES:
        token.attrJoin("class", CLASSES[token.tag])
    if token.nesting > 0 and token.tag in ROLES:
        token.attrSet("role", ROLES[token.tag])
    if token.type == "link_open":
        token.attrSet("href", address(str(token.attrGet("href") or "")))


def _close_gaps(children: Sequence[Token]) -> None:
    """Drop the blank that Markdown needs after ``**…。**`` in Chinese, where none is written."""
    for before, after in pairwise(children):
        if before.type in ("strong_close", "em_close") and after.type == "text":
            after.content = after.content.removeprefix(" ")


def address(link: str) -> str:
    """Where a link in the text leads, seen from ``/guidance/<slug>``."""
    scheme, _, rest = link.partition(":")
    if scheme == "site":
        return SITE[rest]
    return rest if scheme == "page" else link


def _finish_table(tokens: Sequence[Token], start: int) -> None:
    """Make first cells row headings, and give each cell the heading of its column for the card form."""
    headings: list[str] = []
    column = 0
    for at in range(start + 1, len(tokens)):
        token = tokens[at]
        if token.type == "table_close":
            return
        if token.type == "tr_open":
            column = 0
        elif token.type == "th_open":
            token.attrSet("scope", "col")
            token.attrSet("role", "columnheader")
            headings.append(plain(tokens[at + 1]))
        elif token.type == "td_open":
            _finish_cell(tokens, at, headings[column] if column else "")
            column += 1


def _finish_cell(tokens: Sequence[Token], at: int, heading: str) -> None:
    if heading:
        tokens[at].attrSet("data-label", heading)
        return
    tokens[at].tag = tokens[at + 2].tag = "th"
    tokens[at].attrs.update({"scope": "row", "role": "rowheader", "class": CLASSES["th"]})


def _with_captions(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        caption = token.attrs.pop("caption", None) if token.type == "table_open" else None
        if caption:
            yield Token("caption_open", "caption", 1, attrs={"class": "govuk-table__caption govuk-table__caption--s"})
            yield Token("inline", "", 0, children=[Token("text", "", 0, content=str(caption))], content=str(caption))
            yield Token("caption_close", "caption", -1)
