"""Run migrations on the connection that :func:`engine.store.migrating.migrate` hands over."""

from __future__ import annotations

from alembic import context

from engine.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's too: a migration that fails leaves the file as it was
)
context.run_migrations()
