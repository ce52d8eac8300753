"""The sentences in which a judgement gives its grounds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from portal.controls.measures import MARKS, Measure, cited, describe
from portal.text import Text

if TYPE_CHECKING:
    from portal.controls.judge import Ground, Match

SHOWN_ITEMS = 3

NOTHING = Text(
    "No measure on file (version {version}, facts to {facts}) names this item. The unified list of Announcement "
    "51/2024 has about 700 items, which are not all on file: compare the item with the list itself.",
    "在库管制措施（版本{version}，信息截至{facts}）未列名该物项。2024年第51号公告统一清单约有700项，本门户未逐项收录，请对照清单原文核查。",
)
CATCH_ALL = Text(
    "The catch-all still applies: who knows, should know or is told of a risk to national security, of use in weapons "
    "of mass destruction, or of terrorism needs a licence (Decree 792 article 14).",
    "全面管制仍然适用：出口经营者知道、应当知道或者得到通知存在危害国家安全、用于大规模杀伤性武器或者恐怖主义目的风险的，应当申请许可"
    "（《两用物项出口管制条例》第十四条）。",
)
UNKNOWN_CODE = Text(
    "The control code {code} is not on file here. The exporter gives one, so the item has to be compared with the "
    "unified list.",
    "管制编码{code}未在库。出口经营者已填报管制编码，须对照统一清单复核。",
)
ITEMS = Text(
    "{number} ({state}) covers {items}: {ground}{missed}{unchecked}",
    "{number}（{state}）涵盖{items}：{ground}{missed}{unchecked}",
)
GROUNDS: dict[Ground, Text] = {
    "control_code": Text("the control code is that of the item.", "管制编码与该物项一致。"),
    "hs_code": Text(
        "the ten-digit HS code is one that the announcement prints for it (HS codes are for reference; the item's "
        "description decides).",
        "十位商品编码与公告所列一致（商品编码仅供参考，以物项描述为准）。",
    ),
    "doubtful_code": Text(
        "the control code agrees, but the code on file is not verified.", "管制编码一致，但在库编码未经核实。"
    ),
    "doubtful_hs": Text(
        "the HS code agrees only in part, or with a code that was not read in the announcement; name, composition and "
        "parameters decide.",
        "商品编码仅部分一致，或与未在公告原文中读到的编码一致；须以名称、成分和参数判定。",
    ),
    "name": Text(
        "the goods' name points to the item, but no code confirms it; give control code, HS code and parameters.",
        "货物名称指向该物项，但无编码佐证；请提供管制编码、商品编码和技术参数。",
    ),
    "element": Text(
        "the goods contain an element that the item controls, but no code confirms it; give composition, control code "
        "and HS code.",
        "货物含有该物项所管制的元素，但无编码佐证；请提供成分、管制编码和商品编码。",
    ),
}
MISSED = Text(
    " What is stated lies outside a threshold ({thresholds}): show it by a test report.",
    "申报参数不在管制阈值之内（{thresholds}）：请以检测报告证明。",
)
UNCHECKED = Text(
    " No person has yet compared this measure with the official text (mark {mark}).",
    "该措施尚未经人工对照官方文本核对（标记{mark}）。",
)
SEVERAL = Text(" and {more} more", "等{count}项")
DESTINATION: dict[str, Text] = {
    "military_ban": Text(
        "{number} ({state}): {title}. It depends on the user and the use.{unchecked}",
        "{number}（{state}）：{title}。视最终用户和最终用途而定。{unchecked}",
    ),
    "refusal_in_principle": Text(
        "{number} ({state}): {title}.{unchecked}", "{number}（{state}）：{title}。{unchecked}"
    ),
}
STRICTER = Text(
    "{number} ({state}) asks for a stricter check of end user and end use for this item.{unchecked}",
    "{number}（{state}）要求对该物项的最终用户和最终用途实施更严格的审查。{unchecked}",
)


def of_items(measure: Measure, found: tuple[Match, ...], on: date) -> Text:
    """Why a measure speaks of the goods: which items, on what ground, how it stands, how sure the facts are."""
    thresholds = [parameter.text for match in found for parameter in match.missed]
    mark = min((match.item.mark for match in found), key=MARKS.index)
    return ITEMS.filled(
        number=cited(measure.number),
        state=describe(measure, on),
        items=_items([match.item.title for match in found]),
        ground=GROUNDS[found[0].ground],
        missed=MISSED.filled(thresholds=_joined(thresholds)) if thresholds else Text("", ""),
        unchecked=_unchecked(measure, mark),
    )


def of_destination(measure: Measure, touched: bool, on: date) -> Text:
    """What a measure against a destination says of goods that another measure names."""
    words = DESTINATION[measure.effect] if touched else STRICTER
    return words.filled(
        number=cited(measure.number),
        state=describe(measure, on),
        title=measure.title,
        unchecked=_unchecked(measure, measure.mark),
    )


def _unchecked(measure: Measure, mark: str) -> Text:
    return Text("", "") if measure.checked else UNCHECKED.filled(mark=mark)


def _items(titles: list[Text]) -> Text:
    shown = _joined(titles[:SHOWN_ITEMS])
    more = len(titles) - SHOWN_ITEMS
    if more <= 0:
        return shown
    tail = SEVERAL.filled(more=more, count=len(titles))
    return Text(shown.en + tail.en, shown.zh + tail.zh)


def _joined(parts: list[Text]) -> Text:
    return Text("; ".join(part.en for part in parts), "、".join(part.zh for part in parts))
