"""What Alembic runs for each migration: on the connection that ``portal.migrate`` opened."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from portal.tables import metadata


def render(kind: str, thing: Any, _: Any) -> str | Literal[False]:
    """Write a column type of our own as the plain type below it, so that an old migration needs none of our code."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl_instance!r}"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
