"""Find what ships with the package, or a file of the user's own, by one name."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from engine.errors import UsageError
from engine.protocol.file_names import shown


class TomlText(NamedTuple):
    """A TOML text that was found."""

    text: str
    origin: str
    """Its file, for messages."""

    name: str


def names(folder: Traversable) -> list[str]:
    """Names of the TOML files of a folder."""
    return sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml"))


def find(folder: Traversable, name_or_path: str | Path, kind: str, error: type[UsageError]) -> TomlText:
    """Read a TOML text by the name of a shipped one, or from a file.

    Parameters
    ----------
    folder : holds those that ship.
    kind : what they are, for messages.
    error : raised when there is none, or it is no text file.
    """
    name = str(name_or_path)
    shipped = names(folder)
    if name in shipped:
        return TomlText((folder / f"{name}.toml").read_text("utf-8"), f"{name}.toml", name)
    path = Path(name_or_path)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as missing:
        raise error(
            f"{shown(path)}: no such file, and no shipped {kind} of that name; "
            f"shipped are {', '.join(shipped)}"
        ) from missing
    except (OSError, ValueError) as unread:
        raise error(f"{shown(path)}: cannot be read as a text file: {unread}") from unread
    return TomlText(text, shown(path), shown(path.stem))
