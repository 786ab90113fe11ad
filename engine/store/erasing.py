"""Leave nothing of what was deleted in the files of a database."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import sqlalchemy as sa

from .database import Database
from .migrating import copies
from .troubles import told

_ALL = "takes, consents, documents"


def erase(database: Database, *, whole: bool = False, tables: str = _ALL) -> None:
    """Write over what was deleted, now.

    SQLite is rebuilt, as ``secure_delete`` leaves what a page held before its rows were moved; what it wrote
    beside itself is merged and cut off, and copies from before migrations are removed. PostgreSQL rebuilds
    the ``tables`` if ``whole``; else it overwrites deleted rows as it needs their room. Rows that a
    transaction of another program can still see stay in its files until the next time.

    Raises
    ------
    RecordUnavailable
        Another program has it open; it is deleted, and written over at the next deletion.
    """
    if database.file is None:
        _vacuum(database, f"VACUUM {'FULL ' if whole else ''}{tables}")
        return
    with told(database.where):
        for copy in copies(database.file):
            copy.unlink(missing_ok=True)
        with closing(database.engine.raw_connection()) as connection:
            try:
                connection.execute("VACUUM").close()
            except sqlite3.OperationalError as error:
                if "full" not in str(error):  # rebuilding needs room for a second one: deleting frees some
                    raise
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise sqlite3.OperationalError("database is locked")


def _vacuum(database: Database, statement: str) -> None:
    with told(database.where), database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text(statement))
