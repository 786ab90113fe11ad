"""What all messages that are not events have in common."""

from __future__ import annotations

from msgspec import Struct

from . import events


class Message(Struct, frozen=True, kw_only=True, tag_field="type", tag=events.snake):
    """What is not an event."""
