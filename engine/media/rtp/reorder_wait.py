"""How long a packet that is ahead of others waits for them, adapted to the reordering seen."""

from __future__ import annotations

MIN_WAIT_S = 0.02
"""Wait while no packet has come late: one packet of 20 ms."""

MAX_WAIT_S = 0.06
"""Longest wait, however late packets come: what waits is heard that much later."""

WAIT_MARGIN = 1.25
"""The wait is this many times the lateness seen."""

SHRINK = 0.002
"""Seconds by which the wait shrinks in a second in which nothing was late."""


class ReorderWait:
    """The wait, between :data:`MIN_WAIT_S` and :data:`MAX_WAIT_S`. No clock."""

    def __init__(self) -> None:
        self._wait_s, self._set_at_s = MIN_WAIT_S, 0.0

    def at(self, now_s: float) -> float:
        """Return how long to wait for what is missing, in seconds."""
        return max(MIN_WAIT_S, self._wait_s - SHRINK * max(0.0, now_s - self._set_at_s))

    def observe(self, late_s: float, now_s: float) -> None:
        """Take into account a packet that came ``late_s`` after one that was sent later."""
        wanted_s = min(MAX_WAIT_S, WAIT_MARGIN * late_s)
        if wanted_s > self.at(now_s):
            self._wait_s, self._set_at_s = wanted_s, now_s
