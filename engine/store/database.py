"""The database of a record: an SQLite file in a folder, or PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.errors import RecordError

from .troubles import told

FILE = "record.db"

BUSY_S = 5.0
"""How long SQLite waits for another process before it says that the file is in use."""

_TIME_LIMITS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""libpq's time limits, after which a server whose machine or network is away is given up: s, the last ms."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a take that was written outlives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
)


class Database:
    """A database: transactions, and the errors of it as sentences. Safe to use from several threads."""

    def __init__(self, engine: sa.Engine, where: str, file: Path | None) -> None:
        self.engine = engine
        self.where = where
        """What to call it to a person; without a password."""

        self.file = file
        """The SQLite file; None for PostgreSQL."""

        self._one_writes = threading.Lock()

    @classmethod
    def in_folder(cls, folder: Path) -> Database:
        """Return the SQLite database of a folder, made if there is none."""
        file = folder / FILE
        with told(str(file)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite's other files get this mode too
        url = sa.URL.create("sqlite+pysqlite", database=str(file))
        engine = sa.create_engine(
            url, hide_parameters=True, connect_args={"isolation_level": None, "timeout": BUSY_S}
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return cls(engine, str(file), file)

    @classmethod
    def at(cls, url: str) -> Database:
        """Return the PostgreSQL database of a URL.

        Raises
        ------
        RecordError
            Not such a URL, or the package for it is missing.
        """
        try:
            parsed = sa.make_url(url).set(drivername="postgresql+psycopg")
            engine = sa.create_engine(
                parsed, hide_parameters=True, pool_pre_ping=True, connect_args=dict(_TIME_LIMITS)
            )
        except (sa.exc.ArgumentError, ValueError) as error:
            raise RecordError("a record's address looks like postgresql://user@host/database") from error
        except ImportError as error:
            raise RecordError(
                "a record in PostgreSQL needs one more package: pip install 'sottovoce[postgres]'"
            ) from error
        where = parsed.set(drivername="postgresql").render_as_string(hide_password=True)
        return cls(engine, where, None)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Begin a transaction that reads."""
        with told(self.where), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Begin a transaction that writes, one at a time; it is committed at the end, or nothing of it is."""
        with told(self.where), self._one_writes, self.engine.connect() as connection:
            writing = connection.execution_options(writes=True)
            with writing.begin():
                yield writing

    def close(self) -> None:
        """Close all connections; the last one to an SQLite file merges what was written beside it."""
        self.engine.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """Set up a new connection to SQLite."""
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin a transaction of SQLite; one that writes waits for its turn now, and not in its middle."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
