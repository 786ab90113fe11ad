"""A probe of the event loop: how long a packet waits to be read, measured with the server's own packets.

The lateness of the loop's timers tells too little. In a turn of 60 ms one packet of each speaker is read,
while three arrive: they pile up in the kernel and are read later and later. So the server sends a byte to
itself through a socket 50 times a second, which waits in the kernel and in the loop as a packet does.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable

PROBE_S = 0.02
"""Interval of the bytes: the length of a packet."""

MAX_WAITING = 256
"""Bytes that wait at most, as many as the packets that a socket's buffer holds; later ones are not sent."""


class LoopProbe:
    """Sends the bytes and reads them, one in each turn of the loop.

    Parameters
    ----------
    clock : monotonic, in seconds.
    waited : called with the wait of each byte since it was due, in seconds.
    """

    def __init__(self, clock: Callable[[], float], waited: Callable[[float], None]) -> None:
        self._clock = clock
        self._waited = waited
        self._waiting: deque[float] = deque()
        self._due_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._ends: tuple[socket.socket, socket.socket] | None = None

    def open(self) -> None:
        """Begin on the running loop."""
        self._ends = near, far = socket.socketpair()
        for end in self._ends:
            end.setblocking(False)
        asyncio.get_running_loop().add_reader(far, self._read_byte, far)
        self._due_s = self._clock() + PROBE_S
        self._set(near)

    def close(self) -> None:
        """End the probe."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._ends is not None:
            near, far = self._ends
            asyncio.get_running_loop().remove_reader(far)
            near.close()
            far.close()
            self._ends = None
        self._waiting.clear()

    def ages_s(self) -> list[float]:
        """Return the waits so far of the bytes that are not read yet, the oldest first."""
        now_s = self._clock()
        return [now_s - due_s for due_s in self._waiting]

    # --- inside ----------------------------------------------------------------

    def _set(self, near: socket.socket) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._due_s - self._clock(), self._send, near)

    def _send(self, near: socket.socket) -> None:
        """Send the bytes that are due, including those of the time in which the loop was blocked."""
        now_s = self._clock()
        while self._due_s <= now_s:
            if len(self._waiting) < MAX_WAITING:
                self._waiting.append(self._due_s)
                near.send(b"x")
                self._due_s += PROBE_S
            else:
                self._due_s = now_s + PROBE_S
        self._set(near)

    def _read_byte(self, far: socket.socket) -> None:
        far.recv(1)
        self._waited(self._clock() - self._waiting.popleft())
