"""What is left out when the server has too much to do: first what is missed least."""

from __future__ import annotations

from enum import IntEnum

from engine.protocol.events import AnyEvent, Fact, Reading, Trace

KEPT_READINGS = 4
"""When readings are thinned, one of so many is told: one a second."""


class Shed(IntEnum):
    """How much is left out; each level leaves out what those below it do. Nudges and answers never are."""

    NOTHING = 0
    TRACES = 1
    READINGS = 2
    FACTS = 3


TOLD = {
    Shed.TRACES: "your voice isn't drawn",
    Shed.READINGS: "your voice isn't drawn, and the measures move once a second",
    Shed.FACTS: "your voice isn't drawn, the measures move once a second, and who watches gets no facts",
}
"""What a level means, for people."""


def left_out(level: Shed, event: AnyEvent, *, speaker: bool) -> bool:
    """Whether a reader, the speaker or one who watches, isn't told of an event."""
    if isinstance(event, Trace):
        return level >= Shed.TRACES
    if isinstance(event, Reading):
        return level >= Shed.READINGS and round(4 * event.at_s) % KEPT_READINGS != 0
    return level >= Shed.FACTS and not speaker and isinstance(event, Fact)
