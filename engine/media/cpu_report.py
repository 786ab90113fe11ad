"""How a child process tells its parent the processor time it has used, at any moment.

The child's share of work is not done when its time is asked for, so an answer over a pipe would come
too late. The two share an open file of eight bytes instead, which the child overwrites while it works
and the parent reads without waiting.
"""

from __future__ import annotations

import os
import struct
import tempfile
import threading
import time
from typing import IO

REPORT_S = 0.25
"""Interval of the reports: as often as a server looks at its load."""

_SECONDS = struct.Struct("=d")


class CpuReport:
    """The parent's end: the processor time of a helper, over all processes that it has had.

    May be read in any thread.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._ended_s = 0.0
        self._lock = threading.Lock()

    def open(self) -> int:
        """Return the descriptor for a process that begins; pass it on (``pass_fds``).

        The process calls :func:`start_reporting` with it.
        """
        self.process_ended()
        with self._lock:
            self._file = tempfile.TemporaryFile(prefix="sottovoce-")  # noqa: SIM115
            return self._file.fileno()

    def process_ended(self) -> None:
        """Keep the time of the process that has ended; the next one begins at 0."""
        with self._lock:
            self._ended_s += self._reported_s()
            if self._file is not None:
                self._file.close()
                self._file = None

    @property
    def cpu_s(self) -> float:
        """Processor time used so far, in seconds; up to :data:`REPORT_S` old."""
        with self._lock:
            return self._ended_s + self._reported_s()

    def _reported_s(self) -> float:
        data = b"" if self._file is None else os.pread(self._file.fileno(), _SECONDS.size, 0)
        return float(_SECONDS.unpack(data)[0]) if len(data) == _SECONDS.size else 0.0


def start_reporting(fd: int) -> None:
    """Report the processor time of this process from now on, in a thread. Called in the child."""

    def report() -> None:
        while True:
            os.pwrite(fd, _SECONDS.pack(time.process_time()), 0)
            time.sleep(REPORT_S)

    threading.Thread(target=report, name="cpu report", daemon=True).start()
