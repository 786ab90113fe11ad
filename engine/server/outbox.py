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

BEHIND = "you read too slowly: messages piled up and were dropped; connect again to go on from now"


class Outbox:
    """A bounded queue of encoded messages, iterated by the one task that sends them.

    A reader that falls behind loses traces first; at :data:`MOST` it is told why, and
    the outbox closes. It never slows the session or another reader.
    """

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._something = asyncio.Event()
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
        self._something.set()

    def close(self) -> None:
        """Nothing more comes; what waits is still sent."""
        self._closed = True
        self._something.set()

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._closed:
                return
            self._something.clear()
            await self._something.wait()
