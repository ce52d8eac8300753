"""What witnesses were shown, kept apart from the certificate's own transaction.

A witness never forgets a checkpoint. Were the entry behind it rolled back with its certificate, the next certificate
would take its place, and the witness would rightly call that a fork. So the entry is written down before the first
witness is asked, and the next issue puts it back where it was seen.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table, create_engine, delete, insert, select
from sqlalchemy.orm import Session

from portal.certificates.log.models import LogShown

_TABLE: Table = LogShown.__table__  # type: ignore[assignment]


def keep(session: Session, index: int, issued: int, digest: bytes) -> None:
    """Write down, at once and for good, that an entry is about to be shown."""
    with _apart(session) as connection:
        # What lies before it has been kept by the log itself.
        connection.execute(delete(_TABLE).where(_TABLE.c.index < index - 1))
        connection.execute(delete(_TABLE).where(_TABLE.c.index == index, _TABLE.c.digest == digest))
        connection.execute(insert(_TABLE).values(index=index, issued=issued, digest=digest))


def lost(session: Session, size: int) -> list[tuple[int, int, bytes]]:
    """Entries that were shown and that a log of ``size`` entries does not hold: index, second of issue, digest."""
    with _apart(session) as connection:
        found = select(_TABLE.c.index, _TABLE.c.issued, _TABLE.c.digest).where(_TABLE.c.index >= size)
        return [(index, issued, digest) for index, issued, digest in connection.execute(found.order_by(_TABLE.c.index))]


@contextmanager
def _apart(session: Session) -> Iterator[Connection]:
    """A transaction of its own. SQLite has one writer a file, who is busy issuing, so there it is a second file."""
    engine = session.get_bind().engine
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    beside = create_engine(engine.url.set(database=f"{engine.url.database}.shown"))
    try:
        with beside.begin() as connection:
            _TABLE.create(connection, checkfirst=True)
            yield connection
    finally:
        beside.dispose()
