"""``sottovoce serve`` with several workers, as a process of its own, and a view of its insides."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from engine.server.placement.placement import worker_of
from engine.server.placement.worker_directory import STALE_S, WorkerEntry

STARTS_S = 120.0


class Workers:
    """The server: its address, and which process has which session."""

    def __init__(self, process: subprocess.Popen[str], address: str, folder: Path, count: int) -> None:
        self.process = process
        self.address = address
        self._folder = folder
        self._count = count
        self._ended: set[str] = set()
        """Names of the workers that :meth:`kill` and :meth:`drain` have ended."""

    def notices(self) -> dict[str, WorkerEntry]:
        """What each worker says now, by its name."""
        read = []
        for file in self._folder.glob("sottovoce-*/?.json"):
            with suppress(FileNotFoundError):  # withdrawn meanwhile
                read.append(msgspec.json.decode(file.read_bytes(), type=WorkerEntry))
        return {notice.worker: notice for notice in read}

    def wait_until_whole(self) -> None:
        """Wait until all workers serve: a while after one was ended, as another takes its place."""
        until_s = time.monotonic() + STARTS_S
        while time.monotonic() < until_s:
            fresh_s = time.monotonic() - STALE_S
            serving = [one for one in self.notices().values() if one.admits and one.at_s > fresh_s]
            if len([one for one in serving if one.worker not in self._ended]) == self._count:
                return
            time.sleep(0.1)
        raise AssertionError(f"not {self._count} workers within {STARTS_S:g} s: {self.notices()}")

    def pid(self, session_id: str) -> int:
        """Process that has a session."""
        worker = worker_of(session_id)
        assert worker is not None
        return self.notices()[worker].pid

    def kill(self, session_id: str) -> None:
        """End the process that has a session as nothing else can: no goodbye."""
        self._end(session_id, signal.SIGKILL)

    def drain(self, session_id: str) -> None:
        """Have the process that has a session move its sessions and end."""
        self._end(session_id, signal.SIGTERM)

    def _end(self, session_id: str, number: signal.Signals) -> None:
        pid = self.pid(session_id)
        self._ended.add(str(worker_of(session_id)))
        os.kill(pid, number)

    def stop(self, number: signal.Signals) -> str:
        """Send a signal to the one that was started; gives what all of them said on the error stream."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=60)[1]


@contextmanager
def several(*options: str, workers: int = 2) -> Iterator[Workers]:
    """Serve on ports of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "clients.cli.main",
            "serve",
            "--port",
            "0",
            "--workers",
            str(workers),
        ]
        command += ["--max-cpu", "100", "--max-delay-s", "100"]  # nobody is refused on a busy machine
        process = subprocess.Popen(
            [*command, *options],
            env={**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Workers(process, _address(process), Path(folder), workers)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.communicate(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()  # its workers notice and end by themselves
                    process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    until_s = time.monotonic() + STARTS_S
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(until_s - time.monotonic()):
            line = process.stdout.readline()
            if not line:
                break
            for word in line.split():
                if word.startswith("http"):
                    return word
    process.kill()
    raise AssertionError(f"the server did not start: {process.communicate()[1]}")
