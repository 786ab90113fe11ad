"""Files that a command writes of what is private: for their owner only, and whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from engine.errors import UsageError


@contextmanager
def new_file(name: str) -> Iterator[BinaryIO]:
    """Make a file that only its owner may read; it is there whole or not at all.

    Raises
    ------
    UsageError
        It is there already, or can't be written.
    """
    check_new(name)
    folder, file_name = os.path.split(name)
    try:
        made, unfinished = tempfile.mkstemp(prefix=f"{file_name}.", suffix=".part", dir=folder or ".")
    except OSError as error:
        raise UsageError(f"{name} can't be written: {error.strerror}") from error
    try:
        with open(made, "wb") as file:
            yield file
        check_new(name)
        os.rename(unfinished, name)
    except OSError as error:
        raise UsageError(f"{name} can't be written: {error.strerror}") from error
    finally:
        Path(unfinished).unlink(missing_ok=True)


def check_new(name: str) -> None:
    """Check that a file can be made, before any work is done.

    Raises
    ------
    UsageError
        It is there already, or its folder isn't.
    """
    if not name:
        raise UsageError("a file needs a name")
    if os.path.lexists(name):
        raise UsageError(f"{name} is there already: give another name")
    if not Path(name).absolute().parent.is_dir():
        raise UsageError(f"{name} can't be written: no such folder")
