"""Load shedding: which messages are left out when the server is too busy, the least missed first."""

from __future__ import annotations

from enum import IntEnum

from engine.protocol.events import AnyEvent, Fact, Reading, Trace

KEPT_READINGS = 4
"""When readings are shed, every 4th is still sent: one a second."""


class Shed(IntEnum):
    """What is left out; each level includes those below it. Nudges and answers are never left out."""

    NOTHING = 0
    TRACES = 1
    READINGS = 2
    FACTS = 3


SHED_TEXTS = {
    Shed.TRACES: "your voice isn't drawn",
    Shed.READINGS: "your voice isn't drawn, and the measures move once a second",
    Shed.FACTS: "your voice isn't drawn, the measures move once a second, and watchers get no facts",
}
"""What the speaker notices of each level."""


def is_shed(level: Shed, event: AnyEvent, *, speaker: bool) -> bool:
    """Return whether an event is left out at a level, for the speaker or for a watcher."""
    if isinstance(event, Trace):
        return level >= Shed.TRACES
    if isinstance(event, Reading):
        return level >= Shed.READINGS and round(4 * event.at_s) % KEPT_READINGS != 0
    return level >= Shed.FACTS and not speaker and isinstance(event, Fact)
