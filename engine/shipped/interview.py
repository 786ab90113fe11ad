"""The lines of the interviewer that ship with the package."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources

import msgspec

from engine.interview.plan import Lines


@functools.cache
def lines() -> Lines:
    """What the interviewer says beside its questions."""
    text = (resources.files("engine.shipped") / "interview.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Lines)
