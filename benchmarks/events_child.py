"""Write what a tree of the sources hears in recordings: one JSON object a line on standard output.

Run by :mod:`benchmarks.same_events` with the tree first on the path. It imports nothing of the benchmarks,
as the tree may be of a time before them, and finds what it calls by name, as modules move between trees.

Input: a JSON list of jobs on standard input, ``{"key", "file", "channel", "profile", "drill", "seed"}``.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import pkgutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIVE_ONLY = ("delay_ms", "delays")
"""Fields that tell how long a live call's packet took."""


def main() -> None:
    """Do the jobs."""
    tree = Path(sys.argv[1]).resolve()
    package = importlib.import_module("engine")
    if tree not in Path(str(package.__file__)).resolve().parents:
        raise SystemExit(f"engine is imported from {package.__file__}, not from {tree}")
    command = _command(tree)
    analyze, recording = (
        _found(package, "analyze", "Analysis"),
        _found(package, "Recording", "AudioFileError"),
    )
    load = _found(package, "load", "Profile")
    for job in json.load(sys.stdin):
        print(json.dumps({"job": job["key"]}), flush=True)
        if job["drill"]:
            _drill(command, job)
        else:
            _analyze(analyze, recording, load, job)


def _command(tree: Path) -> Callable[[list[str]], int]:
    """The function of the tree's command line."""
    scripts = tomllib.loads((tree / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    module, name = scripts["sottovoce"].split(":")
    main: Callable[[list[str]], int] = getattr(importlib.import_module(module), name)
    return main


def _found(package: Any, name: str, beside: str) -> Any:
    """What is defined under a name in the one module of the engine that also knows another name."""
    for module in pkgutil.walk_packages(package.__path__, "engine."):
        if module.name.endswith("__main__"):
            continue
        here = importlib.import_module(module.name)
        value = getattr(here, name, None)
        if getattr(value, "__module__", None) == module.name and hasattr(here, beside):
            return value
    raise SystemExit(f"no module of engine defines {name} beside {beside}")


def _analyze(analyze: Any, recording: Any, load: Any, job: dict[str, Any]) -> None:
    """Hear a recording through: every event, then the analysis as a whole."""
    import msgspec

    def tell(event: Any) -> None:
        _write(msgspec.to_builtins(event))

    try:
        heard = analyze([recording(job["file"], job["channel"])], load(job["profile"]), on_event=tell)
    except Exception as error:  # a recording that can't be used must be refused alike
        _write({"type": "refused", "error": type(error).__name__})
        return
    whole = msgspec.to_builtins(heard)
    for name in ("file", "sources", "events"):  # names of this machine, and what was written already
        whole.pop(name)
    _write({"type": "analysis", **whole})


def _drill(command: Callable[[list[str]], int], job: dict[str, Any]) -> None:
    """Run a drill over a recording."""
    said = io.StringIO()
    words = ["drill", job["drill"], "--seed", str(job["seed"]), "--against", job["file"], "--json"]
    with contextlib.redirect_stdout(said):
        code = command([*words, "--profile", job["profile"]])
    for line in said.getvalue().splitlines():
        _write(json.loads(line))
    _write({"type": "exit", "code": code})


def _write(record: dict[str, Any]) -> None:
    kept = {name: value for name, value in record.items() if name not in LIVE_ONLY}
    print(json.dumps(kept, sort_keys=True, separators=(",", ":")))


if __name__ == "__main__":
    main()
