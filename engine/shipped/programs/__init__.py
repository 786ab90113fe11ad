"""The broken programs that come with the package, for drills that show one."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources

import msgspec

from engine.drills.programs import Program
from engine.shipped.files import names

_FOLDER = resources.files(__name__)


@functools.cache
def programs() -> tuple[Program, ...]:
    """Return all programs, by name."""
    return tuple(
        msgspec.convert(
            {"name": name, **tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))}, Program
        )
        for name in names(_FOLDER)
    )
