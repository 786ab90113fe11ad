"""The key of the sound files, from a file that a command or the environment names."""

from __future__ import annotations

import os
import re
from pathlib import Path

from engine.errors import RecordError

VARIABLE = "SOTTOVOCE_RECORD_KEY"
"""Names the file with the key: 32 bytes, or 64 hex digits."""

KEY_BYTES = 32
"""Length of a key: AES-256-GCM."""


def key_of_environment() -> bytes | None:
    """Return the key that the environment names; None where it names none.

    Raises
    ------
    RecordError
        The file cannot be read, or holds no key.
    """
    return key_of_file(os.environ.get(VARIABLE) or None)


def key_of_file(file: str | Path | None) -> bytes | None:
    """Return the key that a file holds; None without a file.

    Raises
    ------
    RecordError
        The file cannot be read, or holds no key.
    """
    if file is None:
        return None
    try:
        with Path(file).expanduser().open("rb") as opened:
            data = opened.read(1024)
    except OSError as error:
        raise RecordError(
            f"the key of the record can't be read from {file}: {error.strerror}; "
            f"`openssl rand -hex 32 > FILE` makes a key"
        ) from error
    if len(data) != KEY_BYTES and re.fullmatch(rb"[0-9a-fA-F]{64}\s*", data):
        data = bytes.fromhex(data.decode())
    if len(data) != KEY_BYTES:
        raise RecordError(
            f"{file} holds no key: a key is 32 bytes or 64 hex digits, as `openssl rand -hex 32` makes them"
        )
    return data
