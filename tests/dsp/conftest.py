"""Labelled recordings: measured where they lie beside the clone, deselected in plain sight elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if (SHARED / "data" / "MANIFEST.csv").is_file():
        return
    without = [item for item in items if item.get_closest_marker("corpus")]
    if without:
        items[:] = [item for item in items if item not in without]
        config.hook.pytest_deselected(items=without)
