"""How long what arrives waits to be heard, found with packets that the server sends to itself.

How late the loop calls back says too little. A turn of it that takes 60 ms is one packet of each
speaker, who sends three meanwhile: they pile up in the kernel, and are heard later and later. So a
byte goes through a socket 50 times a second, and waits there and in the loop as a speaker's packet does.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable

PROBE_S = 0.02
"""Between two of them: a packet's length."""

MOST_WAITING = 256
"""So many packets are kept by the kernel, as a socket's buffer has room for; of more, the last are lost."""


class Probe:
    """Sends the bytes and hears them, one in a turn of the loop.

    Parameters
    ----------
    clock : monotonic, in seconds.
    waited : told of each how long it waited since it was due, in seconds.
    """

    def __init__(self, clock: Callable[[], float], waited: Callable[[float], None]) -> None:
        self._clock = clock
        self._waited = waited
        self._waiting: deque[float] = deque()
        self._due_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._ends: tuple[socket.socket, socket.socket] | None = None

    def open(self) -> None:
        """Begin, on the running loop."""
        self._ends = near, far = socket.socketpair()
        for end in self._ends:
            end.setblocking(False)
        asyncio.get_running_loop().add_reader(far, self._hear, far)
        self._due_s = self._clock() + PROBE_S
        self._set(near)

    def close(self) -> None:
        """End it."""
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
        """How long each of those that are not heard yet has waited, the oldest first."""
        now_s = self._clock()
        return [now_s - due_s for due_s in self._waiting]

    # --- inside ----------------------------------------------------------------

    def _set(self, near: socket.socket) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._due_s - self._clock(), self._send, near)

    def _send(self, near: socket.socket) -> None:
        """Send what has become due, also what should have been sent while the loop was blocked."""
        now_s = self._clock()
        while self._due_s <= now_s:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(self._due_s)
                near.send(b"x")
                self._due_s += PROBE_S
            else:
                self._due_s = now_s + PROBE_S
        self._set(near)

    def _hear(self, far: socket.socket) -> None:
        far.recv(1)
        self._waited(self._clock() - self._waiting.popleft())
