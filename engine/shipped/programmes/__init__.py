"""The programmes that come with the package, and how a programme is found: by name or as a file."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from engine.errors import ProgrammeError
from engine.programme.reading import parse
from engine.programme.script import Programme
from engine.protocol.file_names import shown
from engine.shipped import drills

_FOLDER = resources.files(__name__)

DEFAULT = "four-weeks"
"""The programme to begin with."""


def shipped() -> list[str]:
    """Names of the programmes that come with the package."""
    return sorted(entry.name[:-5] for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))


def load(name_or_path: str | Path = DEFAULT) -> Programme:
    """Programme by the name of a shipped one, or from a TOML file.

    Raises
    ------
    ProgrammeError
        No such programme, or something in it cannot be used.
    """
    name = str(name_or_path)
    if name in shipped():
        text = (_FOLDER / f"{name}.toml").read_text("utf-8")
        return parse(text, f"{name}.toml", name=name, drills=drills.shipped())
    path = Path(name_or_path)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise ProgrammeError(
            f"{shown(path)}: no such file, and no shipped programme of that name; "
            f"shipped are {', '.join(shipped())}"
        ) from error
    except (OSError, ValueError) as error:
        raise ProgrammeError(f"{shown(path)}: cannot be read as a text file: {error}") from error
    return parse(text, shown(path), name=shown(path.stem), drills=drills.shipped())


@functools.cache
def asks() -> Mapping[str, tuple[str, ...]]:
    """Return the skills that each question of the bank asks for, by its text."""
    return {question.text: tuple(question.skills) for question in drills.bank().questions}
