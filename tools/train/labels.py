"""Labels: which hops of a clean recording are speech, and where the middles of its vowels are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.frame import HOP, HOP_S

from .recording import Audio, Recording, stored

FLOOR_PERCENTILE, TOP_PERCENTILE = 3, 95
"""Of the levels of a recording's hops: what counts as its floor, and as its loud speech."""

ABOVE_FLOOR_DB = 10.0
"""Speech stands so far above the floor, …"""

LEVEL_BELOW_TOP_DB = (18.0, 34.0)
"""… where that is no less and no more than this below the loud speech."""

HISS_BELOW_TOP_DB = (14.0, 28.0)
"""The same of the sound with its highs raised: soft fricatives are speech too."""

PRE_EMPHASIS = 0.95
"""Raises the highs: ``x[n] - PRE_EMPHASIS x[n-1]``."""

QUIETEST_TOP_DBFS = -45.0
"""A recording with no louder speech is left out."""

LEAST_HOPS = 8
"""Shorter ones have no floor."""

LEAST_SPEECH_HOPS = 10
"""A recording with less speech is left out."""

GAP_HOPS = 9
"""Silence within speech that is shorter belongs to it: stops and the like."""

BURST_HOPS = 4
"""Shorter speech is none: clicks."""

LEAD_HOPS, TAIL_HOPS = 15, 15
"""What is kept of the silence around a recording's speech."""

LEAST_PAUSE_S = 0.1
"""A labelled pause from this length on is no speech, whatever its energy."""

BUMP_HOPS = 1.5
"""Standard deviation of the bump that a nucleus is in the target."""

BUMP_REACH_HOPS = 5
"""The bump ends here."""

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
Phone = tuple[str, float, float]
"""Name, start and end in seconds."""


def hop_levels_dbfs(x: Audio) -> Doubles:
    """Level of each whole hop, its mean left out."""
    hops = x[: x.size // HOP * HOP].reshape(-1, HOP).astype(np.float64)
    return np.asarray(10.0 * np.log10(hops.var(axis=1) + 1e-10))


def threshold_db(levels_db: Doubles, below_top_db: tuple[float, float]) -> float:
    """Level from which on a hop is speech."""
    floor, top = np.percentile(levels_db, [FLOOR_PERCENTILE, TOP_PERCENTILE])
    nearest, farthest = below_top_db
    return float(max(min(floor + ABOVE_FLOOR_DB, top - nearest), top - farthest))


def runs(on: Bools) -> NDArray[np.int64]:
    """Start and end of each run of ``True``, shape (runs, 2)."""
    edges = np.diff(np.concatenate([[0], on.astype(np.int8), [0]]))
    return np.flatnonzero(edges).reshape(-1, 2)


def tidy(on: Bools) -> Bools:
    """Close short gaps between speech, then drop short bursts of it."""
    on = on.copy()
    for start, end in runs(~on):
        if start > 0 and end < on.size and end - start < GAP_HOPS:
            on[start:end] = True
    for start, end in runs(on):
        if end - start < BURST_HOPS:
            on[start:end] = False
    return on


def speech_hops(x: Audio) -> Bools | None:
    """Hops of a clean recording that are speech, by their energy; ``None`` if it is too short or soft."""
    levels_db = hop_levels_dbfs(x)
    if levels_db.size < LEAST_HOPS or np.percentile(levels_db, TOP_PERCENTILE) < QUIETEST_TOP_DBFS:
        return None
    hiss_db = hop_levels_dbfs(np.append(x[:1], x[1:] - np.float32(PRE_EMPHASIS) * x[:-1]))
    loud = levels_db > threshold_db(levels_db, LEVEL_BELOW_TOP_DB)
    return tidy(loud | (hiss_db > threshold_db(hiss_db, HISS_BELOW_TOP_DB)))


def trimmed(x: Audio) -> Recording | None:
    """A clean recording with its speech labelled and long silence around it cut off; ``None`` if unfit."""
    on = speech_hops(x)
    if on is None or on.sum() < LEAST_SPEECH_HOPS:
        return None
    there = np.flatnonzero(on)
    start, end = max(0, there[0] - LEAD_HOPS), min(on.size, there[-1] + 1 + TAIL_HOPS)
    return Recording(stored(x[start * HOP : end * HOP]), on[start:end])


def with_phones(x: Audio, phones: list[Phone], vowels: frozenset[str]) -> Recording | None:
    """A clean recording with the times of its phones known; ``None`` if unfit."""
    on = speech_hops(x)
    if on is None:
        return None
    for name, start_s, end_s in phones:
        if name in ("pau", "#") and end_s - start_s >= LEAST_PAUSE_S:
            on[int(start_s / HOP_S + 2) : int(end_s / HOP_S - 1)] = False
    nuclei_s = [(start_s + end_s) / 2.0 for name, start_s, end_s in phones if name in vowels]
    return Recording(stored(x), on, np.array(nuclei_s))


def phones_of(ends: list[tuple[str, float]]) -> list[Phone]:
    """Phones, from the name and the end of each: the next begins where the one before ends."""
    starts = [0.0, *(end_s for _, end_s in ends)]
    return [(name, start_s, end_s) for start_s, (name, end_s) in zip(starts, ends, strict=False)]


def bumps(nuclei_s: Doubles, hops: int) -> Doubles:
    """How much each hop is the middle of a vowel, 0..1: a bump around each, shape (hops,)."""
    out = np.zeros(hops)
    centres = np.arange(hops) + 0.5
    for at in nuclei_s / HOP_S:
        reach = slice(max(0, int(at) - BUMP_REACH_HOPS), max(0, int(at) + BUMP_REACH_HOPS + 1))
        out[reach] = np.maximum(out[reach], np.exp(-0.5 * ((centres[reach] - at) / BUMP_HOPS) ** 2))
    return out
