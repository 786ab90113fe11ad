"""ARCHITECTURE.md names files and what is in them; both must be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")

ROWS = re.findall(r"^\| ([^|`]+) \| `([^`]+)` \| `(\w+)` \|$", TEXT, flags=re.MULTILINE)
"""The table of where to look for what: what, the file, and a name in it."""

PATHS = sorted(set(re.findall(r"`((?:engine|dsp|clients|benchmarks|tests|tools|docs)/[\w./-]*)`", TEXT)))


MAX_LINES = 400
"""A longer file is two rooms."""


def lengths() -> dict[str, int]:
    """Number of lines of each source of the project."""
    tops = ("engine", "dsp", "clients", "benchmarks", "tests", "tools", "docs")
    files = [path for top in tops for ending in ("py", "js") for path in (ROOT / top).rglob(f"*.{ending}")]
    return {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in files
        if "node_modules" not in path.parts
    }


def defines(source: str, name: str) -> bool:
    """Whether a Python or JavaScript source defines a name."""
    return bool(
        re.search(rf"^(?:\s*(?:async )?def|class|export (?:const|function|class)) {name}\b", source, re.M)
    )


def test_the_table_answers_what_a_newcomer_asks() -> None:
    asked = (
        "a packet is decoded",
        "a nudge is decided",
        "a drill's voice is made",
        "a room's link is checked",
    )
    for question in (*asked, "a word of the page"):
        assert any(question in what for what, _, _ in ROWS), question


@pytest.mark.parametrize(("what", "file", "name"), ROWS)
def test_what_the_table_names_is_there(what: str, file: str, name: str) -> None:
    assert defines((ROOT / file).read_text("utf-8"), name), f"{what}: {file} defines no {name}"


def test_no_source_is_longer_than_a_room() -> None:
    assert {path: lines for path, lines in lengths().items() if lines > MAX_LINES} == {}


def test_the_engine_itself_has_no_loose_modules() -> None:
    assert {path.name for path in (ROOT / "engine").glob("*.py")} == {"__init__.py", "errors.py", "warm.py"}


@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_a_name_that_is_not_defined_is_found_missing() -> None:
    assert defines("class Policy:\n", "Policy")
    assert defines("    def find(self):\n", "find")
    assert defines("export const words = {", "words")
    assert not defines("x = Policy()\n", "Policy")
