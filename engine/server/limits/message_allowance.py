"""Limit the messages of a client."""

from __future__ import annotations

MESSAGES_PER_S = 20.0
"""Steady rate; a page sends one a second, and one for each setting that is changed."""

BURST = 100.0
"""Most messages at once."""

MESSAGE_BYTES = 1024
"""Bytes of a message beyond which it counts as several."""

TOLERATED_EXCESS = 500.0
"""Messages beyond the limit after which the client is dropped."""


class MessageAllowance:
    """Token bucket of one client; ``warned`` is whether the client was told of its limit."""

    def __init__(self, per_s: float = MESSAGES_PER_S, burst: float = BURST) -> None:
        self.warned = False
        self._per_s = per_s
        self._burst = burst
        self._left = burst
        self._at_s = 0.0

    def spend(self, size: int, now_s: float) -> float:
        """Count a message of ``size`` bytes; return what is left, negative beyond the limit."""
        earned = (now_s - self._at_s) * self._per_s
        self._at_s = now_s
        self._left = min(self._burst, self._left + earned) - 1 - size // MESSAGE_BYTES
        return self._left
