"""How late one microphone hears the other one's speaker, from how their levels rise and fall together.

A voice leaks through the air of a room, or by a loudspeaker and a network: some hops late. Where it
does, the other channel's level follows the speaker's own, so over the speaker's talk the two are
correlated best at that lag, and at no other. A lag under 0 can't be: then the channels themselves stand
apart. What the other side says itself has no such lag; it is left out where it is loud, and the
correlation at all the other lags tells how much of it is left.
"""

from __future__ import annotations

import math

import numpy as np

from .kernel import kernel
from .part import State

EARLY_HOPS, LATE_HOPS = 15, 45
"""Lags that are looked at."""

LAGS = EARLY_HOPS + LATE_HOPS + 1
RING = 64
"""Hops that are remembered; more than are between the earliest and the latest."""

UNKNOWN = -1000
"""Lag where nothing is known to leak."""

EVERY_HOPS = 2
"""Levels are compared so often: they don't change faster."""

JUDGED_HOPS = 20
"""A lag is looked for so often."""

RANGE_DB, OWN_DB = 35.0, 9.0
"""Of the speaker's talk counts what is so far below its peaks at most; of the other channel what is so
far below these at least: above it speaks itself."""

FALL_DB = 0.02
"""The speaker's peaks die away by this a hop."""

LEAST, ENOUGH, MOST = 100.0, 120.0, 400.0
"""Comparisons that all lags need before one is chosen, those at one of them after which nothing leaks
where none was, and those from which on the older ones fade."""

FADE = 0.9

FEW = 30.0
"""Comparisons that all lags need before one is suspected."""

SURE, CLEAR, ALONE = 0.3, 0.2, 0.15
"""Correlation that a lag needs, and by how much it must be above the mean over all lags, and above the
best of those that aren't :data:`NEAR` it."""

NEAR = 6
"""Speech is alike over so many hops: lags so near to the best one are no others."""


@kernel
def compare(speaker: State, other: State, hop: int, path: State) -> None:
    """Compare the speaker's level so long ago with the other channel's around that time."""
    at = hop - LATE_HOPS
    level_dbfs = speaker.past_dbfs[at % RING]
    if not (speaker.past_speech[at % RING] >= 0.5 and level_dbfs > path.peak_dbfs - RANGE_DB):
        return
    for k in range(LAGS):
        heard_dbfs = other.past_dbfs[(at - EARLY_HOPS + k) % RING]
        if heard_dbfs < path.peak_dbfs - OWN_DB:
            path.n[k] += 1.0
            path.x[k] += level_dbfs
            path.y[k] += heard_dbfs
            path.xx[k] += level_dbfs * level_dbfs
            path.yy[k] += heard_dbfs * heard_dbfs
            path.xy[k] += level_dbfs * heard_dbfs


@kernel
def judge(path: State) -> None:
    """Look for the lag; what isn't clear leaves the one that was known."""
    best, best_r, total_r, least, most = 0, -1.0, 0.0, MOST, 0.0
    for k in range(LAGS):
        n, r = path.n[k], 0.0
        least, most = min(least, n), max(most, n)
        if n > 0.0:
            x, y = path.x[k] / n, path.y[k] / n
            xx, yy = path.xx[k] / n - x * x, path.yy[k] / n - y * y
            if xx > 1.0 and yy > 1.0:
                r = (path.xy[k] / n - x * y) / math.sqrt(xx * yy)
        path.r[k] = r
        total_r += r
        if r > best_r:
            best, best_r = k, r
    elsewhere_r = -1.0
    for k in range(LAGS):
        if abs(k - best) > NEAR:
            elsewhere_r = max(elsewhere_r, path.r[k])
    clear = best_r >= SURE and best_r - total_r / LAGS >= CLEAR and best_r - elsewhere_r >= ALONE
    if clear and least >= LEAST and 0 < best < LAGS - 1:
        path.lag = best - EARLY_HOPS
    path.known = path.known or path.lag != UNKNOWN or most >= ENOUGH
    path.suspect = not path.known and clear and least >= FEW
    if most >= MOST:
        for k in range(LAGS):
            path.n[k] *= FADE
            path.x[k] *= FADE
            path.y[k] *= FADE
            path.xx[k] *= FADE
            path.yy[k] *= FADE
            path.xy[k] *= FADE


@kernel
def follow(level_dbfs: float, speech: float, hop: int, channel: State) -> None:
    """Remember a channel's hop; a level that isn't finite is of one that was lost."""
    channel.past_dbfs[hop % RING] = level_dbfs
    channel.past_speech[hop % RING] = speech


@kernel
def take(first: State, second: State, hop: int) -> None:
    """Look at the paths both ways, after both channels' hop of this number was remembered.

    Parameters
    ----------
    first, second : records with the fields ``CHANNEL``. Changed.
    """
    for channel, other in ((first, second), (second, first)):
        path = channel.path
        level_dbfs = channel.past_dbfs[hop % RING]
        path.peak_dbfs -= FALL_DB
        if channel.past_speech[hop % RING] >= 0.5 and level_dbfs > path.peak_dbfs:
            path.peak_dbfs = level_dbfs
        if hop % EVERY_HOPS == 0 and hop >= RING:
            compare(channel, other, hop, path)
        if hop % JUDGED_HOPS == 0:
            judge(path)


PATH = np.dtype(
    [
        ("lag", "i8"),  # hops by which the other channel hears this one's speaker late; UNKNOWN
        ("peak_dbfs", "f8"),
        ("known", "?"),  # whether enough was heard to say that there is one, or none
        ("suspect", "?"),  # whether there seems to be one, before enough was heard
        # Sums over comparisons, by lag; small ones, as rooms are many and caches aren't.
        *((name, "f4", LAGS) for name in ("n", "x", "y", "xx", "yy", "xy")),
        ("r", "f4", LAGS),
    ],
    align=True,
)

CHANNEL = [
    ("past_dbfs", "f4", RING),
    ("past_speech", "f4", RING),
    ("path", PATH),
]
"""What is remembered of each channel."""
