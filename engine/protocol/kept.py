"""What may be kept: three switches, and nobody but the person they speak of sets them."""

from __future__ import annotations

from msgspec import Struct


class Kept(Struct, frozen=True, kw_only=True):
    """What may be kept of a take; all off until its person has said otherwise."""

    figures: bool = False
    """Measures, findings, nudges, the card of a drill."""

    words: bool = False
    """What was said, and its review with quotes."""

    sound: bool = False
    """The recording of their own channel."""

    @property
    def anything(self) -> bool:
        """Whether anything may be kept at all."""
        return self.figures or self.words or self.sound
