"""The profiles that come with the package, and how a profile is found: by name or as a file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from engine.errors import ProfileError
from engine.profile import Profile, parse
from engine.protocol.file_names import shown

_FOLDER = resources.files(__name__)


def shipped() -> list[str]:
    """Names of the profiles that come with the package."""
    return sorted(entry.name[:-5] for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))


def load(name_or_path: str | Path) -> Profile:
    """Profile by the name of a shipped one, or from a TOML file.

    Raises
    ------
    ProfileError
        No such profile, or something in it cannot be used.
    """
    name = str(name_or_path)
    if name in shipped():
        text = (_FOLDER / f"{name}.toml").read_text("utf-8")
        return parse(text, f"{name}.toml", name=name)
    path = Path(name_or_path)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise ProfileError(
            f"{shown(path)}: no such file, and no shipped profile of that name; "
            f"shipped are {', '.join(shipped())}"
        ) from error
    except (OSError, ValueError) as error:
        raise ProfileError(f"{shown(path)}: cannot be read as a text file: {error}") from error
    return parse(
        text, shown(path), name=shown(path.stem), parents={parent: load(parent) for parent in shipped()}
    )
