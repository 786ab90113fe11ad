"""What a server counts as it goes: plain numbers that only ever grow, read when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

BOUNDS_S = (
    0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075,
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0,
)  # fmt: skip
"""Upper ends of a histogram's buckets, inclusive: fine where delays should be, up to far too late."""


class Histogram:
    """Durations, counted in buckets.

    Attributes
    ----------
    counts : how many fell into each bucket of :data:`BOUNDS_S`, and last those beyond.
    sum_s : all of them together.
    """

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)
        self.sum_s = 0.0

    def add(self, duration_s: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS_S, duration_s)] += 1
        self.sum_s += duration_s


def quantile_s(counts: Sequence[int], share: float) -> float:
    """Duration that a share (0..1) of those counted didn't pass; 0 when there are none.

    Within a bucket they are taken as spread evenly, as Prometheus does; beyond the last
    bound the bound is given.
    """
    rank = share * sum(counts)
    if not rank:
        return 0.0
    upto = list(accumulate(counts))
    bucket = bisect_left(upto, rank)
    if bucket == len(BOUNDS_S):
        return BOUNDS_S[-1]
    below_s = BOUNDS_S[bucket - 1] if bucket else 0.0
    within = (rank - upto[bucket] + counts[bucket]) / counts[bucket]
    return below_s + within * (BOUNDS_S[bucket] - below_s)
