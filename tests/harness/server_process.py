"""``sottovoce serve`` or ``share`` as a process of its own: what it logs, and what it has open."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from engine.server.logs import INTERVAL_S

from . import patient_serve
from .server_workers import _address

LIMITED = "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({0}, {1})); "
MAIN = f"from {patient_serve.__name__} import main; sys.exit(main(sys.argv[1:]))"


class Process:
    """The server: its address, its log so far, and its numbers."""

    def __init__(self, process: subprocess.Popen[str], address: str, log: Path) -> None:
        self.address = address
        self.ps = psutil.Process(process.pid)
        self._log = log
        self._began_s = time.monotonic()

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        url = urlsplit(self.address)
        assert url.hostname is not None
        assert url.port is not None
        return url.hostname, url.port

    @property
    def log(self) -> str:
        """All that it has logged so far."""
        return self._log.read_text("utf-8", errors="replace")

    @property
    def intervals(self) -> int:
        """How often it may have logged a line of each kind so far."""
        return 1 + int((time.monotonic() - self._began_s) / INTERVAL_S)

    @property
    def connections(self) -> int:
        """TCP connections that it has open."""
        return sum(one.status == "ESTABLISHED" for one in self.ps.net_connections("tcp"))


@contextmanager
def served(*options: str, files: tuple[int, int] | None = None, command: str = "serve") -> Iterator[Process]:
    """Serve on a free port of this machine; ``files`` are soft and hard limit of its descriptors."""
    limited = "import sys; " if files is None else LIMITED.format(*files)
    program = [sys.executable, "-c", limited + MAIN, command, "--port", "0"]
    program += ["--max-cpu", "100", "--max-delay-s", "100"]  # nobody is refused on a busy machine
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        with log.open("w", encoding="utf-8") as stream:
            process = subprocess.Popen(
                [*program, *options],
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
            )
        try:
            yield Process(process, _address(process), log)
        finally:
            process.terminate()
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
