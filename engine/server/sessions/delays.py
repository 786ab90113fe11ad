"""Where the time between a packet and the nudge that follows from it went."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.core.nudges import Policy
from engine.core.session import Session
from engine.media.resample import Samples
from engine.media.rtp.stream import RtpStream
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Delays


class TimedPolicy(Policy):
    """A policy that tells its session how long it takes."""

    session: TimedSession

    def observe(self, event: AnyEvent) -> None:
        """Take one event; may clear the nudge on show, may give one."""
        began_s = time.perf_counter()
        super().observe(event)
        self.session.times.policy_s += time.perf_counter() - began_s


class CoreTimes:
    """Processor time that the core has taken for one speaker, in seconds, as totals.

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


class Stages:
    """What one call into a session took, stage by stage.

    Parameters
    ----------
    stream : counts the time of decoding.
    times : count that of the core.
    """

    def __init__(self, stream: RtpStream, times: CoreTimes) -> None:
        self._stream = stream
        self._times = times
        self.begin(0.0)

    def begin(self, came_s: float) -> None:
        """Count from here on, for what came in at that time; for each packet, so nothing else is done."""
        self._came_s = came_s
        self._decode_s = self._stream.decode_s
        self._hear_s = self._times.hear_s
        self._policy_s = self._times.policy_s

    def delays(self, evident_s: float, arrived_s: float, now_s: float) -> Delays:
        """Split the time from a nudge's evidence to now.

        Parameters
        ----------
        evident_s : arrival of the packet that completed the evidence.
        arrived_s : arrival of the oldest packet heard since :meth:`begin`.
        now_s : when the nudge is made ready to be sent.
        """
        held_s = arrived_s - evident_s
        reorder_s = self._came_s - arrived_s
        decode_s = self._stream.decode_s - self._decode_s
        policy_s = self._times.policy_s - self._policy_s
        ears_s = self._times.hear_s - self._hear_s - policy_s
        known_s = held_s + reorder_s + decode_s + ears_s + policy_s
        return Delays(
            held_ms=_ms(held_s),
            reorder_ms=_ms(reorder_s),
            decode_ms=_ms(decode_s),
            ears_ms=_ms(ears_s),
            policy_ms=_ms(policy_s),
            server_ms=_ms(now_s - evident_s - known_s),
        )


def _ms(duration_s: float) -> float:
    return round(1000 * max(0.0, duration_s), 3)
