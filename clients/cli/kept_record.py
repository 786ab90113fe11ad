"""The record that a command uses: its options, and how it is opened."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import RecordError

if TYPE_CHECKING:
    from engine.store.record import Record

OWN = "me"
"""Whose record a server on one's own machine keeps: its settings' ``ME``, too much for help."""

PERSON = r"[\w.@-]{1,64}"
"""A name for a record, as in the settings of a server."""


def add_place_options(parser: Any, *, sound: bool = True) -> None:
    """Add ``--store``, and ``--record-key`` where ``sound`` is read or written."""
    parser.add_argument(
        "--store",
        type=_place,
        metavar="WHERE",
        help="where takes are kept: a folder, or postgresql://… (the user's data folder)",
    )
    if sound:
        parser.add_argument(
            "--record-key",
            type=_place,
            metavar="FILE",
            help="file with the key that encrypts the sound of takes, 32 bytes or 64 hex digits; "
            "SOTTOVOCE_RECORD_KEY=FILE does the same",
        )


def add_record_options(parser: Any, *, sound: bool = True) -> None:
    """Add the options of a place and ``--person``; the key only where ``sound`` is read or written."""
    add_place_options(parser, sound=sound)
    parser.add_argument(
        "--person",
        type=_person,
        default=OWN,
        metavar="NAME",
        help="whose takes, as in `serve --record NAME` (%(default)s)",
    )


def _place(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("needs a name")
    try:
        Path(text).expanduser()
    except RuntimeError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: there is no such home folder") from error
    return text


def _person(text: str) -> str:
    if not re.fullmatch(PERSON, text):
        raise argparse.ArgumentTypeError(f"{text!r}: must have 1 to 64 letters, digits, . @ - or _")
    return text


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
    from engine.store.folders import folder_of

    folder = folder_of(store)
    try:
        is_there = folder is None or (folder / FILE).exists()
    except OSError as error:
        raise RecordError(f"{folder} can't be read: {error.strerror}") from error
    if not is_there:
        if store is not None:
            raise RecordError(f"there is no record in {store}")
        yield None
        return
    record = open_record(store, key_file)
    try:
        yield record
    finally:
        record.close()
