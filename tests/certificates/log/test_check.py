"""The audit from outside: whatever is done to a log is found, or it is said that it cannot be told."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portal.certificates.log import merkle, tiles
from portal.certificates.log.check import Audit, Remembered, View, check
from portal.certificates.log.identity import LogIdentity
from portal.certificates.log.merkle import HASH_BYTES, Frontier
from portal.certificates.log.note import NoteSignature, SignedCheckpoint
from portal.certificates.log.sources import recall, remember, view
from portal.certificates.log.tiles import WIDTH, TileMissing
from portal.certificates.log.trusted import TermKey, TrustedLog, registered
from tests.certificates.log.stand import ORIGIN, identity, stand_in
from tests.certificates.samples import NOW

LOG = identity()
SECONDS = int(NOW.timestamp())
SIZE = WIDTH + 40
LATER = NOW + timedelta(days=1)


def made(count: int = SIZE) -> list[bytes]:
    return [tiles.entry(hashlib.sha256(str(n).encode()).digest(), SECONDS + n) for n in range(count)]


def signed(entries: list[bytes], log: LogIdentity = LOG, more: tuple[NoteSignature, ...] = ()) -> SignedCheckpoint:
    tree = Frontier()
    for entry in entries:
        tree.append(merkle.leaf_hash(entry))
    return log.sign(tree.size, tree.root(), now=NOW).with_signatures(more)


class Served:
    """A log as it is served: whoever serves it may serve anything."""

    def __init__(self, entries: list[bytes], note: SignedCheckpoint | None = None) -> None:
        self.entries = entries
        self.note = (note or signed(entries)).text
        self.gone: set[str] = set()
        self.instead: dict[str, bytes] = {}

    def checkpoint(self) -> str:
        if "checkpoint" in self.gone:
            raise TileMissing("checkpoint")
        return self.note

    def tile(self, level: int, number: int, width: int) -> bytes:
        hashes = [merkle.leaf_hash(entry) for entry in self.entries]
        for _ in range(level):
            starts = range(0, len(hashes) // WIDTH * WIDTH, WIDTH)
            hashes = [tiles.root_of_tile(b"".join(hashes[at : at + WIDTH])) for at in starts]
        data = b"".join(hashes[number * WIDTH : number * WIDTH + width])
        return self._given(f"{level}/{number}", data, width * HASH_BYTES)

    def bundle(self, number: int, width: int) -> bytes:
        data = tiles.bundled(self.entries[number * WIDTH : number * WIDTH + width])
        return self._given(f"entries/{number}", data, 1)

    def _given(self, name: str, data: bytes, least: int) -> bytes:
        if name in self.gone or len(data) < least:
            raise TileMissing(name)
        return self.instead.get(name, data)


def trusted(*witnesses: TermKey, required: int = 0) -> list[TrustedLog]:
    (log,) = registered((), LOG, now=NOW - timedelta(days=1))
    return [replace(log, witnesses=witnesses, required=required)]


def audited(source: Served, *, logs: list[TrustedLog] | None = None, now: datetime = LATER, **seen: object) -> Audit:
    return check(source, logs=trusted() if logs is None else logs, now=now, **seen)  # type: ignore[arg-type]


def keys(audit: Audit) -> list[str]:
    return sorted({finding.key for finding in audit.findings})


def before(entries: list[bytes], seen: datetime = LATER) -> dict[str, Remembered]:
    return {ORIGIN: Remembered(signed(entries).checkpoint, seen)}


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, SIZE])
def test_an_honest_log_holds_and_so_does_its_growth(count: int) -> None:
    audit = audited(Served(made(count)))
    assert (audit.answer, audit.findings) == ("yes", [])
    assert audit.checkpoint is not None
    assert audit.checkpoint.size == count
    for older in {0, 1, count // 2, count} - set(range(count + 1, 9)):
        grown = audited(Served(made(count)), remembered=before(made(older), NOW), views=[])
        assert grown.answer == "yes", (older, grown.findings)


def test_a_removed_entry_is_found_by_whoever_saw_the_log_before() -> None:
    whole = made()
    without = whole[:100] + whole[101:]
    assert audited(Served(without)).answer == "yes", "alone, the log that is left is whole"
    assert keys(audited(Served(without), remembered=before(whole))) == ["rolled-back"]
    replaced = [*without, tiles.entry(bytes(32), SECONDS + SIZE)]
    assert keys(audited(Served(replaced), remembered=before(whole))) == ["forked"]
    assert keys(audited(Served(without, signed(whole)))) == ["changed", "tile-missing"]


def test_a_changed_entry_is_found_with_and_without_a_new_signature() -> None:
    whole = made()
    changed = [*whole[:7], tiles.entry(bytes(32), SECONDS + 7), *whole[8:]]
    assert keys(audited(Served(changed, signed(whole)))) == ["changed"]
    assert keys(audited(Served(changed), remembered=before(whole))) == ["forked"]
    assert keys(audited(Served(changed), views=[View("in a certificate", signed(whole[:50]).checkpoint)])) == ["forked"]
    assert audited(Served(changed), views=[View("in a certificate", signed(whole[:5]).checkpoint)]).answer == "yes"


def test_a_tile_that_does_not_fit_the_entries_is_found() -> None:
    for name in ("0/0", "0/1", "1/0"):
        source = Served(made())
        level, number = (int(part) for part in name.split("/"))
        genuine = source.tile(level, number, {"0/0": 256, "0/1": 40, "1/0": 1}[name])
        source.instead[name] = bytes([genuine[0] ^ 1]) + genuine[1:]
        assert keys(audited(source)) == ["changed"], name


def test_an_entry_that_is_dated_back_is_found() -> None:
    whole = made()
    back = tiles.entry(bytes(range(32)), SECONDS - 86_400)
    assert keys(audited(Served([*whole, back]))) == ["dated-back"]
    assert "entry 296" in audited(Served([*whole, back])).findings[0].detail
    slow = tiles.entry(bytes(range(32)), SECONDS + SIZE - 500)
    assert audited(Served([*whole, slow])).answer == "yes", "clocks differ by minutes"


def test_an_entry_from_before_a_checkpoint_that_did_not_have_it_is_dated_back() -> None:
    whole = made()
    late = tiles.entry(bytes(range(32)), SECONDS + SIZE + 60)
    assert audited(Served([*whole, late]), remembered=before(whole, NOW)).answer == "yes"
    assert keys(audited(Served([*whole, late]), remembered=before(whole, LATER))) == ["dated-back"]


def test_two_views_of_one_log_are_found() -> None:
    whole = made()
    fork = [*whole[:200], *(tiles.entry(bytes([n]) * 32, SECONDS + 200 + n) for n in range(96))]
    assert audited(Served(fork)).answer == "yes"
    shown_to_another = View("in what another was given", signed(whole).checkpoint)
    assert keys(audited(Served(fork), views=[shown_to_another])) == ["forked"]
    assert keys(audited(Served(whole), views=[View("x", signed(fork).checkpoint)])) == ["forked"]


def test_a_checkpoint_that_was_rolled_back_is_found() -> None:
    whole = made()
    assert keys(audited(Served(whole[:200]), remembered=before(whole))) == ["rolled-back"]
    assert keys(audited(Served(whole[:200]), views=[View("x", signed(whole).checkpoint)])) == ["rolled-back"]


def test_a_wrong_key_is_found() -> None:
    entries = made(3)
    assert keys(audited(Served(entries, signed(entries, identity())))) == ["signature"]
    stolen = replace(signed(entries), checkpoint=signed(made(2)).checkpoint)
    assert keys(audited(Served(made(2), stolen))) == ["signature"]
    (log,) = trusted()
    ended = replace(log, keys=tuple(replace(key, ends=NOW) for key in log.keys))
    assert keys(audited(Served(entries), logs=[ended])) == ["signature"]
    assert audited(Served(entries), logs=[ended], now=NOW).answer == "yes"
    assert keys(audited(Served(entries), logs=[replace(log, origin="other.example/log")])) == ["log-unknown"]
    assert keys(audited(Served(entries), logs=[])) == ["log-unknown"]


@pytest.mark.parametrize("name", ["checkpoint", "entries/0", "entries/1", "0/0", "0/1", "1/0"])
def test_a_missing_part_leaves_the_answer_open(name: str) -> None:
    source = Served(made())
    source.gone.add(name)
    audit = audited(source)
    assert audit.answer == "could_not_tell"
    assert keys(audit) == ["unreachable" if name == "checkpoint" else "tile-missing"]


def test_a_fault_outweighs_what_could_not_be_told() -> None:
    source = Served(made()[:200])
    source.gone.add("0/0")
    assert audited(source, remembered=before(made())).answer == "no"


@pytest.mark.parametrize("note", ["", "nothing", "a\n1\nAAAA\n\n— a AAAAAAAA\n"])
def test_what_is_no_checkpoint_is_told(note: str) -> None:
    source = Served(made(2))
    source.note = note
    assert keys(audited(source)) == ["malformed"]


def test_witnesses_are_counted_by_their_names_and_terms() -> None:
    entries = made(5)
    one, two = stand_in("w1.example"), stand_in("w2.example", post_quantum=True)
    head = signed(entries).checkpoint
    lines = tuple(stand.signer.sign(head, now=NOW) for stand in (one, two))
    terms = [TermKey(stand.signer.key, NOW, None) for stand in (one, two)]
    both = signed(entries, more=lines)
    audit = audited(Served(entries, both), logs=trusted(*terms, required=2))
    assert (audit.answer, audit.witnesses) == ("yes", ("w1.example", "w2.example"))
    alone = signed(entries, more=lines[:1])
    assert keys(audited(Served(entries, alone), logs=trusted(*terms, required=2))) == ["witness-missing"]
    late = [replace(term, begins=NOW + timedelta(hours=1)) for term in terms]
    assert keys(audited(Served(entries, both), logs=trusted(*late, required=1))) == ["witness-missing"]
    other = replace(lines[0], signature=bytes(len(lines[0].signature)))
    forged = signed(entries, more=(other,))
    assert keys(audited(Served(entries, forged), logs=trusted(*terms))) == ["signature"]


def test_every_finding_speaks_both_languages() -> None:
    for finding in audited(Served(made()[:200]), remembered=before(made())).findings:
        assert "{" not in finding.text.en + finding.text.zh
        assert any("\u4e00" <= letter <= "\u9fff" for letter in finding.text.zh)


def test_what_was_seen_is_remembered_by_name(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    assert recall(path) == {}
    note = signed(made(3))
    remember(path, note.text, now=NOW)
    assert recall(path) == {ORIGIN: Remembered(note.checkpoint, NOW)}
    (tmp_path / "checkpoint").write_text(note.text, encoding="utf-8")
    assert view(tmp_path / "checkpoint").checkpoint == note.checkpoint
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="not JSON"):
        recall(path)
