"""Migrations of the schema (Alembic), run when a record is opened."""
