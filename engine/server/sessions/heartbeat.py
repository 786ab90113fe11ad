"""Heartbeats of the periodic work of a server, for its health check; and isolation of failures."""

from __future__ import annotations

import logging
from collections.abc import Callable

LATE_S = 5.0
"""Age of a heartbeat above which the work is taken for stuck; all of it is due several times a second."""

log = logging.getLogger(__name__)


class Heartbeats:
    """When each kind of periodic work last succeeded.

    Parameters
    ----------
    clock : monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._beats: dict[str, float] = {}

    def start(self, *names: str) -> None:
        """Expect heartbeats of these kinds of work from now on."""
        self._beats = dict.fromkeys(names, self._clock())

    def stop(self) -> None:
        """Expect no more heartbeats."""
        self._beats.clear()

    def run(self, name: str, work: Callable[[], None]) -> None:
        """Do work of one kind; if it fails, log it and count no heartbeat."""
        try:
            work()
        except Exception:  # whatever it ran into, the others go on
            log.exception("%s failed", name)
        else:
            if name in self._beats:
                self._beats[name] = self._clock()

    @property
    def late(self) -> str | None:
        """The work whose heartbeat is late, in words; None when there is none."""
        now_s = self._clock()
        late = [
            f"{name} for {now_s - at_s:.0f} s" for name, at_s in self._beats.items() if now_s - at_s > LATE_S
        ]
        return ", ".join(late) or None


def run_isolated(what: str, tend: Callable[[], None], end: Callable[[], None]) -> None:
    """Call ``tend`` for one of many; if it fails, log it and ``end`` that one, so that the others go on."""
    try:
        return tend()
    except Exception:
        log.exception("%s failed, and is ended", what)
    try:
        end()
    except Exception:
        log.exception("%s could not be ended well", what)
