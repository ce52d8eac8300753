"""The log in the database: appended once and for ever, read as tiles by a library that is not ours."""

import hashlib
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from tlog_scales.reader import TilesReader

from portal.audit.models import AuditEvent
from portal.certificates.log import append, merkle, tiles
from portal.certificates.log.append import LogUnavailable
from portal.certificates.log.identity import LogIdentity
from portal.certificates.log.merkle import HASH_BYTES, Frontier
from portal.certificates.log.models import LogEntry, LogHead, LogTile
from portal.certificates.log.note import SignedCheckpoint
from portal.certificates.log.tiles import WIDTH, DatabaseTiles, TileMissing, TreeReader
from portal.db import open_engine, session_factory
from tests.certificates.log.stand import ORIGIN, StandIn, identity, served, stand_in
from tests.certificates.samples import NOW

SECONDS = int(NOW.timestamp())


def digest(number: int) -> str:
    return hashlib.sha256(number.to_bytes(8, "big")).hexdigest()


def fill(session: Session, count: int) -> list[bytes]:
    """Put entries into the tables as ``append`` does, without signing each tree on the way."""
    tree, hashes = Frontier(), []
    for number in range(count):
        data = bytes.fromhex(digest(number))
        session.add(LogEntry(index=number, issued=SECONDS, digest=data))
        hashes.append(merkle.leaf_hash(tiles.entry(data, SECONDS)))
        tree.append(hashes[-1])
        if tree.size % WIDTH == 0:
            session.flush()
            tiles.complete(session, tree.size)
    session.add(LogHead(id=1, origin=ORIGIN, size=count, frontier=b"".join(tree.roots), note="", at=NOW))
    session.flush()
    return hashes


class Backend:
    """Our tiles, as the second implementation asks for them."""

    def __init__(self, session: Session, size: int) -> None:
        self._tiles, self._session, self._size = DatabaseTiles(session), session, size

    def get(self, *path: str) -> bytes | None:
        if path == ("checkpoint",):
            return append.published(self._session, identity(), now=NOW).encode("utf-8")
        _tile, level, *rest = path
        width = WIDTH
        if rest[-2:-1] and rest[-2].endswith(".p"):
            width, rest = int(rest[-1]), [*rest[:-2], rest[-2].removesuffix(".p")]
        number = int("".join(rest).replace("x", ""))
        try:
            if level == "entries":
                return self._tiles.bundle(number, width)
            return self._tiles.tile(int(level), number, width)
        except TileMissing:
            return None


def test_entries_are_numbered_and_each_is_proven_in_the_tree_that_it_completes(session: Session) -> None:
    log = identity()
    for number in range(9):
        added = append.append(session, digest(number), log=log, now=NOW)
        proof = append.cosigned(session, added, log=log)
        head = proof.note.checkpoint
        assert (added.index, proof.index, head.origin, head.size) == (number, number, ORIGIN, number + 1)
        leaf = merkle.leaf_hash(tiles.entry(bytes.fromhex(digest(number)), SECONDS))
        merkle.check_inclusion(number, head.size, leaf, proof.path, head.root)
        published = SignedCheckpoint.parse(append.published(session, log, now=NOW))
        assert log.second is not None
        assert set(published.signed_by([log.first.key, log.second.key])) == {log.first.key, log.second.key}
        assert set(proof.note.signed_by([log.first.key, log.second.key])) == {log.first.key}
        assert published.checkpoint == head


def test_a_second_implementation_reads_the_tiles_and_computes_the_same(session: Session) -> None:
    size = 3 * WIDTH + 17
    fill(session, size)
    reader = TreeReader(DatabaseTiles(session), size)
    theirs = TilesReader(Backend(session, size))
    theirs.set_size(size)
    assert theirs.calculate_root_hash() == reader.root()
    for index in (0, 1, 255, 256, 700, size - 1):
        assert theirs.get_inclusion_proof(index, size).node_hashes == reader.inclusion(index)
        assert theirs.get_entry(index) == tiles.entry(bytes.fromhex(digest(index)), SECONDS)
    for older in (1, 255, 256, 257, 512, size - 1):
        assert theirs.get_consistency_proof(older, size).node_hashes == reader.consistency(older)


def test_the_tables_grow_by_one_row_an_entry_and_one_tile_in_256(session: Session) -> None:
    log = identity()
    fill(session, 2 * WIDTH - 1)
    assert session.scalar(select(func.count()).select_from(LogTile)) == 1
    append.append(session, digest(2 * WIDTH - 1), log=log, now=NOW)
    assert session.scalar(select(func.count()).select_from(LogTile)) == 2
    assert session.scalar(select(func.count()).select_from(LogEntry)) == 2 * WIDTH
    assert len(session.get_one(LogHead, 1).frontier) == HASH_BYTES


def test_a_tile_that_is_not_there_is_missing_and_never_guessed(session: Session) -> None:
    fill(session, WIDTH + 3)
    stored = DatabaseTiles(session)
    assert len(stored.tile(0, 0, WIDTH)) == WIDTH * HASH_BYTES
    assert stored.tile(0, 1, 2) == stored.tile(0, 1, 3)[: 2 * HASH_BYTES]
    for level, number, width in ((0, 1, 4), (0, 1, WIDTH), (0, 2, 1), (1, 0, 2), (2, 0, 1), (9, 0, 1)):
        with pytest.raises(TileMissing):
            stored.tile(level, number, width)
    for number, width in ((1, 4), (1, WIDTH), (2, 1)):
        with pytest.raises(TileMissing):
            stored.bundle(number, width)


def test_tiles_are_named_and_counted_as_the_specification_says() -> None:
    assert [tiles.path(n) for n in (0, 67, 999, 1000, 1234067)] == ["000", "067", "999", "x001/000", "x001/x234/067"]
    found = list(tiles.widths(70_000))
    assert found.count((0, 273, 112)) == 1
    assert len([one for one in found if one[0] == 0]) == 274
    assert [one for one in found if one[0] > 0] == [(1, 0, 256), (1, 1, 17), (2, 0, 1)]
    assert list(tiles.widths(256)) == [(0, 0, 256), (1, 0, 1)]


def test_the_log_of_another_name_is_not_continued(session: Session) -> None:
    fill(session, 1)
    session.get_one(LogHead, 1).origin = "other.example/log"
    session.flush()
    with pytest.raises(LogUnavailable, match=r"other\.example"):
        append.append(session, digest(1), log=identity(), now=NOW)


def test_what_is_rolled_back_was_never_in_the_log(session: Session) -> None:
    log = identity()
    append.append(session, digest(0), log=log, now=NOW)
    session.commit()
    append.append(session, digest(1), log=log, now=NOW)
    session.rollback()
    assert append.append(session, digest(2), log=log, now=NOW).index == 1
    assert append.size(session) == 2


def test_issuers_at_once_get_places_one_after_the_other(database_url: str) -> None:
    engine, log = open_engine(database_url), identity()
    sessions = session_factory(engine)

    def work(first: int) -> None:
        for number in range(first, first + 5):
            with sessions() as session:
                append.append(session, digest(number), log=log, now=NOW)
                session.commit()

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions() as session:
        head = session.get_one(LogHead, 1)
        assert head.size == 15
        assert TreeReader(DatabaseTiles(session), 15).root() == SignedCheckpoint.parse(head.note).checkpoint.root
    engine.dispose()


# --- witnesses -------------------------------------------------------------------------------------------------


@pytest.fixture
def stands() -> Iterator[list[StandIn]]:
    made = [stand_in("w1.example"), stand_in("w2.example", post_quantum=True), stand_in("w3.example")]
    with served(made[0]), served(made[1]), served(made[2]):
        yield made


def witnessed(stands: list[StandIn], required: int) -> LogIdentity:
    log = identity(*(stand.witness for stand in stands), required=required)
    for stand in stands:
        stand.knows(log)
    return log


def issue(session: Session, number: int, log: LogIdentity) -> SignedCheckpoint:
    added = append.append(session, digest(number), log=log, now=NOW)
    return append.cosigned(session, added, log=log).note


@pytest.mark.network
def test_witnesses_cosign_every_tree_and_their_signatures_are_published(
    session: Session, stands: list[StandIn]
) -> None:
    log = witnessed(stands, 3)
    keys = [stand.signer.key for stand in stands]
    for number in range(4):
        note = issue(session, number, log)
        session.commit()
        assert note.signed_by(keys) == dict.fromkeys(keys, NOW)
        assert SignedCheckpoint.parse(append.published(session, log, now=NOW)).signed_by(keys)
    assert [(stand.size, stand.asked) for stand in stands] == [(4, 4)] * 3, "none had to be asked twice"


@pytest.mark.network
def test_a_witness_that_missed_something_is_told_from_where_it_left(session: Session, stands: list[StandIn]) -> None:
    log = witnessed(stands, 2)
    issue(session, 0, log)
    stands[2].forced = (503, b"")
    for number in range(1, 6):
        issue(session, number, log)
    stands[2].forced = None
    note = issue(session, 6, log)
    assert len(note.signed_by([stand.signer.key for stand in stands])) == 3
    assert stands[2].size == 7


@pytest.mark.network
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((503, b""), "status 503"), ((404, b""), "status 404"), ((409, b"99\n"), "has seen 99 entries"),
        ((409, b""), "holds another tree"), ((200, b"nonsense"), "no signature"), ((200, b"\xff"), "utf-8"),
        ((200, b"x" * 300_000), "more than"), ((302, b""), "status 302"),
    ],
)  # fmt: skip
def test_too_few_cosignatures_are_no_certificate(
    session: Session, stands: list[StandIn], answer: tuple[int, bytes], told: str
) -> None:
    log = witnessed(stands, 3)
    stands[1].forced = answer
    with pytest.raises(LogUnavailable, match=told):
        issue(session, 0, log)


@pytest.mark.network
def test_a_cosignature_for_another_tree_or_of_another_key_counts_for_nothing(
    session: Session, stands: list[StandIn]
) -> None:
    log = witnessed(stands, 3)
    other = stand_in("w1.example").signer.sign(log.sign(1, bytes(32), now=NOW).checkpoint, now=NOW)
    own = stands[0].signer.sign(log.sign(1, bytes(32), now=NOW).checkpoint, now=NOW)
    for line in (other, own):
        stands[0].forced = (200, line.text.encode("utf-8"))
        with pytest.raises(LogUnavailable, match=r"w1\.example"):
            issue(session, 0, log)
        session.rollback()


@pytest.mark.network
def test_a_witness_that_is_away_is_named(session: Session, stands: list[StandIn]) -> None:
    log = witnessed(stands, 3)
    away = identity(*log.witnesses.asked[:2], stand_in("w4.example").witness, required=3)
    with pytest.raises(LogUnavailable, match=r"w4\.example"):
        issue(session, 0, away)


@pytest.mark.network
def test_what_a_witness_has_seen_stays_in_the_log_when_its_certificate_does_not(
    session: Session, stands: list[StandIn]
) -> None:
    log = witnessed(stands, 3)
    issue(session, 0, log)
    session.commit()
    issue(session, 1, log)
    session.rollback()  # the certificate came to nothing, but three witnesses have seen its entry
    issue(session, 2, log)
    session.rollback()
    note = issue(session, 3, log)
    session.commit()
    assert len(note.signed_by([stand.signer.key for stand in stands])) == 3
    held = list(session.execute(select(LogEntry.index, LogEntry.digest).order_by(LogEntry.index)))
    assert [(index, data.hex()) for index, data in held] == [(n, digest(n)) for n in range(4)]
    told = session.scalars(select(AuditEvent).where(AuditEvent.verb == append.PUT_BACK)).all()
    assert [event.subject for event in told] == ["log-entry:1", "log-entry:2"]
    assert {stand.size for stand in stands} == {4}


@pytest.mark.network
def test_a_log_restored_from_an_old_copy_issues_nothing(session: Session, stands: list[StandIn]) -> None:
    log = witnessed(stands, 3)
    for number in range(3):
        issue(session, number, log)
    session.commit()
    for stand in stands:
        stand.size = 9
    with pytest.raises(LogUnavailable, match="has seen 9 entries"):
        issue(session, 3, log)
