"""Whether what has to happen again and again still does."""

from __future__ import annotations

import logging
from collections.abc import Callable

LATE_S = 5.0
"""What hasn't happened for so long is stuck or dead; all of it is due several times a second."""

log = logging.getLogger(__name__)


class Pulse:
    """When each of the things that a server lives by last went well.

    Parameters
    ----------
    clock : monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._beats: dict[str, float] = {}

    def start(self, *names: str) -> None:
        """Expect these from now on."""
        self._beats = dict.fromkeys(names, self._clock())

    def stop(self) -> None:
        """Expect nothing any more."""
        self._beats.clear()

    def run(self, name: str, work: Callable[[], None]) -> None:
        """Do one of the things; where it fails the log says so, and it hasn't happened."""
        try:
            work()
        except Exception:  # whatever it ran into, the others go on
            log.exception("%s failed", name)
        else:
            if name in self._beats:
                self._beats[name] = self._clock()

    @property
    def late(self) -> str | None:
        """What hasn't happened for too long, in words; None when all is well."""
        now_s = self._clock()
        late = [
            f"{name} for {now_s - at_s:.0f} s" for name, at_s in self._beats.items() if now_s - at_s > LATE_S
        ]
        return ", ".join(late) or None


def ended_alone(what: str, tend: Callable[[], None], end: Callable[[], None]) -> None:
    """Tend to one of many; a fault of ours in it ends that one, and costs the others nothing."""
    try:
        return tend()
    except Exception:
        log.exception("%s failed, and is ended", what)
    try:
        end()
    except Exception:
        log.exception("%s could not be ended well", what)
