"""The delay of readings and nudges, from the arrival of the packet that they follow from, by cause."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from engine.media.rtp.stream import RtpStream
from engine.protocol.events import AnyEvent, Delays, Nudge, Reading

from .counters import Counts
from .timed_session import CoreTimes

REMEMBERED_POLLS = 4096
"""Arrival times that are remembered for the delay of later nudges: over a minute of packets."""


class DelayMeter:
    """Measures the delay of the events of one session.

    Parameters
    ----------
    stream : counts the time of decoding.
    times : count that of the core.
    clock : monotonic, in seconds; the one of the packets' arrivals.
    counts : the totals of the server.
    """

    def __init__(
        self, stream: RtpStream, times: CoreTimes, clock: Callable[[], float], counts: Counts
    ) -> None:
        self._stream = stream
        self._times = times
        self._clock = clock
        self._counts = counts
        self._polls: deque[tuple[int, float]] = deque(maxlen=REMEMBERED_POLLS)
        """The last ``seq`` of each poll, and the arrival of the oldest packet heard before it."""
        self.begin(0.0)

    def begin(self, came_s: float) -> None:
        """Begin with what has just arrived; called for each packet, so it does no more than this."""
        self._came_s = came_s
        self._decode_s = self._stream.decode_s
        self._hear_s = self._times.hear_s
        self._policy_s = self._times.policy_s

    def polled(self, events: Sequence[AnyEvent], arrived_s: float) -> None:
        """Note the events of one poll, and the arrival of the oldest packet that was heard before it."""
        self._polls.append((events[-1].seq, arrived_s))
        self._counts.packet_to_event.add(self._clock() - arrived_s)

    def stamped(self, event: AnyEvent, arrived_s: float | None) -> AnyEvent:
        """Return a reading or a nudge with its delay; other events, and those of no packet, as they are.

        A reading's delay counts from ``arrived_s``, a nudge's from the packet that completed its evidence.
        """
        if arrived_s is None or not isinstance(event, (Reading, Nudge)):
            return event
        now_s = self._clock()
        if isinstance(event, Reading):
            return msgspec.structs.replace(event, delay_ms=round(1000 * (now_s - arrived_s), 2))
        poll = bisect_left(self._polls, event.evidence.seq, key=lambda known: known[0])
        evident_s = self._polls[poll][1]
        self._counts.packet_to_nudge.add(now_s - evident_s)
        delays = self.split(evident_s, arrived_s, now_s)
        return msgspec.structs.replace(event, delay_ms=round(1000 * (now_s - evident_s), 2), delays=delays)

    def split(self, evident_s: float, arrived_s: float, now_s: float) -> Delays:
        """Split the time from a nudge's evidence to now by cause.

        Parameters
        ----------
        evident_s : arrival of the packet that completed the evidence.
        arrived_s : arrival of the oldest packet heard since :meth:`begin`.
        now_s : when the nudge is ready to be sent.
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
