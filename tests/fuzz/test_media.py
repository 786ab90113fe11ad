"""Damaged sound files are read as far as they go, or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.media.files.recording import Recording
from tests.harness.fuzz.media import HARMS, KINDS, damaged, faults, whole

FILES = 36


def test_damaged_files_are_read_or_refused_in_a_sentence(tmp_path: Path) -> None:
    assert faults([damaged(seed, tmp_path) for seed in range(FILES)]) == []


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for seed in (3, 17):
        first, second = (damaged(seed, tmp_path / name).read_bytes() for name in "ab")
        assert first == second
    assert len({damaged(seed, tmp_path / "a").read_bytes() for seed in range(FILES)}) >= FILES - 2
    assert len(HARMS) > 5


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.codec}.{kind.ending}")
def test_what_is_damaged_was_a_recording(kind: object, tmp_path: Path) -> None:
    recording = Recording(whole(kind, tmp_path), "mix")  # type: ignore[arg-type]
    seconds = sum(block if isinstance(block, int) else block[0].size for block in recording.blocks()) / 16_000
    assert seconds == pytest.approx(3, abs=0.2)
    assert recording.damaged == 0
