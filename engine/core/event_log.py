"""The event log: stamps events, rounds their numbers, and holds them until they are asked for."""

from __future__ import annotations

import functools
from typing import TypeVar, cast

from msgspec import Struct
from msgspec.structs import asdict, fields, force_setattr

from engine.protocol import events as ev

DECIMALS = 4
"""Of numbers in events: finer than anything measured, and the same text on every machine."""

Record = TypeVar("Record", bound=Struct)


class EventLog:
    """The one order of a session's events."""

    def __init__(self) -> None:
        self._seq = 0
        self._waiting: list[ev.AnyEvent] = []
        self.nudges: list[ev.Nudge] = []
        """All nudges so far."""

    def append(self, event: ev.Event, at_s: float, channel: int) -> None:
        """Stamp a new event, round its numbers, and put it at the end of the order.

        Parameters
        ----------
        event : made for this; it is changed in place, and never again.
        at_s : stream time at which it is known.
        """
        for name in number_fields(type(event)):
            value = getattr(event, name)
            if type(value) is float:
                force_setattr(event, name, round(value, DECIMALS))
        if isinstance(event, ev.Words | ev.WordsCorrected):
            force_setattr(event, "words", [rounded(word) for word in event.words])
        force_setattr(event, "seq", self._seq)
        force_setattr(event, "at_s", round(at_s, 2))
        force_setattr(event, "channel", channel)
        self._seq += 1
        self._waiting.append(cast(ev.AnyEvent, event))
        if isinstance(event, ev.Nudge):
            self.nudges.append(event)

    def poll(self) -> list[ev.AnyEvent]:
        """Events since the last call, in order."""
        polled, self._waiting = self._waiting, []
        return polled


@functools.cache
def number_fields(kind: type[ev.Event]) -> tuple[str, ...]:
    """Names of the fields of a kind of event that may hold a float, its stamps left out."""
    stamps = ev.Event.__struct_fields__
    return tuple(
        field.name for field in fields(kind) if field.name not in stamps and "float" in str(field.type)
    )


def rounded(record: Record) -> Record:
    """Copy of a record with its numbers rounded as those of events are."""
    values = asdict(record)
    for name, value in values.items():
        if type(value) is float:
            values[name] = round(value, DECIMALS)
    return type(record)(**values)
