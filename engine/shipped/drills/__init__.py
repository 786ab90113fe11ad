"""The drills that come with the package, their lines and questions, and how a drill is found."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from pathlib import Path

import msgspec

from engine.drills.plan import Bank, Question
from engine.drills.script import Drill, parse
from engine.errors import DrillError
from engine.shipped.files import find, names
from engine.shipped.programs import programs

_FOLDER = resources.files(__name__)


def shipped() -> list[str]:
    """Names of the drills that come with the package."""
    return names(_FOLDER)


def load(name_or_path: str | Path) -> Drill:
    """Drill by the name of a shipped one, or from a TOML file.

    Raises
    ------
    DrillError
        No such drill, or something in it cannot be used.
    """
    found = find(_FOLDER, name_or_path, "drill", DrillError)
    return parse(found.text, found.origin, name=found.name)


@functools.cache
def bank() -> Bank:
    """The lines and questions that come with the package."""
    above = resources.files("engine.shipped")
    lines = tomllib.loads((above / "lines.toml").read_text("utf-8"))
    questions = tomllib.loads((above / "questions.toml").read_text("utf-8"))["question"]
    return Bank(
        lines={role: {do: tuple(said) for do, said in kinds.items()} for role, kinds in lines.items()},
        questions=tuple(msgspec.convert(questions, list[Question])),
        programs=programs(),
    )
