"""The counters of a server: plain numbers that never decrease, read on request."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from typing import get_args

from engine.protocol.words import MissedReason

BOUNDS_S = (
    0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075,
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0,
)  # fmt: skip
"""Upper bounds of a histogram's buckets, inclusive: fine where delays should be, up to far too late."""


class Histogram:
    """A histogram of durations.

    Attributes
    ----------
    counts : durations in each bucket of :data:`BOUNDS_S`, and last those above all bounds.
    sum_s : sum of all durations.
    """

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)
        self.sum_s = 0.0

    def add(self, duration_s: float) -> None:
        """Count a duration."""
        self.counts[bisect_left(BOUNDS_S, duration_s)] += 1
        self.sum_s += duration_s


class Counts:
    """Totals of a server over all its sessions, including those that have ended."""

    def __init__(self) -> None:
        self.begun = 0
        self.resumed = 0
        self.ended: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.offers_refused: Counter[str] = Counter()
        self.packets_received = 0
        self.packets_lost = 0
        self.packets_recovered = 0
        self.packets_late = 0
        self.packets_duplicate = 0
        self.packets_damaged = 0
        self.packets_waited = 0
        self.packets_dropped = 0
        self.reorder_wait_s = 0.0
        self.decode_s = 0.0
        self.hear_s = 0.0
        self.policy_s = 0.0
        self.packet_to_event = Histogram()
        self.packet_to_nudge = Histogram()
        self.nudges: Counter[str] = Counter()
        self.messages_shed = 0
        self.words = 0
        self.words_missed_s: dict[MissedReason, float] = dict.fromkeys(get_args(MissedReason), 0.0)
        self.reviews: Counter[str] = Counter()
        self.readers_dropped: Counter[str] = Counter()


CORE_TOTALS = {"hear_s": "hear_s", "policy_s": "policy_s"}
"""For each counter of :class:`engine.server.sessions.timed_session.CoreTimes` its total."""

STREAM_TOTALS = {
    "received": "packets_received",
    "lost": "packets_lost",
    "recovered": "packets_recovered",
    "late": "packets_late",
    "duplicates": "packets_duplicate",
    "damaged": "packets_damaged",
    "waited": "packets_waited",
    "waited_s": "reorder_wait_s",
    "decode_s": "decode_s",
}
"""The same of :class:`engine.media.rtp.stream.RtpStream`."""

OUTBOX_TOTALS = {"shed": "messages_shed"}
"""The same of :class:`engine.server.sessions.outbox.Outbox`."""


class CounterDeltas:
    """Adds the increments of the counters of one object to the totals of the server.

    Parameters
    ----------
    source : has the counters, as attributes.
    names : for each of them the attribute of :class:`Counts` that it belongs to.
    """

    def __init__(self, source: object, names: Mapping[str, str], counts: Counts) -> None:
        self._source = source
        self._names = names
        self._counts = counts
        self._seen: dict[str, float] = dict.fromkeys(names, 0)

    def add_to_totals(self) -> None:
        """Add the increments since the last call."""
        for name, total in self._names.items():
            now = getattr(self._source, name)
            setattr(self._counts, total, getattr(self._counts, total) + now - self._seen[name])
            self._seen[name] = now
