"""The record that a command uses: its options, and how it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine.errors import RecordError

if TYPE_CHECKING:
    from engine.store.record import Record

OWN = "me"
"""Whose record a server on one's own machine keeps: its settings' ``ME``, too much for help."""


def add_place_options(parser: Any, *, sound: bool = True) -> None:
    """Add ``--store``, and ``--record-key`` where ``sound`` is read or written."""
    parser.add_argument(
        "--store",
        metavar="WHERE",
        help="where takes are kept: a folder, or postgresql://… (the user's data folder)",
    )
    if sound:
        parser.add_argument(
            "--record-key",
            metavar="FILE",
            help="file with the key that encrypts the sound of takes, 32 bytes or 64 hex digits; "
            "SOTTOVOCE_RECORD_KEY=FILE does the same",
        )


def add_record_options(parser: Any, *, sound: bool = True) -> None:
    """Add the options of a place and ``--person``; the key only where ``sound`` is read or written."""
    add_place_options(parser, sound=sound)
    parser.add_argument(
        "--person", default=OWN, metavar="NAME", help="whose takes, as in `serve --record NAME` (%(default)s)"
    )


def open_record(store: str | None, key_file: str | None) -> Record:
    """Open the record of these options, made if there is none.

    Raises
    ------
    RecordError
        It cannot be used, or its key can't.
    RecordUnavailable
        It can't be reached or written.
    """
    from engine.store.key import key_of_file
    from engine.store.record import Record

    return Record.open(store, key=key_of_file(key_file))


@contextmanager
def made(store: str | None, key_file: str | None = None) -> Iterator[Record]:
    """Open the record to write, made if there is none.

    Raises
    ------
    RecordError
        It cannot be used, or its key can't.
    RecordUnavailable
        It can't be reached or written.
    """
    record = open_record(store, key_file)
    try:
        yield record
    finally:
        record.close()


@contextmanager
def needed(store: str | None, key_file: str | None = None, *, without: str) -> Iterator[Record]:
    """Open the record, which has to be there.

    Parameters
    ----------
    without : what to say where there is none.

    Raises
    ------
    RecordError
        There is none, or it cannot be used.
    """
    with opened(store, key_file) as record:
        if record is None:
            raise RecordError(without)
        yield record


@contextmanager
def opened(store: str | None, key_file: str | None = None) -> Iterator[Record | None]:
    """Open the record; None where there is none yet: to look for one makes none.

    Raises
    ------
    RecordError
        There is none where ``store`` says, or it cannot be used.
    """
    from engine.store.database import FILE
    from engine.store.record import folder_of

    folder = folder_of(store)
    if folder is not None and not (folder / FILE).exists():
        if store is not None:
            raise RecordError(f"there is no record in {store}")
        yield None
        return
    record = open_record(store, key_file)
    try:
        yield record
    finally:
        record.close()
