"""The remark for the customs declaration that recent announcements ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from portal.controls import explain
from portal.controls.measures import cited
from portal.controls.quantities import DATA
from portal.controls.thresholds import UNVERIFIED
from portal.text import Text

if TYPE_CHECKING:
    from portal.controls.classify import WorkedItem
    from portal.controls.judge import State

NO_CODE = Text(
    "The control code is not on file, or not verified: take it from the unified list of Announcement 51/2024 and put "
    "it after these words.",
    "管制编码未在库或未经核实：请对照2024年第51号公告统一清单查明后填写在该表述之后。",
)
SEVERAL_CODES = Text("Choose the code of your item among: {codes}.", "请从下列编码中选定与货物相符的编码：{codes}。")
DRAFT = Text(
    "A draft: use it only once the review has confirmed that the goods lie outside.",
    "仅为草稿：经复核确认货物不属于管制物项后方可使用。",
)
ASKED_BY = Text(
    "Asked for by {sources}; other announcements may word it otherwise.", "{sources}要求填报；其他公告可能另有表述。"
)


@dataclass(frozen=True, slots=True)
class Remark:
    """What to write in the declaration's remark field (in Chinese, as customs reads it), with what to mind."""

    text: str
    notes: tuple[Text, ...]
    source: Text
    mark: str


def of_answer(state: "State", items: "Sequence[WorkedItem]") -> Remark | None:
    """The remark that the answer calls for: of a controlled item, or of one that comes close; else none."""
    if state == "controlled":
        return _controlled([one for one in items if one.state == "controlled"])
    near = [one for one in items if one.state == "outside" and one.near]
    if not near or any(one.state == "review" for one in items):
        return None
    return _close(near, draft=state == "review")


def _controlled(items: "Sequence[WorkedItem]") -> Remark:
    codes = dict.fromkeys(
        code
        for one in items
        if one.candidate.item.code_mark not in UNVERIFIED
        for code in one.candidate.item.control_codes
    )
    notes = [] if codes else [NO_CODE]
    if len(codes) > 1:
        notes = [SEVERAL_CODES.filled(codes=", ".join(codes))]
    only = next(iter(codes)) if len(codes) == 1 else ""
    return _remark(f"{_words()['controlled']}{only}", notes)


def _close(items: "Sequence[WorkedItem]", *, draft: bool) -> Remark:
    """The actual parameters of every threshold that was compared."""
    stated: dict[str, str] = {}
    for one in items:
        for each in one.comparisons:
            if each.stated and not each.quantity.options:
                stated[each.quantity.id] = f"{each.quantity.name.zh}{each.stated}{each.unit}"
    return _remark(f"{_words()['not_controlled']}，{'，'.join(stated.values())}", [DRAFT] if draft else [])


def _remark(text: str, notes: list[Text]) -> Remark:
    words = _words()
    sources = explain.joined([cited(number) for number in words["sources"]], ", ", "、")
    return Remark(text, tuple(notes), ASKED_BY.filled(sources=sources), words["mark"])


@cache
def _words() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DATA / "remark.yaml").read_text(encoding="utf-8"))
    return read
