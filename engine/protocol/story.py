"""A signature story: what a person tells more than once, to show a skill. A document of a record."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from .terms import Framework

STORY_VERSION = 1
"""Raised when a document changes in a way that an older reader would misread."""

MOST_STORIES = 20
"""Of a person. Two or three are what people keep ready."""

MOST_ANSWERS = 40
"""Questions that one story answers."""


class WantedStory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What its teller says of a signature story. Which takes tell it is said by the takes."""

    title: Annotated[str, Meta(min_length=1, max_length=200)]
    skill: Annotated[str, Meta(min_length=1, max_length=60)]
    """Name of the programme's skill that it shows."""

    framework: Framework
    """How it is built."""

    answers: Annotated[list[Annotated[str, Meta(max_length=500)]], Meta(max_length=MOST_ANSWERS)] = []
    """Texts of the questions of the bank that it answers."""

    outline: Annotated[str, Meta(max_length=4000)] = ""
    """What to remember of it: a few words."""

    best: Annotated[str, Meta(max_length=64)] = ""
    """Id of the take that its teller calls the best; empty: the one in which least is missing."""


class Story(WantedStory, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A signature story as the record has it."""

    version: int = STORY_VERSION
    made_at: datetime
    """Wall time with its zone."""


def made(wanted: WantedStory, at: datetime) -> Story:
    """Return a story as it is kept, made at a time."""
    return Story(**msgspec.structs.asdict(wanted), made_at=at)
