"""Audit a whole log from outside: recompute it from its entries, and compare with all that was seen of it before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from portal.certificates.log import merkle, tiles
from portal.certificates.log.merkle import HASH_BYTES, Frontier
from portal.certificates.log.note import Checkpoint, NoteRefused, SignatureWrong, SignedCheckpoint
from portal.certificates.log.tiles import WIDTH, TileMissing, Tiles
from portal.certificates.log.trusted import TrustedLog
from portal.text import Text

# How far the clocks of those who issue, witness and look may differ.
SKEW = timedelta(minutes=10)
_TEXTS = {
    "unreachable": Text("The log cannot be read: {detail}", "无法读取日志：{detail}"),
    "malformed": Text("What is served as a checkpoint is none: {detail}", "所提供的检查点格式错误：{detail}"),
    "log-unknown": Text(
        "The checkpoint is of the log {detail}, which the trust file does not name",
        "检查点属于日志“{detail}”，信任文件中没有该日志",
    ),
    "signature": Text(
        "The checkpoint is not signed with a key of the log that is in use: {detail}",
        "检查点并非由该日志现用的密钥签署：{detail}",
    ),
    "witness-missing": Text(
        "Too few witnesses have cosigned the checkpoint: {detail}", "为检查点共同签名的见证方数量不足：{detail}"
    ),
    "tile-missing": Text("A part of the log is missing: {detail}", "日志缺少部分数据：{detail}"),
    "changed": Text(
        "The entries do not give the root that was signed: one was changed, removed or added ({detail})",
        "由条目计算的根与所签署的不符：有条目被更改、删除或添加（{detail}）",
    ),
    "rolled-back": Text("The log is shorter than it was: {detail}", "日志比以前短：{detail}"),
    "forked": Text(
        "The log shows another past than it did: two views of it exist ({detail})",
        "日志的历史与以前所见不同：存在两个版本（{detail}）",
    ),
    "dated-back": Text("An entry is dated back: {detail}", "有条目被倒签日期：{detail}"),
    "certificate-missing": Text(
        "A certificate is not in the log at its place: {detail}", "有证书不在日志的相应位置：{detail}"
    ),
    "certificate-removed": Text(
        "The log holds an entry whose certificate is not in the register: {detail}",
        "日志中有条目在登记中没有对应的证书：{detail}",
    ),
}
UNTOLD = frozenset({"unreachable", "tile-missing"})


class LogSource(Tiles, Protocol):
    """A log as anybody may read it."""

    def checkpoint(self) -> str:
        """The newest signed checkpoint. Raises ``TileMissing``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or that could not be told. ``key`` is stable."""

    key: str
    detail: str

    @property
    def text(self) -> Text:
        return _TEXTS[self.key].filled(detail=self.detail)

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "detail": self.detail, "text": self.text.to_json()}


@dataclass(frozen=True, slots=True)
class View:
    """What somebody else was shown of the log, and who that was."""

    who: str
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Remembered:
    """The newest checkpoint of an earlier audit, and when it was seen."""

    checkpoint: Checkpoint
    seen: datetime


@dataclass
class Audit:
    """What was found. The checkpoint is there once it was verified."""

    findings: list[Finding] = field(default_factory=list)
    checkpoint: Checkpoint | None = None
    witnesses: tuple[str, ...] = ()

    def add(self, key: str, detail: str) -> None:
        self.findings.append(Finding(key, detail))

    @property
    def answer(self) -> Literal["yes", "no", "could_not_tell"]:
        """One fault is enough for a no; without any, what is missing leaves the answer open."""
        if any(finding.key not in UNTOLD for finding in self.findings):
            return "no"
        return "could_not_tell" if self.findings else "yes"

    def to_json(self) -> dict[str, Any]:
        found = self.checkpoint
        return {
            "answer": self.answer,
            "origin": found.origin if found else None,
            "size": found.size if found else None,
            "root": found.root.hex() if found else None,
            "witnesses": list(self.witnesses),
            "findings": [finding.to_json() for finding in self.findings],
        }


def check(
    source: LogSource,
    *,
    logs: Sequence[TrustedLog],
    now: datetime,
    remembered: Mapping[str, Remembered] | None = None,
    views: Iterable[View] = (),
) -> Audit:
    """Audit a log, reading every entry of it.

    1. The checkpoint is signed by a log of the trust file with a key in use, and cosigned by its witnesses.
    2. It is not shorter than the one remembered, nor than any view that is given.
    3. Root and tiles are recomputed from the entries; at the size of each older checkpoint the root is the older one.
    4. No entry is older than one before it, or than the checkpoint remembered which did not have it yet.
    """
    audit = Audit()
    # Views are taken before the checkpoint: an entry that is added meanwhile is then no contradiction.
    given = list(views)
    head = _head(source, logs, audit, now)
    if head is None:
        return audit
    before = (remembered or {}).get(head.origin)
    seen = [view for view in given if view.checkpoint.origin == head.origin]
    if before is not None:
        seen.append(View(f"seen at {before.seen:%Y-%m-%d %H:%M} UTC", before.checkpoint))
    for view in seen:
        if view.checkpoint.size > head.size:
            audit.add("rolled-back", f"{head.size} entries, {view.checkpoint.size} {view.who}")
    wanted: dict[int, list[View]] = {}
    for view in seen:
        wanted.setdefault(view.checkpoint.size, []).append(view)
    floor = (before.checkpoint.size, int((before.seen - SKEW).timestamp())) if before else (0, 0)
    try:
        _recompute(source, head, wanted, floor, audit)
    except TileMissing as error:
        audit.add("tile-missing", str(error))
    return audit


def _head(source: LogSource, logs: Sequence[TrustedLog], audit: Audit, now: datetime) -> Checkpoint | None:
    try:
        note = SignedCheckpoint.parse(source.checkpoint())
    except TileMissing as error:
        audit.add("unreachable", str(error))
        return None
    except NoteRefused as error:
        audit.add("malformed", str(error))
        return None
    head = note.checkpoint
    log = next((one for one in logs if one.origin == head.origin), None)
    if log is None:
        audit.add("log-unknown", head.origin)
        return None
    try:
        times = note.signed_by([one.key for one in (*log.keys, *log.witnesses)])
    except SignatureWrong as error:
        audit.add("signature", str(error))
        return None
    if not any(one.key in times and one.covers(now) for one in log.keys):
        audit.add("signature", head.origin)
        return None
    cosigned = {one.key.name for one in log.witnesses if (at := times.get(one.key)) and one.covers(at)}
    if len(cosigned) < log.required and head.size:
        audit.add("witness-missing", f"{len(cosigned)}/{log.required}")
    audit.checkpoint, audit.witnesses = head, tuple(sorted(cosigned))
    return head


def _recompute(
    source: LogSource, head: Checkpoint, wanted: dict[int, list[View]], floor: tuple[int, int], audit: Audit
) -> None:
    tree, latest = Frontier(), 0
    roots: list[bytearray] = [bytearray()]
    for index, entry in enumerate(_entries(source, head.size, audit)):
        latest = _check_time(index, entry, latest, floor, audit)
        leaf = merkle.leaf_hash(entry)
        tree.append(leaf)
        roots[0] += leaf
        if tree.size in wanted:
            _compare(tree.root(), wanted[tree.size], audit)
    if tree.size != head.size:
        raise TileMissing(f"{head.size - tree.size} entries")
    if tree.root() != head.root:
        audit.add("changed", f"{head.size} entries")
        return
    for level, number, width in tiles.widths(head.size):
        _check_tile(source.tile(level, number, width), level, number, roots, audit)


def _entries(source: LogSource, size: int, audit: Audit) -> Iterator[bytes]:
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        try:
            found = list(tiles.unbundled(source.bundle(number, width)))
        except ValueError as error:
            raise TileMissing(f"tile/entries/{tiles.path(number)}: {error}") from error
        if len(found) != width:
            audit.add("changed", f"tile/entries/{tiles.path(number)}: {len(found)}/{width}")
        yield from found[:width]


def _check_time(index: int, entry: bytes, latest: int, floor: tuple[int, int], audit: Audit) -> int:
    try:
        _digest, issued = tiles.read_entry(entry)
    except ValueError:
        audit.add("changed", f"entry {index} has {len(entry)} bytes")
        return latest
    size, least = floor
    if issued < latest - int(SKEW.total_seconds()) or (index >= size and issued < least):
        audit.add("dated-back", f"entry {index}")
    return max(latest, issued)


def _compare(root: bytes, views: Iterable[View], audit: Audit) -> None:
    for view in views:
        if view.checkpoint.root != root:
            audit.add("forked", f"{view.checkpoint.size} entries, {view.who}")


def _check_tile(served: bytes, level: int, number: int, roots: list[bytearray], audit: Audit) -> None:
    start = number * WIDTH * HASH_BYTES
    if served != roots[level][start : start + len(served)]:
        audit.add("changed", f"tile/{level}/{tiles.path(number)}")
    if len(served) == WIDTH * HASH_BYTES:
        if len(roots) == level + 1:
            roots.append(bytearray())
        roots[level + 1] += tiles.root_of_tile(bytes(roots[level][start : start + len(served)]))
