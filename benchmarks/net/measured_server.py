"""A server in a process and on a core of its own, which can be asked for its state and its records.

:func:`serve_and_answer` runs in the child process; :class:`MeasuredServer` is the benchmark's
handle. They exchange one JSON object per line.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import threading
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, NamedTuple, Self

import numpy as np
import psutil
from numpy.typing import NDArray

from engine.media.resample import Samples

from .cpu_profile import CpuSampler

START_S = 90.0
"""Longest start, with compilation."""


class SessionRecord(NamedTuple):
    """What one session has processed, and when."""

    times_s: NDArray[np.float64]
    """Monotonic times at which events became known."""

    positions: NDArray[np.float64]
    """Samples of stream time processed at each of these times."""

    gaps: NDArray[np.float64]
    """Shape (n, 2): first sample, and one past the last, of each gap."""

    arrived_s: NDArray[np.float64]
    """For each of ``times_s``, the arrival of the packet processed then; NaN where there was none."""

    samples: Samples
    """The stream, 16 kHz, zeros where lost; empty unless asked for."""


class SessionNotes(NamedTuple):
    """The same while it is recorded, several values in a row."""

    known: array[float]
    gaps: array[float]
    samples: list[Samples]


class Recorder:
    """Records how much of its stream each session had processed, and when."""

    def __init__(self) -> None:
        self.on = True
        """Whether notes are taken of sessions that begin."""
        self.with_samples = False
        """Whether they have the samples, too."""
        self._notes: dict[str, SessionNotes] = {}

    def begin(self, session: str) -> SessionNotes:
        """Start the record of another session."""
        notes = self._notes[session] = SessionNotes(array("d"), array("d"), [])
        return notes

    def save(self, path: str) -> None:
        """Write all records to a file, from copies, as another thread appends to them."""
        columns = {}
        for session, notes in self._notes.items():
            columns[f"{session} known"] = np.array(notes.known[:]).reshape(-1, 3)
            columns[f"{session} gaps"] = np.array(notes.gaps[:]).reshape(-1, 2)
            columns[f"{session} samples"] = np.concatenate([np.empty(0, np.float32), *notes.samples])
        with open(path, "wb") as file:
            np.savez(file, **columns)  # type: ignore[arg-type]


def serve_and_answer(serve: Callable[[Callable[[str], None]], None], recorder: Recorder) -> None:
    """Serve, and answer commands on standard input until it ends.

    Parameters
    ----------
    serve : runs a server until it is interrupted; calls its argument with the address, in its loop.
    """

    def started(address: str) -> None:
        loop = asyncio.get_running_loop()
        sampler = CpuSampler()
        print(json.dumps({"address": address}), flush=True)
        threading.Thread(target=_answer, args=(loop, recorder, sampler), name="answer", daemon=True).start()

    serve(started)


def _answer(loop: asyncio.AbstractEventLoop, recorder: Recorder, sampler: CpuSampler) -> None:
    process = psutil.Process()
    for line in sys.stdin:
        command = json.loads(line)
        reply: dict[str, Any] = {}
        match command["do"]:
            case "state":
                gc.collect()
                reply = {
                    "rss_bytes": process.memory_info().rss,
                    "tasks": len(asyncio.all_tasks(loop)),
                    "threads": threading.active_count(),
                    "descriptors": process.num_fds(),
                }
            case "record":
                recorder.on = command["on"]
            case "save":
                recorder.save(command["path"])
            case "sample":
                loop.call_soon_threadsafe(sampler.start if command["on"] else sampler.stop)
                reply = {"stages": sampler.counts}
        print(json.dumps(reply), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)


class MeasuredServer:
    """A server process; a context manager. ``address`` is where it serves.

    Parameters
    ----------
    module : module to run, as for ``python -m``.
    cores : cores on which it may run.
    log : where its standard error goes; the caller's own if not given.
    """

    def __init__(self, module: str, *args: str, cores: Sequence[int], log: IO[bytes] | None = None) -> None:
        command = [sys.executable, "-u", "-m", module, *args]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        os.sched_setaffinity(self._process.pid, cores)
        self.pid = self._process.pid
        self.address: str = self._reply()["address"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """Send a command and wait for the reply."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()
        return self._reply()

    async def aask(self, do: str, **more: Any) -> dict[str, Any]:
        """Send a command and await the reply, without blocking the loop."""
        return await asyncio.to_thread(self.ask, do, **more)

    @property
    def cpu_s(self) -> float:
        """CPU time so far, with the kernel's on its behalf; resolution 10 ms."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    async def arecords(self) -> dict[str, SessionRecord]:
        """Like :meth:`records`, without blocking the loop."""
        return await asyncio.to_thread(self.records)

    def records(self) -> dict[str, SessionRecord]:
        """Records of all sessions."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "heard.npz"
            self.ask("save", path=str(path))
            with np.load(path) as file:
                sessions = [name.removesuffix(" known") for name in file.files if name.endswith(" known")]
                return {
                    session: SessionRecord(
                        file[f"{session} known"][:, 0],
                        file[f"{session} known"][:, 1],
                        file[f"{session} gaps"],
                        file[f"{session} known"][:, 2],
                        file[f"{session} samples"],
                    )
                    for session in sessions
                }

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server ended with {self._process.wait()}")
        reply: dict[str, Any] = json.loads(line)
        return reply
