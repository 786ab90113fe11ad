"""Labels of clean recordings: hops with speech, and the middles of vowels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.frame import HOP, HOP_S

from .recording import Audio, Recording, stored

FLOOR_PERCENTILE, TOP_PERCENTILE = 3, 95
"""Percentiles of a recording's hop levels: its floor, and its loud speech."""

ABOVE_FLOOR_DB = 10.0
"""Distance of speech above the floor, …"""

LEVEL_BELOW_TOP_DB = (18.0, 34.0)
"""… limited to this range below the loud speech."""

HISS_BELOW_TOP_DB = (14.0, 28.0)
"""The same for the pre-emphasised sound: soft fricatives are speech too."""

PRE_EMPHASIS = 0.95
"""Pre-emphasis: ``x[n] - PRE_EMPHASIS x[n-1]``."""

QUIETEST_TOP_DBFS = -45.0
"""Recordings with softer speech are left out."""

LEAST_HOPS = 8
"""Shorter recordings have no floor, and are left out."""

LEAST_SPEECH_HOPS = 10
"""Recordings with less speech are left out."""

GAP_HOPS = 9
"""Shorter silences within speech belong to it, such as those of stops."""

BURST_HOPS = 4
"""Shorter speech is a click."""

LEAD_HOPS, TAIL_HOPS = 15, 15
"""Silence kept before and after a recording's speech."""

LEAST_PAUSE_S = 0.1
"""A labelled pause of at least this length isn't speech, whatever its energy."""

BUMP_HOPS = 1.5
"""Standard deviation of the target's Gaussian around a nucleus."""

BUMP_REACH_HOPS = 5
"""Reach of that Gaussian."""

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
Phone = tuple[str, float, float]
"""Name, start and end in seconds."""


def hop_levels_dbfs(x: Audio) -> Doubles:
    """Level of each whole hop, without its mean."""
    hops = x[: x.size // HOP * HOP].reshape(-1, HOP).astype(np.float64)
    return np.asarray(10.0 * np.log10(hops.var(axis=1) + 1e-10))


def threshold_db(levels_db: Doubles, below_top_db: tuple[float, float]) -> float:
    """Level from which a hop is speech."""
    floor, top = np.percentile(levels_db, [FLOOR_PERCENTILE, TOP_PERCENTILE])
    nearest, farthest = below_top_db
    return float(max(min(floor + ABOVE_FLOOR_DB, top - nearest), top - farthest))


def runs(on: Bools) -> NDArray[np.int64]:
    """Start and end of each run of ``True``, shape (runs, 2)."""
    edges = np.diff(np.concatenate([[0], on.astype(np.int8), [0]]))
    return np.flatnonzero(edges).reshape(-1, 2)


def tidy(on: Bools) -> Bools:
    """Close short gaps in speech, then drop short bursts of it."""
    on = on.copy()
    for start, end in runs(~on):
        if start > 0 and end < on.size and end - start < GAP_HOPS:
            on[start:end] = True
    for start, end in runs(on):
        if end - start < BURST_HOPS:
            on[start:end] = False
    return on


def speech_hops(x: Audio) -> Bools | None:
    """Speech hops of a clean recording, by their energy; ``None`` if it is too short or soft."""
    levels_db = hop_levels_dbfs(x)
    if levels_db.size < LEAST_HOPS or np.percentile(levels_db, TOP_PERCENTILE) < QUIETEST_TOP_DBFS:
        return None
    hiss_db = hop_levels_dbfs(np.append(x[:1], x[1:] - np.float32(PRE_EMPHASIS) * x[:-1]))
    loud = levels_db > threshold_db(levels_db, LEVEL_BELOW_TOP_DB)
    return tidy(loud | (hiss_db > threshold_db(hiss_db, HISS_BELOW_TOP_DB)))


def trimmed(x: Audio) -> Recording | None:
    """Label a clean recording's speech and cut off long silence around it; ``None`` if unfit."""
    on = speech_hops(x)
    if on is None or on.sum() < LEAST_SPEECH_HOPS:
        return None
    there = np.flatnonzero(on)
    start, end = max(0, there[0] - LEAD_HOPS), min(on.size, there[-1] + 1 + TAIL_HOPS)
    return Recording(stored(x[start * HOP : end * HOP]), on[start:end])


def with_phones(x: Audio, phones: list[Phone], vowels: frozenset[str]) -> Recording | None:
    """Label a clean recording by the times of its phones; ``None`` if unfit."""
    on = speech_hops(x)
    if on is None:
        return None
    for name, start_s, end_s in phones:
        if name in ("pau", "#") and end_s - start_s >= LEAST_PAUSE_S:
            on[int(start_s / HOP_S + 2) : int(end_s / HOP_S - 1)] = False
    nuclei_s = [(start_s + end_s) / 2.0 for name, start_s, end_s in phones if name in vowels]
    return Recording(stored(x), on, np.array(nuclei_s))


def phones_of(ends: list[tuple[str, float]]) -> list[Phone]:
    """Phones from the name and the end of each: the next one starts where the one before ends."""
    starts = [0.0, *(end_s for _, end_s in ends)]
    return [(name, start_s, end_s) for start_s, (name, end_s) in zip(starts, ends, strict=False)]


def bumps(nuclei_s: Doubles, hops: int) -> Doubles:
    """Target of the nucleus output, 0..1: a Gaussian around each nucleus, shape (hops,)."""
    out = np.zeros(hops)
    centres = np.arange(hops) + 0.5
    for at in nuclei_s / HOP_S:
        reach = slice(max(0, int(at) - BUMP_REACH_HOPS), max(0, int(at) + BUMP_REACH_HOPS + 1))
        out[reach] = np.maximum(out[reach], np.exp(-0.5 * ((centres[reach] - at) / BUMP_HOPS) ** 2))
    return out
