"""Messages on their way to one reader."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Literal

from engine.protocol import messages
from engine.protocol.events import Trace
from engine.server.limits.message_allowance import MessageAllowance

SHED_ABOVE = 64
"""With so many messages waiting, traces (for drawing only) are left out."""

MOST = 512
"""With so many, the reader has fallen behind for good: half a minute of readings and facts."""

BATCH_CHARS = 16_384
"""Messages go into one batch up to this length: a browser takes 64 KiB at least (RFC 8841, section 6.1)."""

DROPPED: dict[messages.EndReason, str] = {
    "slow": "You read too slowly: messages piled up and were dropped. Connect again to go on from now.",
    "flooding": "You sent far too many messages and were cut off. One ping a second is enough.",
}
"""Why a reader is dropped."""


class Outbox:
    """A bounded queue of encoded messages, iterated in batches by the one task that sends them.

    A trace waits for the next message that is none: what SCTP and DTLS cost is paid for
    each batch, and a reading comes every quarter of a second. A reader that falls behind
    loses traces first; at :data:`MOST` it is dropped. It never slows the session or
    another reader.

    Attributes
    ----------
    allowance : what this reader may send itself.
    commands : whether it may command the session, and not only watch it.
    dropped : why the reader was dropped; whoever owns its connection ends it then.
    sent, shed : messages that were handed on, and those left out or dropped.
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

    def put(self, message: messages.ToClient) -> None:
        """Queue a message for this reader only."""
        self.put_text(messages.encode(message), isinstance(message, Trace))

    def put_text(self, text: str, is_trace: bool) -> None:
        """Queue a message that is encoded already; what comes after :meth:`close` is dropped."""
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
        """Send nothing more but why, in the words of :data:`DROPPED` if not in others."""
        if self._closed:
            return
        self.dropped = reason
        self.shed += len(self._waiting)
        self._waiting.clear()
        ended = messages.Ended(reason=reason, message=why or DROPPED[reason], can_resume=reason == "slow")
        self._waiting.append(messages.encode(ended))
        self.close()

    def close(self) -> None:
        """Nothing more comes; what waits is still sent."""
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
