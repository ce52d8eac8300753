"""What Alembic runs for each migration: on the connection that ``portal.migrate`` opened."""

from alembic import context

from portal.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
