"""The sentences in which a judgement gives its grounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from portal.controls import quantities
from portal.controls.explain import compared as in_words
from portal.controls.explain import joined
from portal.controls.measures import MARKS, Measure, MeasureSet, Parameter, cited, day_text, describe
from portal.controls.thresholds import Answers, relevant, shown
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
    " What is stated lies outside a threshold ({thresholds}; controlled: {controlled}): show it by a test report.",
    "申报参数不在管制阈值之内（{thresholds}；管制范围：{controlled}）：请以检测报告证明。",
)
OUTSIDE = Text(
    "Not controlled as {items} of {number} ({state}), because {thresholds} (controlled: {controlled}). The measure was "
    "compared with the official text on {checked}; keep the test report.",
    "不属于{number}（{state}）所列“{items}”，理由：{thresholds}（管制范围：{controlled}）。该措施已于{checked}"
    "经人工对照官方文本核对；请留存检测报告。",
)
UNCHECKED = Text(
    " No person has yet compared this measure with the official text (mark {mark}).",
    "该措施尚未经人工对照官方文本核对（标记{mark}）。",
)
STALE = Text(
    " The measure was last compared with the official text on {checked}, more than {days} days ago.",
    "该措施最近一次对照官方文本核对是在{checked}，已超过{days}天。",
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


def of_items(
    measure: Measure, found: tuple[Match, ...], on: date, rules: MeasureSet, said: Answers, *, outside: bool
) -> Text:
    """Why a measure speaks of the goods: which items, on what ground, how it stands, how sure the facts are.

    ``outside``: why the goods are none of its items after all.
    """
    missed = [parameter for match in found for parameter in match.missed]
    mark = min((match.item.mark for match in found), key=MARKS.index)
    compared = {
        "thresholds": joined(list(dict.fromkeys(_compared(missed, said)))),
        "controlled": joined(list(dict.fromkeys(parameter.text for parameter in missed))),
    }
    told = {
        "number": cited(measure.number),
        "state": describe(measure, on),
        "items": _items([match.item.title for match in found]),
    }
    if outside and measure.checked:
        return OUTSIDE.filled(**told, **compared, checked=day_text(measure.checked))
    return ITEMS.filled(
        **told,
        ground=GROUNDS[found[0].ground],
        missed=MISSED.filled(**compared) if missed else Text("", ""),
        unchecked=_unchecked(measure, mark, on, rules),
    )


def _compared(missed: Sequence[Parameter], said: Answers) -> Iterator[Text]:
    """The comparisons that lie outside, in words."""
    known = quantities.load()
    for parameter in missed:
        for leaf in relevant(parameter.test, said):
            comparison = shown(leaf, said, known)
            if comparison.verdict == "outside":
                yield in_words(comparison)


def of_destination(measure: Measure, touched: bool, on: date, rules: MeasureSet) -> Text:
    """What a measure against a destination says of goods that another measure names."""
    words = DESTINATION[measure.effect] if touched else STRICTER
    return words.filled(
        number=cited(measure.number),
        state=describe(measure, on),
        title=measure.title,
        unchecked=_unchecked(measure, measure.mark, on, rules),
    )


def _unchecked(measure: Measure, mark: str, on: date, rules: MeasureSet) -> Text:
    if measure.checked is None:
        return UNCHECKED.filled(mark=mark)
    if on - measure.checked > rules.stale_after:
        return STALE.filled(checked=day_text(measure.checked), days=rules.stale_after.days)
    return Text("", "")


def _items(titles: list[Text]) -> Text:
    first = joined(titles[:SHOWN_ITEMS], "; ", "、")
    more = len(titles) - SHOWN_ITEMS
    if more <= 0:
        return first
    tail = SEVERAL.filled(more=more, count=len(titles))
    return Text(first.en + tail.en, first.zh + tail.zh)
