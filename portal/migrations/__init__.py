"""Changes of the tables from one release to the next (Alembic)."""
