"""Normalised cross-correlation function (NCCF) of a sound, and the candidate periods at its peaks.

``r(τ) = Σ x(t) x(t+τ) / √(Σ x(t)² · Σ x(t+τ)²)``, averaged over windows of several lengths.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .decimate import DECIMATION
from .frame import RATE_HZ
from .kernel import kernel

BLOCK = 12
"""Samples at 4 kHz multiplied at a time: a length that the compiler knows."""

WINDOWS = 4
"""The windows are 2, 4, 6 and 8 blocks long: 6, 12, 18 and 24 ms. Short ones follow glides, long ones resist
noise."""

SILENCE = 1e-11
"""Added to the squared energy of windows, so that rounding errors of silence don't correlate."""

MIN_CORRELATION = 0.15
"""A weaker peak is no candidate."""

OCTAVE, LOWEST = 0.026, math.log2(60.0)
"""Bonus in correlation per octave of F0 above 60 Hz: of two equal peaks the shorter period wins."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@kernel
def energy_weight(energy: Doubles, start: int, stop: int, lag: int, weight: float) -> np.float32:
    """Weight over the geometric mean of the energies of a window and of its copy ``lag`` later."""
    power = (energy[stop] - energy[start]) * (energy[stop + lag] - energy[start + lag])
    return np.float32(weight) / np.float32(math.sqrt(np.float32(max(power, 0.0) + SILENCE)))


@kernel
def correlate(
    x: Floats, centre: int, first: int, last: int, longest: float, energy: Doubles, out: Floats
) -> None:
    """Normalised cross-correlation at one moment, averaged over windows of several lengths.

    A window and its copy one lag later lie symmetrically about the moment, as in Medan, Yair & Chazan
    (1991), "Super resolution pitch determination of speech signals", so that the correlation
    describes that moment at every lag.

    Parameters
    ----------
    x : float32, shape (n,)
    centre : int, samples
        The moment; ``WINDOWS * BLOCK + last / 2`` samples are needed on either side.
    first, last : int, samples
        Range of lags.
    longest : float
        Weight of the longest window; 0 leaves it out. The others have weight 1.
    energy : float64, shape (n + 1,)
        Work space.
    out : float32, shape (last + 1,)
        Entries from ``first`` on are overwritten, -1..1.
    """
    reach = WINDOWS * BLOCK + (last + 1) // 2
    energy[centre - reach] = 0.0
    for i in range(centre - reach, centre + reach):
        energy[i + 1] = energy[i] + x[i] * x[i]
    b = BLOCK
    each = 1.0 / (3.0 + longest)
    for lag in range(first, last + 1):
        at = centre - lag // 2
        # Each product is computed once and weighted by the sum of the windows that contain its block.
        d = energy_weight(energy, at - 4 * b, at + 4 * b, lag, longest * each)
        c = energy_weight(energy, at - 3 * b, at + 3 * b, lag, each) + d
        m = energy_weight(energy, at - 2 * b, at + 2 * b, lag, each) + c
        n = energy_weight(energy, at - b, at + b, lag, each) + m
        p = x[at - 4 * b : at + 4 * b]
        q = x[at - 4 * b + lag : at + 4 * b + lag]
        total = np.float32(0.0)
        for i in range(b):
            total += (
                d * (p[i] * q[i] + p[i + 7 * b] * q[i + 7 * b])
                + c * (p[i + b] * q[i + b] + p[i + 6 * b] * q[i + 6 * b])
                + m * (p[i + 2 * b] * q[i + 2 * b] + p[i + 5 * b] * q[i + 5 * b])
                + n * (p[i + 3 * b] * q[i + 3 * b] + p[i + 4 * b] * q[i + 4 * b])
            )
        out[lag] = total


@kernel
def find_candidates(r: Floats, first: int, last: int, log_f0: Doubles, strength: Doubles) -> None:
    """Find the strongest local maxima of a correlation, strongest first.

    ``log_f0`` receives log2 of their F0 in Hz, ``strength`` their interpolated height plus the octave
    bonus; both are 0 where there are no more.
    """
    count = log_f0.size
    for k in range(count):
        strength[k] = 0.0
        log_f0[k] = 0.0
    for lag in range(first + 1, last):
        left, peak, right = r[lag - 1], r[lag], r[lag + 1]
        if peak < MIN_CORRELATION or peak <= left or peak < right:
            continue
        # Interpolate by a cosine through three points: at 4 kHz a parabola underestimates narrow peaks.
        curve = math.acos(max(-0.95, min(0.999, 0.5 * (left + right) / peak)))
        slope = 0.5 * (right - left) / (peak * math.sin(curve))
        octaves = math.log2(RATE_HZ / DECIMATION / (lag + math.atan(slope) / curve))
        value = min(1.0, peak * math.sqrt(1.0 + slope * slope)) + OCTAVE * (octaves - LOWEST)
        k = count
        while k > 0 and value > strength[k - 1]:
            k -= 1
            if k < count - 1:
                strength[k + 1] = strength[k]
                log_f0[k + 1] = log_f0[k]
        if k < count:
            strength[k] = value
            log_f0[k] = octaves
