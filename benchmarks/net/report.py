"""Command line and result file that all speed benchmarks share."""

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
"""Core of the server under test."""


def speakers_core() -> int:
    """Core of the crowd: the last one, which isn't the server's where there are two."""
    return max(os.sched_getaffinity(0))


def parser(name: str, doc: str | None, *, seconds: float) -> argparse.ArgumentParser:
    """Argument parser with the common arguments."""
    made = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=(doc or "").split("\n")[0]
    )
    made.add_argument(
        "--seconds", type=float, default=seconds, help="length of each measurement (%(default)s)"
    )
    made.add_argument("--json", type=Path, metavar="OUT", help="also write all figures to this file")
    return made


def machine() -> dict[str, Any]:
    """Description of the machine."""
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
    """Head of a result: command, time and machine."""
    words = sys.argv[1:] if argv is None else argv
    return {
        "command": shlex.join(["python", "-m", f"benchmarks.{name}", *words]),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
    }


def write(path: Path | None, report: dict[str, Any]) -> None:
    """Write a report to a file, if one is given."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def ms(value: float | None) -> str:
    """Format a delay for a table."""
    return "-" if value is None else f"{value:.1f}"
