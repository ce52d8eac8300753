"""Databases for tests: tables are made once, an SQLite file is copied, a PostgreSQL schema emptied and lent again."""

import os
import shutil
import uuid
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from portal.db import Base, open_engine

POSTGRES = os.environ.get("PORTAL_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
# Foreign keys are not asked while everything goes; whoever waits longer for a table meets a connection left open.
EMPTIED = "SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '2s';"


def _driven(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def postgres_answers() -> bool:
    """Whether there is a PostgreSQL to test with."""
    engine = create_engine(_driven(POSTGRES), connect_args={"connect_timeout": 2})
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


def make_sqlite(path: Path) -> Path:
    """Make an SQLite file with every table and no row."""
    engine = open_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


def copy_sqlite(template: Path, url: str) -> None:
    """Put a copy of an SQLite file where an address says."""
    shutil.copyfile(template, str(make_url(url).database))


def copied(template: Path, folder: Path) -> str:
    """Put a copy of an SQLite file into a folder, and tell its address."""
    url = f"sqlite:///{folder / 'test.sqlite3'}"
    copy_sqlite(template, url)
    return url


class Schemas:
    """Schemas of PostgreSQL with every table and no row."""

    def __init__(self) -> None:
        self._engine = create_engine(_driven(POSTGRES))
        self._clean: list[str] = []
        self._made: list[str] = []

    def bare(self) -> str:
        """The address of a new schema without any table."""
        name = f"t{uuid.uuid4().hex}"
        with self._engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        self._made.append(name)
        return f"{POSTGRES}?options=-csearch_path%3D{name}%20-csynchronous_commit%3Doff"

    def take(self) -> str:
        """The address of a schema, which belongs to the test until it is given back."""
        if self._clean:
            return self._clean.pop()
        url = self.bare()
        engine = open_engine(url)
        Base.metadata.create_all(engine)
        engine.dispose()
        return url

    def give_back(self, url: str) -> None:
        """Empty the tables for the next test; a schema in which something is still under way is lent no more."""
        engine = open_engine(url)
        try:
            with engine.begin() as connection:
                _empty(connection)
            self._clean.append(url)
        except OperationalError:
            pass
        finally:
            engine.dispose()

    def close(self) -> None:
        """Drop them all."""
        for name in self._made:
            with self._engine.begin() as connection:
                connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        self._engine.dispose()


def _empty(connection: Connection) -> None:
    sequences = connection.execute(
        text("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL")
    )
    started = " ".join(f'ALTER SEQUENCE "{name}" RESTART;' for name in sequences.scalars())
    deletions = " ".join(f'DELETE FROM "{table.name}";' for table in Base.metadata.sorted_tables)  # noqa: S608
    connection.exec_driver_sql(f"{EMPTIED} {deletions} {started}")
