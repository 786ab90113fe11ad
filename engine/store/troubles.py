"""What went wrong with a record, as a sentence for a person."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy.exc

from engine.errors import RecordError, RecordUnavailable, SottovoceError

_AWAY = "The record can't be reached: {where} does not answer. Start the database, or check its address."
_BROKEN = (
    "The record {where} is damaged, or no record. Run `sottovoce record check`, or put a backup in its place."
)

_SQLITE = (
    (
        ("locked", "busy"),
        "The record {where} is in use by another program. Close what has it open.",
    ),
    (("full",), "There is no room left for the record {where}. Free some space on its disk."),
    (
        ("readonly", "unable to open", "permission"),
        "The record {where} can't be written. Allow it for its file and folder.",
    ),
    (("disk i/o",), "The disk that holds the record {where} fails, or is away."),
)

_SYSTEM = {
    errno.ENOSPC: _SQLITE[1][1],
    errno.EDQUOT: _SQLITE[1][1],
    errno.EACCES: _SQLITE[2][1],
    errno.EPERM: _SQLITE[2][1],
    errno.EROFS: _SQLITE[2][1],
}


@contextmanager
def told(where: str) -> Iterator[None]:
    """Raise what goes wrong with the record at ``where`` as an error for a person.

    What only a fault of the program can cause is raised as it is.

    Raises
    ------
    RecordUnavailable
        It may go by itself, or by what the sentence says.
    RecordError
        What is there is damaged or not a record.
    """
    try:
        yield
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise _of_database(error, where) or error from error
    except sqlite3.Error as error:
        raise _of_sqlite(error, where) or error from error
    except OSError as error:
        sentence = _SYSTEM.get(error.errno or 0, f"The record {{where}} failed: {error.strerror or error}.")
        raise RecordUnavailable(sentence.format(where=where)) from error


def _of_database(error: sqlalchemy.exc.SQLAlchemyError, where: str) -> SottovoceError | None:
    """Return the error for a person of one of the database; None for the program's own faults."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, where)
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return RecordUnavailable(f"The record {where} is too busy. Try again in a moment.")
    away = sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError
    if isinstance(error, away) or getattr(error, "connection_invalidated", False):
        return RecordUnavailable(_AWAY.format(where=where))
    return None


def _of_sqlite(error: sqlite3.Error, where: str) -> SottovoceError | None:
    """Return the error for a person of one of SQLite; None for the program's own faults."""
    text = str(error).lower()
    for signs, sentence in _SQLITE:
        if any(sign in text for sign in signs):
            return RecordUnavailable(sentence.format(where=where))
    if any(sign in text for sign in ("malformed", "not a database", "no such table")):
        return RecordError(_BROKEN.format(where=where))
    return None
