"""How many messages a client may send."""

from __future__ import annotations

MESSAGES_PER_S = 20.0
"""Steady rate; a page sends one a second, and one for each switch that a person turns."""

BURST = 100.0
"""So many may come at once."""

MESSAGE_BYTES = 1024
"""A longer message counts as several."""

PATIENCE = 500.0
"""Who goes on after so many more is dropped."""


class Allowance:
    """A token bucket of one client; ``warned`` is whether it was told of its limit."""

    def __init__(self) -> None:
        self.warned = False
        self._left = BURST
        self._at_s = 0.0

    def take(self, size: int, now_s: float) -> float:
        """Take a message of so many bytes; gives what is left, negative once it is too much."""
        earned = (now_s - self._at_s) * MESSAGES_PER_S
        self._at_s = now_s
        self._left = min(BURST, self._left + earned) - 1 - size // MESSAGE_BYTES
        return self._left
