"""What every speed benchmark takes on its command line, and what it writes."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "results"

PACKAGES = ("aiortc", "aioice", "av", "numpy", "numba", "uvicorn", "sottovoce")

SERVER_CORE = 0
"""The server under test runs here."""


def speakers_core() -> int:
    """The crowd's core: the last one, which is not the server's where there are two."""
    return max(os.sched_getaffinity(0))


def parser(name: str, doc: str | None, *, seconds: float) -> argparse.ArgumentParser:
    """Arguments that all have."""
    made = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=(doc or "").split("\n")[0]
    )
    made.add_argument(
        "--seconds", type=float, default=seconds, help="length of each measurement (%(default)s)"
    )
    made.add_argument("--json", type=Path, metavar="OUT", help="also write all figures to this file")
    return made


def machine() -> dict[str, Any]:
    """What it ran on."""
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        cpu = names[0] if names else cpu
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "load_before": os.getloadavg()[0],
    }


def heading(name: str, argv: Sequence[str] | None) -> dict[str, Any]:
    """Command, time and machine: what every result begins with."""
    words = sys.argv[1:] if argv is None else argv
    return {
        "command": shlex.join(["python", "-m", f"benchmarks.{name}", *words]),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
    }


def write(path: Path | None, report: dict[str, Any]) -> None:
    """Write a report, if anyone wants it."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def ms(value: float | None) -> str:
    """A delay for a table."""
    return "-" if value is None else f"{value:.1f}"
