"""The log's tree in the database: entries, full tiles, and what is made of them (C2SP tlog-tiles)."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certificates.log import merkle
from portal.certificates.log.merkle import HASH_BYTES, Frontier
from portal.certificates.log.models import LogEntry, LogTile

WIDTH = 256
HEIGHT = 8
ENTRY_BYTES = 40
_TIME_BYTES = 8


class TileMissing(LookupError):
    """A tile or bundle is not there, or not whole."""


class Tiles(Protocol):
    """Where hashes and entries of a log are read: a database, or a public address."""

    def tile(self, level: int, number: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile. Raises ``TileMissing``."""

    def bundle(self, number: int, width: int) -> bytes:
        """The first ``width`` entries of a bundle, each behind its length. Raises ``TileMissing``."""


def entry(digest: bytes, issued: int) -> bytes:
    """What the log holds of a certificate: the second of issue (8 bytes) and the statement's digest, nothing else."""
    return issued.to_bytes(_TIME_BYTES, "big") + digest


def read_entry(data: bytes) -> tuple[bytes, int]:
    """Digest and second of issue of an entry. Raises ``ValueError``."""
    if len(data) != ENTRY_BYTES:
        raise ValueError("an entry of another length")
    return data[_TIME_BYTES:], int.from_bytes(data[:_TIME_BYTES], "big")


def bundled(entries: Sequence[bytes]) -> bytes:
    """Entries as they are served, each behind its length in two bytes."""
    return b"".join(len(one).to_bytes(2, "big") + one for one in entries)


def unbundled(data: bytes) -> Iterator[bytes]:
    """The entries of a bundle. Raises ``ValueError``."""
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data):
            raise ValueError("a bundle is cut off")
        yield data[at + 2 : end]
        at = end


def widths(size: int) -> Iterator[tuple[int, int, int]]:
    """Every tile of a tree of ``size`` leaves as (level, number, width)."""
    level = 0
    while size:
        full, rest = divmod(size, WIDTH)
        yield from ((level, number, WIDTH) for number in range(full))
        if rest:
            yield level, full, rest
        size, level = full, level + 1


def path(number: int) -> str:
    """A tile's number as addresses write it: ``x001/x234/067``."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def root_of_tile(hashes: bytes) -> bytes:
    """The root over a tile's hashes."""
    tree = Frontier()
    for at in range(0, len(hashes), HASH_BYTES):
        tree.append(hashes[at : at + HASH_BYTES])
    return tree.root()


class TreeReader:
    """Roots of whole subtrees from tiles, for proofs in the tree of ``size`` leaves. Tiles are read once."""

    def __init__(self, tiles: Tiles, size: int) -> None:
        self._size = size
        self._read = lru_cache(maxsize=256)(tiles.tile)

    def whole(self, level: int, number: int) -> bytes:
        """The root of the ``number``-th subtree of ``2**level`` leaves."""
        tile_level, rise = divmod(level, HEIGHT)
        first = number << rise
        tile, start = divmod(first, WIDTH)
        width = min(WIDTH, (self._size >> (HEIGHT * tile_level)) - tile * WIDTH)
        hashes = self._read(tile_level, tile, width)
        wanted = hashes[start * HASH_BYTES : (start + (1 << rise)) * HASH_BYTES]
        if len(wanted) != HASH_BYTES << rise:
            raise TileMissing(f"tile/{tile_level}/{path(tile)} is too short")
        return root_of_tile(wanted)

    def inclusion(self, index: int) -> list[bytes]:
        return merkle.inclusion(index, self._size, self.whole)

    def consistency(self, older: int) -> list[bytes]:
        return merkle.consistency(older, self._size, self.whole)

    def root(self) -> bytes:
        return merkle.root(self._size, self.whole)


class DatabaseTiles:
    """The log's own tables."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def tile(self, level: int, number: int, width: int) -> bytes:
        hashes: bytes | None
        if width == WIDTH:
            hashes = self._session.scalar(
                select(LogTile.hashes).where(LogTile.level == level, LogTile.number == number)
            )
        else:
            hashes = b"".join(self._part(level, number * WIDTH, width))
        if hashes is None or len(hashes) != width * HASH_BYTES:
            raise TileMissing(f"tile/{level}/{path(number)} with {width} hashes")
        return hashes

    def bundle(self, number: int, width: int) -> bytes:
        found = self.entries(number * WIDTH, width)
        if len(found) != width:
            raise TileMissing(f"tile/entries/{path(number)} with {width} entries")
        return bundled(found)

    def entries(self, start: int, width: int) -> list[bytes]:
        """Up to ``width`` entries from ``start`` on."""
        rows = self._session.execute(
            select(LogEntry.digest, LogEntry.issued)
            .where(LogEntry.index >= start, LogEntry.index < start + width)
            .order_by(LogEntry.index)
        )
        return [entry(digest, issued) for digest, issued in rows]

    def _part(self, level: int, start: int, width: int) -> list[bytes]:
        if level == 0:
            return [merkle.leaf_hash(one) for one in self.entries(start, width)]
        below = (
            select(LogTile.root)
            .where(LogTile.level == level - 1, LogTile.number >= start, LogTile.number < start + width)
            .order_by(LogTile.number)
        )
        return list(self._session.scalars(below))


def complete(session: Session, size: int) -> None:
    """Keep every tile that the tree of ``size`` leaves has just filled: at most one a level, mostly none."""
    tiles, level = DatabaseTiles(session), 0
    while size and size % WIDTH == 0:
        size //= WIDTH
        number = size - 1
        hashes = b"".join(tiles._part(level, number * WIDTH, WIDTH))
        session.add(LogTile(level=level, number=number, root=root_of_tile(hashes), hashes=hashes))
        session.flush()
        level += 1
