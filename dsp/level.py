"""Level of each hop, share of clipped samples, and the noise floor beneath the speech."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .frame import HOP
from .kernel import kernel

LEAST_DBFS = -120.0
CLIP_AT = 0.99
"""Samples from here on count as clipped; 16-bit full scale is 0.99997."""

SUB_HOPS, SUBS = 30, 8
"""The floor is the lowest level of the last eight stretches of 0.3 s: longer than any one sound of
speech is held, short enough to follow a fan that is switched on."""

RISE, FALL = 0.3, 0.6
"""Weight of the newest hop in the smoothed power whose minimum is tracked: some 30 ms when it rises;
half that when it falls, so that it gets down in the short gaps between words."""

BIAS_DB = 1.0
"""The minimum of a smoothed power lies below its mean; Martin (2001), section III, for this smoothing."""

QUIET_DBFS = -90.0
"""Prior of the floor: below the noise of any microphone."""

Floats = NDArray[np.float32]


@kernel
def measure(hop: Floats, out: NDArray[np.float64]) -> None:
    """Mean, mean square about the mean and clipped share of a hop into ``out[0:3]``."""
    total, squares, clipped = 0.0, 0.0, 0
    for i in range(hop.size):
        v = float(hop[i])
        total += v
        squares += v * v
        if abs(v) >= CLIP_AT:
            clipped += 1
    mean = total / hop.size
    out[0] = mean
    out[1] = max(0.0, squares / hop.size - mean * mean)
    out[2] = clipped / hop.size


@kernel
def lowest(
    power: NDArray[np.float64],
    smooth: NDArray[np.float64],
    now: NDArray[np.float64],
    subs: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Minimum of smoothed powers over the running stretch and those before it (Martin 2001).

    Parameters
    ----------
    power : float64, shape (n,)
        Power of this hop in each channel or band.
    smooth, now : float64, shape (n,)
        State: smoothed power; its minimum in the running stretch.
    subs : float64, shape (k, n)
        State: minima of the stretches before.
    out : float64, shape (n,)
        Overwritten with the minimum of all.
    """
    for b in range(power.size):
        smooth[b] += (RISE if power[b] > smooth[b] else FALL) * (power[b] - smooth[b])
        now[b] = min(now[b], smooth[b])
        least = now[b]
        for s in range(subs.shape[0]):
            least = min(least, subs[s, b])
        out[b] = least


class NoiseFloor:
    """Minimum statistics of one or more powers; nothing to tell it where speech is."""

    def __init__(self, size: int) -> None:
        self._smooth = np.zeros(size)
        self._now = np.zeros(size)
        self._subs = np.zeros((SUBS, size))
        self.power = np.zeros(size)
        """Estimate of the noise, without the bias; overwritten by each hop."""
        self.reset()

    def reset(self) -> None:
        """Know nothing: the first power heard is the floor until a lower one comes."""
        self._hops = 0
        self._now.fill(np.inf)
        self._subs.fill(np.inf)
        self.power.fill(0.0)

    def process(self, power: NDArray[np.float64]) -> None:
        """Take the powers of a hop in."""
        if self._hops == 0:
            self._smooth[:] = power
        elif self._hops % SUB_HOPS == 0:
            self._subs[(self._hops // SUB_HOPS) % SUBS] = self._now
            self._now.fill(np.inf)
        self._hops += 1
        lowest(power, self._smooth, self._now, self._subs, self.power)


class Level:
    """RMS level, clipping and noise floor, hop by hop; a constant offset of the signal doesn't count."""

    def __init__(self) -> None:
        self._out = np.zeros(3)
        self._power = np.zeros(1)
        self._floor = NoiseFloor(1)
        self.reset()

    def reset(self) -> None:
        """Forget the noise floor."""
        self._floor.reset()
        self.level_dbfs = LEAST_DBFS
        """RMS of the last hop in dB re full scale."""
        self.noise_dbfs = QUIET_DBFS
        """Noise floor in the same units."""
        self.clipped = 0.0
        """Share of clipped samples in the last hop, 0..1."""

    def process(self, hop: Floats) -> None:
        """Take 160 samples in."""
        assert hop.size == HOP
        measure(hop, self._out)
        self._power[0] = self._out[1]
        self.level_dbfs = max(LEAST_DBFS, 10.0 * math.log10(self._out[1] + 1e-12))
        self.clipped = float(self._out[2])
        self._floor.process(self._power)
        self.noise_dbfs = max(QUIET_DBFS, 10.0 * math.log10(self._floor.power[0] + 1e-12) + BIAS_DB)
