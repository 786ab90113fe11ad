"""Log lines that strangers can cause: one a minute at most."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

INTERVAL_S = 60.0
"""Between two lines."""


class LogLimiter:
    """Logs what happens too often to tell it each time.

    Parameters
    ----------
    log, level : where lines go, and how grave they are.
    clock : monotonic seconds.
    """

    def __init__(
        self, log: logging.Logger, level: int = logging.WARNING, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._log = log
        self._level = level
        self._clock = clock
        self._told: dict[str, tuple[float, int]] = {}
        """By text: when it was told last, and how often it wasn't since."""

    def tell(self, text: str, *values: object) -> None:
        """Log a line, or only count it within :data:`INTERVAL_S` of the last one with this text.

        Parameters
        ----------
        text, values : as for :meth:`logging.Logger.log`; the text comes from the code, what arrived is in
            the values.
        """
        now_s = self._clock()
        told_s, untold = self._told.get(text, (-math.inf, 0))
        if now_s - told_s < INTERVAL_S:
            self._told[text] = told_s, untold + 1
            return
        self._told[text] = now_s, 0
        more = f" (and {untold} more since the last such line)" if untold else ""
        self._log.log(self._level, text + more, *values)
