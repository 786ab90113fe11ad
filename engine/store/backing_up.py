"""Copy a record to a folder while it is in use: the copy is a record in an SQLite file, with its sound."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from engine.errors import RecordError

from .database import FILE, Database
from .migrating import copy_sqlite, migrate
from .schema import consents, documents, identity, takes
from .sounds import Sounds
from .troubles import told

_PAGE = 100


def back_up(database: Database, sounds: Sounds, target: Path) -> int:
    """Copy a record to a folder that is empty or not there, and return its number of takes.

    Sound files that are encrypted stay so. A take with sound that is deleted meanwhile is not in the copy.

    Raises
    ------
    RecordError
        There is something in the folder.
    RecordUnavailable
        It cannot be written; what was written of it is removed.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise RecordError(f"{target} has something in it: give a folder that is empty or not there")
    try:
        with told(str(target)):
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
            if database.file is not None:
                copy_sqlite(database.file, target / FILE)
        with _open(target) as copy:
            if database.file is None:
                migrate(copy)
                _copy_rows(database, copy)
            with told(str(target)):
                return _copy_sounds(copy, sounds, Sounds(target / "sound"))
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


@contextmanager
def _open(folder: Path) -> Iterator[Database]:
    database = Database.in_folder(folder)
    try:
        yield database
    finally:
        database.close()


def _copy_rows(database: Database, copy: Database) -> None:
    """Copy all rows as they are at one moment."""
    with told(database.where), database.engine.connect() as connection:
        one_moment = connection.execution_options(isolation_level="REPEATABLE READ", yield_per=_PAGE)
        with copy.writing() as target:
            target.execute(
                sa.update(identity).values(revision=one_moment.scalar(sa.select(identity.c.revision)))
            )
            for table in (takes, consents, documents):
                for rows in one_moment.execute(sa.select(table)).partitions():
                    target.execute(sa.insert(table), [dict(row._mapping) for row in rows])


def _copy_sounds(copy: Database, sounds: Sounds, target: Sounds) -> int:
    """Copy the sound files that the copied takes name; the number of takes."""
    query = sa.select(takes.c.sound_file).where(takes.c.sound_file.is_not(None))
    with copy.reading() as connection:
        names = [row.sound_file for row in connection.execute(query)]
    for name in names:
        try:
            target.copy(sounds, name)
        except FileNotFoundError:  # the take was deleted since its row was copied
            with copy.writing() as connection:
                connection.execute(sa.delete(takes).where(takes.c.sound_file == name))
    with copy.reading() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(takes)) or 0
