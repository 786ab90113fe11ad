"""What a server and the process that makes a take of a recording tell each other."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from engine.profile import Profile
from engine.protocol.kept import Kept
from engine.protocol.recording_upload import RecordingHeard, RecordingOfTwo, RecordingRefused
from engine.protocol.take import Take

Speaker = Literal[0, 1, "all"]
"""One of two speakers, or the one who speaks on all channels."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What a take of a recording is to be."""

    name: str
    """Of the recording, for a person."""

    ended: datetime
    kept: Kept
    profile: Profile
    speaker: Speaker | None
    """Which of two, or that all of it is one; null where that was not said."""

    question: str
    purpose: str
    words: bool
    """Whether words are recognised."""


class TakeJob(Wanted, frozen=True, kw_only=True):
    """The same for the process that makes it."""

    id: str
    file: int
    """Descriptor of the recording."""

    sound: int
    """Descriptor of an empty file for the speaker's own sound."""


class TakeMade(Struct, frozen=True, kw_only=True, tag_field="type", tag="made"):
    """The take; its sound is in the file for it."""

    take: Take
    captured: dict[str, float]
    """What was measured beside it for an exercise, by name with its unit."""


TakeAnswer = RecordingHeard | RecordingOfTwo | RecordingRefused | TakeMade
