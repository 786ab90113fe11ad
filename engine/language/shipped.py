"""Lists that ship beside the code: sections of lines with classes of words, read at their first use."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

_CLASS = re.compile(r"([A-Z_]+) = (.*)")
_SECTION = re.compile(r"\[(.+)\]")
_USE = re.compile(r"\{([A-Z_]+)\}")


def read_list(name: str) -> str:
    """Return the text of a file of this package, such as ``terms.txt``."""
    return files(__package__).joinpath(name).read_text("utf-8")


@functools.cache
def read_sections(name: str) -> Mapping[str, Sequence[str]]:
    """Return the lines of a list by section."""
    return parse_sections(read_list(name))[1]


@functools.cache
def wording(name: str, *sections: str) -> re.Pattern[str]:
    """Return an expression for any line of a list's sections."""
    return re.compile("|".join(line for section in sections for line in read_sections(name)[section]))


@functools.cache
def wordings(name: str, section: str) -> Sequence[re.Pattern[str]]:
    """Return an expression for each line of a list's section, compiled at first use."""
    return [re.compile(line) for line in read_sections(name)[section]]


def parse_sections(text: str) -> tuple[Mapping[str, str], Mapping[str, Sequence[str]]]:
    """Return classes of words by name, and lines by section, each with its classes put in.

    ``NAME = expression`` before the first section defines a class, ``{NAME}`` uses one that stands above,
    ``[a, b]`` begins a section of two names, ``#`` at the start of a line a remark.

    Raises
    ------
    ValueError
        A class is used that is not defined above.
    """
    classes: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    lines: list[str] = []

    def filled(line: str) -> str:
        missing = [name for name in _USE.findall(line) if name not in classes]
        if missing:
            raise ValueError(f"{missing[0]} is used but not defined above: {line}")
        return _USE.sub(lambda use: classes[use[1]], line)

    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if section := _SECTION.fullmatch(line):
            lines = []
            sections |= {name.strip(): lines for name in section[1].split(",")}
        elif not sections and (defined := _CLASS.fullmatch(line)):
            classes[defined[1]] = filled(defined[2])
        else:
            lines.append(filled(line))
    return classes, sections
