"""Verify a record: the database's own check, every take and document, every sound file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from engine.errors import RecordError, UsageError
from engine.protocol.documents import encode_document
from engine.protocol.take import TakeSound

from .database import Database
from .documents import body_of
from .rows import row_of, take_of_row
from .schema import documents, takes
from .sounds import Sounds
from .troubles import told

_PAGE = 100


class Checked(NamedTuple):
    """What a check found."""

    takes: int
    sounds: int
    problems: list[str]
    """A sentence each; empty where all is well."""


def check(database: Database, sounds: Sounds) -> Checked:
    """Verify all takes and documents of all people; nothing is changed.

    Raises
    ------
    RecordUnavailable, RecordError
        It cannot be read at all.
    """
    problems = list(_of_file(database))
    count = with_sound = 0
    named = set()
    for row in _rows(database, takes):
        count += 1
        problem, sound = _of_row(row)
        if problem:
            problems.append(f"The take {row.id} {problem}.")
        if row.sound_file is not None:
            with_sound += 1
            named.add(row.sound_file)
            problem = _of_sound(sounds, row.sound_file, sound)
            if problem:
                problems.append(f"The sound of the take {row.id} {problem}.")
    problems += (
        f"The {row.kind} {row.id} {problem}."
        for row in _rows(database, documents)
        if (problem := _of_document(row))
    )
    with told(database.where):
        lost = sounds.names() - named
    if lost:  # a take may have been written meanwhile
        lost -= {row.sound_file for row in _rows(database, takes)}
    if lost:
        problems.append(
            f"{len(lost)} sound files have no take; they are removed when the record opens again."
        )
    return Checked(count, with_sound, problems)


def _of_file(database: Database) -> Iterator[str]:
    """Yield what SQLite finds wrong with its file."""
    if database.file is None:
        return
    with database.reading() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    yield from (f"The database is damaged: {line}." for line in found if line != "ok")


def _rows(database: Database, table: sa.Table) -> Iterator[sa.Row[*tuple[Any, ...]]]:
    """Yield all rows of a table, a page a transaction."""
    keys = list(table.primary_key)
    order = sa.tuple_(*keys)
    query = sa.select(table).order_by(*keys).limit(_PAGE)
    after = query
    while True:
        with database.reading() as connection:
            rows = connection.execute(after).all()
        yield from rows
        if len(rows) < _PAGE:
            return
        after = query.where(order > sa.tuple_(*(sa.literal(rows[-1]._mapping[key]) for key in keys)))


def _of_row(row: sa.Row[*tuple[Any, ...]]) -> tuple[str, TakeSound | None]:
    """Return what is wrong with a row, and what its document says of its sound."""
    try:
        take = take_of_row(row)
        expected = row_of(row.person, take, row.sound_file)
    except (msgspec.DecodeError, UsageError) as error:
        return f"can't be read ({type(error).__name__})", None
    if {name: row._mapping[name] for name in expected} != expected:
        return "differs from its columns", take.sound
    if (take.sound is None) != (row.sound_file is None):
        return "and its sound don't belong together", take.sound
    return "", take.sound


def _of_document(row: sa.Row[*tuple[Any, ...]]) -> str:
    """Return what is wrong with a document."""
    try:
        body = body_of(row.kind, row.id, row.document)
    except UsageError as error:
        return f"can't be used: {error}"
    return "" if encode_document(body).decode() == row.document else "was changed"


def _of_sound(sounds: Sounds, name: str, told_of_it: TakeSound | None) -> str:
    """Return what is wrong with a sound file."""
    try:
        sound = sounds.read(name)
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"can't be read ({error.strerror})"
    except RecordError as error:
        return f"can't be verified: {error}"
    if told_of_it is not None and hashlib.sha256(sound).hexdigest() != told_of_it.sha256:
        return "was changed"
    return ""
