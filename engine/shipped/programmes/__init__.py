"""The programmes that come with the package, and how a programme is found: by name or as a file."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from engine.errors import ProgrammeError
from engine.programme.reading import parse
from engine.programme.script import Programme
from engine.programme.stories import BankQuestion
from engine.shipped import drills
from engine.shipped.files import find, names

_FOLDER = resources.files(__name__)

DEFAULT = "four-weeks"
"""The programme to begin with."""


def shipped() -> list[str]:
    """Names of the programmes that come with the package."""
    return names(_FOLDER)


def load(name_or_path: str | Path = DEFAULT) -> Programme:
    """Programme by the name of a shipped one, or from a TOML file.

    Raises
    ------
    ProgrammeError
        No such programme, or something in it cannot be used.
    """
    found = find(_FOLDER, name_or_path, "programme", ProgrammeError)
    return parse(found.text, found.origin, name=found.name, drills=drills.shipped())


@functools.cache
def asks() -> Mapping[str, tuple[str, ...]]:
    """Return the skills that each question of the bank asks for, by its text."""
    return {question.text: question.skills for question in questions()}


@functools.cache
def questions() -> tuple[BankQuestion, ...]:
    """Return the questions of the bank."""
    return tuple(
        BankQuestion(text=question.text, style=question.style, skills=tuple(question.skills))
        for question in drills.bank().questions
    )
