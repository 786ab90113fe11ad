"""Trailing off: how far the loudness of a phrase's end falls below the phrase's own.

``trailing_db = median(L) - L_end - NATURAL_DB``: *L* the momentary loudness over all 0.4 s windows of
the phrase, *L_end* that of the last. Every voice falls towards the end of a phrase (declination);
``NATURAL_DB`` is the fall measured in read sentences.
"""

from __future__ import annotations

import math

import numpy as np

from .kernel import kernel
from .level_meter import HISTORY_HOPS, MOMENTARY_HOPS, Doubles, LevelMeter

NATURAL_DB = 5.0
"""Median fall in read sentences; two thirds of them lie within 4 dB of it."""

MIN_HOPS, ENOUGH_HOPS = 80, 160
"""A phrase shorter than the first has no middle to compare with; from the second on its median is
representative."""

LOST_DB, CLEAR_DB = 0.0, 6.0
"""Level of the end over the noise up to which the confidence is 0, and from which it is full."""


@kernel
def end_fall(powers: Doubles, end: int, length: int, work: Doubles) -> float:
    """Fall of the last 0.4 s before hop ``end`` below the median of all 0.4 s in ``length`` hops before it.

    Parameters
    ----------
    powers : float64, shape (n,)
        Power of each hop, a ring: hop ``h`` is at ``h % n``; negative where it was lost.
    work : float64, shape (length,)
        Work space.

    Returns
    -------
    fall_db : float
        NaN when some of the end was lost, or most of the phrase.
    """
    total, run, count, last = 0.0, 0, 0, math.nan
    for h in range(end - length, end):
        power = powers[h % powers.size]
        if power < 0.0:
            total, run, last = 0.0, 0, math.nan
            continue
        run += 1
        total += power
        if run > MOMENTARY_HOPS:
            total -= powers[(h - MOMENTARY_HOPS) % powers.size]
        if run >= MOMENTARY_HOPS:
            last = 10.0 * math.log10(max(0.0, total) + 1e-12)
            work[count] = last
            count += 1
        else:
            last = math.nan
    if math.isnan(last) or 2 * count < length - MOMENTARY_HOPS:
        return math.nan
    work[:count].sort()
    fall_db: float = 0.5 * (work[(count - 1) // 2] + work[count // 2]) - last
    return fall_db


class TrailingOff:
    """How the loudness of a phrase ended, from the powers that a ``LevelMeter`` keeps."""

    def __init__(self, level: LevelMeter) -> None:
        self._level = level
        self.reset()

    def reset(self) -> None:
        """Forget the phrase."""
        self._start = 0

    def begin_phrase(self, ago_hops: int) -> None:
        """Note that a phrase began ``ago_hops`` before the end of the newest hop."""
        self._start = int(self._level.hops) - ago_hops

    def end_phrase(self, ago_hops: int) -> tuple[float, float]:
        """Measure the phrase that ended ``ago_hops`` before the end of the newest hop.

        Returns
        -------
        trailing_db : float
            Fall of its last 0.4 s below its median, less the natural fall; may be negative.
            NaN when the phrase was too short or its end was lost.
        confidence : float
            0..1, by the length of the phrase and the level of its end over the noise.
        """
        end = int(self._level.hops) - ago_hops
        length = min(end - self._start, HISTORY_HOPS - ago_hops)
        if length < MIN_HOPS:
            return math.nan, 0.0
        fall_db = end_fall(self._level.powers, end, length, np.empty(length))
        if math.isnan(fall_db):
            return math.nan, 0.0
        above_db = float(self._level.snr_db) - fall_db
        long = min(1.0, length / ENOUGH_HOPS)
        clear = min(1.0, max(0.0, (above_db - LOST_DB) / (CLEAR_DB - LOST_DB)))
        return fall_db - NATURAL_DB, long * clear
