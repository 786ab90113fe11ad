"""Accept connections from a listening socket: a few per turn of the loop, and only those the gate admits."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable

from engine.server.limits.connection_gate import ConnectionGate, ConnectionSlot

BACKLOG = 1024
"""Connections that the kernel queues until they are accepted."""

MAX_ACCEPTED_PER_TURN = 8
"""Most connections accepted in a turn of the loop; asyncio accepts all, each at the cost of a packet."""

RETRY_S = 0.1
"""Pause of accepting where no descriptor or memory is left, and no connection gives way."""

log = logging.getLogger(__name__)


class TcpListener:
    """Listening socket on the running loop; uvicorn calls it a server.

    Parameters
    ----------
    bound : the socket.
    gate : admits connections.
    make : makes the protocol of an admitted connection.
    tls : context for https; None for http.
    handshake_s : longest TLS handshake.
    """

    def __init__(
        self,
        bound: socket.socket,
        gate: ConnectionGate,
        make: Callable[[ConnectionSlot], asyncio.Protocol],
        tls: ssl.SSLContext | None,
        handshake_s: float,
    ) -> None:
        self._socket = bound
        self._gate = gate
        self._make = make
        self._tls = tls
        self._handshake_s = handshake_s
        self._loop = asyncio.get_running_loop()
        self._retry: asyncio.TimerHandle | None = None
        self._opening: set[asyncio.Task[None]] = set()
        bound.setblocking(False)
        bound.listen(BACKLOG)
        self._loop.add_reader(bound, self._accept)

    def close(self) -> None:
        """Stop accepting."""
        if self._retry is not None:
            self._retry.cancel()
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()
        for task in self._opening:
            task.cancel()

    async def wait_closed(self) -> None:
        """Wait for connections being opened."""
        if self._opening:
            await asyncio.wait(self._opening)

    def _accept(self) -> None:
        for _ in range(MAX_ACCEPTED_PER_TURN):
            try:
                taken, address = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                log.error("cannot accept connections (%s); raise `ulimit -n`", error.strerror)
                self._pause(0.0 if self._gate.make_room(MAX_ACCEPTED_PER_TURN) else RETRY_S)
                return
            slot = self._gate.enter(address[0])
            if slot is None:
                taken.close()
                continue
            task = self._loop.create_task(self._open(taken, slot), name="open a connection")
            slot.drop = task.cancel
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def _pause(self, for_s: float) -> None:
        """Stop accepting for a while: the kernel would report waiting connections in every turn."""
        self._loop.remove_reader(self._socket)
        self._retry = self._loop.call_later(for_s, self._loop.add_reader, self._socket, self._accept)

    async def _open(self, taken: socket.socket, slot: ConnectionSlot) -> None:
        taken.setblocking(False)
        try:
            await self._loop.connect_accepted_socket(
                lambda: self._make(slot),
                taken,
                ssl=self._tls,
                ssl_handshake_timeout=self._handshake_s if self._tls else None,
            )
        except (OSError, asyncio.CancelledError):  # TLS failed, or it was displaced
            slot.release()
