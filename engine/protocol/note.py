"""A note after a call or an interview: two minutes, while it is fresh. A document of a record."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

NOTE_VERSION = 1
"""Raised when a document changes in a way that an older reader would misread."""

Occasion = Literal["interview", "screen", "call", "talk", "mock"]
"""An interview, an automated screen, a call or meeting, a talk, a mock interview."""

Went = Literal["well", "mixed", "badly"]

_Line = Annotated[str, Meta(max_length=500)]
_Text = Annotated[str, Meta(max_length=4000)]
_Id = Annotated[str, Meta(max_length=64)]


class Note(Struct, frozen=True, kw_only=True):
    """What a person noted after the real thing, in their own words."""

    version: int = NOTE_VERSION
    at: Annotated[datetime, Meta(tz=True)]
    """When the call or interview was: wall time with its zone."""

    occasion: Occasion
    title: Annotated[str, Meta(max_length=200)] = ""
    """With whom, or what for."""

    interview: Annotated[str, Meta(max_length=60)] = ""
    """Name of the programme's kind of interview; empty for none of them."""

    went: Went
    """In their own eyes."""

    well: _Text = ""
    """What went well."""

    badly: _Text = ""
    """What didn't."""

    questions: Annotated[list[_Line], Meta(max_length=30)] = []
    """That came."""

    stories: Annotated[list[_Id], Meta(max_length=20)] = []
    """Ids of the signature stories that were told."""

    next_time: _Line = ""
    """One thing for next time."""

    take: _Id = ""
    """Id of the take of it, if Sottovoce listened; else empty."""
