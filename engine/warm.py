"""Compile the kernels of ``dsp/``: all that a call may use, at the first start; later starts load them.

:func:`choose_folder` decides where numba keeps what it compiled, and must run before the first
kernel is imported. So this module imports ``dsp`` and numba only inside functions.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
import pkgutil
import stat
import sys
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import UsageError
from .media.folders import cache_home

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VARIABLE = "NUMBA_CACHE_DIR"
"""Names the folder to numba, which reads it when the first kernel is imported."""

QUIET_S = 3.0
"""Compiling a few kernels takes less and prints nothing; when it takes more, progress is printed."""

SHOW_EVERY_S = 0.2

STEPS = 4
"""Lines of progress that are printed where there is no terminal to draw a bar in."""


def choose_folder() -> None:
    """Name a folder for compiled kernels to numba where it can't write beside the sources.

    To be called before the first kernel is imported. Each version of the sources has its own folder,
    so that no kernel outlives the sources that it was compiled from.

    Raises
    ------
    UsageError
        No folder can be written.
    """
    told = os.environ.get(VARIABLE)
    if told is not None:
        if not is_writable(Path(told)):
            raise UsageError(f"{VARIABLE} names {told}, which cannot be written; name another folder or none")
        return
    tried = [_sources() / "__pycache__"]
    if is_writable(tried[0]):
        return
    name = f"kernels-{digest(_sources())[:16]}"
    for place in (cache_home, _shared):
        folder = place()
        if folder is None:
            continue
        tried.append(folder / name)
        if is_writable(tried[-1]):
            os.environ[VARIABLE] = str(tried[-1])
            return
    raise UsageError(
        f"compiled kernels can't be kept: {', '.join(map(str, tried))} cannot be written; "
        f"name a folder that can be: {VARIABLE}=FOLDER {Path(sys.argv[0]).name} …"
    )


def warm_up() -> None:
    """Compile or load every kernel, so that the first call doesn't wait for a compiler.

    Prints progress on standard error when it takes longer than loading does, which is only at the
    first start: compiled kernels are kept on disk.
    """
    drop_stale_kernels()
    every = kernels()  # before the thread: two threads that both import numba see half of it
    done = threading.Event()
    progress = threading.Thread(
        target=_show_progress, args=(done, every), name="compile progress", daemon=True
    )
    progress.start()
    try:
        run_kernels()
    finally:
        done.set()
        progress.join()


def run_kernels() -> None:
    """Call every kernel that a session may call, with arguments of the same types."""
    from dsp.frame import HOP, RATE_HZ

    from .core.session import Session
    from .profile import Profile

    samples = synthetic_voice()
    alone = Session(Profile(name="warm-up"))
    alone.hear(0, samples)
    alone.advance(alone.now + RATE_HZ)
    alone.finish()
    pair = Session(Profile(name="warm-up"), 2)
    for played in (False, True):
        if played:  # a session that plays something goes hop by hop, with the echo suppressor
            pair.played(samples[:RATE_HZ])
        for channel in (0, 1):
            pair.hear(channel, samples)
    pair.advance(pair.now + HOP)
    pair.finish()
    _end_phrases(samples)


def _end_phrases(samples: NDArray[np.float32]) -> None:
    """Call the kernels that run at the end of a phrase or of a call: the test signal may not get there."""
    from dsp.accumulator import Accumulator
    from dsp.frame import HOP, UNKNOWN_FRAME
    from dsp.level_meter import LevelMeter
    from dsp.phrase_contour import WINDOW_HOPS, PhraseContour
    from dsp.trailing_off import TrailingOff

    contour, level = PhraseContour(), LevelMeter()
    for _ in range(WINDOW_HOPS):
        contour.process(120.0, 1.0)
    contour.ending()
    trailing = TrailingOff(level)
    trailing.begin_phrase(0)
    for hop in samples.reshape(-1, HOP):
        level.process(hop)
    trailing.end_phrase(0)
    accumulator = Accumulator(1)
    accumulator.add_frame(UNKNOWN_FRAME._replace(known=True, talking=True, speech=1.0, f0_hz=120.0))
    accumulator.level.mean_dbfs()
    accumulator.voiced.sd_st()


def drop_stale_kernels() -> None:
    """Delete compiled kernels that were made from other sources than the present ones.

    numba compares a kernel's own file only, and would go on using a kernel that contains another
    kernel or a constant of a file that changed since. Where the folder of the sources can't be
    written, :func:`choose_folder` gives each version of the sources its own folder instead.
    """
    folder = _sources()
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
    """Return all compiled functions of ``dsp/``."""
    from numba.core.dispatcher import Dispatcher

    import dsp

    found: dict[int, Any] = {}
    for info in pkgutil.walk_packages(dsp.__path__, "dsp."):
        module = importlib.import_module(info.name)
        found |= {id(value): value for value in vars(module).values() if isinstance(value, Dispatcher)}
    return list(found.values())


def synthetic_voice() -> NDArray[np.float32]:
    """Return three seconds of voice that glides, breaks, creaks and falls silent."""
    import numpy as np

    from dsp.frame import RATE_HZ

    at_s = np.arange(3 * RATE_HZ) / RATE_HZ
    f0_hz = np.where(at_s < 2, 120 + 30 * np.sin(3 * at_s), 45.0)
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE_HZ
    voice = sum((np.sin(k * phase) / k for k in range(1, 20)), np.zeros_like(at_s))
    syllables = np.clip(np.sin(2 * np.pi * 4 * at_s), 0, None)
    spoken = (at_s % 1.5) < 1.0
    noise = np.random.default_rng(1).normal(0, 1e-3, at_s.size)
    samples: NDArray[np.float64] = 0.1 * voice * syllables * spoken + noise
    return samples.astype(np.float32)


def digest(folder: Path) -> str:
    """Return the digest of a folder's sources, from which kernels are compiled."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which is made if need be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _sources() -> Path:
    spec = find_spec("dsp")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _shared() -> Path | None:
    """Return this user's folder in the temporary folder; None where somebody else made it.

    Kernels are code that will run: no other user may put any there.
    """
    folder = Path(tempfile.gettempdir()) / f"sottovoce-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return folder
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
    return folder if mine else None


def _show_progress(done: threading.Event, every: list[Any]) -> None:
    """Print how many kernels are ready, once it takes long and some are compiled, not only loaded."""
    if done.wait(QUIET_S):
        return
    while not any(kernel.stats.cache_misses for kernel in every):
        if done.wait(SHOW_EVERY_S):
            return
    if not sys.stderr.isatty():
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
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    text = TextColumn("First start: compiling the ears, {task.completed} of {task.total}")
    with Progress(text, BarColumn(), TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=len(every))
        while not done.wait(SHOW_EVERY_S):
            bar.update(task, completed=_ready(every))
        bar.update(task, completed=len(every))


def _ready(every: list[Any]) -> int:
    """Return how many kernels are compiled."""
    return sum(bool(kernel.signatures) for kernel in every)
