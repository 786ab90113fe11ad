"""How many messages a client may send."""

from __future__ import annotations

MESSAGES_PER_S = 20.0
"""Steady rate; a page sends one a second, and one for each switch that a person turns."""

BURST = 100.0
"""So many may come at once."""

MESSAGE_BYTES = 1024
"""A longer message counts as several."""

TOLERATED_EXCESS = 500.0
"""Who goes on after so many more is dropped."""


class MessageAllowance:
    """A token bucket of one client; ``warned`` is whether it was told of its limit."""

    def __init__(self, per_s: float = MESSAGES_PER_S, burst: float = BURST) -> None:
        self.warned = False
        self._per_s = per_s
        self._burst = burst
        self._left = burst
        self._at_s = 0.0

    def spend(self, size: int, now_s: float) -> float:
        """Take a message of so many bytes; gives what is left, negative once it is too much."""
        earned = (now_s - self._at_s) * self._per_s
        self._at_s = now_s
        self._left = min(self._burst, self._left + earned) - 1 - size // MESSAGE_BYTES
        return self._left
