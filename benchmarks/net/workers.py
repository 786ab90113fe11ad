"""``sottovoce serve --workers N`` unchanged: nothing is recorded inside, only what comes out of it counts."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

import psutil


class Workers:
    """A server of several processes; a context manager. ``address`` is where it serves."""

    def __init__(self, count: int, sessions: int) -> None:
        command = [sys.executable, "-u", "-c", "from clients.cli.main import main; main()", "serve"]
        command += ["--workers", str(count), "--port", str(_free_ports(count + 2))]
        # No limit on sessions: the number that holds is what is measured.
        command += ["--max-sessions", str(sessions), "--max-cpu", "1e6", "--max-delay-s", "1e6"]
        command += ["--quota", "0"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            found = [word for word in line.split() if word.startswith("http")]
            if found:
                self.address = found[0]
                return
        raise RuntimeError(f"the server ended with {self._process.wait()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            for process in psutil.Process(self._process.pid).children(recursive=True):
                process.kill()
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def cpu_s(self) -> float:
        """CPU time of all its processes; resolution 10 ms each."""
        first = psutil.Process(self._process.pid)
        times = [process.cpu_times() for process in (first, *first.children(recursive=True))]
        return float(sum(one.user + one.system for one in times))


def _free_ports(count: int) -> int:
    """First of ``count`` free ports in a row."""
    for port in range(20_000, 30_000, 50):
        try:
            for number in range(port, port + count):
                with socket.socket() as bound:
                    bound.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port
    raise RuntimeError("no free ports from 20000 to 30000")
