"""Tables of the transparency log."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base

_COUNT = BigInteger().with_variant(Integer, "sqlite")


class LogHead(Base):
    """The log as it stands: a single row that is locked while an entry is added.

    ``frontier`` holds the roots of the tree's whole parts, 32 bytes each, which is all that adding needs. ``note`` is
    the newest checkpoint with every signature.
    """

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(_COUNT)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class LogEntry(Base):
    """One entry: the digest of a statement, and the second in which it was issued (since 1970)."""

    __tablename__ = "log_entry"

    index: Mapped[int] = mapped_column(_COUNT, primary_key=True, autoincrement=False)
    issued: Mapped[int] = mapped_column(_COUNT)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class LogTile(Base):
    """One full tile of 256 hashes, which never changes, and the root over it, which is one hash of the tile above.

    Tiles that are not full are made from entries and roots when they are asked for, so adding an entry writes none.
    """

    __tablename__ = "log_tile"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(_COUNT, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class LogShown(Base):
    """An entry that a witness was asked to cosign before its certificate was kept.

    Written in a transaction of its own: what a witness has seen stays in the log even when the certificate does not.
    """

    __tablename__ = "log_shown"

    index: Mapped[int] = mapped_column(_COUNT, primary_key=True, autoincrement=False)
    issued: Mapped[int] = mapped_column(_COUNT)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
