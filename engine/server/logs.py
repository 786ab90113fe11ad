"""Logging: lines on the error stream, each kind at a limited rate, whatever strangers do."""

from __future__ import annotations

import logging
import sys
import time
from collections import OrderedDict
from collections.abc import Callable

INTERVAL_S = 10.0
"""Least time between lines of a kind; the next line says how many were left out."""

MAX_KINDS = 256
"""Most kinds remembered, the latest."""

ACCESS = "sottovoce.access"
"""Logger of the access log."""


class RateLimitedLines(logging.Filter):
    """Filter that passes one line of a kind per interval; a kind is a logger and a text without values."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line is written."""
        if record.name == ACCESS:
            return True
        now_s = self._clock()
        kind = record.name, str(record.msg).partition("\n")[0]
        at_s, left_out = self._kinds.pop(kind, (-INTERVAL_S, 0))
        passes = now_s - at_s >= INTERVAL_S
        self._kinds[kind] = (now_s, 0) if passes else (at_s, left_out + 1)
        if len(self._kinds) > MAX_KINDS:
            self._kinds.popitem(last=False)
        if passes and left_out:
            record.msg, record.args = f"{record.getMessage()} (and {left_out} more of these)", ()
        return passes


def set_up(*, access: bool) -> None:
    """Set up logging for the whole process, which must be the server's own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(RateLimitedLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(ACCESS).setLevel(logging.INFO if access else logging.WARNING)
