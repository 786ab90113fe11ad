"""A session of the core that measures how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.core.nudges import Policy
from engine.core.session import Session
from engine.media.resample import Samples
from engine.profile import Profile
from engine.protocol.events import AnyEvent


class TimedPolicy(Policy):
    """A policy that tells its session how long it takes."""

    session: TimedSession

    def observe(self, event: AnyEvent) -> None:
        """Take one event; may clear the nudge on show, may give one."""
        began_s = time.perf_counter()
        super().observe(event)
        self.session.times.policy_s += time.perf_counter() - began_s


class CoreTimes:
    """Time that the core has taken for one speaker, in seconds, as totals.

    Attributes
    ----------
    hear_s : in ``hear`` and ``missing``, the policies included.
    policy_s : in the policies.
    """

    __slots__ = ("hear_s", "policy_s")

    def __init__(self) -> None:
        self.hear_s = self.policy_s = 0.0


class TimedSession(Session):
    """A session that measures how long it takes.

    Attributes
    ----------
    times : the totals to which the next calls are added; a session of two speakers has those of the one
        who is being heard.
    """

    def __init__(self, profile: Profile, channels: int = 1, second: Profile | None = None) -> None:
        super().__init__(profile, channels, second=second, policy=self._timed)
        self.times = CoreTimes()

    def _timed(self, profile: Profile, channel: int, emit: Callable[..., None]) -> Policy:
        policy = TimedPolicy(profile, channel, emit)
        policy.session = self
        return policy

    def hear(self, channel: int, samples: Samples, at: int | None = None) -> None:
        """Take samples of a channel."""
        began_s = time.perf_counter()
        super().hear(channel, samples, at)
        self.times.hear_s += time.perf_counter() - began_s

    def missing(self, channel: int, start: int, stop: int) -> None:
        """Samples of a channel never arrived."""
        began_s = time.perf_counter()
        super().missing(channel, start, stop)
        self.times.hear_s += time.perf_counter() - began_s
