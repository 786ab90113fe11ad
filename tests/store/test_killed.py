"""A writer that is killed at any moment loses no finished take, and leaves no half one."""

from __future__ import annotations

from pathlib import Path

from tests.harness.killed_writer import kill_often


def test_a_killed_writer_loses_no_finished_take(where: str, tmp_path: Path) -> None:
    """Ten times for each database; ``python -m benchmarks.record`` does it 200 times."""
    assert kill_often(where, tmp_path, 10) >= 10
