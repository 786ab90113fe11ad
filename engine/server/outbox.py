"""Messages on their way to one reader."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from engine import wire
from engine.events import Trace

SHED_ABOVE = 64
"""With so many messages waiting, traces (for drawing only) are left out."""

MOST = 512
"""With so many, the reader has fallen behind for good: half a minute of readings and facts."""

BATCH_CHARS = 16_384
"""Messages go into one batch up to this length: a browser takes 64 KiB at least (RFC 8841, section 6.1)."""

BEHIND = "you read too slowly: messages piled up and were dropped; connect again to go on from now"


class Outbox:
    """A bounded queue of encoded messages, iterated in batches by the one task that sends them.

    A trace waits for the next message that is none: what SCTP and DTLS cost is paid for
    each batch, and a reading comes every quarter of a second. A reader that falls behind
    loses traces first; at :data:`MOST` it is told why, and the outbox closes. It never
    slows the session or another reader.
    """

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._due = asyncio.Event()
        self._closed = False
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: wire.ToClient) -> None:
        """Queue a message for this reader only."""
        self.put_text(wire.encode(message), isinstance(message, Trace))

    def put_text(self, text: str, is_trace: bool) -> None:
        """Queue a message that is encoded already; what comes after :meth:`close` is dropped."""
        if self._closed or (is_trace and len(self._waiting) >= SHED_ABOVE):
            return
        if len(self._waiting) >= MOST:
            self.overflowed = True
            self._waiting.clear()
            self._waiting.append(wire.encode(wire.Error(code="overloaded", message=BEHIND)))
            self._waiting.append(wire.encode(wire.Ended(reason="failed", message=BEHIND, can_resume=True)))
            self.close()
            return
        self._waiting.append(text)
        if not is_trace:
            self._due.set()

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
        return wire.batch(texts)
