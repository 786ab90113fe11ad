"""How long one connection waits for its peer, whatever its protocol."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from engine.server.limits.connection_gate import ConnectionSlot

CHECK_EVERY_S = 1.0
"""How often a connection is looked at: a time limit may be passed by so much."""

UNREAD_S = 30.0
"""A peer that reads nothing of what waits for it for so long is gone."""


class PeerTimeouts:
    """Watches one connection; begins when that is made, ends with :meth:`over`.

    It sees to it that whatever is closed is gone soon, also where the peer doesn't read its last bytes.
    """

    def __init__(self, transport: asyncio.Transport, slot: ConnectionSlot) -> None:
        self._transport = transport
        self._slot = slot
        self._loop = asyncio.get_running_loop()
        self._late: Callable[[], None] = transport.abort
        self._due_s = self._unread_s = math.inf
        self._closing = False
        self._timer = self._loop.call_later(CHECK_EVERY_S, self._check)
        slot.drop = transport.abort

    def expect(self, for_s: float, late: Callable[[], None]) -> None:
        """Wait for the peer; ``late`` is called once when it takes longer."""
        self._slot.mark_waiting()
        self._due_s, self._late = self._loop.time() + for_s, late

    def suspend(self) -> None:
        """Wait for nothing: it is for the server to do something."""
        self._slot.mark_busy()
        self._due_s = math.inf

    def set_unread(self, is_unread: bool) -> None:
        """Know whether the peer leaves unread what was written."""
        self._unread_s = self._loop.time() + UNREAD_S if is_unread else math.inf

    def stop(self) -> None:
        """Watch no more."""
        self._timer.cancel()

    def _check(self) -> None:
        now_s = self._loop.time()
        self._timer = self._loop.call_later(CHECK_EVERY_S, self._check)
        if self._transport.is_closing():
            if self._closing:
                self._transport.abort()
            self._closing = True
        elif now_s >= self._unread_s:
            self._transport.abort()
        elif now_s >= self._due_s:
            self._due_s = math.inf
            self._late()
