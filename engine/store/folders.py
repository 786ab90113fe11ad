"""Where a record is: the folder that it has unless another one is named."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def default_folder() -> Path:
    """Return the folder of the user's record: ``~/.local/share/sottovoce`` on Linux."""
    return Path(platformdirs.user_data_dir("sottovoce", appauthor=False))


def folder_of(where: str | Path | None) -> Path | None:
    """Return the folder of a record in an SQLite file; None for one in PostgreSQL."""
    if where is None:
        return default_folder()
    if isinstance(where, str) and where.startswith(("postgresql:", "postgresql+", "postgres:")):
        return None
    return Path(where).expanduser()
