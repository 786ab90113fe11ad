from __future__ import annotations

from pathlib import Path

import pytest

import dsp
from engine.cli import warm


def test_warming_up_readies_every_kernel(capsys: pytest.CaptureFixture[str]) -> None:
    """Else the first speaker would wait for a compiler in the middle of a word."""
    warm.warm_up()
    cold = [kernel.__name__ for kernel in warm.kernels() if not kernel.signatures]
    assert warm.kernels()
    assert cold == []


def test_says_so_when_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warm, "QUIET_S", 0.0)
    warm.warm_up()
    err = capsys.readouterr().err
    assert err.startswith("First start: compiling the ears")
    assert "Compiled in " in err


def test_is_quiet_when_it_does_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warm, "QUIET_S", 60.0)
    warm.warm_up()
    assert capsys.readouterr().err == ""


def test_kernels_of_older_sources_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "__pycache__"
    kept.mkdir()
    (tmp_path / "pitch.py").write_text("LAG = 1\n")
    monkeypatch.setattr(dsp, "__file__", str(tmp_path / "__init__.py"))
    compiled = kept / "pitch.follow-1.py311.1.nbc"
    compiled.touch()
    warm.drop_stale_kernels()
    assert not compiled.exists()
    compiled.touch()
    warm.drop_stale_kernels()
    assert compiled.exists()
    (tmp_path / "pitch.py").write_text("LAG = 2\n")
    warm.drop_stale_kernels()
    assert not compiled.exists()
