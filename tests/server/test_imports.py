"""A running server has imported nothing that only commands, tests or a child process need."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import httpx

from engine.store.record import Record

LEFT_OUT = {
    "engine.assistant.client", "engine.speech.open", "engine.speech.worker", "moonshine_voice", "wordfreq",
    "PIL", "_pytest", "alembic", "clients.cli.plot", "clients.terminal", "clients.whip", "fontTools",
    "hatchling", "hibari", "httpx", "hypothesis", "imageio_ffmpeg", "mako", "matplotlib", "onnxruntime",
    "pip", "playwright", "psutil", "pyaudio", "pygments", "pytest", "rich", "scipy.fft", "scipy.signal",
    "setuptools", "soundfile", "webrtcvad",
}  # fmt: skip
"""The voice of drills (``hibari``, ``onnxruntime``) belongs to the process that renders them, and what
recognises words to another one; advice is asked for where an assistant is named; a record is migrated
(``alembic``) once. numba itself imports ``scipy`` where that is, but none of what takes long."""


def imported(log: str) -> set[str]:
    """Modules in what ``python -X importtime`` writes."""
    return set(re.findall(r"^import time: +\d+ \| +\d+ \| +(\S+)$", log, re.MULTILINE))


def test_a_server_imports_no_more_than_it_needs(tmp_path: Path) -> None:
    log = tmp_path / "imports"
    Record.open(tmp_path / "record").close()
    store = ["--store", str(tmp_path / "record")]
    argv = [sys.executable, "-X", "importtime", "-m", "clients.cli.main", "serve", "--port", "0", *store]
    with log.open("w") as errors:  # a pipe that nobody reads would fill up
        server = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        address = said(server.stdout)
        for path in ("", "healthz", "metrics", "config.json", "schema.json", "drills", "record"):
            assert httpx.get(f"{address}{path}", trust_env=False, timeout=60).status_code == 200
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
    finally:
        server.kill()
        server.wait()
    modules = imported(log.read_text())
    assert {"aiortc", "numba", "starlette.routing", "engine.server.hub"} <= modules
    below = {name for name in modules if LEFT_OUT & {".".join(name.split(".")[:n]) for n in range(1, 4)}}
    assert below == set()


def said(out: IO[str] | None) -> str:
    """Address in the line with which a server begins."""
    assert out is not None
    found = re.search(r"http://\S+", out.readline())
    assert found is not None
    return found[0]
