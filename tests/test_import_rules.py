"""``dsp/`` and the engine's core know no clock, no socket, no randomness and no file.

They may import what is named here and each other, nothing else. Read from the sources,
so an import inside a function or behind ``TYPE_CHECKING`` counts too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PURE = {
    "__future__", "abc", "array", "bisect", "builtins", "collections", "contextlib", "copy",
    "dataclasses", "difflib", "enum", "fractions", "functools", "heapq", "itertools", "json", "math",
    "numbers", "operator", "re", "statistics", "string", "struct", "textwrap", "tomllib", "types",
    "typing", "typing_extensions", "unicodedata", "warnings", "weakref",
}  # fmt: skip
"""Of the standard library: what only computes."""

LIBRARIES = {"dsp": {"numpy", "numba"}, "engine": {"numpy", "msgspec"}}
"""Of others."""

OWN_FILES = {"dsp.weights": {"importlib.resources.files"}}
"""What ships beside the code is part of it: read once, at import."""

NOT_OF_THEM = {"numpy.random", "numpy.load", "numpy.fromfile", "numpy.datetime64"}
"""Randomness, files and clocks that hide in what is allowed."""

BUILTINS = {"open", "input", "print", "__import__", "exec", "eval"}
"""Builtins that reach outside, or around this rule."""


def core() -> dict[str, Path]:
    """Every module of ``dsp/``, of ``engine/`` but ``warm``, ``engine/cues/`` and ``engine/drills/``."""
    files = [*ROOT.glob("dsp/**/*.py"), *ROOT.glob("engine/*.py"), *ROOT.glob("engine/cues/**/*.py")]
    files += ROOT.glob("engine/drills/*.py")
    return {module_name(file): file for file in files if file != ROOT / "engine/warm.py"}


def project() -> set[str]:
    """Every module of the project, shells too."""
    return {module_name(file) for top in ("engine", "dsp", "clients") for file in ROOT.glob(f"{top}/**/*.py")}


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def reached(source: str, module: str, *, is_package: bool = False) -> Iterator[str]:
    """Full names that a source reaches for: modules, what is taken from them, and builtins."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                above = package[: len(package) - node.level + 1] if node.level else []
                base = ".".join([*above, *([node.module] if node.module else [])])
                yield from (f"{base}.{alias.name}" for alias in node.names)
            case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=attribute):
                yield f"numpy.{attribute}"
            case ast.Name(id=name) if name in BUILTINS:
                yield f"builtins.{name}"


def faults(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What a module of the core reaches and may not."""
    top = module.split(".")[0]
    inside, all_modules = core().keys(), project()
    found = set()
    for name in reached(source, module, is_package=is_package):
        first = name.split(".")[0]
        if first in {"dsp", "engine"}:
            home = name if name in all_modules else name.rpartition(".")[0]
            fine = home in inside and not (top == "dsp" and first == "engine")
        else:
            fine = first in PURE | LIBRARIES[top] or name in OWN_FILES.get(module, ())
        hidden = any(f"{name}.".startswith(f"{wrong}.") for wrong in NOT_OF_THEM)
        if not fine or hidden or name.startswith("builtins."):
            found.add(name)
    return sorted(found)


@pytest.mark.parametrize("module", sorted(core()))
def test_core_imports_only_what_computes(module: str) -> None:
    file = core()[module]
    is_package = file.name == "__init__.py"
    assert faults(file.read_text("utf-8"), module, is_package=is_package) == []


def test_the_walk_finds_the_core() -> None:
    modules = core().keys()
    assert {"dsp", "dsp.frame", "engine", "engine.session", "engine.profile", "engine.cues.pace"} <= modules
    assert {"engine.drills", "engine.drills.runner"} <= modules
    assert not any(
        name.startswith(("engine.server", "engine.media", "engine.cli", "engine.drills.shipped"))
        for name in modules
    )


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import time", "time"),
        ("import asyncio.queues as q", "asyncio.queues"),
        ("from datetime import datetime", "datetime.datetime"),
        ("def f():\n    from random import choice", "random.choice"),
        ("if TYPE_CHECKING:\n    import socket", "socket"),
        ("import threading", "threading"),
        ("from os import path", "os.path"),
        ("import aiortc", "aiortc"),
        ("import numpy as np\nx = np.random.default_rng()", "numpy.random"),
        ("from numpy import random", "numpy.random"),
        ("from numpy.random import default_rng", "numpy.random.default_rng"),
        ("from .media.files import Recording", "engine.media.files.Recording"),
        ("from . import server", "engine.server"),
        ("from engine import cli", "engine.cli"),
        ("open('x')", "builtins.open"),
        ("__import__('time')", "builtins.__import__"),
    ],
)
def test_the_rule_can_fail(source: str, fault: str) -> None:
    assert faults(source, "engine.session") == [fault]


def test_relative_imports_are_followed_from_where_they_stand() -> None:
    assert faults("from ..server import app", "engine.cues.pace") == ["engine.server.app"]
    assert faults("from ..media import files", "engine.cues", is_package=True) == ["engine.media.files"]
    assert faults("from engine.events import Event", "dsp.ears") == ["engine.events.Event"]


def test_the_rule_lets_the_innocent_pass() -> None:
    source = (
        "import math\nimport numpy as np\nfrom .events import Event\nfrom dsp.frame import HOP\nx.time = 1"
    )
    assert faults(source, "engine.session") == []
