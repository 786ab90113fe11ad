"""Python's garbage, collected a little at a time: sessions end as cycles of objects."""

from __future__ import annotations

import gc

COLLECTED_SESSIONS = 8
"""Python's garbage is collected each time that this many sessions have ended.

A connection is a cycle of objects, 300 KB with the libraries' own. Python's own collector frees hundreds
of them at a time, which has been measured to block every session for 60 ms.
"""


class SessionCollector:
    """Collects the garbage of sessions that have ended."""

    def __init__(self) -> None:
        self._uncollected = 0

    def add(self) -> None:
        """Note that a session has ended."""
        self._uncollected += 1

    def collect(self) -> None:
        """Collect, where enough have ended."""
        if self._uncollected >= COLLECTED_SESSIONS:
            self._uncollected = 0
            gc.collect()
