"""Which package may import which, read from the sources.

An import inside a function or behind ``TYPE_CHECKING`` counts too. Three rules: a package imports those
named beside it in :data:`MAY_IMPORT` and no others; the packages of :data:`PURE` know no clock, socket,
randomness or file; no modules import each other in a circle.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOPS = ("dsp", "engine", "clients", "benchmarks", "tests")

_RECORDS = "engine.errors engine.protocol engine.profile"
_MEDIA = "engine.media engine.media.rtp engine.media.webrtc engine.media.files engine.media.voices"
_SHELLS = "engine.warm engine.server.settings engine.server.serve clients.whip clients.terminal"
_SERVER = (
    "engine.server.settings engine.server.limits engine.server.record engine.server.sessions "
    "engine.server.rooms engine.server.placement engine.server.hub engine.server.lan engine.server.http "
    "engine.server.serve engine.server engine.server.logs engine.server.loop engine.server.supervisor"
)
_EVERYTHING = (
    f"dsp {_RECORDS} engine.language engine.cues engine.drills engine.interview engine.core engine.shipped "
    f"{_MEDIA} engine.speech engine.assistant engine.programme engine.store engine.reports {_SERVER} "
    "clients.cli clients.terminal clients.whip engine engine.processes engine.warm"
)

MAY_IMPORT: Mapping[str, frozenset[str]] = {
    package: frozenset(names.split())
    for package, names in {
        "engine": "",
        "dsp": "",
        "engine.errors": "",
        "engine.protocol": "engine.errors",
        "engine.profile": "engine.errors",
        "engine.cues": f"{_RECORDS} engine.language",
        "engine.drills": f"dsp {_RECORDS} engine.language",
        "engine.language": f"{_RECORDS}",
        "engine.interview": f"dsp {_RECORDS} engine.drills engine.language",
        "engine.core": f"dsp {_RECORDS} engine.cues engine.drills engine.interview engine.language",
        "engine.shipped": f"{_RECORDS} engine.drills engine.interview engine.programme",
        "engine.processes": "",
        "engine.warm": f"dsp {_RECORDS} engine.core engine.media",
        "engine.speech": f"dsp {_RECORDS} engine.core engine.language engine.media",
        "engine.assistant": "engine.errors engine.protocol engine.language",
        "engine.programme": f"{_RECORDS}",
        "engine.store": f"{_RECORDS} engine.cues",
        "engine.reports": f"{_RECORDS} engine.cues engine.programme engine.processes",
        "engine.media": "dsp engine.errors",
        "engine.media.rtp": "dsp engine.errors engine.media",
        "engine.media.webrtc": "dsp engine.errors engine.media engine.media.rtp",
        "engine.media.files": (
            f"dsp {_RECORDS} engine.language engine.core engine.media engine.media.rtp engine.speech"
        ),
        "engine.media.voices": (
            f"dsp {_RECORDS} engine.drills engine.core engine.media engine.media.files engine.media.webrtc "
            "engine.processes"
        ),
        "engine.server": "",
        "engine.server.logs": "",
        "engine.server.loop": "",
        "engine.server.settings": "engine.errors engine.assistant",
        "engine.server.supervisor": "",
        "engine.server.lan": "engine.errors engine.server.settings",
        "engine.server.limits": "engine.errors engine.server.settings",
        "engine.server.placement": "engine.errors",
        "engine.server.record": (
            f"dsp {_RECORDS} engine.media engine.media.rtp engine.media.files engine.programme engine.store "
            "engine.reports engine.server.settings"
        ),
        "engine.server.sessions": (
            f"dsp {_RECORDS} engine.language engine.drills engine.interview engine.core engine.shipped "
            f"{_MEDIA} engine.speech engine.assistant engine.programme engine.server.settings "
            "engine.server.limits engine.server.record"
        ),
        "engine.server.rooms": (
            f"dsp {_RECORDS} engine.drills engine.core engine.media engine.media.rtp "
            "engine.server.limits engine.server.sessions"
        ),
        "engine.server.hub": (
            f"dsp {_RECORDS} engine.cues engine.core engine.shipped engine.media.webrtc "
            "engine.speech engine.server.settings engine.server.limits engine.server.record "
            "engine.server.sessions engine.server.rooms engine.server.placement engine.warm"
        ),
        "engine.server.http": (
            f"{_RECORDS} engine.cues engine.media.webrtc engine.programme engine.store engine.reports "
            "engine.server.settings engine.server.limits engine.server.record engine.server.lan "
            "engine.server.logs engine.server.sessions engine.server.rooms engine.server.hub"
        ),
        "engine.server.serve": f"engine.errors {_SERVER}",
        "clients": "",
        "clients.whip": f"dsp {_RECORDS} engine.media engine.media.webrtc",
        "clients.terminal": f"dsp {_RECORDS} engine.media engine.assistant {_SHELLS}",
        "clients.cli": (
            f"dsp {_RECORDS} engine.cues engine.drills engine.core engine.shipped {_MEDIA} {_SHELLS} "
            "engine.language engine.speech engine.assistant engine.programme engine.store engine.reports"
        ),
        "benchmarks": f"{_EVERYTHING} tests",
        "tests": f"{_EVERYTHING} benchmarks tools docs",
    }.items()
}
"""Of each package the others that it may import. The longest name that fits a module is its package."""

PURE = (
    "dsp",
    "engine.errors",
    "engine.protocol",
    "engine.profile",
    "engine.language",
    "engine.cues",
    "engine.drills",
    "engine.interview",
    "engine.core",
    "engine.programme",
)
"""What computes, and nothing else."""

STANDARD = {
    "__future__", "abc", "array", "bisect", "builtins", "collections", "contextlib", "copy",
    "dataclasses", "datetime", "difflib", "enum", "fractions", "functools", "heapq", "itertools", "json",
    "math", "numbers", "operator", "re", "statistics", "string", "struct", "textwrap", "tomllib", "types",
    "typing", "typing_extensions", "unicodedata", "warnings", "weakref",
}  # fmt: skip
"""What the pure packages may import of the standard library."""

LIBRARIES = {"dsp": {"numpy", "numba"}, "engine": {"numpy", "msgspec"}}
"""And of other libraries."""

OWN_FILES = {
    "dsp.weights": {"importlib.resources.files"},
    "engine.language.shipped": {"importlib.resources.files"},
    "engine.language.parts_model": {"importlib.resources.files"},
}
"""What ships beside the code is part of it: read once, at import."""

NOT_PURE = {
    "numpy.random", "numpy.load", "numpy.fromfile", "numpy.datetime64",
    "datetime.now", "datetime.utcnow", "datetime.today",
}  # fmt: skip
"""Randomness, files and clocks that hide in what is allowed."""

BUILTINS = {"open", "input", "print", "__import__", "exec", "eval"}
"""Builtins that reach outside, or around these rules."""


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def modules() -> dict[str, Path]:
    """Every module, by its name."""
    return {module_name(file): file for top in TOPS for file in ROOT.glob(f"{top}/**/*.py")}


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
            case ast.Attribute(
                value=ast.Name(id="datetime" | "date"), attr="now" | "utcnow" | "today" as clock
            ):
                yield f"datetime.{clock}"
            case ast.Name(id=name) if name in BUILTINS:
                yield f"builtins.{name}"


def home(name: str) -> str:
    """Module in which a name is to be found."""
    while name not in modules() and "." in name:
        name = name.rpartition(".")[0]
    return name


def package_of(module: str) -> str:
    """Package of the table that a module belongs to."""
    while module not in MAY_IMPORT:
        module = module.rpartition(".")[0]
        assert module, "a package that the table doesn't name"
    return module


def within(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


def forbidden(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """Names that a module reaches for and may not, by the table."""
    mine = package_of(module)
    found = set()
    for name in reached(source, module, is_package=is_package):
        if name.split(".")[0] not in TOPS:
            continue
        other = package_of(home(name))
        if other != mine and other not in MAY_IMPORT[mine]:
            found.add(name)
    return sorted(found)


def impurities(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """Names that a pure module reaches for and may not."""
    top = module.split(".")[0]
    found = set()
    for name in reached(source, module, is_package=is_package):
        first = name.split(".")[0]
        if first in TOPS:
            pure = any(within(home(name), package) for package in PURE)
        else:
            pure = first in STANDARD | LIBRARIES[top] or name in OWN_FILES.get(module, ())
        hidden = any(within(name, wrong) for wrong in NOT_PURE)
        if not pure or hidden or name.startswith("builtins."):
            found.add(name)
    return sorted(found)


def imported(module: str) -> set[str]:
    """Modules that a module imports."""
    file = modules()[module]
    names = reached(file.read_text("utf-8"), module, is_package=file.name == "__init__.py")
    return {home(name) for name in names if home(name) in modules()} - {module}


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle; none where there is no such circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


PURE_MODULES = sorted(name for name in modules() if any(within(name, package) for package in PURE))


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_package_imports_what_the_table_allows(module: str) -> None:
    file = modules()[module]
    assert forbidden(file.read_text("utf-8"), module, is_package=file.name == "__init__.py") == []


@pytest.mark.parametrize("module", PURE_MODULES)
def test_pure_packages_import_only_what_computes(module: str) -> None:
    file = modules()[module]
    assert impurities(file.read_text("utf-8"), module, is_package=file.name == "__init__.py") == []


def test_no_modules_import_each_other() -> None:
    assert circle({module: imported(module) for module in modules()}) == []


def reachable(module: str) -> set[str]:
    """Modules that are imported with a module, by way of others too."""
    found, waiting = {module}, [module]
    while waiting:
        new = imported(waiting.pop()) - found
        found |= new
        waiting += new
    return found


RECOGNITION = (
    "engine.speech.worker",
    "engine.speech.hosted_speaker",
    "engine.speech.open",
    "engine.speech.live",
)
"""What runs in the recognition process, and nowhere in a server."""


@pytest.mark.parametrize("module", ["engine.server.serve", "engine.server.hub"])
def test_a_server_imports_no_recogniser(module: str) -> None:
    found = reachable(module)
    assert "engine.speech.process" in found
    assert found.isdisjoint(RECOGNITION)
    assert "engine.speech.live" in reachable("engine.speech.open")


def test_every_package_of_the_table_is_there() -> None:
    for package in MAY_IMPORT:
        assert any(within(name, package) for name in modules()), package


def test_the_walk_finds_the_pure_modules() -> None:
    expected = {"dsp.frame", "engine.core.session", "engine.profile", "engine.cues.delivery.pace"}
    assert expected | {"engine.drills.runner", "engine.protocol.events"} <= set(PURE_MODULES)
    assert not any(name.startswith(("engine.server", "engine.media", "clients")) for name in PURE_MODULES)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import time", "time"),
        ("import asyncio.queues as q", "asyncio.queues"),
        ("from time import monotonic", "time.monotonic"),
        ("def f():\n    from random import choice", "random.choice"),
        ("if TYPE_CHECKING:\n    import socket", "socket"),
        ("import threading", "threading"),
        ("from os import path", "os.path"),
        ("import aiortc", "aiortc"),
        ("import numpy as np\nx = np.random.default_rng()", "numpy.random"),
        ("from numpy import random", "numpy.random"),
        ("from numpy.random import default_rng", "numpy.random.default_rng"),
        ("from ..media.files.recording import Recording", "engine.media.files.recording.Recording"),
        ("from .. import server", "engine.server"),
        ("from clients import cli", "clients.cli"),
        ("open('x')", "builtins.open"),
        ("x = datetime.now()", "datetime.now"),
        ("x = date.today()", "datetime.today"),
        ("__import__('time')", "builtins.__import__"),
    ],
)
def test_the_pure_rule_can_fail(source: str, fault: str) -> None:
    assert impurities(source, "engine.core.session") == [fault]


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("engine.server.sessions.hub", "from clients.cli import main", "clients.cli.main"),
        ("engine.protocol.events", "from ..drills import script", "engine.drills.script"),
        ("engine.media.rtp.stream", "def f():\n    import engine.server.serve", "engine.server.serve"),
        ("dsp.ears", "from engine.protocol.events import Event", "engine.protocol.events.Event"),
        ("engine.cues.delivery.pace", "from ...core import session", "engine.core.session"),
        ("engine.warm", "from tests import harness", "tests.harness"),
        ("clients.whip.publisher", "if TYPE_CHECKING:\n    from tests import dsp", "tests.dsp"),
    ],
)
def test_the_table_can_fail(module: str, source: str, fault: str) -> None:
    assert forbidden(source, module) == [fault]


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}


def test_the_rules_let_the_innocent_pass() -> None:
    source = (
        "import math\nimport numpy as np\nfrom engine.protocol.events import Event\n"
        "from dsp.frame import HOP\nx.time = 1"
    )
    assert impurities(source, "engine.core.session") == []
    assert forbidden(source, "engine.core.session") == []
