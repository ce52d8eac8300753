"""(m) The transparency log: what adding an entry and proving one costs as the log grows."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.certificates.log import append, merkle
from portal.certificates.log.identity import LogIdentity
from portal.certificates.log.merkle import HASH_BYTES, Frontier
from portal.certificates.log.models import LogEntry, LogHead, LogTile
from portal.certificates.log.note import Ed25519Signer
from portal.certificates.log.tiles import WIDTH, DatabaseTiles, TreeReader, entry, root_of_tile
from portal.certificates.log.witness import Witnesses
from tests.bench.farm import Row
from tests.bench.world import NOW, World, database

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
ORIGIN = "bench.example/log"
SECONDS = int(NOW.timestamp())
_BATCH = 500


def rows(world: World, *, quick: bool) -> Iterator[Row]:
    """Measure each size in a database of its own, made of hashes that are made up by a seed."""
    sizes, rounds = (SIZES[:2], 20) if quick else (SIZES, 300)
    signer = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    log = LogIdentity(ORIGIN, signer, None, Witnesses())
    found = [_measured(world.folder, size, log, rounds) for size in sizes]
    told = ", ".join(f"{size:,}" for size in sizes)
    smallest, largest = sizes[0], sizes[-1]
    logarithm = largest.bit_length() / smallest.bit_length()
    for number, name in enumerate(("add an entry: lock, tree, tile, checkpoint signed, commit", "prove an entry")):
        times = [one[number] for one in found]
        yield Row(
            f"(m) {name}, in logs of {told} entries",
            " · ".join(f"{seconds * 1e6:.0f}" for seconds in times) + " µs of a core",
            f"the logarithm of the size grows {logarithm:.2f}-fold",
            f"{times[-1] / times[0]:.2f}",
            "how much dearer the largest log is than the smallest; no more than the logarithm is asked",
        )


def _measured(folder: Path, size: int, log: LogIdentity, rounds: int) -> tuple[float, float]:
    """Seconds of a core for one addition and for one proof of an entry anywhere, its tiles not read before."""
    chance = random.Random(size)  # noqa: S311 - repeatable, not secret
    with database(folder, f"log-{size}") as sessions:
        with sessions() as session:
            fill(session, size, chance)
            session.commit()

        def add() -> None:
            with sessions() as session:
                append.append(session, chance.randbytes(HASH_BYTES).hex(), log=log, now=NOW)
                session.commit()

        with sessions() as session:

            def prove() -> None:
                index = chance.randrange(size // 2)
                assert TreeReader(DatabaseTiles(session), size).inclusion(index)

            proving = _median(prove, rounds)
            reader = TreeReader(DatabaseTiles(session), size)
            merkle.check_inclusion(size - 1, size, reader.whole(0, size - 1), reader.inclusion(size - 1), reader.root())
        adding = _median(add, rounds)
    (folder / f"log-{size}.sqlite3").unlink()
    return adding, proving


def _median(work: Callable[[], None], rounds: int) -> float:
    work()
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return median(times)


def fill(session: Session, size: int, chance: random.Random) -> None:
    """A log of made-up entries: every tile, the head, and those entries that no full tile holds yet."""
    full, rest = divmod(size, WIDTH)
    level, roots = 0, [_tile(session, 0, number, chance.randbytes(WIDTH * HASH_BYTES)) for number in range(full)]
    tree = _frontier(roots)
    while len(roots) >= WIDTH:
        level += 1
        blocks = [b"".join(roots[at : at + WIDTH]) for at in range(0, len(roots) // WIDTH * WIDTH, WIDTH)]
        roots = [_tile(session, level, number, block) for number, block in enumerate(blocks)]
    for index in range(full * WIDTH, full * WIDTH + rest):
        digest = chance.randbytes(HASH_BYTES)
        session.add(LogEntry(index=index, issued=SECONDS, digest=digest))
        tree.append(merkle.leaf_hash(entry(digest, SECONDS)))
    head = {"id": 1, "origin": ORIGIN, "size": size, "frontier": b"".join(tree.roots), "note": "", "at": NOW}
    session.execute(insert(LogHead).values(**head))


def _frontier(roots: list[bytes]) -> Frontier:
    """The frontier over full tiles, from their roots."""
    tree = Frontier()
    for root in roots:
        tree.append(root)
    return Frontier(tree.size * WIDTH, tree.roots)


def _tile(session: Session, level: int, number: int, hashes: bytes) -> bytes:
    root = root_of_tile(hashes)
    session.add(LogTile(level=level, number=number, root=root, hashes=hashes))
    if number % _BATCH == 0:
        session.flush()
        session.expunge_all()
    return root
