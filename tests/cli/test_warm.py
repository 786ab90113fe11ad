from __future__ import annotations

import pytest

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
