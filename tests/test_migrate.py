"""The migrations make exactly the tables of the models, on both databases, and once is enough."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import inspect

from portal.db import open_engine
from portal.migrate import differences, migrate
from portal.tables import metadata


def test_migrations_make_the_tables_of_the_models(bare_database_url: str) -> None:
    engine = open_engine(bare_database_url)
    migrate(engine)
    migrate(engine)
    assert set(inspect(engine).get_table_names()) == set(metadata.tables) | {"alembic_version"}
    assert differences(engine) == []
    engine.dispose()


def test_two_first_commands_at_once(bare_database_url: str) -> None:
    def first(_: int) -> None:
        engine = open_engine(bare_database_url)
        migrate(engine)
        engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(first, range(4)))
    engine = open_engine(bare_database_url)
    assert differences(engine) == []
    engine.dispose()


def test_a_missing_column_is_seen(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE organisation DROP COLUMN address")
    assert differences(engine) != []
    engine.dispose()
