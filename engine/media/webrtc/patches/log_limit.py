"""Limit log lines that strangers can cause to one a minute."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

INTERVAL_S = 60.0
"""Shortest time between two lines of the same text."""


class LogLimiter:
    """Logger of events that may be too frequent to log each.

    Parameters
    ----------
    log, level : logger and level of the lines.
    clock : monotonic seconds.
    """

    def __init__(
        self, log: logging.Logger, level: int = logging.WARNING, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._log = log
        self._level = level
        self._clock = clock
        self._logged: dict[str, tuple[float, int]] = {}
        """By text: when it was logged last, and how often it was left out since."""

    def log(self, text: str, *values: object) -> None:
        """Log a line, or only count it within :data:`INTERVAL_S` of the last one with this text.

        Parameters
        ----------
        text, values : as for :meth:`logging.Logger.log`; the text is constant, received data is in the
            values.
        """
        now_s = self._clock()
        logged_s, left_out = self._logged.get(text, (-math.inf, 0))
        if now_s - logged_s < INTERVAL_S:
            self._logged[text] = logged_s, left_out + 1
            return
        self._logged[text] = now_s, 0
        more = f" (and {left_out} more since the last such line)" if left_out else ""
        self._log.log(self._level, text + more, *values)
