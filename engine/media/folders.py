"""Folders of the person who runs it."""

from __future__ import annotations

import os
from pathlib import Path


def cache_home() -> Path | None:
    """``$XDG_CACHE_HOME/sottovoce``, for what can be made again; None for a user without a home."""
    told = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return None if told.startswith("~") else Path(told) / "sottovoce"
