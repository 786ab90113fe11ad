"""Event loop of the server: bursts of datagrams don't hold up other work for long."""

from __future__ import annotations

import asyncio
import math
import select
import selectors

MAX_EVENTS = 8
"""Most sockets served in one turn of the loop; a packet takes 0.1 ms."""


class FairSelector(selectors.EpollSelector):
    """Selector that returns a few ready sockets at a time, those that have waited longest first.

    With a hundred speakers asyncio's own selector returns dozens, and work of several turns of the
    loop, such as answering an offer, waits for dozens of packets in each. The kernel keeps the rest
    for the next turn, in order.
    """

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for ready sockets, ``timeout`` seconds at most; None is for ever."""
        # epoll counts in milliseconds; rounded up, so that no timer wakes too early
        wait_s = -1.0 if timeout is None else max(0.0, math.ceil(timeout * 1e3) * 1e-3)
        ready = []
        for fd, event in self._selector.poll(wait_s, MAX_EVENTS):  # type: ignore[attr-defined]
            key = self._fd_to_key.get(fd)  # type: ignore[attr-defined]
            if key is not None:
                events = (event & ~select.EPOLLIN and selectors.EVENT_WRITE) | (
                    event & ~select.EPOLLOUT and selectors.EVENT_READ
                )
                ready.append((key, events & key.events))
        return ready


def make() -> asyncio.AbstractEventLoop:
    """Return a new loop."""
    return asyncio.SelectorEventLoop(FairSelector())
