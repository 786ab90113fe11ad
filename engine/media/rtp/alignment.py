"""Align one speaker's audio with the time line of a call of two. No I/O, no clock.

Network delay differs between the two speakers of a call, and the clocks of their sound cards
drift apart: by 200 ppm, 0.7 s in an hour. So each block's arrival is compared with its position.
The earliest recent arrivals had no queueing delay (jitter only adds), and the one-way delay is
taken as half the shortest round trip: the rest is the offset of the speaker's audio from the
time line.
"""

from __future__ import annotations

import math
from collections import deque

from dsp.frame import HOP, RATE_HZ

TOLERANCE_S = 0.02
"""Offset up to which audio isn't moved. Half the difference between the delays of the two directions
stays as an error, which cannot be measured."""

INTERVAL_S, INTERVALS = 0.5, 10
"""The earliest arrival is sought over this many intervals of this length: 5 s."""

LATE_S, LATE_INTERVALS = 0.2, 2
"""Audio later than this is nearly lost to a call, which waits 0.25 s. So where all recent audio, of
0.5 to 1 s, is later, earlier arrivals no longer count."""


class Alignment:
    """Computes by how much one speaker's next block must be moved.

    Parameters
    ----------
    zero_s : monotonic time at which the time line begins.
    """

    def __init__(self, zero_s: float) -> None:
        self._zero_s = zero_s
        self._round_trip_s = math.inf
        self._due = 0
        self._bucket = -1
        self._earliest: deque[tuple[int, float]] = deque()
        """Number of an interval and the least lag in it, in seconds; the least of all first."""

    def restart(self) -> None:
        """Forget the arrivals of the last connection."""
        self._earliest.clear()
        self._round_trip_s = math.inf

    def round_trip(self, duration_s: float) -> None:
        """Note a round trip time; the shortest counts."""
        self._round_trip_s = min(self._round_trip_s, max(0.0, duration_s))

    def move_earlier(self, samples: int) -> None:
        """Move the speaker's audio earlier from now on by whole hops, whatever the arrivals say."""
        self._due -= samples
        self._zero_s += samples / RATE_HZ  # as if it had always been there: the arrivals stay valid

    def shift(self, stop: int, arrived_s: float) -> int:
        """Return the samples by which a block must be moved, in whole hops: later when above 0, else earlier.

        Parameters
        ----------
        stop : index on the time line of the sample after the block, unmoved.
        arrived_s : monotonic arrival time of the block.
        """
        if self._due:
            due, self._due = self._due, 0
            return due
        lag_s = arrived_s - self._zero_s - stop / RATE_HZ
        interval = int(arrived_s / INTERVAL_S)
        if interval == self._bucket and self._earliest and lag_s >= self._earliest[-1][1]:
            return 0  # no earlier than the arrivals seen
        self._bucket = interval
        while self._earliest and self._earliest[-1][1] >= lag_s:
            self._earliest.pop()
        if not self._earliest or self._earliest[-1][0] != interval:
            self._earliest.append((interval, lag_s))
        recent_s = next(lag_s for number, lag_s in self._earliest if number > interval - LATE_INTERVALS)
        counted = LATE_INTERVALS if recent_s > LATE_S else INTERVALS
        while self._earliest[0][0] <= interval - counted:
            self._earliest.popleft()
        off_s = self._earliest[0][1] - (self._round_trip_s / 2 if self._round_trip_s < math.inf else 0.0)
        if abs(off_s) <= TOLERANCE_S:
            return 0
        hops = round(off_s * RATE_HZ / HOP)
        moved_s = hops * HOP / RATE_HZ
        self._earliest = deque((number, lag_s - moved_s) for number, lag_s in self._earliest)
        return hops * HOP
