"""One speaker's place on the time line of a call of several: no I/O, no clock.

Sound is on its way for a time that differs between the two of a call, and their sound
cards' clocks drift apart: by 200 ppm, 0.7 s in an hour. So each block's arrival is compared
with where it was put. The earliest arrivals of late waited for nothing on their way
(jitter only adds to it), and a packet takes half the least round trip to come: what is left
is how far the speaker's sound stands off the time line.
"""

from __future__ import annotations

import math
from collections import deque

from dsp.frame import HOP, RATE_HZ

TOLERANCE_S = 0.02
"""A speaker's sound may stand so far off the time line before it is moved. What else may be
wrong is half of what the way there and the way back differ by, which nobody can tell."""

INTERVAL_S, INTERVALS = 0.5, 10
"""The earliest arrival is sought over so many stretches of this length: 5 s."""

LATE_S, LATE_INTERVALS = 0.2, 2
"""What stands much later than this is lost to a call, which waits 0.25 s for nobody. So where nothing
else came of late, in 0.5 to 1 s, what came before no longer counts."""


class Alignment:
    """Says by how much one speaker's next block must be moved.

    Parameters
    ----------
    zero_s : monotonic time of the time line's beginning.
    """

    def __init__(self, zero_s: float) -> None:
        self._zero_s = zero_s
        self._round_trip_s = math.inf
        self._due = 0
        self._bucket = -1
        self._earliest: deque[tuple[int, float]] = deque()
        """Number of a stretch of time and the least lag in it, in seconds; the least of all first."""

    def restart(self) -> None:
        """Forget the arrivals of a connection that is no more."""
        self._earliest.clear()
        self._round_trip_s = math.inf

    def round_trip(self, duration_s: float) -> None:
        """Learn how long a message took there and back; the least counts."""
        self._round_trip_s = min(self._round_trip_s, max(0.0, duration_s))

    def lead(self, samples: int) -> None:
        """Put the speaker's sound so much earlier from now on, whatever the arrivals say: whole hops."""
        self._due -= samples
        self._zero_s += samples / RATE_HZ  # as if it had always been there: what the arrivals say holds on

    def shift(self, stop: int, arrived_s: float) -> int:
        """Samples by which a block must be moved: later when above 0, earlier below, in whole hops.

        Parameters
        ----------
        stop : index on the time line of the sample after the block, as it would be put.
        arrived_s : monotonic time at which the block came in.
        """
        if self._due:
            due, self._due = self._due, 0
            return due
        lag_s = arrived_s - self._zero_s - stop / RATE_HZ
        bucket = int(arrived_s / INTERVAL_S)
        if bucket == self._bucket and self._earliest and lag_s >= self._earliest[-1][1]:
            return 0  # no earlier than what has been looked at
        self._bucket = bucket
        while self._earliest and self._earliest[-1][1] >= lag_s:
            self._earliest.pop()
        if not self._earliest or self._earliest[-1][0] != bucket:
            self._earliest.append((bucket, lag_s))
        of_late_s = next(lag_s for number, lag_s in self._earliest if number > bucket - LATE_INTERVALS)
        counted = LATE_INTERVALS if of_late_s > LATE_S else INTERVALS
        while self._earliest[0][0] <= bucket - counted:
            self._earliest.popleft()
        off_s = self._earliest[0][1] - (self._round_trip_s / 2 if self._round_trip_s < math.inf else 0.0)
        if abs(off_s) <= TOLERANCE_S:
            return 0
        hops = round(off_s * RATE_HZ / HOP)
        moved_s = hops * HOP / RATE_HZ
        self._earliest = deque((number, lag_s - moved_s) for number, lag_s in self._earliest)
        return hops * HOP
