"""A server in a process of its own, on a core of its own, and what can be asked of it.

The program side, :func:`serve_and_answer`, runs in the child; :class:`MeasuredServer` is what a
benchmark holds. One JSON object a line each way.
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
"""Longest start, compiling included."""


class SessionRecord(NamedTuple):
    """What one session has dealt with."""

    times_s: NDArray[np.float64]
    """Monotonic times at which events were known."""

    positions: NDArray[np.float64]
    """Samples of stream time dealt with at each."""

    gaps: NDArray[np.float64]
    """Shape (n, 2): samples from and to that never arrived."""

    arrived_s: NDArray[np.float64]
    """For each of ``times_s`` when the packet came that was heard then; NaN where it was none."""

    samples: Samples
    """The stream itself, 16 kHz, zeros where it is lost; empty unless asked for."""


class SessionNotes(NamedTuple):
    """The same while it is being written, several values one after the other."""

    known: array[float]
    gaps: array[float]
    samples: list[Samples]


class Recorder:
    """Writes down when each session had dealt with how much of its stream."""

    def __init__(self) -> None:
        self.on = True
        """Whether notes are taken of sessions that begin."""
        self.with_samples = False
        """Whether they have the samples, too."""
        self._notes: dict[str, SessionNotes] = {}

    def begin(self, session: str) -> SessionNotes:
        """Place for another session's notes."""
        notes = self._notes[session] = SessionNotes(array("d"), array("d"), [])
        return notes

    def save(self, path: str) -> None:
        """Write everything to a file, from a thread beside the one that writes it down: from copies."""
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
    """A server process; ``with`` it. ``address`` is where it serves.

    Parameters
    ----------
    module : what to run, as ``python -m`` has it.
    cores : on which it may run.
    log : where its standard error goes; the caller's own when not given.
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
        """Send a command, wait for the reply."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()
        return self._reply()

    async def aask(self, do: str, **more: Any) -> dict[str, Any]:
        """Likewise, while the loop goes on."""
        return await asyncio.to_thread(self.ask, do, **more)

    @property
    def cpu_s(self) -> float:
        """CPU time used so far, the kernel's on its behalf included; resolution 10 ms."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    async def arecords(self) -> dict[str, SessionRecord]:
        """Likewise :meth:`records`."""
        return await asyncio.to_thread(self.records)

    def records(self) -> dict[str, SessionRecord]:
        """What the recorder has written down, by session."""
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
