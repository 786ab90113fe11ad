"""The queue of messages to one reader."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Literal

from engine.protocol import messages
from engine.protocol.events import Trace
from engine.server.limits.message_allowance import MessageAllowance

SHED_ABOVE = 64
"""Messages waiting from which on traces, which are for drawing only, are left out."""

MOST = 512
"""Messages waiting at which the reader is dropped: half a minute of readings and facts."""

BATCH_CHARS = 16_384
"""Longest batch of messages: a browser takes 64 KiB at least (RFC 8841, section 6.1)."""

DROPPED: dict[messages.EndReason, str] = {
    "slow": "You read too slowly: messages piled up and were dropped. Connect again to continue from now.",
    "flooding": "You sent far too many messages and were cut off. One ping a second is enough.",
}
"""Text for each reason to drop a reader."""


class Outbox:
    """A bounded queue of encoded messages, iterated in batches by the one task that sends them.

    A trace waits for the next message of another type, as each batch costs an SCTP packet and a
    reading comes every quarter of a second. A reader that falls behind loses traces first; at
    :data:`MOST` it is dropped. It never slows the session or another reader.

    Attributes
    ----------
    allowance : messages that this reader may still send itself.
    commands : whether it may command the session, and not only watch it.
    dropped : why the reader was dropped, after which its connection has to be closed; None otherwise.
    sent, shed : messages that were sent, and that were left out or dropped.
    """

    def __init__(self, *, commands: bool) -> None:
        self.commands = commands
        self._waiting: deque[str] = deque()
        self._due = asyncio.Event()
        self._closed = False
        self.allowance = MessageAllowance()
        self.dropped: Literal["slow", "flooding"] | None = None
        self.sent = 0
        self.shed = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def chars(self) -> int:
        """Length of all messages that wait."""
        return sum(map(len, self._waiting))

    def put_message(self, message: messages.ToClient) -> None:
        """Queue a message for this reader only."""
        self.put_text(messages.encode(message), isinstance(message, Trace))

    def put_first(self, *first: messages.ToClient) -> None:
        """Queue messages for this reader only, before all that waits: what precedes a greeting is lost."""
        if self._closed:
            self.shed += len(first)
            return
        self._waiting.extendleft(messages.encode(message) for message in reversed(first))
        self._due.set()

    def put_text(self, text: str, is_trace: bool) -> None:
        """Queue an encoded message; after :meth:`close` it is dropped."""
        if self._closed or (is_trace and len(self._waiting) >= SHED_ABOVE):
            self.shed += 1
            return
        if len(self._waiting) >= MOST:
            self.shed += 1
            self.drop("slow")
            return
        self._waiting.append(text)
        if not is_trace:
            self._due.set()

    def drop(self, reason: Literal["slow", "flooding"], why: str | None = None) -> None:
        """Send nothing more but the reason, with the text of :data:`DROPPED` unless another is given."""
        if self._closed:
            return
        self.dropped = reason
        self.shed += len(self._waiting)
        self._waiting.clear()
        ended = messages.Ended(reason=reason, message=why or DROPPED[reason], can_resume=reason == "slow")
        self._waiting.append(messages.encode(ended))
        self.close()

    def close(self) -> None:
        """Queue nothing more; what waits is still sent."""
        self._closed = True
        self._due.set()

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            await self._due.wait()
            self._due.clear()
            while self._waiting:
                yield self._batch()
            if self._closed:
                return

    def _batch(self) -> str:
        texts = [self._waiting.popleft()]
        length = len(texts[0])
        while self._waiting and (length := length + len(self._waiting[0])) <= BATCH_CHARS:
            texts.append(self._waiting.popleft())
        self.sent += len(texts)
        return messages.batch(texts)
