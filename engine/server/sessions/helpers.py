"""Helper processes of a server: what they cost, and whether they may start more work.

A helper does in a child process what would hold up the packets in the server's own: it renders drill
audio, for example. It runs at a low priority, but shares the machine with the server.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

MAX_QUEUE = 16
"""Requests in a helper's queue above which it starts no more work: each takes about a second, and nobody
waits a minute for a drill."""


class HelperLoad(NamedTuple):
    """What a helper reports of itself; reading it must not wait."""

    cpu_s: float
    """Processor time of all processes that it has had so far."""

    queue: int
    """Requests that wait for it, the one that it works on included."""


class Helper(Protocol):
    """A part of the server that works in a process of its own."""

    @property
    def name(self) -> str:
        """Name in the metrics, such as ``rendering``."""

    def load(self) -> HelperLoad:
        """Return its load now."""


def available_cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class HelperMonitor:
    """Watches the helpers of a server.

    Call :meth:`look` a few times a second; a helper asks :meth:`refusal` before it starts work.

    Parameters
    ----------
    helpers : all that there are.
    server_refusal : says why the server can spare nothing now; None when it can.
    window_s : time over which :attr:`cpu` is averaged.

    Attributes
    ----------
    loads : of each helper at the last look, by name.
    cpu : processor cores that each helper has used lately, by name.
    refused : work that each helper has not started for want of resources, by name.
    """

    def __init__(self, *helpers: Helper, server_refusal: Callable[[], str | None], window_s: float) -> None:
        self.loads = {helper.name: HelperLoad(0.0, 0) for helper in helpers}
        self.cpu = dict.fromkeys(self.loads, 0.0)
        self.refused = Counter(dict.fromkeys(self.loads, 0))
        self._helpers = helpers
        self._server_refusal = server_refusal
        self._window_s = window_s
        self._looks: dict[str, deque[tuple[float, float]]] = {name: deque() for name in self.loads}

    @property
    def total_cpu(self) -> float:
        """Processor cores that all helpers together have used lately."""
        return sum(self.cpu.values())

    def look(self, now_s: float) -> None:
        """Read the load of every helper."""
        for helper in self._helpers:
            load = self.loads[helper.name] = helper.load()
            looks = self._looks[helper.name]
            looks.append((now_s, load.cpu_s))
            while len(looks) > 2 and looks[1][0] <= now_s - self._window_s:
                looks.popleft()
            (first_s, first_cpu_s), (last_s, last_cpu_s) = looks[0], looks[-1]
            if last_s > first_s:
                self.cpu[helper.name] = max(0.0, last_cpu_s - first_cpu_s) / (last_s - first_s)

    def refusal(self, helper: Helper) -> str | None:
        """Return why a helper must not start more work now; None when it may. May be called in any thread.

        A helper's own use of the processor is no reason: its priority is lower than the server's. What
        counts is whether the server itself has anything to spare, and how much work waits already.
        """
        why = self._server_refusal()
        if why is None and helper.load().queue > MAX_QUEUE:
            why = f"{MAX_QUEUE} requests or more are waiting already"
        if why is not None:
            self.refused[helper.name] += 1
        return why
