"""The pitch of a statement, for drawing, and how far its end falls."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .facts import Contour
from .message import Message

WhyNoFall = Literal["", "too_little", "creak", "soft_end", "lost"]
"""Why a fall isn't told: too little voice; an end that is creaky, or too soft; lost audio."""


class PitchCurve(Struct, frozen=True, kw_only=True):
    """Pitch of a statement in semitones against its own median, so that all voices compare."""

    start_s: float
    end_s: float
    """Stream time of its first and last speech; pauses under a second belong to it."""

    median_hz: float | None
    """Its median F0; null where too little was voiced."""

    pitch_st: list[float | None]
    """Every 10 ms from ``start_s`` on; null where unvoiced or lost, empty without a median."""

    fall_st: float | None
    """How far its end lies below its median, in semitones; negative where it lies above, or rises; null
    where that can't be told."""

    end_from_s: float | None = None
    """Stream time from which the voiced end was measured; null where there is none."""

    contour: Contour = "unsure"
    """How the pitch moved over the last 0.4 s."""

    why: WhyNoFall = ""
    """Why there is no ``fall_st``; empty where there is one."""


class StatementPitch(Message, frozen=True, kw_only=True):
    """To the speaker, in a step of an exercise that draws pitch: the pitch of a statement.

    Of their own 0.25 s after each phrase of it, each time from its beginning; of the packaged voice's when it
    is about to be heard, with times from its own beginning.
    """

    voice: Literal["own", "packaged"]
    curve: PitchCurve
