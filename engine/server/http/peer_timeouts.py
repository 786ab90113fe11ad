"""Time limits of a connection for its peer, in any protocol."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from engine.server.limits.connection_gate import ConnectionSlot

CHECK_EVERY_S = 1.0
"""Interval of checks; a time limit may be exceeded by as much."""

UNREAD_S = 30.0
"""A peer that reads nothing of what was sent for this long is gone."""


class PeerTimeouts:
    """Timer of one connection, from its beginning until :meth:`stop`.

    A closed connection is aborted soon, even if the peer doesn't read its last bytes.
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
        """Expect something of the peer within ``for_s``; ``late`` is called once when it takes longer."""
        self._slot.mark_waiting()
        self._due_s, self._late = self._loop.time() + for_s, late

    def suspend(self) -> None:
        """Suspend the time limit while the server works."""
        self._slot.mark_busy()
        self._due_s = math.inf

    def set_unread(self, is_unread: bool) -> None:
        """Note whether the peer leaves unread what was written."""
        self._unread_s = self._loop.time() + UNREAD_S if is_unread else math.inf

    def stop(self) -> None:
        """Stop the timer."""
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
