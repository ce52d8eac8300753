"""The sentences of a worked answer, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.text import Text

if TYPE_CHECKING:
    from portal.controls.judge import Ground
    from portal.controls.thresholds import Comparison

CONTROLLED = Text(
    "Controlled under {number} ({state}) as {item}{code}, because {why}.",
    "依据{number}（{state}），属于管制物项“{item}”{code}。理由：{why}。",
)
OUTSIDE = Text(
    "Not {item} of {number} ({state}), because {why}.",
    "不属于{number}（{state}）所列“{item}”。理由：{why}。",
)
DECLINED = Text(
    "Not {item} of {number} ({state}), because you say that the goods are something else.",
    "不属于{number}（{state}）所列“{item}”。理由：您说明货物并非该物项。",
)
OPEN = Text(
    "May be {item} of {number} ({state}){code}: {why}.",
    "可能属于{number}（{state}）所列“{item}”{code}：{why}。",
)
IDLE = Text(
    "{item} of {number} ({state}){code}: the measure has no effect on this day. {why}.",
    "{number}（{state}）所列“{item}”{code}：该措施当日不产生效力。{why}。",
)
CODE = Text(", code {code}", "，管制编码{code}")
CODE_UNVERIFIED = Text(", code {code} (unverified, mark {mark})", "，管制编码{code}（未经核实，标记{mark}）")
WHY_GROUND: dict[Ground, Text] = {
    "control_code": Text("the control code is that of the item", "管制编码与该物项一致"),
    "hs_code": Text("the HS code is one that the announcement prints for it", "商品编码与公告所列一致"),
    "doubtful_code": Text(
        "the control code agrees with one on file that is not verified", "管制编码与在库的未经核实编码一致"
    ),
    "doubtful_hs": Text("the HS code agrees only in part", "商品编码仅部分一致"),
    "name": Text("its name or formula is that of the item", "名称或化学式与该物项一致"),
    "element": Text("it contains an element that the item controls", "含有该物项所管制的元素"),
}
STATED = Text("you say that the goods are this item", "您说明货物为该物项")
ALL_MET = Text("every threshold is met", "全部阈值均已达到")
NO_THRESHOLD = Text("the item has no threshold", "该物项未设阈值")
NOT_CONFIRMED = Text("nothing confirms yet that the goods are this item", "尚未确认货物是否为该物项")
NOT_STATED = Text(
    "{quantities} not stated, or not on one side of the threshold", "{quantities}未说明，或不能确定在阈值哪一侧"
)
MORE_CONDITIONS = Text("the announcement has more conditions than are on file", "公告另有条件，本门户未收录")
CONFLICT = Text("you say that the goods are something else, but {ground}", "您说明货物并非该物项，但{ground}")
UNVERIFIED = Text("the facts on file are not verified (mark {mark})", "在库信息未经核实（标记{mark}）")
STALE = Text(
    " The facts on file were not compared with the official text within {days} days, so this needs review before "
    "anyone relies on it.",
    "在库信息在{days}天内未经人工对照官方文本核对，须经复核方可采用。",
)
COMPARE = Text(
    " The facts on file were not compared with the official text within {days} days: compare them.",
    "在库信息在{days}天内未经人工对照官方文本核对，请予对照。",
)
CHECK_NOW = Text(
    " A suspension has ended and nothing newer is on file: find out today how the measure stands.",
    "暂停期已届满且无更新信息：须立即核实该措施的现行状态。",
)
CONTROLLED_HEAD = Text("Controlled: an export licence is needed", "属于管制物项：须申请出口许可")
REVIEW_HEAD = Text("Not settled: have it reviewed before export", "尚不能判定：出口前须复核")
NEAR_HEAD = Text("Near a threshold", "接近管制阈值")
NOT_HEAD = Text("Not found to be controlled by the measures on file", "未查到在库管制措施管制该物项")
ONLY_CODE = Text(
    "An HS code alone settles nothing: HS codes are for reference, and description and parameters decide. Give name "
    "and composition.",
    "仅凭商品编码不能判定：商品编码仅供参考，以物项描述和参数为准。请补充名称和成分。",
)
CAS_ONLY = Text(
    "The CAS number is not on file, and nothing else names the goods. Give name, formula or HS code.",
    "该CAS号未在库，且无其他信息可供识别。请补充名称、化学式或商品编码。",
)
NO_NAME = Text(
    "Nothing here names the goods. Give name, formula or HS code.",
    "所填内容无法识别货物。请填写名称、化学式或商品编码。",
)
CAS_WRONG = Text("Check the CAS number {value}: its check digit does not fit.", "请核对CAS号{value}：校验码不符。")
COMPARED = Text(
    "{name} {stated}{unit}, threshold {threshold}{unit}{margin}",
    "{name}为{stated}{unit}，阈值{threshold}{unit}{margin}",
)
MARGIN = Text(" ({margin}{unit})", "（差值{margin}{unit}）")
CHOSEN = Text("{name}: {stated}; controlled: {threshold}", "{name}：{stated}；管制范围：{threshold}")
SILENT = Text("{name} not stated, threshold {threshold}{unit}", "{name}未说明，阈值{threshold}{unit}")
BLANK = Text("not stated", "未说明")


def compared(one: Comparison) -> Text:
    """A comparison in words: value, threshold, unit, margin."""
    options = one.quantity.options
    if options:
        allowed = joined([options[option] for option in one.threshold.split()], " / ", "、")
        return CHOSEN.filled(name=one.quantity.name, stated=options.get(one.stated, BLANK), threshold=allowed)
    unit = one.unit if one.unit.startswith("/") or one.unit == "%" else f" {one.unit}"
    if not one.stated:
        return SILENT.filled(name=one.quantity.name, threshold=one.threshold, unit=unit)
    margin = MARGIN.filled(margin=one.margin, unit=unit) if one.margin else Text("", "")
    return COMPARED.filled(name=one.quantity.name, stated=one.stated, unit=unit, threshold=one.threshold, margin=margin)


def joined(parts: list[Text], en: str = "; ", zh: str = "；") -> Text:
    """Several texts in a row."""
    return Text(en.join(part.en for part in parts), zh.join(part.zh for part in parts))
