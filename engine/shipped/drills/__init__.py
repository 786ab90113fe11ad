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
from engine.protocol.file_names import shown

_FOLDER = resources.files(__name__)


def shipped() -> list[str]:
    """Names of the drills that come with the package."""
    return sorted(entry.name[:-5] for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))


def load(name_or_path: str | Path) -> Drill:
    """Drill by the name of a shipped one, or from a TOML file.

    Raises
    ------
    DrillError
        No such drill, or something in it cannot be used.
    """
    name = str(name_or_path)
    if name in shipped():
        return parse((_FOLDER / f"{name}.toml").read_text("utf-8"), f"{name}.toml", name=name)
    path = Path(name_or_path)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise DrillError(
            f"{shown(path)}: no such file, and no shipped drill of that name; "
            f"shipped are {', '.join(shipped())}"
        ) from error
    except (OSError, ValueError) as error:
        raise DrillError(f"{shown(path)}: cannot be read as a text file: {error}") from error
    return parse(text, shown(path), name=shown(path.stem))


@functools.cache
def bank() -> Bank:
    """The lines and questions that come with the package."""
    above = resources.files("engine.shipped")
    lines = tomllib.loads((above / "lines.toml").read_text("utf-8"))
    questions = tomllib.loads((above / "questions.toml").read_text("utf-8"))["question"]
    return Bank(
        lines={role: {do: tuple(said) for do, said in kinds.items()} for role, kinds in lines.items()},
        questions=tuple(msgspec.convert(questions, list[Question])),
    )
