"""The ears made ready: their kernels are compiled at the first start, and loaded at later ones."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import dsp
from dsp.contour import WINDOW_HOPS, PhraseContour
from dsp.frame import HOP, NOTHING, RATE_HZ
from dsp.level import Level
from dsp.tally import Tally
from dsp.trailing import Trailing

from ..echo import Echo
from ..profile import Profile
from ..session import Session
from .cache import digest, is_writable

QUIET_S = 3.0
"""Loading takes less; compiling takes more, and then something is said."""

SHOW_EVERY_S = 0.2

STEPS = 4
"""Where there is no terminal to draw a bar in, this many lines say how far it is."""


def warm_up() -> None:
    """Hear a little with a session, and miss a little, so that the first speaker waits for nothing.

    Says on standard error how far it is when that takes long, which is only the first
    time: the compiled kernels are kept beside the sources.
    """
    drop_stale_kernels()
    done = threading.Event()
    teller = threading.Thread(target=_tell, args=(done,), name="tell of compiling", daemon=True)
    teller.start()
    try:
        session = Session(Profile(name="warm-up"))
        session.hear(0, sound())
        session.advance(session.now + RATE_HZ)
        session.finish()
        both = Session(Profile(name="warm-up"), 2)
        for channel in (0, 1):
            both.hear(channel, sound())
        both.advance(both.now + HOP)
        both.finish()
        _end_a_call()
    finally:
        done.set()
        teller.join()


def _end_a_call() -> None:
    """Run what runs when a phrase, or a call, ends, or in a drill: ``sound`` is not enough for that."""
    contour, level = PhraseContour(), Level()
    for _ in range(WINDOW_HOPS):
        contour.process(120.0, 1.0)
    contour.ending()
    trailing = Trailing(level)
    trailing.began(0)
    for hop in sound().reshape(-1, HOP):
        level.process(hop)
    trailing.ended(0)
    Echo().hop(sound()[:HOP], sound()[:HOP])
    tally = Tally(1)
    tally.take(NOTHING._replace(known=True, talking=True, speech=1.0, f0_hz=120.0))
    tally.level.mean_dbfs()
    tally.voiced.sd_st()


def drop_stale_kernels() -> None:
    """Delete compiled kernels that were made from other sources than those that are there now.

    numba looks at a kernel's own file only, and would go on using one that has taken in
    a kernel or a constant of another file that changed since. Where the folder cannot be
    written, kernels are kept elsewhere, for each version of the sources (:mod:`.cache`).
    """
    folder = Path(dsp.__file__).parent
    kept = folder / "__pycache__"
    if not is_writable(kept):
        return
    stamp = kept / "kernels.sha256"
    if stamp.is_file() and stamp.read_text() == digest(folder):
        return
    for path in kept.glob("*.nb[ci]"):
        path.unlink(missing_ok=True)
    stamp.write_text(digest(folder))


def kernels() -> list[Any]:
    """All compiled functions of ``dsp/``."""
    found: dict[int, Any] = {}
    for info in pkgutil.walk_packages(dsp.__path__, "dsp."):
        module: ModuleType = importlib.import_module(info.name)
        found |= {id(value): value for value in vars(module).values() if isinstance(value, Dispatcher)}
    return list(found.values())


def sound() -> NDArray[np.float32]:
    """Three seconds with all that the ears tell apart: voice that glides, breaks, creaks and falls silent."""
    at_s = np.arange(3 * RATE_HZ) / RATE_HZ
    f0_hz = np.where(at_s < 2, 120 + 30 * np.sin(3 * at_s), 45.0)
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE_HZ
    voice = sum((np.sin(k * phase) / k for k in range(1, 20)), np.zeros_like(at_s))
    syllables = np.clip(np.sin(2 * np.pi * 4 * at_s), 0, None)
    spoken = (at_s % 1.5) < 1.0
    noise = np.random.default_rng(1).normal(0, 1e-3, at_s.size)
    samples: NDArray[np.float64] = 0.1 * voice * syllables * spoken + noise
    return samples.astype(np.float32)


def _tell(done: threading.Event) -> None:
    """Show how many kernels are ready, once it takes longer than loading would."""
    if done.wait(QUIET_S):
        return
    every = kernels()
    console = Console(stderr=True)
    if not console.is_terminal:
        say = functools.partial(print, file=sys.stderr, flush=True)
        say("First start: compiling the ears; later starts load them.")
        began_s, told = time.monotonic() - QUIET_S, 0
        while not done.wait(SHOW_EVERY_S):
            ready = _ready(every)
            if ready * STEPS // len(every) > told:
                told = ready * STEPS // len(every)
                say(f"Compiled {ready} of {len(every)}.")
        say(f"Compiled in {time.monotonic() - began_s:.0f} s.")
        return
    text = TextColumn("First start: compiling the ears, {task.completed} of {task.total}")
    with Progress(text, BarColumn(), TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("", total=len(every))
        while not done.wait(SHOW_EVERY_S):
            bar.update(task, completed=_ready(every))
        bar.update(task, completed=len(every))


def _ready(every: list[Any]) -> int:
    """How many kernels are compiled."""
    return sum(bool(kernel.signatures) for kernel in every)
