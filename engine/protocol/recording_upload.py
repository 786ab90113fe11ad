"""What a server answers while a recording that was sent to it becomes a take: lines of JSON."""

from __future__ import annotations

from msgspec import Struct

from .kept import Kept


class RecordingHeard(Struct, frozen=True, kw_only=True, tag_field="type", tag="heard"):
    """How far it was heard."""

    heard_s: float
    length_s: float | None
    """Of the whole, by the file's own account; null when it doesn't say."""


class RecordingKept(Struct, frozen=True, kw_only=True, tag_field="type", tag="kept"):
    """It is a take now. The last line."""

    take: str
    kept: Kept


class SpeakerHeard(Struct, frozen=True, kw_only=True):
    """What tells one of two speakers from the other."""

    speech_s: float
    starts_s: float | None
    """When they spoke first; null where they never did."""


class RecordingOfTwo(Struct, frozen=True, kw_only=True, tag_field="type", tag="two_speakers"):
    """It has two speakers, so nothing is kept until it is said which one the person is. The last line."""

    speakers: list[SpeakerHeard]


class RecordingRefused(Struct, frozen=True, kw_only=True, tag_field="type", tag="refused"):
    """Nothing is kept. The last line."""

    why: str
    """A sentence: what would have worked."""


RecordingAnswer = RecordingHeard | RecordingKept | RecordingOfTwo | RecordingRefused

RecordingEnd = RecordingKept | RecordingOfTwo | RecordingRefused
