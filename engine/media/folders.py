"""Folders of the user who runs the program."""

from __future__ import annotations

import os
from pathlib import Path


def cache_home() -> Path | None:
    """Return ``$XDG_CACHE_HOME/sottovoce``, for files that can be made again; None without a home folder."""
    told = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return None if told.startswith("~") else Path(told) / "sottovoce"
