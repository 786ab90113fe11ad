"""One timer, for whatever is due next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Deadline:
    """Calls back when a time has come that keeps moving; at most one timer is set.

    Parameters
    ----------
    due : called at the time, or a little before when that was put off meanwhile.
    clock : seconds, in which the time is given.
    """

    def __init__(self, due: Callable[[], None], clock: Callable[[], float]) -> None:
        self._due = due
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None
        self._at_s = 0.0

    def set(self, at_s: float | None) -> None:
        """Call back at this time; None when nothing is due."""
        if self._timer is not None:
            # A timer that is too early costs a call; setting one for each packet costs more.
            if at_s is None or self._at_s <= at_s:
                return
            self._timer.cancel()
        elif at_s is None:
            return
        self._at_s = at_s
        self._timer = asyncio.get_running_loop().call_later(at_s - self._clock(), self._fire)

    def cancel(self) -> None:
        """Call back no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        self._due()
