"""What the commands print of a screening or a list: as sentences, or as JSON."""

import dataclasses
import json
import uuid
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from portal.screening import advice
from portal.screening.lists import ListStatus
from portal.screening.match import Hit, ScreeningResult
from portal.screening.renew import Renewed
from portal.text import Text

_STATES = {
    "clear": Text("No match on any list.", "与所有名单均无匹配。"),
    "possible": Text("Possible match: a person must look.", "可能匹配，须人工核对。"),
    "match": Text("Match.", "匹配。"),
    "unavailable": Text("Could not tell: a list that is required is not on file.", "无法判定：缺少必备名单。"),
}
_BINDS = Text("binds the exporter", "对出口商有约束力")
_INFORMS = Text("informs", "仅供参考")
_MISSING = Text("Missing: {list}", "缺失：{list}")
_RENEWED = {
    "imported": Text(
        "{source}: new edition {edition}, {entries} entries", "{source}：新版本{edition}，条目数：{entries}"
    ),
    "unchanged": Text(
        "{source}: unchanged since {day}, {entries} entries", "{source}：自{day}以来没有变化，条目数：{entries}"
    ),
    "refused": Text("{source}: refused: {reason}", "{source}：文件被拒绝：{reason}"),
    "unreachable": Text("{source}: could not be fetched: {reason}", "{source}：无法获取：{reason}"),
}
_CHANGE = Text(", +{added} −{removed} ~{changed}", "，+{added} −{removed} ~{changed}")
_STAYS = Text("; the last good edition, of {day}, stays", "；继续使用{day}的最近有效版本")
_NONE_STAYS = Text("; no edition is on file", "；尚无任何版本")
_AGE = Text("{state}, entries: {entries}, days old: {age}", "{state}，条目数：{entries}，已发布天数：{age}")


def as_json(value: Any) -> str:
    """Any result as indented JSON: dataclasses as objects, dates as ISO 8601, decimals as text."""
    return json.dumps(plain(value), ensure_ascii=False, indent=2)


def plain(value: Any) -> Any:
    """The same as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value) if isinstance(value, uuid.UUID) else value


def screening(result: ScreeningResult, language: str) -> Iterator[str]:
    """The state, then each hit with its reason, then the lists that were missing."""
    yield _STATES[result.state][language]
    for hit in result.hits:
        yield from _hit(hit, language)
    for status in result.missing:
        yield _MISSING.filled(list=status.title)[language]


def _hit(hit: Hit, language: str) -> Iterator[str]:
    effect = (_BINDS if hit.binding else _INFORMS)[language]
    yield f"{hit.score:.2f} {hit.strength}: {hit.listed} [{hit.program}; {hit.status}; {effect}]"
    yield f"  {hit.why[language]}"
    if hit.note is not None:
        yield f"  {hit.note[language]}"


def list_status(status: ListStatus, language: str) -> str:
    """One list on one line, and a line for each thing that is wrong with it, with what helps."""
    age = "–" if status.age_days is None else status.age_days
    told = _AGE.filled(state=status.state, entries=status.entries, age=age)
    binds = (_BINDS if status.binding else _INFORMS)[language]
    first = f"{status.source}: {told[language]}, {binds} – {status.title[language]}"
    return "\n  ".join((first, *(line[language] for line in advice.of(status))))


def renewed(one: Renewed, language: str) -> str:
    """What an update did to one list, on one line."""
    stays = (_STAYS.filled(day=one.day) if one.day else _NONE_STAYS)[language]
    if one.outcome in ("refused", "unreachable"):
        return _RENEWED[one.outcome].filled(source=one.source, reason=one.reason)[language] + stays
    told = _RENEWED[one.outcome].filled(source=one.source, edition=one.edition, entries=one.entries, day=one.day or "–")
    if one.change is None:
        return told[language]
    counts = {"added": one.change.added, "removed": one.change.removed, "changed": one.change.changed}
    return told[language] + _CHANGE.filled(**counts)[language]
