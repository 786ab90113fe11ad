"""The load of a server, as it measures it, and what follows: admission of sessions and shedding.

Nothing here reads a clock: :class:`engine.server.hub.Hub` tells the time and what the
process has used, so that tests can make both up.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Iterable
from itertools import chain, islice
from typing import NamedTuple

from .counters import Histogram

log = logging.getLogger(__name__)

WINDOW_S = 2.0
"""Time over which the load is averaged."""

ANSWER_S = 1.0
"""An answer that has to read a file may take this long before it counts as late."""

CALM_S = 3.0
"""Time without a high delay before shedding goes down a level, and before new sessions are admitted again."""

CALMER = 0.6
"""Share of the delay at which a level begins, below which the level may end: so that no level flutters."""

SHED_TIMES = (1, 3, 10)
"""Delays at which levels 1, 2 and 3 of shedding begin, as multiples of the longest with which new sessions
are admitted: with its 50 ms from what nobody notices to a late nudge."""

GUESSED_SHARE = 0.01
"""Share of a core assumed for a session before any was measured: 200 µs for each 20 ms packet."""

GUESS_WEIGHT_S = 30.0
"""Weight of the assumption, in seconds of a session that is heard."""

COST_S = 10.0
"""Time over which the measured cost of a session fades, so that the cost of connecting isn't taken for it."""

BUSY_RETRY_S = 5
"""Delay after which a client tries again: the window, and the time for calming down."""


class _Look(NamedTuple):
    """What was measured at one time."""

    at_s: float
    cpu_s: float
    waits_s: list[float]
    """Of the probe's packets that were heard since the look before."""


class LoadMonitor:
    """Measures the load of a server, and decides what it can still take.

    Call :meth:`add_wait` for each packet of :mod:`.loop_probe` and :meth:`look` a few times a
    second; ask the rest at any time.

    Parameters
    ----------
    max_cpu : share of a core up to which sessions are admitted.
    max_delay_s : delay of packets up to which sessions are admitted.
    cores : processor cores for the process and its helpers together.

    Attributes
    ----------
    lag : how long each packet of the probe waited to be heard, since the beginning.
    level : 0 when nothing is shed, up to ``len(SHED_TIMES)``.
    cpu : share of one core that the process has used lately; with threads it may exceed 1.
    helpers_cpu : the same for its helper processes together, recognition of words left out.
    session_cpu : estimated cost of a session, as a share of a core.
    delay_s : delay of what is heard or answered, lately.
    """

    def __init__(self, max_cpu: float, max_delay_s: float, cores: float = 1.0) -> None:
        self.lag = Histogram()
        self.level = 0
        self.cpu = 0.0
        self.helpers_cpu = 0.0
        self.session_cpu = GUESSED_SHARE
        self.delay_s = 0.0
        self._max_cpu = max_cpu
        self._max_delay_s = max_delay_s
        self._max_cores = max_cpu * max(1.0, cores)
        self._shed_s = tuple(times * max_delay_s for times in SHED_TIMES)
        self._heard = 0
        self._now_s = -math.inf
        self._late_until_s = -math.inf
        self._looks: deque[_Look] = deque()
        self._waits_s: list[float] = []
        self._used_s = 0.0
        self._heard_s = 0.0
        self._worse_s = 0.0

    def add_wait(self, duration_s: float) -> None:
        """Note how long a packet of the probe waited."""
        self.lag.add(duration_s)
        self._waits_s.append(duration_s)

    def look(
        self,
        now_s: float,
        cpu_s: float,
        *,
        heard: int,
        waiting_s: Iterable[float] = (),
        unanswered_s: float = 0.0,
        helpers_cpu: float = 0.0,
    ) -> None:
        """Measure the load now, and log each change of the level.

        Parameters
        ----------
        now_s : monotonic time.
        cpu_s : processor time of the process so far.
        heard : sessions whose audio is being heard now.
        waiting_s : ages of the probe's packets that are not heard yet; each counts as one that was.
        unanswered_s : age of the oldest request that has no answer yet.
        helpers_cpu : processor cores that the helper processes have used lately, recognition of words left
            out: it gives way before a session is refused.
        """
        looks = self._looks
        if looks:
            self._learn(now_s - looks[-1].at_s, cpu_s - looks[-1].cpu_s, heard)
        looks.append(_Look(now_s, cpu_s, self._waits_s))
        self._waits_s = []
        while len(looks) > 2 and looks[1].at_s <= now_s - WINDOW_S:
            looks.popleft()
        first, last = looks[0], looks[-1]
        passed_s = last.at_s - first.at_s
        if passed_s > 0:
            self.cpu = (last.cpu_s - first.cpu_s) / passed_s
        self.helpers_cpu = helpers_cpu
        waits_s = sorted(chain(waiting_s, *(look.waits_s for look in islice(looks, 1, None))))
        late_s = waits_s[math.ceil(0.95 * len(waits_s)) - 1] if waits_s else 0.0
        self.delay_s = max(late_s, unanswered_s - ANSWER_S)
        self._heard = heard
        self._now_s = now_s
        if self.delay_s > self._max_delay_s:
            self._late_until_s = now_s + CALM_S
        before = self.level
        self._shed(now_s)
        if self.level > before:
            log.warning(
                "too busy: what is heard waits %.0f ms; shedding at level %d", self.delay_s * 1000, self.level
            )
        elif self.level < before:
            nothing = "" if self.level else ", that is nothing"
            log.warning("less busy: shedding at level %d%s", self.level, nothing)

    def refusal(self, sessions: int, unheard: int) -> str | None:
        """Return why one more session would be too many; None when it would not.

        Parameters
        ----------
        sessions : that there are. With none, nobody can suffer, and the next is admitted.
        unheard : how many of them were not in :meth:`look`'s ``heard`` for the whole of
            :data:`WINDOW_S`: they will cost, but have hardly yet.
        """
        if not sessions:
            return None
        if self._is_late:
            return self._late_text
        expected = self.cpu + (1 + unheard) * self.session_cpu
        if expected > self._max_cpu:
            return (
                f"this server is busy: with one more session it would need {expected:.0%} of a processor "
                f"core, more than the {self._max_cpu:.0%} that it may (--max-cpu)"
            )
        if expected + self.helpers_cpu > self._max_cores:
            return (
                f"this server is busy: with one more session it and its helper processes would need "
                f"{expected + self.helpers_cpu:.1f} processor cores, more than the {self._max_cores:.1f} "
                "that they may (--max-cpu of each)"
            )
        return None

    @property
    def spare_cores(self) -> float:
        """Processor cores that neither the process nor its helpers use, of those that they may."""
        return self._max_cores - self.cpu - self.helpers_cpu

    @property
    def delay_share(self) -> float:
        """Delay of what is heard lately, as a share of the one from which sessions are refused."""
        return self.delay_s / self._max_delay_s

    def helper_refusal(self) -> str | None:
        """Return why a helper must start no more work now; None when it may. Safe in any thread.

        With one session it always may: nobody else can suffer.
        """
        if self._heard <= 1:
            return None
        if self._is_late:
            return self._late_text
        if self.cpu > self._max_cpu:
            return (
                f"this server is busy: it uses {self.cpu:.0%} of a processor core, "
                f"more than the {self._max_cpu:.0%} that it may (--max-cpu)"
            )
        return None

    @property
    def _is_late(self) -> bool:
        return self._now_s < self._late_until_s

    @property
    def _late_text(self) -> str:
        return (
            "this server is too busy: lately what it hears had to wait for more than "
            f"{self._max_delay_s * 1000:.0f} ms"
        )

    def _learn(self, passed_s: float, used_s: float, heard: int) -> None:
        """Estimate the cost of a session, while any are heard."""
        if not heard:
            return
        kept = max(0.0, 1.0 - passed_s / COST_S)
        self._used_s = kept * self._used_s + used_s
        self._heard_s = kept * self._heard_s + heard * passed_s
        guessed_s = GUESS_WEIGHT_S * GUESSED_SHARE
        self.session_cpu = (guessed_s + self._used_s) / (GUESS_WEIGHT_S + self._heard_s)

    def _shed(self, now_s: float) -> None:
        level = sum(self.delay_s > begin_s for begin_s in self._shed_s)
        if level >= self.level:
            self.level = level
        if self.level and self.delay_s > CALMER * self._shed_s[self.level - 1]:
            self._worse_s = now_s
        elif self.level and now_s - self._worse_s >= CALM_S:
            self.level -= 1
            self._worse_s = now_s
