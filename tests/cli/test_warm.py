from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

import dsp
from engine.cli import warm
from engine.media.practice import Span
from engine.media.voice import Samples
from engine.profile import Profile
from engine.session import Session


def test_after_warming_up_no_speaker_waits_for_a_compiler(answer: tuple[Samples, list[Span]]) -> None:
    warm.warm_up()
    ready = {f"{kernel.__module__}.{kernel.__name__}": list(kernel.signatures) for kernel in warm.kernels()}
    assert any(ready.values())
    session = Session(Profile(name="test"))
    session.hear(0, answer[0])
    session.missing(0, answer[0].size, answer[0].size + 8000)
    session.hear(0, answer[0][:32_000])
    assert {
        f"{kernel.__module__}.{kernel.__name__}": list(kernel.signatures) for kernel in warm.kernels()
    } == ready


def test_says_so_when_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warm, "QUIET_S", 0.0)
    warm.warm_up()
    err = capsys.readouterr().err
    assert err.startswith("First start: compiling the ears")
    assert "Compiled in " in err
    assert re.search(r"\d s", err.partition("Compiled in")[0]) is None, "no guess of how long it takes"


def test_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A machine that is half as fast takes twice as long: what is done is known, how long it takes is not."""

    class Kernel:
        signatures: tuple[str, ...] = ()

    every, done = [Kernel() for _ in range(8)], threading.Event()
    monkeypatch.setattr(warm, "QUIET_S", 0.0)
    monkeypatch.setattr(warm, "SHOW_EVERY_S", 0.001)
    monkeypatch.setattr(warm, "kernels", lambda: every)
    said: list[str] = []

    def shown(*line: str, **_: object) -> None:
        said.extend(line)
        told = sum("Compiled" in one for one in said)
        if told == 4:
            done.set()
        for kernel in every[: 2 * (told + 1)]:
            kernel.signatures = ("compiled",)

    monkeypatch.setattr("builtins.print", shown)
    threading.Timer(5.0, done.set).start()  # one that says nothing isn't waited for
    warm._tell(done)
    assert said[1:5] == [f"Compiled {count} of 8." for count in (2, 4, 6, 8)]


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
