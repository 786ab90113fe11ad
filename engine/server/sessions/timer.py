"""A timer for a deadline that moves with every packet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Deadline:
    """Calls back at a time that keeps moving; at most one timer of the loop is set.

    Parameters
    ----------
    due : called at the time, or earlier when the time was moved to later meanwhile.
    clock : in seconds; the one of the times.
    """

    def __init__(self, due: Callable[[], None], clock: Callable[[], float]) -> None:
        self._due = due
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None
        self._at_s = 0.0

    def set(self, at_s: float | None) -> None:
        """Call back at a time, or never if None."""
        if self._timer is not None:
            # A call that comes too early costs less than a new timer for each packet.
            if at_s is None or self._at_s <= at_s:
                return
            self._timer.cancel()
        elif at_s is None:
            return
        self._at_s = at_s
        self._timer = asyncio.get_running_loop().call_later(at_s - self._clock(), self._fire)

    def cancel(self) -> None:
        """Don't call back any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        self._due()
