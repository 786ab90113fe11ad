"""Log odds that a steady stretch of voice is a filled pause.

The sum of terms for length, steadiness, vowel (a central one), F0 (low and level; Shriberg & Lickley 1993,
"Intonation of clause-internal filled pauses") and surrounding silence. Steadiness, vowel and F0 are relative
to the same speaker's speech.

    odds = PRIOR_ODDS + melody_odds + timbre_odds + singing_odds + context_odds

What the constants were tuned on isn't recorded, and how sensitive the figures are to each was not measured.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .frame import HOP_S
from .kernel import kernel

Doubles = NDArray[np.float64]

HIGHEST_HZ = 350.0
"""Highest F0 of a filled pause."""

MIN_VOICED = 0.3
"""Share of the stretch that must be voiced: soft nasals are only partly detected as voiced."""

DROP_HOPS = 5
"""After a gap in voicing of this length F0 doesn't count any more: within a soft nasal it is spurious."""

NEAR_HOPS, AROUND_HOPS = 8, 25
"""Distance up to which a silence sets the stretch off, as a filled pause has no consonants; window on
either side."""

QUIET_BEFORE, QUIET_AFTER, ALONE_QUIET = 12, 8, 21
"""Quiet hops in the window that set the stretch off, and on both sides if it stands alone."""

# Terms of the log odds.
PRIOR_ODDS = -2.0
"""Prior: words are many, filled pauses few."""

PER_DOUBLING, USUAL_S, ALONE_S, LENGTH_ODDS = 3.0, 0.30, 0.15, (-4.0, 3.0)
"""Per doubling of the length against the neutral one, which is shorter for a vowel that stands alone;
limits."""

PER_STILLNESS, HALF_STILL, STILL_ODDS = 6.0, 0.6, (-3.0, 2.0)
"""Per unit of the median spectral change as a share of the speaker's usual one, below the neutral share;
limits."""

PER_SLOPE, SLOPE_ST_PER_S, FREE_SLOPE = 0.25, -2.0, 4.0
"""Penalty per semitone a second of slope of F0, beyond ``FREE_SLOPE`` around a slow fall."""

PER_WOBBLE, FREE_WOBBLE_ST = 6.0, 0.25
"""Penalty per semitone of deviation of F0 from its line (1.48 times the median one), beyond the free
amount."""

PER_LOW, LOW_ODDS = 0.25, 1.0
"""Bonus per semitone below the speaker's usual F0, up to its limit."""
PER_HIGH, HIGH_ST = 0.6, 0.5
"""Penalty per semitone above the usual F0."""
PER_DEEP, DEEP_ST = 1.0, -6.0
"""Penalty per semitone below a speaker's range."""

PER_AWAY, CENTRE_DB, RADIUS_DB = 2.5, (-5.0, 8.0), (7.0, 9.0)
"""Penalty per radius beyond one between the vowel and a central one, in the contrasts of low to middle and of
middle to high bands, relative to the speaker's mean. *Ee* and *oo* have a weaker middle than a central
vowel, *ah* a stronger one."""

SET_OFF = ((-1.5, -0.5), (0.7, 1.5))
"""For silence before it (second row) and after it (second column): words too are lengthened before a
pause."""

PER_FAINT, FAINT_DB = 0.25, -18.0
"""Penalty per dB further below the loudest hop than this."""

PER_HELD, FREE_HELD, HELD_PRIOR, HELD_PRIOR_HOPS = 60.0, 0.72, 0.3, 5.0
"""Penalty per share of the preceding voice that was steady too, beyond that of hesitant speech; prior
share and its weight in hops. Singers and chanters hold 0.8 of their voice and more, hesitant speakers
up to 0.66."""

MAX_PENALTY = 6.0
"""Largest penalty of a single term."""

IMPOSSIBLE = -99.0
"""Log odds of what can't be a filled pause."""

RING_HOPS = 256
"""Hops kept: the longest stretch and its surroundings."""

# Rows of the rings: values per hop, and two rows of work space.
STILL, SEMITONES, LOW_OVER, OVER_HIGH, LEVEL, SPEECH, QUIET, SCRATCH, SPREAD, ROWS = range(10)

# Entries of the speaker's usual values: contrasts, change and F0, the same when the stretch began, and
# others; recent steady hops, recent voiced hops, and both when the stretch began.
LOW_MEAN, HIGH_MEAN, CHANGE_MEAN, F0_MEAN, THEN, LEARNED, PEAK, ODDS = 0, 1, 2, 3, 4, 8, 9, 10
HELD, VOICED, HELD_THEN, VOICED_THEN = 11, 12, 13, 14


@kernel
def median(scratch: Doubles, start: int, stop: int) -> float:
    """Median of ``scratch[start:stop]``, which is sorted in place."""
    for i in range(start + 1, stop):
        v, j = scratch[i], i
        while j > start and scratch[j - 1] > v:
            scratch[j] = scratch[j - 1]
            j -= 1
        scratch[j] = v
    return float(scratch[(start + stop) // 2])


@kernel
def clamp(x: float, limits: tuple[float, float]) -> float:
    """Clamp ``x`` to limits."""
    return min(limits[1], max(limits[0], x))


@kernel
def penalty(per: float, excess: float) -> float:
    """Negative log odds of an excess, at least ``-MAX_PENALTY``; 0 without one."""
    return -min(MAX_PENALTY, max(0.0, per * excess))


@kernel
def melody_odds(rings: Doubles, start: int, stop: int, usual_st: float) -> float:
    """Log odds by F0: its slope, its deviation, and its distance from the usual one (negative: unknown)."""
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
    """Log odds by the preceding voice: one more among held notes is singing."""
    held = known[HELD_THEN] + HELD_PRIOR * HELD_PRIOR_HOPS
    return penalty(PER_HELD, held / (known[VOICED_THEN] + HELD_PRIOR_HOPS) - FREE_HELD)


@kernel
def timbre_odds(rings: Doubles, known: Doubles, start: int, stop: int) -> float:
    """Log odds by the spectrum: its steadiness, and how central the vowel of its first half is."""
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
    """Log odds by the length and the surrounding silence, as far as received."""
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
