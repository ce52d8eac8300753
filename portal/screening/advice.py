"""What is wrong with a list, what that means for every case, and what helps; for pages and for the command line."""

from collections.abc import Iterator
from datetime import date

from portal.screening.lists import ListStatus
from portal.screening.sources import sources
from portal.screening.why import day_text
from portal.text import Text

WARNED_DAYS = 45  # so long before a required list is too old its keeper is told

_REFUSED = Text(
    "The last file ({day}) was refused, and this edition stays: {reason}",
    "最近一次文件（{day}）被拒绝，继续使用现有版本：{reason}",
)
_UNREACHABLE = Text(
    "The last update ({day}) could not be fetched, and this edition stays: {reason}",
    "最近一次更新（{day}）无法获取，继续使用现有版本：{reason}",
)
_NEVER_REFUSED = Text("The last file ({day}) was refused: {reason}", "最近一次文件（{day}）被拒绝：{reason}")
_NEVER_FETCHED = Text(
    "The last update ({day}) could not be fetched: {reason}", "最近一次更新（{day}）无法获取：{reason}"
)
_MISSING = {
    "required": Text("Missing: no case can be certified without it.", "缺失：缺少该名单无法为任何案件签发证书。"),
    "binding": Text(
        "Missing, though it binds the exporter: it weighs in every assessment.",
        "缺失，而该名单对出口经营者有约束力：每次评估均计入分值。",
    ),
    "informs": Text("Missing: nothing is known from it.", "缺失：无法据以得出任何信息。"),
}
_STALE = {
    "required": Text(
        "Too old since {day}: every case is referred to the authority.", "自{day}起版本过旧：所有案件均移交主管机关。"
    ),
    "binding": Text("Too old since {day}: it weighs in every assessment.", "自{day}起版本过旧：每次评估均计入分值。"),
    "informs": Text("Too old since {day}: nothing new is known from it.", "自{day}起版本过旧：无法据以得知新情况。"),
}
_SOON = Text(
    "Too old from {day}: from then on every case is referred to the authority.",
    "{day}起版本过旧：届时所有案件均移交主管机关。",
)
_ENTER = Text(
    "Read the ministry’s announcements since {day}, enter them in the CSV file, set “facts_until” to the day on which "
    "you looked, and load it: portal lists import cn FILE, or on the page “Lists”. Where nothing was announced, the "
    "new day alone makes the newer edition.",
    "查阅{day}以来商务部公告，录入CSV文件，将“facts_until”改为查阅之日，然后载入：portal lists import cn FILE，"
    "或在“名单数据”页面上传。如无新公告，仅更改日期即为新版本。",
)
_FETCH = Text(
    "Run: portal lists update {source}, or load its newest file on the page “Lists”.",
    "运行：portal lists update {source}，或在“名单数据”页面上传最新文件。",
)
_LOAD = Text(
    "Load its newest file: portal lists import {source} FILE, or on the page “Lists”.",
    "载入最新文件：portal lists import {source} FILE，或在“名单数据”页面上传。",
)
_INCOMPLETE = Text(
    "Known to be incomplete: look for each party in the publisher’s own announcements.",
    "已知不完整：请就每一参与方查对发布机关公告原文。",
)


def of(status: ListStatus) -> tuple[Text, ...]:
    """What to tell of a list, the gravest first; nothing of one with which all is well."""
    return tuple(_lines(status))


def wanting(status: ListStatus) -> bool:
    """Whether somebody should look after the list now; that it is incomplete is known and lasts."""
    return any(line is not _INCOMPLETE for line in of(status))


def _lines(status: ListStatus) -> Iterator[Text]:
    weight = "required" if status.required else "binding" if status.binding else "informs"
    wanting = True
    if status.state == "missing":
        yield _MISSING[weight]
    elif status.state == "stale":
        yield _STALE[weight].filled(day=_day(status.stale_on))
    elif status.required and status.days_left is not None and status.days_left <= WARNED_DAYS:
        yield _SOON.filled(day=_day(status.stale_on))
    else:
        wanting = False
    if wanting:
        yield how(status)
    if status.refused:
        text = _REFUSED if status.edition_id else _NEVER_REFUSED
        yield text.filled(day=_day(status.tried), reason=status.trouble or status.refused)
    if status.unreachable:
        text = _UNREACHABLE if status.edition_id else _NEVER_FETCHED
        yield text.filled(day=_day(status.tried), reason=status.trouble or status.unreachable)
    if status.incomplete:
        yield _INCOMPLETE


def how(status: ListStatus) -> Text:
    """How a newer edition is brought."""
    if status.source == "cn":
        return _ENTER.filled(day=_day(status.published))
    found = sources().get(status.source)
    return (_FETCH if found and found.address else _LOAD).filled(source=status.source)


def _day(day: date | None) -> Text:
    return day_text(day) if day else Text("–", "–")
