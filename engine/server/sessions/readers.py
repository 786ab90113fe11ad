"""Everyone who is sent the messages of one session: its speaker, and those who watch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from engine.protocol import messages
from engine.protocol.events import AnyEvent, DrillEnded, Trace
from engine.protocol.words import WordEvent

from .counters import OUTBOX_TOTALS, CounterDeltas, Counts
from .outbox import Outbox
from .shedding import SHED_TEXTS, Shed, is_shed

MAX_WATCHERS = 16
"""WebSockets that may watch one session: each is sent all of its messages."""


class Readers:
    """The outboxes of a session, each message encoded once for all of them.

    Parameters
    ----------
    counts : the totals of the server.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._readers: dict[Outbox, CounterDeltas] = {}
        self._level = Shed.NOTHING

    def __iter__(self) -> Iterator[Outbox]:
        return iter(list(self._readers))

    def __len__(self) -> int:
        return len(self._readers)

    @property
    def waiting(self) -> int:
        """Messages that wait to be sent, to all readers."""
        return sum(len(outbox) for outbox in self._readers)

    def add(self, outbox: Outbox) -> None:
        """Send all messages to this reader from now on."""
        self._readers[outbox] = CounterDeltas(outbox, OUTBOX_TOTALS, self._counts)

    def remove(self, outbox: Outbox) -> None:
        """Send no more messages to this reader."""
        deltas = self._readers.pop(outbox, None)
        if deltas is not None:
            deltas.add_to_totals()
            if outbox.dropped is not None:
                self._counts.readers_dropped[outbox.dropped] += 1

    def close(self) -> None:
        """Remove and close all; what waits is still sent."""
        for outbox in list(self._readers):
            outbox.close()
            self.remove(outbox)

    def recipients(self, event: AnyEvent, speaker: Outbox | None) -> list[Outbox]:
        """Return the readers who are told of an event at the present level of shedding."""
        if isinstance(event, WordEvent):
            return self.commanders()
        readers = list(self._readers)
        if self._level:
            readers = [one for one in readers if not is_shed(self._level, event, speaker=one is speaker)]
            self._counts.messages_shed += len(self._readers) - len(readers)
        return readers

    def commanders(self) -> list[Outbox]:
        """Return the readers who may command: the speaker, and who has sent the key. Words are for them."""
        return [reader for reader in self._readers if reader.commands]

    def send(self, message: messages.ToClient, readers: Iterable[Outbox] | None = None) -> None:
        """Send a message to some readers, or to all; a speaker's words on a card to who may command."""
        text, is_trace = messages.encode(message), isinstance(message, Trace)
        shared = text
        if isinstance(message, DrillEnded):
            shared = messages.encode(replace(message, card=message.card.unquoted))
        for reader in self._readers if readers is None else readers:
            reader.put_text(text if reader.commands else shared, is_trace)

    def shed(self, level: Shed) -> None:
        """Leave out what a level says from now on; all are told when that is more than before."""
        if level > self._level:
            text = f"the server is too busy: {SHED_TEXTS[level]}; nudges still come"
            self.send(messages.Error(code="overloaded", message=text))
        self._level = level

    def add_to_totals(self) -> None:
        """Bring the totals of the server up to now."""
        for deltas in self._readers.values():
            deltas.add_to_totals()
