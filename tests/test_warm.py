from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from clients.cli.main import main
from engine import warm
from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan

ROOT = Path(__file__).parents[2]


CALL = """
import sys
import numpy as np
from engine import warm
from engine.drills.plan import plan
from engine.profile import Profile
from engine.core.session import Session
from engine.shipped.drills import bank, load

BLOCK = 320
voice = np.load(sys.argv[1])
other = np.roll(voice, 5 * 16_000)

def signatures():
    return {f"{kernel.__module__}.{kernel.__name__}": list(kernel.signatures) for kernel in warm.kernels()}

def call(channels):
    session = Session(Profile(name="test"), channels)
    script = plan(load("interruptions"), bank(), seed=1)
    for at in range(0, voice.size - BLOCK, BLOCK):
        now_s = at / 16_000
        if now_s == 8.0:
            session.begin_drill(script, [[2.0] * max(1, len(step.lines)) for step in script.steps])
        elif now_s == 30.0:
            session.stop_drill()
        elif now_s in (36.0, 38.0):
            session.mute(now_s == 36.0)
        if session.drilling:
            session.played(0.5 * other[at : at + BLOCK], at)
        if 40.0 <= now_s < 41.0:
            session.missing(0, at, at + BLOCK)
        else:
            session.hear(0, voice[at : at + BLOCK] + 0.05 * np.roll(other, 960)[at : at + BLOCK])
        if channels == 2:
            session.hear(1, other[at : at + BLOCK])
    session.hear(0, np.full(1600, np.nan, np.float32))
    session.advance(session.position(0) + 16_000)
    session.finish()
    session.summary()
    return session.poll()

warm.warm_up()
before = signatures()
assert any(before.values())
happened = {type(event).__name__ for channels in (1, 2) for event in call(channels)}
after = signatures()
late = sorted(name for name, known in after.items() if known != before.get(name))
assert not late, late
print(*sorted(happened))
"""
"""Calls with all that a session does; then no kernel may have got a type that warming up left out."""


def test_after_warming_up_no_call_waits_for_a_compiler(
    answer: tuple[Samples, list[PassageSpan]], tmp_path: Path
) -> None:
    np.save(tmp_path / "voice.npy", answer[0])
    argv = [sys.executable, "-c", CALL, str(tmp_path / "voice.npy")]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {
        "AudioLost", "DrillEnded", "DrillSound", "FilledPause", "MuteStarted", "PhraseEnded", "Reading",
        "SignalProblem", "Trace", "TurnTaken",
    } - set(done.stdout.split()) == set()  # fmt: skip


def test_command_warms_up(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(warm, "warm_up", lambda: called.append("warm_up"))
    assert main(["warm"]) == 0
    assert called == ["warm_up"]


class Kernel:
    """What is told of a kernel, and how it came to be there."""

    def __init__(self, *, compiled: bool) -> None:
        self.signatures: tuple[str, ...] = ()
        self.stats = SimpleNamespace(cache_misses={"(float32)": 1} if compiled else {})


class DoneAfter(threading.Event):
    """One that is set once it has been waited for so many times, however long that takes."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self._left = waits

    def wait(self, timeout: float | None = None) -> bool:
        self._left -= 1
        if self._left < 0:
            self.set()
        return super().wait(timeout)


def test_is_quiet_while_kernels_are_only_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A busy machine takes long to load them, too."""
    monkeypatch.setattr(warm, "QUIET_S", 0.0)
    monkeypatch.setattr(warm, "SHOW_EVERY_S", 0.001)
    warm._show_progress(DoneAfter(5), [Kernel(compiled=False)])
    assert capsys.readouterr().err == ""


def test_a_kernel_knows_whether_it_was_compiled(tmp_path: Path) -> None:
    """Of one that is kept, the first process compiles it and the next one loads it."""
    (tmp_path / "kept.py").write_text(
        "import numba\n@numba.njit(cache=True)\ndef one(x):\n    return x + 1\n"
    )
    told = [sys.executable, "-c", "import kept; kept.one(1); print(len(kept.one.stats.cache_misses))"]
    misses = [subprocess.run(told, cwd=tmp_path, capture_output=True, text=True).stdout for _ in range(2)]
    assert misses == ["1\n", "0\n"]


def test_says_so_when_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warm, "QUIET_S", 0.0)
    monkeypatch.setattr(warm, "SHOW_EVERY_S", 0.001)
    warm._show_progress(DoneAfter(5), [Kernel(compiled=True)])
    err = capsys.readouterr().err
    assert err.startswith("First start: compiling the ears")
    assert "Compiled in " in err
    assert re.search(r"\d s", err.partition("Compiled in")[0]) is None, "no guess of how long it takes"


def test_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A machine that is half as fast takes twice as long: what is done is known, how long it takes is not."""
    every: list[Any] = [Kernel(compiled=True) for _ in range(8)]
    done = DoneAfter(1000)  # one that says nothing isn't waited for
    monkeypatch.setattr(warm, "QUIET_S", 0.0)
    monkeypatch.setattr(warm, "SHOW_EVERY_S", 0.001)
    said: list[str] = []

    def shown(*line: str, **_: object) -> None:
        said.extend(line)
        told = sum("Compiled" in one for one in said)
        if told == 4:
            done.set()
        for kernel in every[: 2 * (told + 1)]:
            kernel.signatures = ("compiled",)

    monkeypatch.setattr("builtins.print", shown)
    warm._show_progress(done, every)
    assert said[1:5] == [f"Compiled {count} of 8." for count in (2, 4, 6, 8)]


SLOW_IMPORT = """
import sys, threading
from engine import warm

class Late:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("numba") and threading.current_thread() is not threading.main_thread():
            raise SystemExit(f"{name} is imported beside the main thread")

sys.meta_path.insert(0, Late())
threading.excepthook = lambda error: (print(error.exc_value, file=sys.stderr), sys.stderr.flush())
warm.QUIET_S = 0.0
warm.warm_up()
"""
"""A start that shows its progress from the first moment, in which the main thread alone may import numba."""


def test_numba_is_imported_by_one_thread() -> None:
    argv = [sys.executable, "-c", SLOW_IMPORT]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "beside the main thread" not in done.stderr


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
    monkeypatch.setattr(warm, "_sources", lambda: tmp_path)
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
