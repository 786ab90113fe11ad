"""Events before a session stamps them, for tests of what makes them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from engine.protocol import events as ev


def fields(event: ev.Event) -> dict[str, Any]:
    """Fields of an event without what the session stamps it with; the channel stays."""
    return {name: value for name, value in asdict(event).items() if name not in {"seq", "at_s"}}
