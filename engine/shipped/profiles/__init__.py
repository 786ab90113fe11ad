"""The profiles that come with the package, and how a profile is found: by name or as a file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from engine.errors import ProfileError
from engine.profile import Profile, parse
from engine.shipped.files import find, names

_FOLDER = resources.files(__name__)


def shipped() -> list[str]:
    """Names of the profiles that come with the package."""
    return names(_FOLDER)


def load(name_or_path: str | Path) -> Profile:
    """Profile by the name of a shipped one, or from a TOML file.

    Raises
    ------
    ProfileError
        No such profile, or something in it cannot be used.
    """
    found = find(_FOLDER, name_or_path, "profile", ProfileError)
    parents = {} if str(name_or_path) in shipped() else {parent: load(parent) for parent in shipped()}
    return parse(found.text, found.origin, name=found.name, parents=parents)
