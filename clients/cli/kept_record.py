"""The record that a command reads: its options, and how it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine.errors import RecordError

if TYPE_CHECKING:
    from engine.store.record import Record

OWN = "me"
"""Whose record a server on one's own machine keeps: its settings' ``ME``, too much for help."""


def add_record_options(parser: Any) -> None:
    """Add ``--store`` and ``--person``."""
    parser.add_argument(
        "--store", metavar="WHERE", help="the record: a folder or postgresql://… (the user's data folder)"
    )
    parser.add_argument(
        "--person", default=OWN, metavar="NAME", help="whose takes, as in `serve --record NAME` (%(default)s)"
    )


@contextmanager
def opened(store: str | None) -> Iterator[Record | None]:
    """Open the record; None where there is none yet: to look for one makes none.

    Raises
    ------
    RecordError
        There is none where ``store`` says, or it cannot be used.
    """
    from engine.store.database import FILE
    from engine.store.record import Record, folder_of

    folder = folder_of(store)
    if folder is not None and not (folder / FILE).exists():
        if store is not None:
            raise RecordError(f"there is no record in {store}")
        yield None
        return
    record = Record.open(store)
    try:
        yield record
    finally:
        record.close()
