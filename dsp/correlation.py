"""Normalised cross-correlation of a sound with itself, and the periods that it may have."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .decimate import DECIMATION
from .frame import RATE_HZ
from .kernel import kernel

BLOCK = 12
"""Samples at 4 kHz that are multiplied at a time: a length known to the compiler."""

WINDOWS = 4
"""Windows of 2, 4, 6 and 8 blocks are correlated, 6, 12, 18 and 24 ms: short ones follow glides, long ones
hear through noise. A weighted mean is used."""

SILENCE = 1e-11
"""Added to the squared energy of windows, so that rounding errors of silence don't correlate."""

LEAST_CORRELATION = 0.15
"""A weaker peak is no candidate."""

OCTAVE = 0.026
"""An octave higher counts as this much more correlation: of two equal peaks the shorter period."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@kernel
def product(x: Floats, start: int, lag: int) -> np.float32:
    """Sum of the products of a block with its copy ``lag`` later."""
    total = np.float32(0.0)
    for i in range(BLOCK):
        total += x[start + i] * x[start + i + lag]
    return total


@kernel
def correlate(
    x: Floats, centre: int, first: int, last: int, longest: float, energy: Doubles, out: Floats
) -> None:
    """Mean normalised cross-correlation over windows of several lengths, all about one moment.

    A window and its copy one lag later lie evenly about the moment, as in Medan, Yair &
    Chazan (1991), so that the correlation tells of that moment at every lag.

    Parameters
    ----------
    x : float32, shape (n,)
    centre : int, samples
        The moment; ``WINDOWS * BLOCK + last / 2`` samples are needed on either side.
    first, last : int, samples
        Lags.
    longest : float
        Weight of the longest window; 0 leaves it out. The others have weight 1.
    energy : float64, shape (n + 1,)
        Work space.
    out : float32, shape (last + 1,)
        Entries from ``first`` on are overwritten, -1..1.
    """
    energy[0] = 0.0
    for i in range(x.size):
        energy[i + 1] = energy[i] + x[i] * x[i]
    windows = WINDOWS if longest > 0.0 else WINDOWS - 1
    for lag in range(first, last + 1):
        start = stop = centre - lag // 2
        ab = np.float32(0.0)
        total = 0.0
        for window in range(windows):
            start -= BLOCK
            ab += product(x, start, lag) + product(x, stop, lag)
            stop += BLOCK
            power = (energy[stop] - energy[start]) * (energy[stop + lag] - energy[start + lag])
            weight = longest if window == WINDOWS - 1 else 1.0
            total += weight * float(ab) / math.sqrt(max(power, 0.0) + SILENCE)
        out[lag] = total / (WINDOWS - 1 + longest)


@kernel
def candidates(r: Floats, first: int, last: int, f0_hz: Doubles, strength: Doubles) -> None:
    """Strongest local maxima of a correlation, strongest first; F0 and strength 0 where there are no more."""
    count = f0_hz.size
    for k in range(count):
        strength[k] = 0.0
        f0_hz[k] = 0.0
    for lag in range(first + 1, last):
        left, peak, right = r[lag - 1], r[lag], r[lag + 1]
        if peak < LEAST_CORRELATION or peak <= left or peak < right:
            continue
        # A cosine through the three points: at 4 kHz a parabola would be too low for the upper harmonics.
        curve = math.acos(max(-0.95, min(0.999, 0.5 * (left + right) / peak)))
        slope = 0.5 * (right - left) / (peak * math.sin(curve))
        hz = RATE_HZ / DECIMATION / (lag + math.atan(slope) / curve)
        value = min(1.0, peak * math.sqrt(1.0 + slope * slope)) + OCTAVE * math.log2(hz / 60.0)
        k = count
        while k > 0 and value > strength[k - 1]:
            k -= 1
            if k < count - 1:
                strength[k + 1] = strength[k]
                f0_hz[k + 1] = f0_hz[k]
        if k < count:
            strength[k] = value
            f0_hz[k] = hz
