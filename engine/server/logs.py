"""The log: lines on the error stream, each kind a few times a minute at most, whatever strangers do."""

from __future__ import annotations

import logging
import sys
import time
from collections import OrderedDict
from collections.abc import Callable

INTERVAL_S = 10.0
"""One line of a kind in so long; the next says how many were left out."""

MAX_KINDS = 256
"""So many kinds are told apart, those that came last."""

ACCESS = "sottovoce.access"
"""Logger of the access log."""


class RateLimitedLines(logging.Filter):
    """Lets a line pass unless one of its kind did lately: of the same logger and text, but for values."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is to be written."""
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
    """Have all lines of this process written so; it must be the server's own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(RateLimitedLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(ACCESS).setLevel(logging.INFO if access else logging.WARNING)
