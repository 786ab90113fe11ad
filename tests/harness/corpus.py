"""Where the labelled recordings lie: beside the clone, or nowhere."""

from __future__ import annotations

from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"

DATA = SHARED / "data"
"""Labelled recordings; tests on them have the marker ``corpus``."""

CASES = SHARED / "cases"
"""Recordings and captures that once were misread; tests on them have the marker ``corpus`` too."""


def is_there() -> bool:
    """Whether the recordings are beside the clone."""
    return (DATA / "MANIFEST.csv").is_file() and CASES.is_dir()
