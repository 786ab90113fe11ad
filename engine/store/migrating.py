"""Bring the schema of a database up to date, when a record is opened."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from engine.errors import RecordError

from .database import Database
from .schema import REVISIONS, identity
from .troubles import told

SCRIPTS = Path(__file__).with_name("migrations")

_LOCK = 0x536F74746F  # of PostgreSQL's advisory locks: one process migrates at a time


def migrate(database: Database, scripts: Path = SCRIPTS, revisions: tuple[str, ...] = REVISIONS) -> None:
    """Bring a database to the last of ``revisions``; an SQLite file with data in it is copied first.

    Raises
    ------
    RecordError
        It was written by a newer version of the program, or is not a record.
    """
    with database.reading() as connection:
        found = _revision(connection, database)
    if found == revisions[-1]:
        return
    _refuse_newer(found, database, revisions)
    if found is not None and database.file is not None:
        with told(database.where):
            copy_sqlite(database.file, copy_of(database.file, found))
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        found = _revision(connection, database)  # another process may have been faster
        _refuse_newer(found, database, revisions)
        if found != revisions[-1]:
            _upgrade(connection, scripts)


def identity_of(database: Database) -> str:
    """Return the id of a record, which is its own whatever its address is."""
    with database.reading() as connection:
        return str(connection.scalar(sa.select(identity.c.id)))


def copy_of(file: Path, revision: str) -> Path:
    """Return where the copy of an SQLite file is that was made before it was migrated from a revision."""
    return file.with_name(f"{file.name}.{revision}.bak")


def copies(file: Path) -> list[Path]:
    """Return all copies that were made before migrations."""
    return sorted(file.parent.glob(f"{file.name}.*.bak"))


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy an SQLite file, also while it is written; the copy is there whole or not at all."""
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(unfinished)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE").close()  # one file, without others beside it
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _revision(connection: sa.Connection, database: Database) -> str | None:
    """Return the revision of a database; None for an empty one."""
    names = set(sa.inspect(connection).get_table_names())
    if "alembic_version" in names:
        found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return found
    if names & {"takes", "consents"}:
        raise RecordError(f"{database.where} holds tables of another program: give the record its own place")
    return None


def _refuse_newer(found: str | None, database: Database, revisions: tuple[str, ...]) -> None:
    if found is not None and found not in revisions:
        raise RecordError(
            f"the record {database.where} was written by a newer version of Sottovoce (schema {found}; "
            f"this one knows up to {revisions[-1]}): update Sottovoce, or open another record"
        )


def _upgrade(connection: sa.Connection, scripts: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
