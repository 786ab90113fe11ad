"""Is it a filled pause? The log odds of a stretch of voice that stands still.

By how long and how still it is, by its vowel (a central one), by F0 (low and level; Shriberg & Lickley
1993, *Intonation of clause-internal filled pauses*), and by the silence that sets it off. Still, central
and low are meant against the same speaker's speech.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .frame import HOP_S
from .kernel import kernel

Doubles = NDArray[np.float64]

HIGHEST_HZ = 350.0
"""Nobody hesitates at a higher pitch."""

MIN_VOICED = 0.3
"""Share of the stretch that must be voiced: of the softest nasals not all is heard as voice."""

DROP_HOPS = 5
"""After a drop of the voice as long as that F0 doesn't count any more: in a soft nasal it is a stray one."""

NEAR_HOPS, AROUND_HOPS = 8, 25
"""A silence sets it off when it comes so near: a filler has no consonants. So far around it is listened."""

QUIET_BEFORE, QUIET_AFTER, ALONE_QUIET = 12, 8, 21
"""Quiet hops of those ``AROUND_HOPS`` that set it off, and on both sides when nothing else stands there."""

# What speaks for a filler and against it, in log odds.
PRIOR_ODDS = -2.0
"""Before anything is weighed: words are many, fillers few."""

PER_DOUBLING, USUAL_S, ALONE_S, LENGTH_ODDS = 3.0, 0.30, 0.15, (-4.0, 3.0)
"""For each doubling of the length beyond what says nothing: less of a vowel that stands all alone."""

PER_STILLNESS, HALF_STILL, STILL_ODDS = 6.0, 0.6, (-3.0, 2.0)
"""For the median change as a share of the speaker's usual one, each unit below that."""

PER_SLOPE, SLOPE_ST_PER_S, FREE_SLOPE = 0.25, -2.0, 4.0
"""Against a slope of F0 in semitones a second further than that from a slow fall."""

PER_WOBBLE, FREE_WOBBLE_ST = 6.0, 0.25
"""Against each semitone that F0 strays about its line by more (median deviation, as a standard one)."""

PER_LOW, LOW_ODDS = 0.25, 1.0
PER_HIGH, HIGH_ST = 0.6, 0.5
PER_DEEP, DEEP_ST = 1.0, -6.0
"""For each semitone below the speaker's usual F0; against each above it, and each below a speaker's reach."""

PER_AWAY, CENTRE_DB, RADIUS_DB = 2.5, (-5.0, 8.0), (7.0, 9.0)
"""Against each radius beyond one between the vowel and a central one: in contrast of low to middle and of
middle to high bands, each against the speaker's mean. *Ee* and *oo* have less between than a central vowel,
*ah* has more."""

SET_OFF = ((-1.5, -0.5), (0.7, 1.5))
"""For silence before it (second row) and after it (second column): words too are drawn out before a pause."""

PER_FAINT, FAINT_DB = 0.25, -18.0
"""Against each dB further below the loudest hop than that."""

PER_HELD, FREE_HELD, HELD_PRIOR, HELD_PRIOR_HOPS = 60.0, 0.72, 0.3, 5.0
"""Against the share of the voice before it that stood still too, beyond what hesitant speech has; and
what is assumed at first. Whoever sings or chants holds most of their voice: 0.8 of it and more."""

MAX_PENALTY = 6.0
"""No single objection weighs more."""

IMPOSSIBLE = -99.0
"""What can't be one."""

RING_HOPS = 256
"""Hops that are kept: the longest stretch, and what lies around it."""

# Rows of the rings: values of hops, and two of work space.
STILL, SEMITONES, LOW_OVER, OVER_HIGH, LEVEL, SPEECH, QUIET, SCRATCH, SPREAD, ROWS = range(10)

# Places of real numbers: usual contrasts, change and F0, the same when the stretch began, and others; hops of
# late that stood still, those with voice, and both when the stretch began.
LOW_MEAN, HIGH_MEAN, CHANGE_MEAN, F0_MEAN, THEN, LEARNED, PEAK, ODDS = 0, 1, 2, 3, 4, 8, 9, 10
HELD, VOICED, HELD_THEN, VOICED_THEN = 11, 12, 13, 14


@kernel
def median(scratch: Doubles, start: int, stop: int) -> float:
    """Median of ``scratch[start:stop]``, which it sorts."""
    for i in range(start + 1, stop):
        v, j = scratch[i], i
        while j > start and scratch[j - 1] > v:
            scratch[j] = scratch[j - 1]
            j -= 1
        scratch[j] = v
    return float(scratch[(start + stop) // 2])


@kernel
def clamp(x: float, limits: tuple[float, float]) -> float:
    """``x``, or the limit that it exceeds."""
    return min(limits[1], max(limits[0], x))


@kernel
def penalty(per: float, excess: float) -> float:
    """Log odds of an objection: none without an excess."""
    return -min(MAX_PENALTY, max(0.0, per * excess))


@kernel
def melody_odds(rings: Doubles, start: int, stop: int, usual_st: float) -> float:
    """Log odds by F0: how it slopes and strays, and where it lies against the usual (negative: unknown)."""
    scratch, times = rings[SCRATCH], rings[SPREAD]
    n = voiced = dropped = 0
    for t in range(start, stop):
        y = rings[SEMITONES, t % RING_HOPS]
        if y >= 0.0:
            voiced += 1
            if dropped < DROP_HOPS:
                scratch[n], times[n], dropped = y, t - start, 0
                n += 1
        else:
            dropped += 1
    if n < 4 or voiced < MIN_VOICED * (stop - start):
        return IMPOSSIBLE
    dropped_at = start + int(times[n - 1]) + 1
    half = n // 2
    first_s = last_s = mean_s = 0.0
    for i in range(n):
        mean_s += times[i] * HOP_S / n
        if i < half:
            first_s += times[i] * HOP_S / half
        if i >= n - half:
            last_s += times[i] * HOP_S / half
    early = median(scratch, 0, half)
    slope = (median(scratch, n - half, n) - early) / max(HOP_S, last_s - first_s)
    typical = median(scratch, 0, n)
    if typical > 12.0 * math.log2(HIGHEST_HZ / 60.0):
        return IMPOSSIBLE
    n = 0
    for t in range(start, dropped_at):
        y = rings[SEMITONES, t % RING_HOPS]
        if y >= 0.0:
            scratch[n] = abs(y - typical - slope * ((t - start) * HOP_S - mean_s))
            n += 1
    odds = penalty(PER_SLOPE, abs(slope - SLOPE_ST_PER_S) - FREE_SLOPE)
    odds += penalty(PER_WOBBLE, 1.48 * median(scratch, 0, n) - FREE_WOBBLE_ST)
    if usual_st >= 0.0:
        above = typical - usual_st
        odds += clamp(-PER_LOW * above, (0.0, LOW_ODDS))
        odds += penalty(PER_HIGH, above - HIGH_ST) + penalty(PER_DEEP, DEEP_ST - above)
    return odds


@kernel
def singing_odds(known: Doubles) -> float:
    """Log odds by what came before it: among notes that are held one more is none of hesitation."""
    held = known[HELD_THEN] + HELD_PRIOR * HELD_PRIOR_HOPS
    return penalty(PER_HELD, held / (known[VOICED_THEN] + HELD_PRIOR_HOPS) - FREE_HELD)


@kernel
def timbre_odds(rings: Doubles, known: Doubles, start: int, stop: int) -> float:
    """Log odds by the spectrum: how still it is, and how central the vowel of its first half."""
    scratch = rings[SCRATCH]
    first, half = start + 3, (start + stop) // 2
    low = high = level_db = 0.0
    for t in range(first, stop):
        scratch[t - first] = rings[STILL, t % RING_HOPS]
        level_db += rings[LEVEL, t % RING_HOPS] / (stop - first)
        if t < half:
            low += rings[LOW_OVER, t % RING_HOPS] / (half - first)
            high += rings[OVER_HIGH, t % RING_HOPS] / (half - first)
    share = median(scratch, 0, stop - first) / known[THEN + CHANGE_MEAN]
    odds = clamp(PER_STILLNESS * (HALF_STILL - share), STILL_ODDS)
    x = (low - known[THEN + LOW_MEAN] - CENTRE_DB[0]) / RADIUS_DB[0]
    y = (high - known[THEN + HIGH_MEAN] - CENTRE_DB[1]) / RADIUS_DB[1]
    odds += penalty(PER_AWAY, math.hypot(x, y) - 1.0)
    return odds + penalty(PER_FAINT, FAINT_DB - (level_db - known[PEAK]))


@kernel
def context_odds(rings: Doubles, start: int, stop: int, now: int) -> float:
    """Log odds by the length and the silence around it, as far as it has been heard."""
    before = after = 0
    near_before = near_after = False
    for d in range(AROUND_HOPS):
        if rings[QUIET, (start - 1 - d) % RING_HOPS] > 0.0:
            before += 1
            near_before |= d < NEAR_HOPS
        if stop + d <= now and rings[QUIET, (stop + d) % RING_HOPS] > 0.0:
            after += 1
            near_after |= d < NEAR_HOPS
    alone = before >= ALONE_QUIET and after >= ALONE_QUIET
    doublings = math.log2((stop - start) * HOP_S / (ALONE_S if alone else USUAL_S))
    first = SET_OFF[1] if near_before and before >= QUIET_BEFORE else SET_OFF[0]
    odds = first[1] if near_after and after >= QUIET_AFTER else first[0]
    return odds + clamp(PER_DOUBLING * doublings, LENGTH_ODDS)
