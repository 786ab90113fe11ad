"""What the protocols of all connections have in common: a slot in the gate, and time limits for the peer."""

from __future__ import annotations

import asyncio
from typing import Any

from engine.server.limits.connection_gate import ConnectionSlot

from .peer_timeouts import PeerTimeouts


class GuardedProtocol(asyncio.Protocol):
    """Base that stands before one of uvicorn's protocols; :meth:`guard` comes before the connection.

    The gate's slot is released when the connection is lost, and a peer that reads nothing of what is
    written to it is dropped in time.
    """

    _slot: ConnectionSlot
    _request_s: float
    _timeouts: PeerTimeouts

    def guard(self, slot: ConnectionSlot, request_s: float) -> None:
        """Set the connection's slot, and how long a request may take to arrive."""
        self._slot = slot
        self._request_s = request_s

    def connection_made(self, transport: Any) -> None:
        """Begin to watch the peer's time."""
        super().connection_made(transport)
        self._timeouts = PeerTimeouts(transport, self._slot)

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the slot."""
        super().connection_lost(exc)
        self._timeouts.stop()
        self._slot.release()

    def pause_writing(self) -> None:
        """Note that the peer leaves unread what was written."""
        super().pause_writing()
        self._timeouts.set_unread(True)

    def resume_writing(self) -> None:
        """Note that the peer reads again."""
        super().resume_writing()
        self._timeouts.set_unread(False)
